# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counsellors' own telephone numbers are sealed: rung while line or keeper has
the key, waiting when both have lost it, brought back by a coordinator's
page."""
import base64
import contextlib
import os
import signal

from api import Api
from cast import caller
from case import test
from line import Line
import sealed_numbers
from test_ownphone import own
from test_vault import found_in, forms, key_post, rows

LINE = "ringback-line"


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def line_for(t, one, **options):
    """Its trunk leads to this telephone; Ana is on duty, with a number."""
    line = Line(t, trunk=False, strategy="longest_idle", wrap_up_seconds=0,
                **options)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 f"sip:127.0.0.1:{one.port}")
    said = line.command("person", "add", "Ana", "--phone", one.user, "--on")
    t.check("stands in the clear" in said, "it is said that it is not sealed")
    t.check(one.user not in said, "the number is repeated")
    return line


def person(line, name="Ana"):
    return next(p for p in line.json("person", "list") if p["name"] == name)


def takes_a_call(t, line, one, n=1):
    """It is rung, and whoever is there takes the call: the nth there is."""
    call = caller(t, line)
    one.talks(n)
    t.until(lambda: line.last_words(10000).count("--> ASKING") >= n,
            "a key is asked for")
    one.press(str(n))
    line.talking()
    call.go()
    call.done()
    t.equal([(c["outcome"], c["counsellor"]) for c in line.ended(n)],
            [("talked", "Ana")] * n, "calls")
    one.ended(n)


def nowhere(t, line, number):
    """Neither in the data folder nor in a log, however written; and the search
    would find it."""
    t.until(lambda: not found_in(line, number), "it is sealed on disk", 15)
    t.check(found_in(line, "Ana"), "a name in the clear is found")
    with open(line.log, "rb") as f:
        log = f.read()
    for form in forms(number):
        t.check(form not in log, "it is in the log")


def power_fails(t, line):
    """All that runs is killed at once: no memory is left."""
    line.steady = line.quiet = False
    pids = line.processes().values()
    for pid in (line.keeper.pid, *pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    line.keeper.wait()
    line.keeper = None
    line.pids = {}
    t.until(lambda: not line.processes(), "everything is dead")


def telephones(line):
    return {k: v for k, v in line.status()["telephones"].items() if v}


@test(seconds=120)
def sealed_and_rung(t):
    """From the line's start on nothing of it is on disk; after a crash of the
    line it is rung as before."""
    one = own(t)
    line = line_for(t, one)
    t.check(found_in(line, one.user), "in the clear before the first start")
    t.equal(telephones(line), {"clear": 1}, "status")
    line.run()
    nowhere(t, line, one.user)
    t.equal(telephones(line), {}, "status")
    t.equal((person(line)["phone"], person(line)["has_phone"]),
            ("ready", True), "Ana")
    takes_a_call(t, line, one)

    line.steady = False
    before = line.processes()[LINE]
    os.kill(before, signal.SIGKILL)
    t.until(lambda: line.processes().get(LINE) not in (None, before),
            "the line comes back", 15)
    line.up()
    takes_a_call(t, line, one, 2)
    nowhere(t, line, one.user)

    # removed: nothing is left of it, sealed or not
    kept, = rows(line, "SELECT phone_for_dialler FROM person"
                 " WHERE name = 'Ana'")[0]
    t.check(found_in(line, kept), "what is sealed is found")
    line.command("person", "remove", "Ana")
    t.until(lambda: not found_in(line, kept), "it is gone", 15)


@test()
def changed_while_it_runs(t):
    """Sealed by the command: it is on disk in the clear at no time."""
    one = own(t)
    line = line_for(t, one)
    number = t.number()
    line.command("person", "set", "Ana", "--phone", number)
    line.run()
    nowhere(t, line, number)
    said = line.command("person", "set", "Ana", "--phone", one.user)
    t.equal(said, "", "nothing stands in the clear")
    t.equal(found_in(line, one.user), [], "in the clear on disk")
    takes_a_call(t, line, one)
    t.equal([(r["what"], r["detail"]) for r in line.json("audit")
             if r["what"] == "person_phone"],
            [("person_phone", "number")] * 3, "on record")


@test(seconds=150)
def it_waits_and_comes_back(t):
    """After everything was killed nobody can open it but who is entitled."""
    one = own(t)
    line = line_for(t, one).run()
    nowhere(t, line, one.user)
    power_fails(t, line)
    line.run()
    t.equal(person(line)["phone"], "waits", "Ana's telephone")
    t.equal(telephones(line), {"waiting": 1}, "status")
    t.check("are not rung: 1" in line.command("status"), "status says so")
    t.equal(line.status()["on_duty"], 0, "on duty")
    said = line.command("person", "invite", "Ana")
    link = next(word for word in said.split() if "#invite=" in word)
    ana = Api(t, line).let_in(link.partition("#invite=")[2])
    t.equal((ana.me["phone"], ana.me["has_phone"]), ("waits", True), "me")
    ana.get("/vault/numbers", 403)

    # nothing else of hers can be rung: that is on record, with the reason
    t.until(lambda: person(line)["off_reason"] == "waits", "she is off duty",
            45)
    eva = Api(t, line).sign_up("Eva", "coordinator")
    key_post(eva)
    t.equal([(p["phone"], p["off_reason"]) for p in
             eva.get("/people")["people"] if p["name"] == "Ana"],
            [("waits", "waits")], "as coordinators see her")
    got = eva.get("/vault/numbers")
    wanted, = [n for n in got["numbers"] if n["kind"] == "phone"]
    t.equal(wanted["id"], ana.me["person"], "whose it is")

    # as the page does it: opened with the house's key, sealed to the line's
    subject = sealed_numbers.PERSON | wanted["id"]
    raw = base64.urlsafe_b64decode(wanted["sealed"] + "=")
    number = sealed_numbers.seal.opened(
        raw, subject, sealed_numbers.epoch_key(line, wanted["epoch"]))
    t.equal(number, one.user.encode(), "the number")
    key = base64.urlsafe_b64decode(got["dialler"]["public"] + "=")
    eva.post("/vault/numbers", {"dialler": got["dialler"]["id"] + 1,
                                "numbers": []}, 409)
    back = {"dialler": got["dialler"]["id"], "numbers": [{
        "kind": "phone", "id": wanted["id"], "sealed": b64(
            sealed_numbers.made(number.decode(), subject,
                                got["dialler"]["id"], key))}]}
    ana.post("/vault/numbers", back, 403)
    t.equal(eva.post("/vault/numbers", back)["taken"], 1, "taken")
    t.equal(eva.post("/vault/numbers", back)["taken"], 0, "once more")
    t.equal((person(line)["phone"], person(line)["on_duty"]),
            ("ready", True), "Ana")
    t.until(lambda: line.status()["on_duty"] == 1, "she is on duty again")
    t.equal([r["whom"] for r in line.json("audit")
             if r["what"] == "number_resealed"], [wanted["id"]], "on record")
    takes_a_call(t, line, one)
    nowhere(t, line, one.user)


@test(seconds=90)
def without_a_recovery_key(t):
    """Sealed to the line's key alone: a loss of power loses it."""
    one = own(t)
    line = line_for(t, one, sealing=False).run()
    nowhere(t, line, one.user)
    t.equal(telephones(line), {"unbacked": 1}, "status")
    t.check("only this server's" in line.command("status"), "what that means")
    power_fails(t, line)
    line.run()
    t.equal(telephones(line), {"lost": 1}, "status")
    t.check("Give them" in line.command("status"), "what to do")
    line.command("person", "set", "Ana", "--phone", one.user)
    t.equal(telephones(line), {"unbacked": 1}, "status, given anew")

    # with a recovery key it is sealed to the house's epoch as well
    line.command("recovery", "make", "--shares", "1", "--need", "1")
    t.until(lambda: not telephones(line), "sealed to both", 75)
    takes_a_call(t, line, one)
