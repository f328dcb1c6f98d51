# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys of people, and notes that only they open."""
import base64
import os
import re
import sqlite3

from api import Api, text
from browser import Browser
from case import test
from counsellor import PASSPHRASE, Console, invite, origin
from line import Line
import seal
from test_promises import owe

OF_THE_PAGE = True  # see tests/run.py


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def head(kind, epoch=0):
    return b"RBS\x01" + kind + bytes(3) + int(epoch).to_bytes(8, "big")


def key_post(page, wanted=200):
    """A key whose private half nobody has: what is sealed to it stays so."""
    return page.post("/vault", {
        "public": text(32), "wrapped": b64(head(b"P") + os.urandom(72)),
        "proof": page.proof}, wanted)


def rows(line, query, *values):
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    found = store.execute(query, values).fetchall()
    store.close()
    return found


def words_of(share):
    return re.findall(r"\d+\. +([a-z]+)", share)


def counsellors(line):
    """Whose keys are a person's: 0 is the recovery key."""
    return set(rows(line, "SELECT epoch, person FROM epoch_grant"))


@test()
def keys_are_as_described(t):
    """Each answer and refusal, without a browser that opens anything."""
    line = Line(t, sealing=False)
    owe(line, 1)
    line.run()
    ana = Api(t, line).sign_up("Ana")
    t.equal(ana.get("/vault"), {"public": None, "wrapped": None,
                                "recovery": False, "epochs": [],
                                "people": []}, "no key")
    t.equal(ana.get("/calls/1/notes"), {"notes": [], "seal_to": None},
            "nothing to seal to")
    key_post(ana)
    key_post(ana, 409)
    ana.post("/vault", {"public": text(32), "wrapped": text(88),
                        "proof": ana.proof}, 400)
    ana.post("/vault", {"public": text(32), "proof": text(32),
                        "wrapped": b64(head(b"P") + os.urandom(72))}, 401)

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
    t.equal([(p["name"], p["public"]) for p in ana.get("/vault")["people"]],
            [("Eva", gift["public"])], "whose key a page remembers")
    t.equal(ana.get("/vault/wanting")["grants"], [], "nobody wants it now")
    t.equal([(r["what"], r["whom"]) for r in line.json("audit")][-1:],
            [("key_granted", gift["person"])], "on record")

    eva.post(f"/vault/grants/{old}/refuse")
    eva.post(f"/vault/grants/{old}/refuse", wanted=404)
    ana.post(f"/vault/grants/{old}/refuse", wanted=409)
    ana.post("/vault/grants", gift)

    ana.get("/vault/recovery", 403)
    got = eva.get("/vault/recovery")
    t.equal((got["need"], [s["tried_at"] for s in got["shares"]]),
            (2, [None, None, None]), "shares")
    eva.post("/vault/recovery/try", {"hash": text(32)}, 404)
    eva.post("/vault/recovery/try", {"hash": text(31)}, 400)


@test()
def notes_are_as_described(t):
    """Sealed ones alone, to the key of the day."""
    line = Line(t, sealing=False)
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


# in the browser

SECRET = "Quitte im Nebel, seit Montag"
OPEN = "Open with your passphrase"
CLOSED = "sealed to a key you do not have"


def forms(said):
    """How it might stand in a file; base64 at each of three offsets, without
    what its neighbours would change."""
    raw = said
    if isinstance(said, str):
        raw = said.encode()
        yield from (said.encode("utf-16-le"), said.encode("utf-16-be"))
    yield from (raw, raw.hex().encode(), raw.hex().upper().encode())
    for at in range(3):
        whole = base64.b64encode(bytes(at) + raw)
        inner = whole[4:len(whole) // 4 * 4 - 4]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))


def found_in(line, said):
    """Files of the data folder in which it stands, however written."""
    files = [os.path.join(folder, name)
             for folder, _, names in os.walk(line.data) for name in names]
    hits = []
    for path in files:
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as f:
            data = f.read()
        hits += [path for form in forms(said) if form in data]
    return hits


def call_page(who):
    who.page.evaluate("location.hash = '#/call/1'")
    who.page.wait("heading", "Notes of call 1", 20)


def unlock(who):
    who.page.wait("button", OPEN, 30)
    who.page.fill("Passphrase", PASSPHRASE, exact=True)
    who.page.press("Enter")
    who.page.gone("button", OPEN, 40)


def readers(line):
    """Who has read notes of others, and of which call."""
    return {(row["person"], row["call"]) for row in line.json("audit")
            if row["what"] == "notes_read"}


def nothing_leaked(t, line, *people):
    """Neither on disk nor on its way; and the search would find it."""
    t.check(found_in(line, "Ana"), "a name in the clear is found")
    for said in (SECRET, PASSPHRASE):
        t.equal(found_in(line, said), [], "in the clear on disk")
    for who in people:
        for request in who.page.requests():
            t.check(SECRET not in request["body"] + request["url"],
                    f"the note is in {request['url']}")
        t.equal(who.page.strangers(origin(line)), [], "requests elsewhere")
        kept = who.page.evaluate("JSON.stringify([{...localStorage},"
                                 " {...sessionStorage}])")
        t.check(SECRET not in kept and PASSPHRASE not in kept,
                "in the browser's storage")


@test(seconds=300)
def a_note_is_read_by_who_may(t):
    """Written by one, read by another; a newcomer and whoever lost their
    passphrase read it when a page has given them the key; who was removed has
    nothing left."""
    line = Line(t, sealing=False)
    owe(line, 1)
    line.command("recovery", "make")
    line.run()
    browser = Browser(t)
    ana = Console(t, browser, line, "Ana").sign_up()
    ben = Console(t, browser, line, "Ben").sign_up()
    call_page(ana)
    ana.page.fill("Write a note", SECRET, seconds=30)
    ana.page.wait_text("kept as a draft", 20)
    nothing_leaked(t, line, ana)
    ana.page.click("button", "Keep this note")
    ana.page.wait_text("Ana, ", 20)
    t.equal(readers(line), set(), "who has read it")
    call_page(ben)
    ben.page.wait_text(SECRET, 30)
    bens = ben.page.evaluate("fetch('/api/v1/me').then((r) => r.json())"
                             ".then((me) => me.person)")
    t.equal(readers(line), {(bens, 1)}, "who has read it")
    nothing_leaked(t, line, ana, ben)

    # a reload: signed in, and locked
    for who in (ana, ben):
        who.page.reload()
        who.page.wait("button", OPEN, 30)
        t.check(SECRET not in who.page.text(), "read without a passphrase")
    cleo = Console(t, browser, line, "Cleo",
                   invite(line, "Cleo", "coordinator")).sign_up()
    call_page(cleo)
    cleo.page.wait_text(CLOSED, 30)
    t.check(SECRET not in cleo.page.text(), "a newcomer reads the old note")
    unlock(ana)
    ana.page.wait_text(SECRET, 20)
    cleo.page.wait_text(SECRET, 40)
    given = [r for r in line.json("audit") if r["what"] == "key_granted"]
    t.check(given, "on record")

    # removed
    gone = ben.page.evaluate("fetch('/api/v1/me').then((r) => r.json())"
                             ".then((me) => me.person)")
    last = max(epoch for epoch, _ in counsellors(line))
    t.check((last, gone) in counsellors(line), "a grant of Ben's")
    line.command("person", "remove", "Ben")
    left = counsellors(line)
    t.check(max(epoch for epoch, _ in left) > last, "a new epoch")
    t.check(all(person != gone for _, person in left), "Ben's grants")

    # a lost passphrase
    ana.page.close()
    said = line.command("person", "invite", "Ana")
    link = [word for word in said.split() if "#invite=" in word][0]
    again = Console(t, browser, line, "Ana", link)
    again.page = browser.page("Ana again")
    again.sign_up()
    call_page(again)
    again.page.wait_text(CLOSED, 40)
    # Cleo's page knew another key of Ana's, and asks
    cleo.page.click("button", "Ana was invited anew", seconds=40)
    again.page.wait_text(SECRET, 40)
    nothing_leaked(t, line, cleo, again)


@test(seconds=150)
def the_recovery_key_opens_it(t):
    """And nothing else that is on disk: no key stands there in the clear."""
    line = Line(t, sealing=False)
    owe(line, 1)
    made = line.command("recovery", "make", "--shares", "1", "--need", "1")
    recovery = seal.share(words_of(made))
    line.run()
    ana = Console(t, Browser(t), line, "Ana").sign_up()
    call_page(ana)
    ana.page.fill("Write a note", SECRET, seconds=30)
    ana.page.click("button", "Keep this note")
    ana.page.wait_text("Ana, ", 20)
    (epoch, note), = rows(line, "SELECT epoch, sealed FROM note"
                          " WHERE call = 1")
    (grant, key), = rows(
        line, "SELECT g.sealed, e.public FROM epoch_grant AS g JOIN epoch AS e"
        " ON e.id = g.epoch WHERE g.epoch = ? AND g.person = 0", epoch)
    private = seal.opened(grant, 0, recovery)
    t.equal(seal.public(private), key, "the epoch's key")
    t.equal(seal.opened(note, 1, private), SECRET.encode(), "the note")
    t.equal(seal.opened(note, 2, private), None, "as another call's")
    t.equal(seal.opened(note, 1, recovery), None, "with another key")
    t.check(found_in(line, key), "a public key is found")
    for secret in (recovery, private):
        t.equal(found_in(line, secret), [], "a private key in the clear")
    nothing_leaked(t, line, ana)


@test(seconds=150)
def a_share_is_tried(t):
    """At the coordinator's page: the words stay there."""
    line = Line(t, sealing=False)
    made = line.command("recovery", "make")
    share = made.partition("---- Share 2")[2].partition("---- Share 3")[0]
    words = words_of(share)
    t.equal(len(words), 27, "words")
    line.run()
    link = [word for word in (line.command("person", "add", "Eva"),
                              line.command("person", "invite", "Eva",
                                           "--role", "coordinator")
                              )[1].split() if "#invite=" in word][0]
    eva = Console(t, Browser(t), line, "Eva", link).sign_up()
    eva.page.evaluate("location.hash = '#/recovery'")
    eva.page.wait("heading", "Recovery key", 20)
    eva.page.fill("The 27 words", " ".join(words[:-1]))
    eva.page.click("button", "Is it right?")
    eva.page.wait_text("these were 26", 20)
    eva.page.fill("The 27 words", " ".join(words))
    eva.page.click("button", "Is it right?")
    eva.page.wait_text("This is share 2, and it is right.", 20)
    shown = {row["share"]: row["tried_at"]
             for row in line.json("recovery", "show")}
    t.check(shown[2] and not shown[1] and not shown[3], f"tried: {shown}")
    for request in eva.page.requests():
        t.check(words[5] + " " not in request["body"] and
                " ".join(words[3:5]) not in request["body"],
                f"words are in {request['url']}")
    eva.page.accessible("recovery")
