# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellors' page, worked as people do. What the sound and the API do
whatever the page looks like: test_answer.py."""
import os
import signal

from browser import PHONE, Browser
from case import test
from counsellor import Console, invite, origin
from phone import Call
from test_answer import WEB, both_hear, caller, line_up, no_numbers

OF_THE_PAGE = True  # see tests/run.py

SCHEMES = ("light", "dark")
PAGES = ("home", "promises", "board", "people", "calls", "marks", "recovery",
         "account")


def shown(t, who, where, locale):
    """Nothing that axe finds, light and dark, on a desk and on a phone."""
    for scheme in SCHEMES:
        who.page.scheme(scheme)
        who.page.accessible(f"{where}, {locale}, {scheme}")
        who.page.screenshot(t.path(f"{where}-{locale}-{scheme}.png"))
    who.page.viewport(**PHONE)
    who.page.accessible(f"{where}, {locale}, on a phone")
    who.page.screenshot(t.path(f"{where}-{locale}-phone.png"))
    wide = who.page.evaluate("document.documentElement.scrollWidth")
    t.check(wide <= PHONE["width"], f"{where} is {wide} wide on a phone")
    who.page.viewport(1280, 800)
    who.page.scheme("light")


def counsellor(t, line, name="Ana", browser="browser", **options):
    return Console(t, Browser(t, browser), line, name, **options).sign_up()


def content(t, who):
    """No complaint but Chromium's own, of being signed out at first."""
    found = [row for row in who.page.complaints()
             if not row.endswith("status of 401 (Unauthorized)")]
    t.equal(found, [], "complaints of the page")


def clean(t, line, *people):
    """No request went elsewhere; nobody was told a number."""
    for who in people:
        t.equal(who.page.strangers(origin(line)), [], "requests elsewhere")
    no_numbers(t, *people)


@test(seconds=240)
def a_shift(t):
    """The link, the sound check, a call, how it ended, the next one."""
    line = line_up(t)
    ana = counsellor(t, line)
    ana.press("on")
    ana.press("tone")
    ana.press("heard")
    ana.page.wait_text(ana.says["we_hear"], 20)
    ana.press("on")
    ana.sees("is_on")
    one = caller(t, line)
    ana.rung()
    t.check("☎" in ana.page.title(), "the title says that it rings")
    ana.accept()
    one.talks()
    line.talking(1)
    both_hear(t, one, ana)
    ana.hang_up()
    one.ended()
    ana.sees("over")
    ana.press("helped")
    ana.page.wait_text(ana.says["noted"])
    ana.ready()
    line.outcome(outcome="talked", counsellor="Ana")
    two = caller(t, line, "second")
    ana.rung()
    ana.accept()
    two.talks()
    two.hang_up()
    ana.sees("over")
    clean(t, line, ana)
    content(t, ana)


@test(seconds=150)
def signs_out_and_in(t):
    """The passphrase leaves the page in no request."""
    line = line_up(t)
    ana = counsellor(t, line)
    ana.press("out")
    ana.sign_in()
    for request in ana.page.requests():
        t.check("lamp" not in request["body"] + request["url"],
                f"the passphrase is in {request['url']}")
    again = Browser(t, "again").page("again")
    again.goto(ana.link)
    again.wait_text("has been used")


@test(seconds=180)
def declined_in_one_and_taken_in_the_other(t):
    line = line_up(t, ring_at_once=1)
    ana = counsellor(t, line, "Ana", "browser-1").duty()
    ben = counsellor(t, line, "Ben", "browser-2").duty()
    one = caller(t, line)
    ana.rung()
    t.equal(ben.page.count("button", "Accept"), 0, "Ben's rings")
    ana.decline()
    ben.rung()
    ana.stops_ringing()
    ben.accept()
    both_hear(t, one, ben)
    ben.hang_up()
    one.ended()
    line.outcome(outcome="talked", counsellor="Ben")
    clean(t, line, ana, ben)


@test(seconds=180)
def accepted_in_one_and_quiet_in_the_other(t):
    line = line_up(t)
    ana = counsellor(t, line, "Ana", "browser-1").duty()
    ben = counsellor(t, line, "Ben", "browser-2").duty()
    one = caller(t, line)
    ana.rung()
    ben.rung()
    ben.press("accept")
    ana.stops_ringing(2)
    ben.sees("talk")
    both_hear(t, one, ben)
    ben.hang_up()
    one.ended()
    line.outcome(outcome="talked", counsellor="Ben")


@test(seconds=180)
def survives_its_server(t):
    """ringback-web is killed in a talk: the page is not reloaded, the talk
    not disturbed, and what is pressed then works."""
    line = line_up(t)
    line.steady = False
    ana = counsellor(t, line).duty()
    one = caller(t, line)
    ana.rung()
    ana.accept()
    both_hear(t, one, ana)
    ana.page.evaluate("window.notReloaded = true")
    before = line.processes()[WEB]
    os.kill(before, signal.SIGKILL)
    both_hear(t, one, ana)
    t.until(lambda: line.processes().get(WEB) not in (None, before),
            "web is started again", 20)
    ana.press("hang_up", 20)
    one.ended()
    ana.sees("over")
    t.equal(ana.page.evaluate("window.notReloaded"), True, "not reloaded")
    t.equal(ana.media()["made"] if ana.page.media() else 1, 1,
            "connections that the page made")
    ana.ready()
    line.outcome(outcome="talked", counsellor="Ana")


def calls_in_a_row(t, n_calls):
    """The page stays open for a whole shift: nothing piles up in it."""
    line = line_up(t)
    ana = counsellor(t, line).duty()
    for i in range(n_calls):
        one = Call(t, f"caller{i}", line, seconds=60)
        ana.rung(20)
        ana.accept()
        ana.hang_up()
        one.done()
        ana.sees("over")
        ana.ready()
        ana.sees("is_on")
        if i == 3:  # what is made once is made by now
            before = ana.page.counters()
    t.until(lambda: all(v - before[k] < n_calls - 4 for k, v in
                        ana.page.counters().items()),
            lambda: f"after {n_calls} calls {before} is "
            f"{ana.page.counters()}", 20)
    t.equal(ana.page.media(), None, "connections that are still open")
    line.ended(n_calls)
    line.idle()
    content(t, ana)


@test(seconds=180)
def eight_calls_in_a_row(t):
    calls_in_a_row(t, 8)


@test(seconds=600, long=True)
def forty_calls_in_a_row(t):
    calls_in_a_row(t, 40)


@test(seconds=180)
def by_keyboard_alone(t):
    line = line_up(t)
    ana = counsellor(t, line)

    def tab_to(what):
        for _ in range(40):
            if ana.page.focused() == f"BUTTON {ana.says[what]}":
                return
            ana.page.press("Tab")
        t.check(False, f"Tab does not reach {what}: {ana.page.focused()}")

    for what in ("on", "skip_check"):
        tab_to(what)
        ana.page.press("Enter")
        if what == "on":
            ana.page.wait("button", ana.says["skip_check"])
    ana.sees("is_on")
    one = caller(t, line)
    ana.rung()
    tab_to("accept")
    ana.page.press("Enter")
    ana.sees("talk")
    one.talks()
    tab_to("hang_up")
    ana.page.press("Enter")
    one.ended()
    ana.sees("over")
    tab_to("ready")
    ana.page.press("Space")
    ana.page.gone("button", ana.says["ready"])


def looks(t, locale):
    line = line_up(t, ring_seconds=120)
    link = invite(line, "Ana", "coordinator")
    ana = Console(t, Browser(t), line, "Ana", link, locale=locale)
    lang = locale[:2]
    ana.page.goto(origin(line) + "/")
    ana.page.wait("button", ana.says["in"])
    shown(t, ana, "sign-in", lang)
    t.equal(ana.page.evaluate("document.documentElement.lang"), lang,
            "language of the page")
    ana.page.goto(link)
    ana.page.wait("heading", "Ana", 20)
    shown(t, ana, "invitation", lang)
    ana.sign_up()
    for page in PAGES:
        ana.page.goto(f"{origin(line)}/#/{page}")
        ana.page.wait("heading")
        shown(t, ana, page, lang)
    ana.page.goto(f"{origin(line)}/#/home")
    ana.press("on")
    ana.page.wait("button", ana.says["tone"])
    shown(t, ana, "check", lang)
    ana.press("skip_check")
    ana.sees("is_on")
    calls_look(t, line, ana, lang)
    content(t, ana)


def calls_look(t, line, ana, lang):
    one = caller(t, line)
    ana.rung()
    shown(t, ana, "ring", lang)
    ana.accept()
    shown(t, ana, "talk", lang)
    ana.hang_up()
    one.ended()
    ana.sees("over")
    shown(t, ana, "wrap-up", lang)


@test(seconds=300)
def looks_in_english(t):
    looks(t, "en-GB")


@test(seconds=300)
def looks_in_spanish(t):
    looks(t, "es-ES")
