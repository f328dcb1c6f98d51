# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ringing a caller back: whose telephone is rung, what it shows, and what
becomes of the promise. The promise is on record when the line starts."""
import os
import re
import sqlite3

from baresip import Baresip
from case import test
from cast import answers, caller, phone
from line import Line
import sealed_numbers
from test_promises import owe
import wav


def rings_back(t, home, *phones, number, shown="withheld", twins=1,
               **options):
    """A line that owes a call to a number, and a trunk with this telephone at
    its other end."""
    line = Line(t, trunk=False, **options)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 re.sub(r"sip:.*@", "sip:", home.uri).partition(";")[0])
    for name, one in zip(("Ana", "Bob"), phones):
        line.person(name, one.uri)
    for call in range(1, twins + 1):
        owe(line, call, number=number)
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    with store:
        store.execute("UPDATE promise SET shown = ?", (shown,))
    store.close()
    return line.run()


def at_home(t, number):
    """Somebody who answers there."""
    path = t.path("home.wav")
    wav.tone(path, 620, seconds=60)
    return Baresip(t, "home", user=number, wav=path, answers=True)


def attempts(line):
    return [a["outcome"] for a in line.json("promises", "--all")[0]
            ["attempt_log"]]


def numbers_on_record(line):
    return list(sealed_numbers.opened(line).values())


def invited(t, home, number):
    """The INVITE that came there."""
    home.saw("INVITE")
    invite = home.received("INVITE")[0]
    t.equal(invite.first.partition("@")[0], f"INVITE sip:{number}",
            "who is rung")
    return invite


@test()
def engaged(t):
    """It is an attempt on record, the promise stays, the counsellor is told
    and is free again. Nothing is shown there."""
    number = t.number()
    home = phone(t, lambda s: s.rings().refuses(486), "home")
    ana = phone(t)
    line = rings_back(t, home, ana, number=number)
    invite = invited(t, home, number)
    t.check("anonymous@anonymous.invalid" in invite.get("From"),
            f"From is {invite.get('From')}")
    t.equal(invite.get("Privacy"), "id", "Privacy")
    said = f"{invite.headers} {invite.body}"
    t.check("Ana" not in said and ana.scenario.user not in said,
            "the counsellor is named")
    ana.done()
    promise = t.until(lambda: [p for p in line.json("promises")
                               if p["state"] == "open"],
                      "the promise stays open")[0]
    t.equal((promise["attempts"], attempts(line)), (1, ["busy"]), "attempts")
    t.equal(numbers_on_record(line), [number], "the number is kept")
    line.calls()


@test()
def shows_what_the_caller_chose(t):
    number, ours = t.number(), t.number()
    home = phone(t, lambda s: s.rings().refuses(404), "home")
    line = rings_back(t, home, phone(t), number=number, shown="neutral",
                      neutral=ours, shows=t.number())
    invite = invited(t, home, number)
    t.check(f"<sip:{ours}@127.0.0.1>" in invite.get("From"),
            f"From is {invite.get('From')}")
    t.equal(invite.get("P-Asserted-Identity"), f"<sip:{ours}@127.0.0.1>",
            "P-Asserted-Identity")
    t.check('"' not in invite.get("From"), "no name")
    t.until(lambda: attempts(line) == ["dead"], "it is a dead number")
    t.equal(line.json("promises")[0]["level"], "coordinator", "level")


@test()
def they_talk(t):
    """Who answers there and presses 1 talks with the counsellor; the promise
    is kept and the number gone."""
    number = t.number()
    home = at_home(t, number)
    ana = phone(t, answers)
    line = rings_back(t, home, ana, number=number)
    home.talks()
    line.case.until(lambda: line.json("promises")[0]["state"] == "ringing",
                    "the promise is being kept")
    home.press("1")
    line.talking()
    home.hang_up()
    ana.done()
    line.outcome(outcome="promise_kept", counsellor="Ana")
    t.equal(attempts(line), ["talked"], "attempts")
    t.equal(numbers_on_record(line), [], "no number is kept")


@test()
def no_more_please(t):
    """9 there ends it for good."""
    number = t.number()
    home = at_home(t, number)
    ana = phone(t)
    line = rings_back(t, home, ana, number=number)
    home.talks()
    home.press("9")
    line.outcome(outcome="declined")
    t.equal(attempts(line), ["declined"], "attempts")
    t.equal(numbers_on_record(line), [], "no number is kept")
    ana.done()


def one_talk(t, line, ana):
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()


@test()
def closed_meanwhile(t):
    """A promise that is closed is not rung, whoever is free later."""
    number = t.number()
    home = phone(t, lambda s: s.rings().refuses(486), "home", seconds=5)
    line = rings_back(t, home, number=number)
    line.command("promise", "close", "1", "--reason", "reached")
    ana = phone(t, answers, "ana", seconds=5)
    line.person("Ana", ana.uri)
    t.equal(numbers_on_record(line), [], "no number is kept")
    line.outcome(outcome="closed", reason="reached")
    # whoever calls next is the one for whom Ana rings
    one_talk(t, line, ana)
    t.equal(home.received("INVITE"), [], "rings")


@test()
def asked_for_many_times(t):
    """Whoever has a number rung by five calls has it rung as by one."""
    number = t.number()
    home = phone(t, lambda s: s.rings().refuses(404), "home")
    anas = phone(t)
    line = rings_back(t, home, anas, number=number, twins=5)
    t.until(lambda: all(p["level"] == "coordinator"
                        for p in line.json("promises")),
            "all are the coordinator's")
    t.equal([p["attempts"] for p in line.json("promises")],
            [1, 0, 0, 0, 0], "attempts")
    t.equal(len(home.received("INVITE")), 1, "rings")
    line.command("promise", "close", "1", "--reason", "unsafe")
    t.until(lambda: not line.json("promises"), "all are closed")
    t.equal(numbers_on_record(line), [], "no number is kept")


@test()
def emergency_numbers_are_not_rung(t):
    """Not even if one stands in the record."""
    home = phone(t, lambda s: s.rings().refuses(486), "home", seconds=5)
    line = rings_back(t, home, phone(t), number="112")
    t.until(lambda: attempts(line), "an attempt on record")
    t.equal(home.received("INVITE"), [], "rings")
