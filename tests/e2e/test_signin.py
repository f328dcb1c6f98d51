# SPDX-License-Identifier: AGPL-3.0-or-later
"""Getting in at the counsellors' page: links, passphrases, codes, sessions,
and who may look after whom."""
import base64

from case import test
from console_api import Page, code_of, proof_of, text
from counsellor import invite
from line import Line

WORDS = "seven wet boots under a lamp"


def house(t):
    line = Line(t, trunk=False)
    line.run()
    return line


def of(t, line, name, role=None, words=WORDS):
    """Somebody who is signed in, and the link that let them in."""
    page, link = Page(t, line), invite(line, name, role)
    t.until(lambda: served(page), "the page is served")
    page.accept(link, words)
    return page, link


def served(page):
    try:
        page.ask("GET", "/me")
    except OSError:
        return False
    return True


def in_log(line, words):
    with open(line.log, encoding="utf-8", errors="replace") as f:
        return words in f.read()


@test(seconds=60)
def in_and_out(t):
    line = house(t)
    page, link = of(t, line, "Ana")
    token = link.partition("#invite=")[2]
    me = page.get("/me")
    t.equal((me["name"], me["totp"], me["roles"]),
            ("Ana", False, [{"line": "", "role": "counsellor"}]), "Me")
    t.equal([line["name"] for line in me["lines"]], ["main"],
            "lines of theirs")
    old = page.cookie
    page.post("/sign-out")
    t.equal(page.cookie, None, "the cookie after signing out")
    page.cookie = old
    page.get("/me", wanted=401)
    page.cookie = None

    t.equal(page.sign_in("Ana", WORDS + "!", wanted=401)["error"], "wrong",
            "another passphrase")
    t.equal(page.sign_in("Nobody", WORDS, wanted=401)["error"], "wrong",
            "a name that nobody has")
    t.equal(page.sign_in("Ana", WORDS)["name"], "Ana", "who is signed in")
    page.post("/invitation", {"token": token}, wanted=404)
    other = Page(t, line)
    other.accept(link, "another", wanted=404)
    for secret in (token, "Ana", "Nobody"):
        t.check(not in_log(line, secret), "a name or token is in the log")


@test(seconds=60)
def acting_for_somebody_else(t):
    """Neither another page nor a form can act for who is signed in."""
    line = house(t)
    page, _ = of(t, line, "Ana")
    for wrong in ({"X-Ringback": ""}, {"Content-Type": "text/plain"},
                  {"Origin": "http://evil.example"}):
        status, said = page.ask("POST", "/me/duty", {"on": True}, wrong)
        t.check(status in (400, 403, 415), f"{wrong}: {status} {said}")
    t.equal(page.get("/me")["on_duty"], False, "on duty")


@test(seconds=90)
def guesses(t):
    line = house(t)
    page, _ = of(t, line, "Ana")
    page.post("/sign-out")
    wrong = text(bytes(32))
    for name in ("Ana", "Nobody"):
        seen = [page.ask("POST", "/sign-in", {"name": name, "proof": wrong})
                for _ in range(7)]
        t.equal([s for s, _ in seen], [401] * 6 + [429],
                f"answers to guesses at {name}")
        t.check(seen[-1][1]["retry_s"] >= 1, "how long to wait")
    t.until(lambda: page.ask("POST", "/sign-in", {
        "name": "Ana", "proof": wrong})[0] == 401, "the pause ends")


@test(seconds=90)
def guesses_behind_a_proxy(t):
    """Who comes by the proxy is who it says last: one address is slowed, not
    all others with it, and what somebody wrote before counts for nothing."""
    line = house(t)
    page = Page(t, line)
    wrong = text(bytes(32))
    one, other = "192.0.2.1", "192.0.2.2"

    def guess(name, by):
        return page.ask("POST", "/sign-in", {"name": name, "proof": wrong},
                        headers={"X-Forwarded-For": by})[0]
    t.equal({guess(f"Nobody {i}", one) for i in range(31)}, {401},
            "answers to guesses from one address")
    t.equal(guess("Somebody", one), 429, "one more from there")
    t.equal(guess("Somebody", f"{other}, {one}"), 429,
            "the same, who says to be another")
    t.equal(guess("Somebody", other), 401, "one from another address")
    t.equal(guess("Somebody", f"{one},{other}"), 401,
            "the same, who is said to come from the first")
    t.equal(guess("Somebody", "no address"), 401, "from the proxy itself")


@test(seconds=90)
def guesses_from_many_addresses(t):
    """At one account: all together they are slowed as one would be. Who it
    belongs to gets in meanwhile from where they were before, at once; from
    elsewhere within the pause, which never is longer than a minute."""
    line = house(t)
    page, _ = of(t, line, "Ana")
    page.post("/sign-out")
    salt = page.post("/sign-in/begin", {"name": "Ana"})["salt"]
    wrong = text(bytes(32))

    def guess(by, proof=wrong):
        return page.ask("POST", "/sign-in", {"name": "Ana", "proof": proof},
                        headers={"X-Forwarded-For": by})
    # from home once, so that it is known as theirs
    page.sign_in("Ana", WORDS)
    right = proof_of(WORDS, base64.urlsafe_b64decode(salt + "=="))
    t.plant(right)
    t.equal(guess("192.0.2.7", right)[0], 200, "from home")
    answers = [guess(f"198.51.{i // 250}.{i % 250 + 1}") for i in range(300)]
    let = [status for status, _ in answers].count(401)
    t.equal({status for status, _ in answers}, {401, 429}, "answers")
    t.check(let <= 12, f"{let} of 300 guesses were looked at")
    t.figure(f"300 guesses from 300 addresses: {let} were looked at")
    t.check(max(said["retry_s"] for status, said in answers
                if status == 429) <= 60, "nobody waits longer than a minute")

    def pauses():
        status, said = guess("203.0.113.2")
        return status == 401 or said["retry_s"] >= 2
    t.until(pauses, "a pause goes on for a while", 70)
    t.equal(guess("203.0.113.1", right)[0], 429, "from elsewhere")
    t.equal(guess("192.0.2.7", right)[0], 200, "from home, meanwhile")
    # guesses from there have pauses as well
    t.equal([guess("192.0.2.7")[0] for _ in range(7)],
            [401] * 6 + [429], "guesses from there")
    page.post("/sign-in/begin", {"name": "Ana"})
    t.equal(salt, page.post("/sign-in/begin", {"name": "Ana"})["salt"],
            "asking for the salt goes on")


@test(seconds=90)
def codes(t):
    line = house(t)
    page, _ = of(t, line, "Ana")
    begun = page.post("/me/totp/begin")
    t.plant(begun["secret"])
    t.check(begun["uri"].startswith("otpauth://totp/"), "what apps scan")
    page.post("/me/totp/confirm", {"code": "12345"}, wanted=401)
    page.post("/me/totp/confirm", {"code": code_of(begun["secret"])})
    t.equal(page.get("/me")["totp"], True, "codes are asked for")
    page.post("/sign-out")
    said = page.sign_in("Ana", WORDS, wanted=401)
    t.equal(said["error"], "code_needed", "without a code")
    code = code_of(begun["secret"], 1)
    t.equal(page.sign_in("Ana", WORDS, code=code)["totp"], True, "signed in")
    again = Page(t, line).sign_in("Ana", WORDS, wanted=401, code=code)
    t.equal(again["error"], "code_wrong", "the same code again")


@test(seconds=60)
def browsers_of_one_person(t):
    line = house(t)
    first, _ = of(t, line, "Ana")
    second = Page(t, line)
    second.sign_in("Ana", WORDS)
    rows = second.get("/sessions")["sessions"]
    t.equal([r["here"] for r in rows], [False, True], "sessions")
    second.post(f"/sessions/{rows[0]['id']}/revoke")
    first.get("/me", wanted=401)
    second.get("/me")

    # invited anew, on the command line: nothing of before is good
    line.command("person", "invite", "Ana")
    second.get("/me", wanted=401)
    second.cookie = None
    second.sign_in("Ana", WORDS, wanted=401)


@test(seconds=90)
def who_looks_after_whom(t):
    line = house(t)
    ana, _ = of(t, line, "Ana")
    ana.get("/people", wanted=403)
    top, _ = of(t, line, "Top", "operator")
    co, _ = of(t, line, "Co", "coordinator")
    by_name = {p["name"]: p for p in co.get("/people")["people"]}
    t.equal(sorted(by_name), ["Ana", "Co"], "whom a coordinator looks after")
    t.equal((by_name["Ana"]["has_account"], by_name["Ana"]["has_phone"]),
            (True, False), "account and phone")

    new = co.post("/people", {"name": "New", "languages": ["en"],
                              "roles": [{"line": "", "role": "trainee"}]})
    place = f"/people/{new['person']}"
    co.post(place, {"roles": [{"line": "", "role": "operator"}]}, wanted=403)
    co.post("/people", {"name": "New"}, wanted=409)
    boss = {p["name"]: p for p in top.get("/people")["people"]}["Top"]
    co.post(f"/people/{boss['person']}/remove", wanted=403)

    link = co.post(place + "/invite")["link"]
    page = Page(t, line)
    page.accept(link, "another one")
    t.equal(page.get("/me")["roles"], [{"line": "", "role": "trainee"}],
            "roles of who was invited")
    listed = {p["name"]: p for p in line.json("person", "list")}
    t.equal((listed["New"]["roles"], listed["New"]["account"]),
            (["trainee"], True), "as `person list` shows them")
    co.post(place + "/remove")
    page.get("/me", wanted=401)
