-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Callers who are blocked, or have a care plan. Whose number it is nobody can
-- read here: it is sealed to the epoch of the line, and the line knows it for a
-- day at most (src/line/marks.h). Days alone, no time of day; each has one on
-- which it ends unless somebody looks at it again. After a review the number
-- may be sealed to another epoch.
CREATE TABLE mark (
    id         INTEGER PRIMARY KEY CHECK (id > 0),    -- made at random
    line       TEXT    NOT NULL CHECK (line <> ''),
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    reason     TEXT    NOT NULL CHECK (reason <> ''),
    call       INTEGER NOT NULL CHECK (call > 0),     -- made in this one
    person     INTEGER NOT NULL CHECK (person > 0),   -- may be gone
    made_day   INTEGER NOT NULL CHECK (made_day > 0), -- since 1970-01-01
    review_day INTEGER NOT NULL CHECK (review_day > made_day),
    epoch      INTEGER NOT NULL REFERENCES epoch (id),
    sealed     BLOB    NOT NULL CHECK (length(sealed) = 200)
) STRICT;
