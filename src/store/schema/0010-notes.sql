-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What counsellors write of a call, sealed in their browsers: see
-- src/seal/seal.h. No time of day: when somebody was at their desk is nobody's
-- affair.
CREATE TABLE note (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    call   INTEGER NOT NULL CHECK (call > 0),
    person INTEGER NOT NULL CHECK (person > 0),       -- may be gone
    day    INTEGER NOT NULL CHECK (day > 0),          -- since 1970-01-01
    epoch  INTEGER NOT NULL REFERENCES epoch (id),
    sealed BLOB    NOT NULL CHECK (length(sealed) > 0)
) STRICT;
CREATE INDEX note_call ON note (call, id);

-- What somebody has begun to write, sealed to their own key.
CREATE TABLE draft (
    call   INTEGER NOT NULL CHECK (call > 0),
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    sealed BLOB    NOT NULL CHECK (length(sealed) > 0),
    PRIMARY KEY (call, person)
) STRICT, WITHOUT ROWID;
