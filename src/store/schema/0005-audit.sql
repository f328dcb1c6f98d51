-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Who did what that others must be able to look at later: rows are added and
-- never changed. Ids and fixed words; no name, number or text. The person may
-- be gone by now: no reference. Each link is a hash of the row and of the link
-- before: src/seal/chain.h.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY CHECK (id > 0),
    at     INTEGER NOT NULL CHECK (at > 0),           -- Unix time, ms
    person INTEGER NOT NULL CHECK (person >= 0),      -- 0 at the machine
    what   TEXT    NOT NULL CHECK (what <> ''),
    whom   INTEGER NOT NULL CHECK (whom >= 0),        -- 0 nobody
    call   INTEGER NOT NULL CHECK (call >= 0),        -- 0 none
    detail TEXT    NOT NULL,                          -- '' none
    link   BLOB    NOT NULL CHECK (length(link) = 32)
) STRICT;

-- Against our own mistakes; against others there is the chain.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
