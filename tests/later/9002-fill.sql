-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Programs from 0018 on can work with this.
-- By rows: again and again, until it changes none.
UPDATE call SET later = 'filled' WHERE id IN
    (SELECT id FROM call WHERE later = '' ORDER BY id LIMIT 2000);
