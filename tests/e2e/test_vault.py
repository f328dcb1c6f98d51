# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys of people, and notes that only they open."""
import base64
import os
import sqlite3

from api import Api, text
from case import test
from line import Line
from test_promises import owe


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def head(kind, epoch=0):
    return b"RBS\x01" + kind + bytes(3) + int(epoch).to_bytes(8, "big")


def key_post(page, wanted=200):
    """A key whose private half nobody has: what is sealed to it stays so."""
    return page.post("/vault", {
        "public": text(32), "wrapped": b64(head(b"P") + os.urandom(72))},
        wanted)


def counsellors(line):
    """Whose keys are a person's: 0 is the recovery key."""
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    rows = store.execute("SELECT epoch, person FROM epoch_grant").fetchall()
    store.close()
    return set(rows)


@test()
def keys_are_as_described(t):
    """Each answer and refusal, without a browser that opens anything."""
    line = Line(t)
    owe(line, 1)
    line.run()
    ana = Api(t, line).sign_up("Ana")
    t.equal(ana.get("/vault"), {"public": None, "wrapped": None,
                                "recovery": False, "epochs": []}, "no key")
    t.equal(ana.get("/calls/1/notes"), {"notes": [], "seal_to": None},
            "nothing to seal to")
    key_post(ana)
    key_post(ana, 409)
    ana.post("/vault", {"public": text(32), "wrapped": text(88)}, 400)

    shares = line.command("recovery", "make")
    t.check("Share 3 of 3" in shares, "shares")
    page = ana.events()
    eva = Api(t, line).sign_up("Eva", "coordinator")
    key_post(eva)
    page.until("vault")
    epochs = ana.get("/vault")["epochs"]
    t.equal([e["line"] for e in epochs], ["main", "main"], "lines")
    t.check(all(e["sealed"] for e in epochs), "grants of one's own")
    old = epochs[0]["epoch"]
    t.equal([e["sealed"] is None for e in eva.get("/vault")["epochs"]
             if e["line"] == "main"], [True, False], "a newcomer's")

    wanting = ana.get("/vault/wanting")["grants"]
    t.equal([(g["epoch"], g["name"]) for g in wanting], [(old, "Eva")],
            "who wants it")
    gift = {"epoch": old, "person": wanting[0]["person"],
            "public": wanting[0]["public"],
            "sealed": b64(head(b"E", old) + os.urandom(184))}
    eva.post("/vault/grants", gift, 403)
    ana.post("/vault/grants", {**gift, "person": 99}, 404)
    ana.post("/vault/grants", {**gift, "public": text(32)}, 409)
    ana.post("/vault/grants", {**gift, "epoch": epochs[1]["epoch"]}, 400)
    ana.post("/vault/grants", gift)
    ana.post("/vault/grants", gift, 409)
    t.equal(ana.get("/vault/wanting")["grants"], [], "nobody wants it now")
    t.equal([(r["what"], r["whom"]) for r in line.json("audit")][-1:],
            [("key_granted", gift["person"])], "on record")

    ana.get("/vault/recovery", 403)
    got = eva.get("/vault/recovery")
    t.equal((got["need"], [s["tried_at"] for s in got["shares"]]),
            (2, [None, None, None]), "shares")
    eva.post("/vault/recovery/try", {"hash": text(32)}, 404)
    eva.post("/vault/recovery/try", {"hash": text(31)}, 400)


@test()
def notes_are_as_described(t):
    """Sealed ones alone, to the key of the day."""
    line = Line(t)
    owe(line, 1)
    line.command("recovery", "make")
    line.run()
    ana = Api(t, line).sign_up("Ana")
    key_post(ana)
    now = ana.get("/calls/1/notes")["seal_to"]["epoch"]
    note = {"epoch": now, "sealed": b64(head(b"N", now) + os.urandom(1144))}
    draft = b64(head(b"N") + os.urandom(1144))
    ana.post("/calls/1/draft", {"sealed": draft})
    t.equal(ana.get("/calls/1/draft")["sealed"], draft, "draft")
    ana.post("/calls/1/draft", {"sealed": note["sealed"]}, 400)
    ana.post("/calls/1/notes", {**note, "sealed": text(1160)}, 400)
    ana.post("/calls/1/notes", {**note, "sealed": note["sealed"][:-4]}, 400)
    ana.post("/calls/1/notes", note)
    t.equal(ana.get("/calls/1/draft")["sealed"], None, "draft, after all")
    most = {"epoch": now,
            "sealed": b64(head(b"N", now) + os.urandom(45192 - 16))}
    ana.post("/calls/1/notes", most)
    t.equal([(n["name"], n["sealed"]) for n in
             ana.get("/calls/1/notes")["notes"]],
            [("Ana", note["sealed"]), ("Ana", most["sealed"])], "notes")
    ana.get("/calls/2/notes", 404)
    ana.post("/calls/2/notes", note, 404)
    ana.get("/calls/2/draft", 404)
    ana.post("/calls/2/draft", {"sealed": None}, 404)

    # whoever comes opens what is written from then on
    eva = Api(t, line).sign_up("Eva")
    key_post(eva)
    t.equal(ana.post("/calls/1/notes", note, 409)["error"], "epoch_over",
            "the key of yesterday")
    t.check(ana.get("/calls/1/notes")["seal_to"]["epoch"] != now, "a new one")
    before = counsellors(line)
    line.command("person", "remove", "Eva")
    gone = eva.me["person"]
    t.check(any(person == gone for _, person in before), "grants of hers")
    t.check(all(person != gone for _, person in counsellors(line)),
            "what she had is gone")
    eva.get("/vault", 401)
