-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Security keys (WebAuthn) that somebody signs in with besides the passphrase.
-- What is here opens nothing: the other half of each never leaves the key. An
-- account that is made anew has none.
CREATE TABLE credential (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    person     INTEGER NOT NULL REFERENCES account (person) ON DELETE CASCADE,
    key_id     BLOB    NOT NULL UNIQUE
        CHECK (length(key_id) BETWEEN 1 AND 1023),    -- what the key calls it
    algorithm  INTEGER NOT NULL CHECK (algorithm < 0), -- of COSE
    public     BLOB    NOT NULL CHECK (length(public) BETWEEN 32 AND 259),
    sign_count INTEGER NOT NULL CHECK (sign_count >= 0), -- 0 does not count
    label      TEXT    NOT NULL,                      -- theirs; '' none
    made_at    INTEGER NOT NULL CHECK (made_at > 0),  -- Unix time, ms
    used_at    INTEGER NOT NULL CHECK (used_at >= 0)  -- 0 never
) STRICT;
CREATE INDEX credential_person ON credential (person, id);
