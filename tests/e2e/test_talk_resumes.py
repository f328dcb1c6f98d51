# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of the line while people are on it: who talks talks on, who waits
keeps the place, and nobody is rung twice."""
import os
import signal
import time

from case import test
from cast import answers, caller, calls, connects, hangs_up, line_for, phone
from line import Line
from phone import Phone
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


def talk(t, counsellor, **options):
    ana = phone(t, counsellor, **options)
    line = line_for(t, ana, wrap_up_seconds=0)
    one = caller(t, line, calls if counsellor is answers
                 else lambda s: connects(s).ended())
    ana.saw("ACK")
    line.talking(1)
    dies(t, line)
    line.talking(1)
    return line, ana, one


@test()
def the_caller_hangs_up(t):
    """UDP: a talk goes on, and a BYE from the caller ends both."""
    line, ana, one = talk(t, answers)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana", cause=None)
    t.equal(len(ana.firsts("INVITE")), 1, "rings")


@test()
def the_counsellor_hangs_up(t):
    line, ana, one = talk(t, hangs_up)
    ana.go()
    ana.done()
    one.done()
    line.outcome(outcome="talked", counsellor="Ana", cause=None)


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
def a_ring_in_flight(t):
    """It is stopped, and she is rung anew: once."""
    ana = Phone(t, "ana", after=3000, calls=2, show_caller=True)
    line = Line(t, wrap_up_seconds=0)
    line.person("Ana", ana.uri)
    line.run()
    one = caller(t, line)
    t.until(lambda: "Shown" in ana.words(), "her telephone rings")
    dies(t, line)
    line.talking(1)
    t.equal((ana.words().count("Shown"), ana.words().count("stopped")), (2, 1),
            "rings, and those that were stopped")
    one.go()
    one.done()
    line.outcome(outcome="talked", counsellor="Ana", cause=None)


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
