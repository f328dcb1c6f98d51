# SPDX-License-Identifier: AGPL-3.0-or-later
"""A store that cannot be written just now: callers are answered, and what is to
be put on record is, later. A full disk: test_trouble."""
import os
import sqlite3
import time

from case import SLOW, test
from cast import caller, line_for
from test_trouble import room

# longer than the line waits for the store before it answers without
LOCK_S = 8


@test()
def a_store_that_is_locked(t):
    """By another program, for longer than any write waits."""
    line = line_for(t)
    store = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=30,
                            isolation_level=None)
    store.execute("BEGIN IMMEDIATE")
    locked = time.monotonic()
    t.equal(room(line), 200, "a caller while the store is locked")
    t.figure(f"answered {time.monotonic() - locked:.1f} s after the call, "
             "with the store locked")
    one = caller(t, line)
    line.waiting(1)
    t.until(lambda: line.status()["unwritten"], "status says so", 20)
    t.check(time.monotonic() - locked < LOCK_S * 4 * SLOW, "in time")
    t.equal(store.execute("SELECT count(*) FROM call").fetchone()[0], 0,
            "calls on record")
    store.execute("COMMIT")
    store.close()
    t.until(lambda: not line.status()["unwritten"], "all is written", 30)
    t.until(lambda: len(line.calls()) == 2, "both calls are on record")
    one.go()
    one.done()
    line.ended(2)
