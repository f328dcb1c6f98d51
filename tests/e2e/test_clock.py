# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody sets the clock while calls are on: no call notices, what is on record
makes sense, and what is owed stays owed."""
import os
import time

from api import Api
from case import SLOW, test
from cast import caller, phone
from kept import run
from line import Line
from test_disk import timed_room
from test_promises import owe
from test_vault import b64, head, key_post
from trouble import DAY_MS, Trouble

HOUR_MS = 3600 * 1000
# as of a machine without a battery: an hour after the beginning of time
FIRST_HOUR = "1970"

JUMPS = (HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS, FIRST_HOUR, 0)


def is_set(t, line, trouble, ahead_ms, n):
    """The clock is set for the n-th time; the line has noticed."""
    if ahead_ms == FIRST_HOUR:
        ahead_ms = HOUR_MS - int(time.time() * 1000)
    trouble.set(clock_ms=ahead_ms)

    def noticed():
        with open(line.log, encoding="utf-8", errors="replace") as f:
            return f.read().count("the clock was set") >= n
    t.until(noticed, f"the line notices that the clock is set, {n}")


@test()
def is_set_to_and_fro(t):
    """Somebody talks, somebody waits, somebody is owed a call in two days, a
    page is open: through an hour and a day in both directions, and 1970."""
    ana = phone(t)
    line = Line(t)
    line.person("Ana", ana.uri)
    owe(line, 1, number=t.number(), hours=48)
    trouble = Trouble(t, line)
    line.run()
    eva = Api(t, line).sign_up("Eva", "coordinator")
    began = time.monotonic()
    first = caller(t, line, name="first")
    ana.saw("ACK")
    line.talking(1)
    second = caller(t, line, name="second")
    line.waiting(1)
    times = []
    for n, ahead_ms in enumerate(JUMPS, 1):
        is_set(t, line, trouble, ahead_ms, n)
        times.append(timed_room(t, line))
        calls = line.status()["calls"]
        t.equal((calls["talking"], calls["waiting"]), (1, 1),
                f"talk and waiting, with the clock at {ahead_ms}")
        t.equal(eva.get("/me")["name"], "Eva", "still signed in")
    t.figure(f"answered, and gone, after {max(times):.1f} s at most")
    t.check(min(times) < 2 * SLOW, f"callers wait: {times}")
    second.go()
    second.done()
    first.go()
    first.done()
    ana.done()

    def ended():
        calls = [c for c in line.calls() if c["id"] != 1]
        return len(calls) == 8 and all(c["outcome"] for c in calls) and calls
    calls = t.until(ended, "all calls are on record")
    # what lasts is not measured by that clock
    most_ms = (time.monotonic() - began) * 1000 + 60000
    for c in calls:
        t.check(0 <= c["wait_ms"] <= most_ms and
                0 <= c["talk_ms"] <= most_ms, f"times of a call: {c}")
    t.equal([c["id"] for c in calls], list(range(9, 1, -1)), "numbers")
    t.equal([c["outcome"] for c in calls].count("talked"), 1, "talks")
    t.equal([c["id"] for c in calls if c["arrived_at"].startswith("1970-")],
            [], "nobody came in 1970, whatever the clock said")
    owed, = line.json("promises")
    t.equal((owed["state"], owed["attempts"]), ("open", 0),
            "what is owed in two days")


@test()
def what_was_written_in_1970_stays(t):
    """Who calls meanwhile, and what is written of it, is not as old as the
    clock said; it is not deleted once the clock is right."""
    line = Line(t)
    owe(line, 1)
    trouble = Trouble(t, line)
    line.run()
    ana = Api(t, line).sign_up("Ana")
    key_post(ana)
    is_set(t, line, trouble, FIRST_HOUR, 1)
    before, = run(line, "SELECT max(id) FROM epoch")
    key_post(Api(t, line).sign_up("Eva", "coordinator"))
    timed_room(t, line)
    call = t.until(lambda: [c for c in line.calls() if c["id"] == 2 and
                            c["outcome"]], "who called is on record")
    now = ana.get("/calls/2/notes")["seal_to"]["epoch"]
    t.check(int(now) > before[0], "a key began in 1970")
    ana.post("/calls/2/notes", {
        "epoch": now, "sealed": b64(head(b"N", now) + os.urandom(1144))})
    ana.post("/calls/1/draft", {
        "sealed": b64(head(b"N") + os.urandom(1144))})
    is_set(t, line, trouble, 0, 2)
    t.check("main" in line.command("retention", "--now"), "it is looked")
    t.equal(run(line, "SELECT call, epoch FROM note"), [(2, int(now))], "note")
    t.equal(run(line, "SELECT call FROM draft"), [(1,)], "draft")
    t.equal(run(line, "SELECT id FROM epoch WHERE dropped"), [], "keys")
    t.equal([c for c in line.calls() if c["id"] == 2], call, "call")
