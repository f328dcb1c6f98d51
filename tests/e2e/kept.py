# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is on record of calls, put there as other months would have left it,
and searched for in everything that a line keeps."""
import os
import sqlite3

import sealed

MONTHS = 12  # of a year


def store(line):
    return sqlite3.connect(os.path.join(line.data, "store.db"),
                           timeout=30, isolation_level=None)


def run(line, query, *values):
    db = store(line)
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def current(line, on="main"):
    (epoch, month), = run(line, "SELECT id, month FROM epoch WHERE line = ?"
                          " AND current", on)
    return epoch, month


def call(line, number, on="main", arrived_at=None, months_ago=0):
    """A call that is over."""
    at = arrived_at or run(
        line, "SELECT CAST(strftime('%s', 'now', ?) AS INTEGER) * 1000",
        f"-{months_ago} months")[0][0]
    run(line, "INSERT INTO call (id, line, language, state, outcome, reason,"
        " arrived_at, wait_ms, talk_ms, counsellor) VALUES"
        " (?, ?, 'en', 'ended', 'talked', '', ?, 1, 1, 0)", number, on, at)


def note(line, number, epoch=None, n=5000):
    """A note of a call, and its bytes: as good as sealed, nobody opens it."""
    body = os.urandom(n)
    run(line, "INSERT INTO note (call, person, day, epoch, sealed) VALUES"
        " (?, 1, 20000, ?, ?)", number, epoch or current(line)[0], body)
    return body


def draft(line, number, person, days_ago=0):
    body = os.urandom(900)
    run(line, "INSERT INTO draft (call, person, day, sealed) VALUES (?, ?,"
        " CAST(strftime('%s', 'now') AS INTEGER) / 86400 - ?, ?)", number,
        person, days_ago, body)
    return body


def mark(line, number, epoch=None, due=30, on="main"):
    """Of the caller of this call; inert in so many days."""
    body = os.urandom(200)
    run(line, "INSERT INTO mark (id, line, kind, reason, call, person,"
        " made_day, review_day, epoch, sealed) VALUES"
        " (?, ?, 'block', 'abuse', ?, 1, 20000,"
        " CAST(strftime('%s', 'now') AS INTEGER) / 86400 + ?, ?, ?)",
        1000 + number, on, number, due, epoch or current(line, on)[0], body)
    return body


def old_epoch(line, months_ago, on="main"):
    """One of a month gone by: its number, and what the recovery key and
    another were granted."""
    _, now = current(line, on)
    last, = run(line, "SELECT max(id) FROM epoch")[0]
    grants = {person: os.urandom(200) for person in (0, 77)}
    run(line, "INSERT INTO epoch (id, line, public, month, current, dropped)"
        " VALUES (?, ?, ?, ?, 0, 0)", last + 1, on, os.urandom(32),
        now - months_ago)
    for person, grant in grants.items():
        run(line, "INSERT INTO epoch_grant (epoch, person, public, sealed)"
            " VALUES (?, ?, ?, ?)", last + 1, person, os.urandom(32), grant)
    return last + 1, list(grants.values())


def message(line, number, seconds=20):
    """A sealed message: some bytes of its beginning, middle and end."""
    path = sealed.put(line, number, os.urandom(seconds * 8000))
    with open(path, "rb") as f:
        data = f.read()
    return [data[at:at + 64] for at in (200, len(data) // 2, len(data) - 64)]


def files(line):
    """All that is in the data folder, whatever comes and goes meanwhile."""
    found = {}
    for folder, _, names in os.walk(line.data):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        found[path] = f.read()
            except FileNotFoundError:
                pass
    return found


def holds(line, body):
    """In which files is a piece of this? Three are looked for: a row may be
    torn over several pages."""
    middle = len(body) // 2
    pieces = {body[:48], body[middle:middle + 48], body[-48:]}
    return sorted({os.path.relpath(path, line.data)
                   for path, data in files(line).items()
                   if any(piece in data for piece in pieces)})


def nothing_of(t, line, *bodies):
    """Deleted for good; a log file may take the writer's next idle moment."""
    t.until(lambda: not any(holds(line, body) for body in bodies),
            lambda: "what was deleted is still in "
            f"{[holds(line, body) for body in bodies]}", 20)


def all_of(t, line, *bodies):
    for body in bodies:
        t.check(holds(line, body), "what is kept is not found")
