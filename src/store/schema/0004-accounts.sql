-- SPDX-License-Identifier: AGPL-3.0-or-later
-- How people sign in at the console, and what they may do there. Nothing here
-- opens anything by itself: hashes of proofs and tokens, never the thing
-- itself. (A secret of one-time codes cannot be hashed: it stands here.)

-- Whoever answers in the browser alone has no phone. SQLite cannot drop a
-- CHECK: the table is made anew. The number of a removed person is still not
-- given to another.
CREATE TABLE person_next (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    phone        TEXT    NOT NULL,                    -- '' browser only
    accept       TEXT    NOT NULL CHECK (accept IN ('answer', 'key')),
    wrap_up_s    INTEGER NOT NULL CHECK (wrap_up_s >= 0),
    on_duty      INTEGER NOT NULL CHECK (on_duty IN (0, 1)),
    off_reason   TEXT    NOT NULL DEFAULT '',
    off_at       INTEGER NOT NULL DEFAULT 0 CHECK (off_at >= 0),
    languages    TEXT    NOT NULL DEFAULT '',
    skills       TEXT    NOT NULL DEFAULT '',
    organisation TEXT    NOT NULL DEFAULT '',
    region       TEXT    NOT NULL DEFAULT ''
) STRICT;
INSERT INTO person_next (id, name, phone, accept, wrap_up_s, on_duty,
    off_reason, off_at, languages, skills, organisation, region)
    SELECT id, name, phone, accept, wrap_up_s, on_duty,
        off_reason, off_at, languages, skills, organisation, region
    FROM person;
DELETE FROM sqlite_sequence WHERE name = 'person_next';
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'person_next', seq FROM sqlite_sequence WHERE name = 'person';
DROP TABLE person;
ALTER TABLE person_next RENAME TO person;

CREATE TABLE account (
    person       INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    salt         BLOB    NOT NULL CHECK (length(salt) = 16),
    opslimit     INTEGER NOT NULL CHECK (opslimit > 0),
    memlimit     INTEGER NOT NULL CHECK (memlimit > 0),
    proof        BLOB    NOT NULL CHECK (length(proof) = 32), -- its hash
    totp         TEXT    NOT NULL,                    -- base32; '' if none
    totp_counter INTEGER NOT NULL CHECK (totp_counter >= 0)
) STRICT;

CREATE TABLE session (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    person  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    made_at INTEGER NOT NULL CHECK (made_at > 0),     -- Unix time, ms
    seen_at INTEGER NOT NULL CHECK (seen_at > 0)
) STRICT;
CREATE INDEX session_person ON session (person, id);

-- One for each person: a newer one takes the place of the older.
CREATE TABLE invitation (
    person  INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    ends_at INTEGER NOT NULL CHECK (ends_at > 0),     -- Unix time, ms
    used    INTEGER NOT NULL CHECK (used IN (0, 1))
) STRICT;

-- Whoever has no row is a counsellor of all lines.
CREATE TABLE role (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    line   TEXT    NOT NULL,                          -- '' all lines
    role   TEXT    NOT NULL CHECK (role IN
        ('trainee', 'counsellor', 'coordinator', 'operator')),
    PRIMARY KEY (person, line)
) STRICT, WITHOUT ROWID;

-- Made at random at the first start, for what it is named after.
CREATE TABLE key (
    name  TEXT PRIMARY KEY CHECK (name <> ''),
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;

-- What whoever talked says came of it; '' if nothing was said.
ALTER TABLE call ADD COLUMN result TEXT NOT NULL DEFAULT '' CHECK (result IN
    ('', 'helped', 'referred', 'again', 'not_for_us', 'abusive', 'dropped'));
