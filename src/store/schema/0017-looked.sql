-- SPDX-License-Identifier: AGPL-3.0-or-later
-- On which day what is due was last looked for. A clock that is far from it is
-- not believed: see src/epoch/retention.h. A store that is older than this
-- table begins with the day of the newest thing in it, a new one with today.
CREATE TABLE looked (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    day INTEGER NOT NULL CHECK (day >= 0) -- since 1970-01-01
) STRICT;
INSERT INTO looked (id, day) SELECT 1, coalesce(
    (SELECT max(at) FROM (SELECT max(arrived_at) AS at FROM call
        UNION ALL SELECT max(at) FROM audit)) / 86400000,
    CAST(strftime('%s', 'now') AS INTEGER) / 86400);
