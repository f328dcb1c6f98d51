-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Calls for help, the people who take them, the trunks they come in by.

-- No telephone number of a caller, ever.
CREATE TABLE call (
    id         INTEGER PRIMARY KEY CHECK (id > 0),
    line       TEXT    NOT NULL CHECK (line <> ''),
    language   TEXT    NOT NULL CHECK (language <> ''),
    state      TEXT    NOT NULL CHECK (state <> ''),
    outcome    TEXT    NOT NULL,                      -- '' while open
    reason     TEXT    NOT NULL,                      -- '' if none
    arrived_at INTEGER NOT NULL CHECK (arrived_at > 0),  -- Unix time, ms
    wait_ms    INTEGER NOT NULL CHECK (wait_ms >= 0),
    talk_ms    INTEGER NOT NULL CHECK (talk_ms >= 0),
    -- A person who was removed stays here as a mere number. No foreign key:
    -- the record of a call must not fail because somebody was removed.
    counsellor INTEGER NOT NULL CHECK (counsellor >= 0)  -- 0: none
) STRICT;

-- Those that a crash left open are looked for at each start.
CREATE INDEX call_open ON call (id) WHERE outcome = '';

-- AUTOINCREMENT: the number of a removed person is not given to another.
CREATE TABLE person (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    phone     TEXT    NOT NULL CHECK (phone <> ''),
    accept    TEXT    NOT NULL CHECK (accept IN ('answer', 'key')),
    wrap_up_s INTEGER NOT NULL CHECK (wrap_up_s >= 0),
    on_duty   INTEGER NOT NULL CHECK (on_duty IN (0, 1))
) STRICT;

CREATE TABLE trunk (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
    kind        TEXT NOT NULL CHECK (kind IN ('static', 'register')),
    peer        TEXT NOT NULL,  -- static: ADDR/BITS
    uri         TEXT NOT NULL,  -- register: sip:USER@HOST
    secret_file TEXT NOT NULL,  -- register: where the password stands
    CHECK (kind <> 'static' OR peer <> ''),
    CHECK (kind <> 'register' OR (uri <> '' AND secret_file <> ''))
) STRICT;
