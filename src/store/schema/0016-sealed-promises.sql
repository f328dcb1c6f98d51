-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Numbers of callers are sealed: see src/epoch/numbers.h. SQL can seal nothing:
-- what stood in the clear is put aside, for the line to seal at its next start,
-- and nothing is added to it.
CREATE TABLE promise_next (
    call        INTEGER PRIMARY KEY CHECK (call > 0),
    kind        TEXT    NOT NULL CHECK (kind <> ''),
    state       TEXT    NOT NULL CHECK (state <> ''),
    words       TEXT    NOT NULL,
    hours       TEXT    NOT NULL,
    shown       TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    -- The number to ring, only while it is needed, and only for those who
    -- have the key. 0: none, or (epoch) it is sealed to the dialler alone.
    dialler     INTEGER NOT NULL CHECK (dialler >= 0), -- whose for_dialler is
    epoch       INTEGER NOT NULL CHECK (epoch >= 0),   -- whose for_epoch is
    for_dialler BLOB CHECK (length(for_dialler) = 200),
    for_epoch   BLOB CHECK (length(for_epoch) = 200),
    made_at     INTEGER NOT NULL CHECK (made_at >= 0),    -- Unix time, ms
    due_at      INTEGER NOT NULL CHECK (due_at >= 0),
    next_at     INTEGER NOT NULL CHECK (next_at >= 0), -- 0: at its turn
    owner       INTEGER NOT NULL CHECK (owner >= 0),   -- 0: the coordinator
    n_attempts  INTEGER NOT NULL CHECK (n_attempts >= 0),
    n_snoozed   INTEGER NOT NULL CHECK (n_snoozed >= 0),
    reason      TEXT    NOT NULL,                      -- '' if none
    CHECK ((dialler > 0) = (for_dialler IS NOT NULL)),
    CHECK ((epoch > 0) = (for_epoch IS NOT NULL)),
    CHECK (dialler > 0 OR epoch = 0),
    CHECK (dialler = 0 OR state NOT IN ('kept', 'declined', 'closed'))
) STRICT;
INSERT INTO promise_next
    SELECT call, kind, state, words, hours, shown, level, 0, 0, NULL, NULL,
        made_at, due_at, next_at, owner, n_attempts, n_snoozed, reason
    FROM promise;

CREATE TABLE promise_clear (
    call   INTEGER PRIMARY KEY,
    number TEXT    NOT NULL CHECK (number <> '')
) STRICT;
INSERT INTO promise_clear SELECT call, number FROM promise WHERE number <> '';
CREATE TRIGGER promise_clear_no_more BEFORE INSERT ON promise_clear
BEGIN
    SELECT RAISE(ABORT, 'numbers are sealed');
END;

DROP TABLE promise;
ALTER TABLE promise_next RENAME TO promise;
CREATE INDEX promise_open ON promise (due_at, call)
    WHERE state NOT IN ('kept', 'declined', 'closed');
CREATE TRIGGER promise_clear_gone AFTER DELETE ON promise
BEGIN
    DELETE FROM promise_clear WHERE call = OLD.call;
END;
