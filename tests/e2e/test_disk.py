# SPDX-License-Identifier: AGPL-3.0-or-later
"""A store that cannot be written just now: callers are answered, and what is to
be put on record is, later. A full disk: test_trouble."""
import os
import sqlite3
import time

from case import SLOW, test
from cast import caller, line_for, phone
from dialogue import Caller, menu_line
from line import Line
from test_menu import number_of, promises, unanswered
from test_trouble import room
from trouble import Trouble

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


def timed_room(t, line):
    """A caller is answered; after how many seconds they have hung up again."""
    began = time.monotonic()
    t.equal(room(line), 200, "a caller")
    return time.monotonic() - began


def in_order(t, calls):
    """Whoever came later has the higher number and came later: by the quarter
    of an hour, as of what is over no more is kept."""
    def quarter(c):
        date, _, clock = c["arrived_at"].partition("T")
        return date, int(clock[:2]), int(clock[3:5]) // 15
    t.equal([c["id"] for c in calls],
            sorted((c["id"] for c in calls), reverse=True), "numbers")
    t.equal([quarter(c) for c in calls],
            sorted((quarter(c) for c in calls), reverse=True), "times")


@test()
def a_slow_disk(t):
    """Each write takes a second to be on it. One caller at most notices; all
    are on record, in order; a talk goes on."""
    ana = phone(t)
    line = Line(t)
    line.person("Ana", ana.uri)
    trouble = Trouble(t, line)
    line.run()
    talk = caller(t, line)
    ana.saw("ACK")
    line.talking(1)
    with trouble.on(sync_ms=1000):
        first = timed_room(t, line)
        others = [timed_room(t, line) for _ in range(5)]
        t.figure(f"answered, and gone, after {first:.1f} s, then "
                 f"{min(others):.1f} to {max(others):.1f} s")
        # no record of theirs can be on disk by then
        t.check(min(others) < 1, f"the others wait: {others}")
        t.equal(line.status()["calls"]["talking"], 1, "talks")
        talk.go()
        talk.done()
        ana.done()
        in_order(t, line.ended(7, 30))
    t.equal([c["outcome"] for c in line.calls()].count("talked"), 1, "talks")
    t.check(not line.status()["unwritten"], "all is written")


def asks(one):
    """To be rung back, as far as that is written down."""
    one.press("1")
    one.hears(*number_of(one), seconds=25)
    one.press("1")
    one.hears("ask_words")
    one.press("2")
    one.hears("ask_hours")
    one.press("1")


def waiting_caller(t):
    """On a line that rings back, and that can be in trouble."""
    line = menu_line(t)
    unanswered(t, line, rings=4)
    trouble = Trouble(t, line)
    line.run()
    one = Caller(t, line)
    one.hears("greeting", "notice", "ringing", "hold")
    line.waiting(1)
    return line, trouble, one


@test(seconds=120)
def a_disk_that_becomes_read_only(t):
    """New callers are answered; what cannot be kept is not promised; all is
    written as soon as it can be."""
    line, trouble, one = waiting_caller(t)
    with trouble.on(read_only=1):
        asks(one)
        t.check(timed_room(t, line) < 10 * SLOW, "a caller waits")
        t.until(lambda: line.status()["unwritten"], "status says so")
        one.hears_at_last("not_kept")
        t.equal(line.json("promises"), [], "promises")
        t.check("read-only" in line.last_words(500), "the log says why")
        t.equal(len(line.calls()), 1, "calls on record")
    t.until(lambda: not line.status()["unwritten"], "all is written", 30)
    # what they have asked for is known, and can be kept by now
    one.hang_up()
    promises(line, kind="ring_back", has_number=True)
    in_order(t, line.calls())
    t.equal(len(line.calls()), 2, "calls on record")
    line.command("person", "off", "Ana")


@test(seconds=120, long=True)
def promised_when_it_is_on_disk(t):
    """Not while the disk is read-only; later it is, and each write takes four
    seconds: not before that."""
    line, trouble, one = waiting_caller(t)
    with trouble.on(read_only=1):
        asks(one)
        one.hears_at_last("not_kept")
    one.hears_at_last("hold")
    with trouble.on(sync_ms=4000):
        asks(one)

        def told():
            told = "kept_ring_back" in one.heard()
            t.check(not told or line.json("promises"),
                    "promised, and not on record")
            return told
        t.until(told, "it is promised", 40)
    one.ended()
    line.command("person", "off", "Ana")
    promises(line, kind="ring_back", has_number=True)
