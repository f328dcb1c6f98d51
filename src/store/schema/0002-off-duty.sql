-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Why and since when somebody is off duty whom the line could not reach.

-- '' for those who went off duty themselves, or are on duty: "no_answer",
-- "busy", "dead", "network"
ALTER TABLE person ADD COLUMN off_reason TEXT NOT NULL DEFAULT '';
-- Unix time, ms; 0 where there is no reason
ALTER TABLE person ADD COLUMN off_at INTEGER NOT NULL DEFAULT 0
    CHECK (off_at >= 0);
