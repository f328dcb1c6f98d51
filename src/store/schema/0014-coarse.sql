-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What is over keeps no finer times than src/store/coarse.h says, also what
-- older versions wrote. The audit log stays as it is: its rows are chained.
UPDATE call SET arrived_at = arrived_at - arrived_at % 900000,
    wait_ms = (wait_ms + 4999) / 5000 * 5000,
    talk_ms = (talk_ms + 59999) / 60000 * 60000
    WHERE outcome <> '' AND arrived_at >= 900000;
UPDATE promise SET made_at = made_at - made_at % 3600000,
    due_at = due_at - due_at % 3600000,
    next_at = next_at - next_at % 3600000
    WHERE state IN ('kept', 'declined', 'closed') AND made_at >= 3600000;
UPDATE attempt SET at = at - at % 900000 WHERE at >= 900000;
UPDATE session SET made_at = made_at - made_at % 600000,
    seen_at = seen_at - seen_at % 600000
    WHERE made_at >= 600000 AND seen_at >= 600000;
UPDATE credential SET made_at = made_at - made_at % 600000,
    used_at = used_at - used_at % 600000 WHERE made_at >= 600000;
UPDATE person SET off_at = off_at - off_at % 900000 WHERE off_at >= 900000;
