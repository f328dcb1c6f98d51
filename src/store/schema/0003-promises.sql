-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What is owed to callers, how often it was tried to ring them back, and who
-- among the people can take which call.

-- One row for a call to whom something is owed, beside the row of the call.
-- No foreign keys here: no record may fail because another is not there yet,
-- or because somebody was removed.
CREATE TABLE promise (
    call       INTEGER PRIMARY KEY CHECK (call > 0),
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    state      TEXT    NOT NULL CHECK (state <> ''),
    words      TEXT    NOT NULL,
    hours      TEXT    NOT NULL,
    shown      TEXT    NOT NULL,
    level      TEXT    NOT NULL,
    -- The only place for a caller's number, and only while it is needed.
    number     TEXT    NOT NULL,                      -- '' if none
    made_at    INTEGER NOT NULL CHECK (made_at >= 0),    -- Unix time, ms
    due_at     INTEGER NOT NULL CHECK (due_at >= 0),
    next_at    INTEGER NOT NULL CHECK (next_at >= 0), -- 0: at its turn
    owner      INTEGER NOT NULL CHECK (owner >= 0),   -- 0: the coordinator
    n_attempts INTEGER NOT NULL CHECK (n_attempts >= 0),
    n_snoozed  INTEGER NOT NULL CHECK (n_snoozed >= 0),
    reason     TEXT    NOT NULL,                      -- '' if none
    CHECK (number = '' OR state NOT IN ('kept', 'declined', 'closed'))
) STRICT;

-- Those that are open are looked for at each start and by `promises`.
CREATE INDEX promise_open ON promise (due_at, call)
    WHERE state NOT IN ('kept', 'declined', 'closed');

CREATE TABLE attempt (
    call       INTEGER NOT NULL CHECK (call > 0),
    n          INTEGER NOT NULL CHECK (n > 0),
    at         INTEGER NOT NULL CHECK (at >= 0),      -- Unix time, ms
    outcome    TEXT    NOT NULL CHECK (outcome <> ''),
    counsellor INTEGER NOT NULL CHECK (counsellor >= 0), -- 0: none
    PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;

-- Words with commas between them. '' is "the first language of the first
-- line": that is what everybody spoke before languages were asked for. Which
-- one it is stands in the configuration, which a schema cannot read; whoever
-- reads the row fills it in.
ALTER TABLE person ADD COLUMN languages TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN skills TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN region TEXT NOT NULL DEFAULT '';

-- trunk.uri may be set for static trunks as well from now on: where to dial
-- out, '' if they only bring callers.

-- Two outcomes of the first schema are promises now. No release wrote them;
-- if there are any, nobody knows whether they were kept: they are open, and
-- the coordinator's.
INSERT INTO promise (call, kind, state, words, hours, shown, level, number,
    made_at, due_at, next_at, owner, n_attempts, n_snoozed, reason)
    SELECT id, outcome, 'open', 'none', 'any', 'withheld', 'coordinator', '',
        arrived_at, arrived_at, 0, 0, 0, 0, ''
    FROM call WHERE outcome IN ('message', 'ring_back');
UPDATE call SET outcome = '', state = 'promised'
    WHERE outcome IN ('message', 'ring_back');
