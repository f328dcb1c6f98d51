# SPDX-License-Identifier: AGPL-3.0-or-later
"""Callers who are blocked, at the counsellors' page: the line forgets whose
number it was, and the page tells it again by itself."""
import os
import signal

from browser import Browser
from case import test
from counsellor import Console, invite
from phone import Call
from test_answer import line_up

OF_THE_PAGE = True  # see tests/run.py

LINE = "ringback-line"


def refused(t, line, name, user, n):
    """Nobody is rung, and the call ends as blocked."""
    Call(t, name, line, user=user, seconds=60).done()
    t.equal([c["outcome"] for c in line.ended(n, 30)].count("blocked"), n - 1,
            "calls that were blocked")


def marks(who):
    return who.page.evaluate("fetch('/api/v1/marks').then((r) => r.json())"
                             ".then((all) => all.marks ?? [])", 20)


@test(seconds=300)
def a_caller_is_blocked(t):
    line = line_up(t)
    line.steady = False
    ana = Console(t, Browser(t), line, "Ana",
                  invite(line, "Ana", "coordinator")).sign_up().duty()
    number = t.number()
    one = Call(t, "one", line, user=number, seconds=120)
    ana.rung(20)
    ana.accept()
    ana.page.click("button", "Block this caller…")
    ana.page.select("Why", "Threats")
    ana.page.click("button", "Yes, block from the next call on")
    ana.page.wait_text("Blocked from the next call on.", 20)
    ana.hang_up()
    one.done()
    ana.ready()
    ana.sees("is_on")
    refused(t, line, "two", number, 2)

    # in memory alone: gone with the process
    before = line.processes()[LINE]
    os.kill(before, signal.SIGKILL)
    t.until(lambda: line.processes().get(LINE) not in (None, before),
            "the line is started again", 30)
    line.up()
    t.until(lambda: [m["indexed"] for m in marks(ana)] == [True],
            "the page tells the line whose number it is", 120)
    refused(t, line, "three", number, 3)

    # until it is removed
    ana.page.evaluate("location.hash = '#/marks'")
    ana.page.wait_text("The line knows whose it is, today", 20)
    ana.page.wait_text("Threats", 5)
    ana.page.accessible("marks")
    ana.page.click("button", "Remove the mark from call 1")
    ana.page.click("button", "Yes, remove")
    ana.page.wait_text("Nobody is blocked", 20)
    four = Call(t, "four", line, user=number, seconds=120)
    ana.rung(30)
    ana.accept()
    ana.hang_up()
    four.done()
    t.equal([r["what"] for r in line.json("audit")
             if r["what"].startswith("mark")],
            ["mark_made", "marks_indexed", "mark_removed"], "on record")
