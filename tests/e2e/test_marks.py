# SPDX-License-Identifier: AGPL-3.0-or-later
"""Callers who are blocked, or have a care plan: what it does, what it leaves
alone, and that nobody can read whose number it is. What pages do is done here
without Ringback's own code."""
import base64
import os
import sqlite3

from api import Api, text
from case import test
from cast import answers, calls, phone
from dialogue import Caller, menu_line
import seal
from sealed import pair
from sealed_numbers import made
from sipp import Scenario, Sipp
from test_vault import b64, found_in, head

BLOCK = {"kind": "block", "reason": "threats", "review_days": 30}
PLAN = {"kind": "plan", "reason": "plan", "review_days": 365}


def subject(mark):
    return mark | 1 << 62


def raw(sealed):
    return base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))


class Page(Api):
    """Somebody's page, with a key of their own."""

    def unlocks(self):
        self.public, self.private = pair()
        self.post("/vault", {
            "public": b64(self.public), "proof": self.proof,
            "wrapped": b64(head(b"P") + os.urandom(72))})
        return self

    def opened(self, mark):
        """Whose number a mark is about."""
        grant, = [e["sealed"] for e in self.get("/vault")["epochs"]
                  if e["epoch"] == mark["epoch"]]
        key = seal.opened(raw(grant), self.me["person"], self.private)
        return seal.opened(raw(mark["sealed"]), subject(mark["mark"]),
                           key).decode()

    def told(self, mark, number, dialler=None, wanted=200):
        """Tell the line whose it is."""
        to = dialler or self.get("/marks")["dialler"]
        return self.post("/marks/index", {"dialler": to["id"], "marks": [
            {"mark": mark, "sealed": b64(made(
                number, subject(mark), to["id"], raw(to["public"])))}]},
            wanted)


def begin(t, **options):
    """Ana, who answers by telephone and has her page open; Eva, who
    coordinates."""
    ringing = phone(t, answers, calls=9, seconds=120)
    line = menu_line(t, dials=False, **options)
    line.person("Ana", ringing.uri)
    link = [word for word in line.command("person", "invite", "Ana").split()
            if "#invite=" in word][0]
    line.run()
    ana = Page(t, line).let_in(link.partition("#invite=")[2]).unlocks()
    eva = Page(t, line).sign_up("Eva", "coordinator").unlocks()
    return line, ringing, ana, eva


def talks(t, line, ana, number, name, during=lambda state: None):
    """A caller gets through to Ana."""
    page = ana.events()
    one = Sipp(t, name, calls(Scenario(number)), line.address,
               service=t.number(), ip=line.host)
    rung = page.until("state", lambda s: s["state"] == "ringing" or
                      s["state"] == "talking")
    state = page.until("state", lambda s: s["state"] == "talking") \
        if rung["state"] == "ringing" else rung
    during(state)
    one.go()
    one.done()
    line.outcome(outcome="talked")
    page.until("state", lambda s: s["state"] in ("wrap_up", "free"))
    page.close()
    ana.ask("POST", "/me/ready", {})
    ended(t, ana)
    return rung


def ended(t, ana):
    def free():
        got = [p["state"] for p in ana.get("/board")["people"]
               if p["person"] == ana.me["person"]]
        return got == ["free"]
    t.until(free, "Ana is free again")


def is_blocked(t, line, ringing, number, name):
    """Hears that, and no telephone rings."""
    before = len(ringing.received("INVITE")), len(line.calls())
    one = Caller(t, line, user=number, name=name)
    one.hears("blocked")
    t.equal(len(line.ended(before[1] + 1)), before[1] + 1, "calls")
    line.outcome(outcome="blocked", counsellor=None)
    t.equal(one.heard(), [], "and nothing else")
    t.equal(len(ringing.received("INVITE")), before[0], "rings")


def nowhere(t, line, number, *pages):
    """Neither on disk nor in what any page is told."""
    t.check(found_in(line, "Ana"), "a name in the clear is found")
    t.equal(found_in(line, number), [], "the number on disk")
    for page in pages:
        for path in ("/marks", "/board", "/promises", "/people", "/calls",
                     "/me", "/vault"):
            got = page.raw("GET", "/api/v1" + path).raw.decode()
            t.check(number not in got, f"the number is in {path}")


@test(seconds=150)
def who_is_blocked_hears_so(t):
    """From the same call on, however the number is written; nobody else
    does."""
    line, ringing, ana, eva = begin(t, home="+49 0")
    # no area code begins with 0
    number = next(n for n in iter(t.number, "") if n[2] != "0")
    at_home = t.plant("0" + number.removeprefix("49"))

    def block(state):
        offer = state["offer"]
        ana.post(f"/talk/{offer}/mark", {**BLOCK, "review_days": 91}, 400)
        ana.post(f"/talk/{offer}/mark", {**BLOCK, "review_days": 0}, 400)
        ana.post(f"/talk/{offer}/mark", {**BLOCK, "reason": "plan"}, 400)
        ana.post(f"/talk/{offer}/mark", {**PLAN, "review_days": 366}, 400)
        eva.post(f"/talk/{offer}/mark", BLOCK, 404)
        t.equal(ana.get("/marks")["marks"], [], "none is made")
        ana.post(f"/talk/{offer}/mark", BLOCK)
        t.equal(ana.post(f"/talk/{offer}/mark", BLOCK, 409)["error"],
                "marked", "the same once more")

    talks(t, line, ana, number, "first", block)
    is_blocked(t, line, ringing, at_home, "second")
    talks(t, line, ana, t.number(), "other")

    def withheld(state):
        t.equal(ana.post(f"/talk/{state['offer']}/mark", BLOCK, 409)["error"],
                "withheld", "a mark on nobody's number")

    talks(t, line, ana, "anonymous", "withheld", withheld)
    mark, = eva.get("/marks")["marks"]
    t.equal({k: mark[k] for k in ("line", "kind", "reason", "name", "due",
                                  "indexed", "call")},
            {"line": "main", "kind": "block", "reason": "threats",
             "name": "Ana", "due": False, "indexed": True, "call": 1}, "mark")
    t.equal(eva.opened(mark), "+" + number,
            "whose it is, for who is entitled")
    nowhere(t, line, number, ana, eva)
    nowhere(t, line, at_home, ana, eva)

    where = f"/marks/{mark['mark']}/remove"
    ana.post(where, wanted=403)
    eva.post(where)
    eva.post(where, wanted=404)
    talks(t, line, ana, number, "third")
    t.equal([(r["what"], r["call"], r["detail"]) for r in line.json("audit")
             if r["what"].startswith("mark")],
            [("mark_made", 1, "threats"), ("mark_removed", 1, "threats")],
            "on record")


@test(seconds=150)
def a_block_is_told_anew(t):
    """After a restart nobody knows it until a page says it again; when its day
    has come it means nothing until somebody has looked at it."""
    line, ringing, ana, eva = begin(t)
    number = t.number()
    talks(t, line, ana, number, "first", lambda state: ana.post(
        f"/talk/{state['offer']}/mark", BLOCK))
    mark, = ana.get("/marks")["marks"]
    line.stop()
    line.run()
    t.until(lambda: ana.ask("GET", "/marks", check=False).status == 200,
            "the line answers")
    t.equal(ana.get("/marks")["marks"][0]["indexed"], False, "known")
    talks(t, line, ana, number, "second")

    here = ana.get("/marks")["dialler"]
    stranger = {"id": here["id"] + 1, "public": text(32)}
    ana.told(mark["mark"], number, {**stranger, "id": here["id"]}, 400)
    t.equal(ana.told(mark["mark"], number, stranger, 409)["error"],
            "dialler_changed", "a key of before, or after")
    ana.told(mark["mark"], ana.opened(mark), here)
    ana.told(mark["mark"] + 1, number, here)  # none of theirs: no word of it
    ana.post("/marks/index", {"dialler": here["id"] + 1, "marks": []})
    t.equal(ana.get("/marks")["marks"][0]["indexed"], True, "known")
    is_blocked(t, line, ringing, number, "third")
    nowhere(t, line, number, ana, eva)

    # whoever tries one number after the other
    for _ in range(30):
        ana.told(mark["mark"], t.number(), here)
    t.equal(ana.told(mark["mark"], number, here, 429)["error"], "slow_down",
            "once more")
    is_blocked(t, line, ringing, number, "fourth")
    t.until(lambda: (ana.me["person"], str(mark["mark"])) in [
        (r["person"], r["detail"]) for r in line.json("audit")
        if r["what"] == "mark_disputed"], "it is on record")
    eva.told(mark["mark"], number, here)
    t.equal([r["person"] for r in line.json("audit")
             if r["what"] == "mark_disputed"
             and r["person"] == eva.me["person"]], [], "who told the same")

    # its day has come
    line.stop()
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    with store:
        store.execute("UPDATE mark SET made_day = made_day - 100, "
                      "review_day = made_day - 10")
    store.close()
    line.run()
    t.until(lambda: eva.ask("GET", "/marks", check=False).status == 200,
            "the line answers")
    eva.told(mark["mark"], number)
    t.equal([(m["due"], m["indexed"]) for m in eva.get("/marks")["marks"]],
            [(True, True)], "due")
    talks(t, line, ana, number, "fifth")
    where = f"/marks/{mark['mark']}/review"
    eva.post(where, {"review_days": 91}, 400)
    eva.post(where, {"review_days": 90, "epoch": mark["epoch"]}, 400)
    now, = [e for e in eva.get("/vault")["epochs"]
            if e["line"] == "main" and e["current"]]
    anew = {"review_days": 90, "epoch": now["epoch"], "sealed": b64(made(
        number, subject(mark["mark"]), now["epoch"], raw(now["public"])))}
    ana.post(where, anew, 403)
    eva.post(where, anew)
    again, = eva.get("/marks")["marks"]
    t.equal((again["due"], again["epoch"]), (False, now["epoch"]), "review")
    t.equal(eva.opened(again), number, "sealed anew")
    is_blocked(t, line, ringing, number, "sixth")
    nowhere(t, line, number, ana, eva)


@test(seconds=120)
def a_care_plan_is_shown(t):
    """To whoever is rung, and on the board; the caller notices nothing."""
    line, _, ana, eva = begin(t)
    number = t.number()

    def make(state):
        t.equal(state["plan"], False, "a plan before there is one")
        ana.post(f"/talk/{state['offer']}/mark", PLAN)

    talks(t, line, ana, number, "first", make)

    def look(state):
        t.equal(state["plan"], True, "in the talk")
        shown, = eva.get("/board")["calls"]
        t.equal(shown["plan"], True, "on the board")

    t.equal(talks(t, line, ana, number, "second", look)["plan"], True,
            "as it rings")
    t.equal(talks(t, line, ana, t.number(), "other")["plan"], False,
            "somebody else's")
    nowhere(t, line, number, ana, eva)
