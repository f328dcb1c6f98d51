-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Keys to what is sealed. No private key stands here but wrapped by somebody's
-- passphrase, or sealed to somebody: see src/seal/seal.h.

-- Of a person, made in their browser.
CREATE TABLE identity (
    person  INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    public  BLOB    NOT NULL CHECK (length(public) = 32),
    wrapped BLOB    NOT NULL CHECK (length(wrapped) = 88)
) STRICT;

-- The recovery key: its private half is nowhere but in people's hands.
CREATE TABLE recovery (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    public  BLOB    NOT NULL CHECK (length(public) = 32),
    need    INTEGER NOT NULL CHECK (need > 0),
    made_at INTEGER NOT NULL CHECK (made_at > 0)      -- Unix time, ms
) STRICT;
CREATE TABLE recovery_share (
    number   INTEGER PRIMARY KEY CHECK (number > 0),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    tried_at INTEGER NOT NULL CHECK (tried_at >= 0)   -- last drill; 0 never
) STRICT;

-- What is sealed for a line in a month is sealed to the key of an epoch. Rows
-- stay, so that no number of an epoch is given again; a dropped epoch has no
-- grants, and what was sealed to it cannot be opened by anybody.
CREATE TABLE epoch (
    id      INTEGER PRIMARY KEY CHECK (id > 0),
    line    TEXT    NOT NULL,                         -- '' the people's own
    public  BLOB    NOT NULL CHECK (length(public) = 32),
    month   INTEGER NOT NULL CHECK (month > 0),       -- 12 * year + 0 to 11
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    dropped INTEGER NOT NULL CHECK (dropped IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX epoch_current ON epoch (line) WHERE current;

-- The private half, sealed to a person's public key.
CREATE TABLE epoch_grant (
    epoch  INTEGER NOT NULL REFERENCES epoch (id),
    person INTEGER NOT NULL CHECK (person >= 0),      -- 0 the recovery key
    public BLOB    NOT NULL CHECK (length(public) = 32), -- to which
    sealed BLOB    NOT NULL CHECK (length(sealed) = 200),
    PRIMARY KEY (epoch, person)
) STRICT, WITHOUT ROWID;
