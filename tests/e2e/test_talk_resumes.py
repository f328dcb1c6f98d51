# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of the line while people are on it: who talks talks on, who waits
keeps the place, and nobody is rung twice."""
import os
import signal
import time

from case import test
from cast import answers, caller, calls, connects, hangs_up, line_for, phone

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
