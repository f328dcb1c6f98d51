-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What is deleted because its time is over, or because somebody wants it so.

-- Since when a draft was not touched: days since 1970-01-01. Those that are
-- there count from today.
ALTER TABLE draft ADD COLUMN day INTEGER NOT NULL DEFAULT 0 CHECK (day >= 0);
UPDATE draft SET day = CAST(strftime('%s', 'now') AS INTEGER) / 86400;

-- The highest number of a call whose record was deleted: no number is given
-- again.
CREATE TABLE call_number (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL CHECK (last > 0)
) STRICT;
