# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of the line while people are on it: who waits keeps the place, who was
rung back talks on, and so does who talks in a browser. See test_talk_goes_on.py
for telephones."""
import os
import signal
import time

from case import Failed, test
from cast import answers, caller, line_for, phone
from test_answer import both_hear, one_counsellor
import test_answer
from test_ring_back import at_home, attempts, numbers_on_record, rings_back

LINE = "ringback-line"


def dies(t, line):
    """Kill it; how long until the next one answers, and what it says."""
    line.steady = False
    before = line.processes()[LINE]
    os.kill(before, signal.SIGKILL)
    since = time.monotonic()
    t.until(lambda: line.command("status", wanted=None).returncode == 0 and
            line.processes().get(LINE) not in (None, before),
            "the line comes back")
    t.figure(f"the line was back {time.monotonic() - since:.2f} s after "
             "kill -9")


@test()
def two_who_wait_keep_their_places(t):
    """And hear that nobody is lost: both are on the line, and the one who came
    first talks first."""
    ana = phone(t, answers, calls=2)
    line = line_for(t, ana, wrap_up_seconds=0)
    line.command("person", "off", "Ana")
    first = caller(t, line, name="first")
    line.waiting(1)
    second = caller(t, line, name="second")
    line.waiting(2)
    dies(t, line)
    line.waiting(2)
    t.equal(line.json("promises"), [], "promises: nobody is cut off")
    line.command("person", "on", "Ana")
    ana.saw("ACK")
    line.talking(1)
    t.equal([c["state"] for c in line.calls()], ["waiting", "talking"],
            "who came second, who came first")
    first.go()
    first.done()
    ana.saw("ACK", 2)
    second.go()
    second.done()
    ana.done()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2,
            "outcomes")


@test()
def who_writes_up_is_not_rung(t):
    """Not before the end that was set, whatever died meanwhile; then they
    are."""
    ana = phone(t, answers, calls=2)
    line = line_for(t, ana, wrap_up_seconds=600)
    first = caller(t, line, name="first")
    ana.saw("ACK")
    line.talking(1)
    first.go()
    first.done()
    line.ended(1)
    dies(t, line)
    second = caller(t, line, name="second")
    line.waiting(1)
    t.equal([c["state"] for c in line.calls() if c["state"] != "ended"],
            ["waiting"], "nobody is rung for the second caller")
    line.command("person", "off", "Ana")
    line.command("person", "on", "Ana")
    ana.saw("ACK", 2)
    second.go()
    second.done()
    ana.done()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2,
            "outcomes")


@test()
def somebody_who_was_rung_back(t):
    """They talk on; the promise is kept, and their number is gone."""
    number = t.number()
    home = at_home(t, number)
    ana = phone(t, answers)
    line = rings_back(t, home, ana, number=number)
    home.talks()
    t.until(lambda: line.json("promises")[0]["state"] == "ringing",
            "the promise is being kept")
    home.press("1")
    line.talking()
    dies(t, line)
    line.talking()
    home.hang_up()
    ana.done()
    line.outcome(outcome="promise_kept", counsellor="Ana")
    t.equal(attempts(line), ["talked"], "attempts")
    t.equal(numbers_on_record(line), [], "no number is kept")


def talks_on(t, ana, offer):
    """The page comes back by itself, and it is the same talk."""
    t.until(lambda: (got := ana.state()) and got["state"] == "talking" and
            got["offer"] == offer, lambda: f"the page shows the talk: "
            f"{ana.state()} {ana.do('errors')}", 15)


def tried(do, *arguments):
    """The web process may not have found the next line yet."""
    try:
        do(*arguments)
    except Failed as err:
        if "line_down" in str(err):
            return False
        raise
    return True


@test(seconds=120)
def in_a_browser(t):
    """Its sound is media's alone; hold, keys and hanging up work as before."""
    line, ana = one_counsellor(t)
    one = test_answer.caller(t, line)
    offer = ana.rung()["offer"]
    ana.accept()
    ana.hold(True)
    dies(t, line)
    t.until(lambda: tried(ana.key, "5"), "the page can press keys")
    talks_on(t, ana, offer)
    t.check(ana.state()["held"], "the caller is on hold still")
    ana.hold(False)
    both_hear(t, one, ana)
    ana.hang_up()
    one.ended()
    line.outcome(outcome="talked", counsellor="Ana", cause=None)
