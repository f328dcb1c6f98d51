-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Public halves of the dialler's keys, to which numbers are sealed that the
-- line is to ring. The last row is the current one; the private half of it is
-- in memory and nowhere else. Numbers are not given again: a row that says
-- whose key something is sealed to stays true.
CREATE TABLE dialler (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    public  BLOB    NOT NULL CHECK (length(public) = 32),
    made_at INTEGER NOT NULL CHECK (made_at > 0)      -- Unix time, ms
) STRICT;
