# SPDX-License-Identifier: AGPL-3.0-or-later
"""Security keys in a real browser, and pages that are signed out elsewhere.
What a forged answer gets: tests/unit/web_keys.c."""
import json

from browser import Browser
from case import test
from console_api import Page
from counsellor import PASSPHRASE, Console
from line import Line

OF_THE_PAGE = True  # see tests/run.py

KEY = "Use your security key"


def by_name(t):
    """A line whose page has a name: keys are bound to it."""
    line = Line(t, trunk=False)
    line.options(http_origin=f"http://localhost:{line.http}")
    return line.run()


def add_key(ana, line, label):
    ana.page.goto(f"http://localhost:{line.http}/#/account")
    ana.page.click("button", "Add a key…")
    ana.page.fill("What you call it", label)
    ana.page.fill(ana.says["passphrase"], PASSPHRASE, exact=True)
    ana.page.click("button", "Add it")
    ana.page.wait_text("not used yet", 30)


def asked_for_key(ana):
    ana.page.fill(ana.says["who"], ana.name)
    ana.page.fill(ana.says["passphrase"], PASSPHRASE, exact=True)
    ana.press("in")
    ana.page.wait("button", KEY, 30)


def sent(page):
    """The last body that carried the answer of a key."""
    bodies = [json.loads(r["body"]) for r in page.requests()
              if r["url"].endswith("/api/v1/sign-in")]
    return [b for b in bodies if "key" in b][-1]


@test(seconds=180)
def in_by_a_key(t):
    line = by_name(t)
    ana = Console(t, Browser(t), line, "Ana").sign_up()
    ana.page.security_key()
    add_key(ana, line, "blue")
    ana.page.accessible("account with a key")
    ana.press("out")
    asked_for_key(ana)
    ana.page.accessible("asked for a key")
    ana.page.click("button", KEY)
    ana.page.wait_text("last used", 30)

    # what was signed opens once: with that challenge, and with no other
    body = sent(ana.page)
    t.plant(body["proof"])
    status, said = ana.page.api("/api/v1/sign-in", body)
    t.equal((status, json.loads(said)["error"]), (401, "key_wrong"),
            "the same answer again")
    del body["key"]
    status, said = ana.page.api("/api/v1/sign-in", body)
    t.equal((status, json.loads(said)["ways"]), (401, ["key"]),
            "the passphrase alone")
    t.equal(ana.page.strangers(f"http://localhost:{line.http}"), [],
            "requests elsewhere")

    # lost: invited anew, nothing is asked for but the new passphrase
    said = line.command("person", "invite", "Ana")
    ana.link = next(w for w in said.split() if "#invite=" in w)
    ana.page.goto("about:blank")
    ana.sign_up()
    ana.press("out")
    ana.sign_in()


@test(seconds=120)
def an_address_is_no_name(t):
    """It is said in plain words why there are no keys."""
    line = Line(t, trunk=False).run()
    ana = Console(t, Browser(t), line, "Ana").sign_up()
    ana.page.goto(f"http://127.0.0.1:{line.http}/#/account")
    ana.page.wait_text("only where this page has a name")
    t.equal(ana.page.count("button", "Add a key…"), 0, "buttons to add one")


@test(seconds=120)
def signed_out_elsewhere(t):
    """The open page goes to signing in by itself."""
    line = Line(t, trunk=False).run()
    ana = Console(t, Browser(t), line, "Ana").sign_up()
    other = Page(t, line)
    other.sign_in("Ana", PASSPHRASE)
    page = next(s for s in other.get("/sessions")["sessions"]
                if not s["here"])
    other.post(f"/sessions/{page['id']}/revoke")
    ana.page.wait("heading", ana.says["in"], 15)
    ana.sign_in()

    # by another program: it is seen within some seconds
    line.command("person", "invite", "Ana")
    ana.page.wait("heading", ana.says["in"], 20)
