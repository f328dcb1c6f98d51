-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Telephones of counsellors that register with us. Of the secret there is only
-- what a digest is checked with: enough to play that telephone towards this
-- line, and good for nothing else.
CREATE TABLE phone (
    person  INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    user    TEXT    NOT NULL UNIQUE CHECK (user <> ''),
    sha256  BLOB    NOT NULL CHECK (length(sha256) = 32), -- HA1
    md5     BLOB    NOT NULL CHECK (length(md5) = 16),    -- HA1
    made_at INTEGER NOT NULL CHECK (made_at > 0)          -- Unix time, ms
) STRICT;

-- Where they are now. Rows go as the registration ends.
CREATE TABLE binding (
    person    INTEGER NOT NULL REFERENCES phone (person) ON DELETE CASCADE,
    place     INTEGER NOT NULL CHECK (place IN (0, 1)),
    contact   TEXT    NOT NULL CHECK (contact <> ''),
    source    TEXT    NOT NULL CHECK (source <> ''),      -- "ADDR:PORT"
    transport TEXT    NOT NULL CHECK (transport IN ('udp', 'tcp', 'tls')),
    call_id   TEXT    NOT NULL,
    cseq      INTEGER NOT NULL CHECK (cseq >= 0),
    ends_at   INTEGER NOT NULL CHECK (ends_at > 0),       -- Unix time, ms
    PRIMARY KEY (person, place)
) STRICT, WITHOUT ROWID;
