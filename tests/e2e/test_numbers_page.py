# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers that nobody can open since the power was away: a coordinator's page
brings them back by itself, as soon as its keys are open."""
from browser import Browser
from case import test
from counsellor import Console, invite
from line import Line
from test_promises import owe
from test_vault import call_page, unlock

OF_THE_PAGE = True  # see tests/run.py

WAITS = "waits for the page of a coordinator"


def telephone(line, name):
    person, = [p for p in line.json("person", "list") if p["name"] == name]
    return person["phone"]


@test(seconds=240)
def numbers_come_back(t):
    line = Line(t)
    line.steady = False
    line.run()
    eva = Console(t, Browser(t), line, "Eva",
                  invite(line, "Eva", "coordinator")).sign_up()
    call_page(eva)  # her keys are open: she is among those it is sealed to
    eva.page.wait_text("These notes cannot be shown", 30)
    line.command("person", "add", "Ben", "--phone", t.number())
    line.stop()
    owe(line, 1, number=t.number())
    line.run()

    # the key of numbers was in memory alone
    eva.page.reload()
    line.stop()
    line.run()
    t.equal(telephone(line, "Ben"), "waits", "Ben's telephone")
    eva.page.evaluate("location.hash = '#/promises'")
    eva.page.wait_text(WAITS, 30)
    t.equal(eva.page.count("button", "Ring back"), 0, "buttons to ring back")
    eva.page.accessible("a number that waits")
    call_page(eva)
    unlock(eva)
    eva.page.evaluate("location.hash = '#/promises'")
    eva.page.wait("button", "Ring back", 90)
    t.check(WAITS not in eva.page.text(), "nothing waits any more")
    t.until(lambda: telephone(line, "Ben") == "ready",
            "Ben's telephone is back", 90)
    # Ben's also after the first start, while her page was open
    t.equal({r["call"] for r in line.json("audit")
             if r["what"] == "number_resealed"}, {1, None}, "on record")
