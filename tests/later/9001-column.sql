-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Programs from 0018 on can work with this.
ALTER TABLE call ADD COLUMN later TEXT NOT NULL DEFAULT '';
CREATE INDEX call_later ON call (id) WHERE later = '';
