# SPDX-License-Identifier: AGPL-3.0-or-later
"""More than two in a talk, on the counsellors' page and with real sound: a
colleague is asked, all three talk, the call is handed over; somebody
listens. Who hears whom is measured: each voice is a tone of its own."""
import re

from baresip import Baresip
from browser import Browser
from case import test
from counsellor import Console, origin
from ears import Voices
from line import Line
from test_answer import CALLER, TALK_S, caller, no_numbers
import wav

TONES = {"caller": CALLER, "Ana": 620, "Ben": 860, "Eva": 1140,
         "Interpreter": 1420}


class Cast:
    """A line, and people at pages of one browser, each with a voice."""

    def __init__(self, t, home=None, **options):
        """home: a telephone at the other end of the trunk."""
        self.t = t
        self.voices = Voices(t, **TONES)
        self.line = Line(t, trunk=not home, ring_at_once=1,
                         wrap_up_seconds=60, **options)
        if home:
            self.line.command("trunk", "add", "peer", "--from",
                              "127.0.0.1/32", "--to",
                              re.sub("sip:.*@", "sip:", home.uri))
        self.line.run()
        self.browser = Browser(t)

    def person(self, name, role=None):
        link = None
        if role:
            link = self.invite(name, role)
        who = Console(self.t, self.browser, self.line, name, link).sign_up()
        return self.voices.give(who)

    def invite(self, name, role):
        self.line.command("person", "add", name)
        said = self.line.command("person", "invite", name, "--role", role)
        return next(w for w in said.split() if "#invite=" in w)

    def talk(self, ana):
        """Ana talks with a caller, and nobody else."""
        one = caller(self.t, self.line)
        ana.rung()
        ana.accept()
        one.talks()
        self.hear(one, ana)
        return one

    def hear(self, one, *people):
        """The caller and these hear each other."""
        names = [who.name for who in people]
        for who in people:
            self.voices.page_hears(who, "caller", *(n for n in names
                                                    if n != who.name))
        self.voices.phone_hears(one, *names)

    def clean(self, *people):
        for who in people:
            self.t.equal(who.page.strangers(origin(self.line)), [],
                         "requests elsewhere")
        no_numbers(self.t, *people)


def button(who, name):
    who.page.click("button", name, exact=True)


def sees(who, heading, seconds=10):
    who.page.wait("heading", heading, seconds, exact=True)


def asks(ana, ben):
    """Ana asks for advice, and gets to talk with Ben alone."""
    button(ana, "Ask a colleague")
    button(ana, f"Ask {ben.name}")
    sees(ben, f"{ana.name} asks for advice")
    ana.page.wait_text(f"We are asking {ben.name}.")
    button(ben, "Talk with them")
    sees(ben, f"You advise {ana.name}")


def alone(cast, one, ana, ben):
    """The two talk; the caller hears neither, and is heard by neither."""
    cast.voices.page_hears(ana, ben.name)
    cast.voices.page_hears(ben, ana.name)
    cast.t.until(lambda: not {n for n, s in cast.voices.last(one).items()
                              if s > 0.5},
                 lambda: f"the caller hears the hold sound: "
                 f"{cast.voices.last(one)}")


@test(seconds=240)
def advice_three_and_handed_over(t):
    """The caller is in one call from beginning to end."""
    cast = Cast(t)
    ana, ben = cast.person("Ana").duty(), cast.person("Ben").duty()
    one = cast.talk(ana)
    button(ana, "Ask a colleague")
    button(ana, "Ask Ben")
    sees(ben, "Ana asks for advice")
    cast.hear(one, ana)  # while it rings they talk on
    button(ben, "Talk with them")
    sees(ben, "You advise Ana")
    alone(cast, one, ana, ben)
    button(ana, "All three")
    cast.hear(one, ana, ben)
    button(ana, "Hand over to Ben")
    sees(ana, "You have handed the call over")
    sees(ben, "You are talking")
    cast.hear(one, ben)
    ana.ready()
    t.equal(one.words().count("Call established"), 1, "calls of the caller")
    ben.hang_up()
    one.ended()
    ben.sees("over")
    cast.line.outcome(outcome="talked", counsellor="Ben")
    cast.clean(ana, ben)


@test(seconds=240)
def back_to_the_caller(t):
    """Without the colleague again; and with them once more, when the caller
    hangs up: for both it is over."""
    cast = Cast(t)
    ana, ben = cast.person("Ana").duty(), cast.person("Ben").duty()
    one = cast.talk(ana)
    asks(ana, ben)
    alone(cast, one, ana, ben)
    button(ana, "Back to the caller")
    sees(ben, "Thank you for your advice")
    cast.hear(one, ana)
    button(ben, "Ready now")
    sees(ben, "You are on duty")
    asks(ana, ben)
    alone(cast, one, ana, ben)
    one.hang_up()
    ana.sees("over")
    sees(ben, "Thank you for your advice")
    cast.line.outcome(outcome="talked", counsellor="Ana")


@test(seconds=240)
def who_asked_is_lost(t):
    """The page that asked dies: the colleague goes on with the caller."""
    cast = Cast(t)
    ben = cast.person("Ben")
    ana = cast.voices.give(Console(t, Browser(t, "mortal"), cast.line,
                                   "Ana").sign_up()).duty()
    ben.duty()
    one = cast.talk(ana)
    asks(ana, ben)
    alone(cast, one, ana, ben)
    ana.page.browser.kill()
    sees(ben, "You are talking", 30)
    cast.hear(one, ben)
    t.equal(one.words().count("Call established"), 1, "calls of the caller")
    ben.hang_up()
    one.ended()
    cast.line.outcome(outcome="talked", counsellor="Ben")


@test(seconds=240)
def somebody_of_the_list_joins(t):
    """By name; they hear and are heard from when they answer, until they are
    let go, or the talk is over."""
    number = t.number()
    home = Baresip(t, "Interpreter", user=number, answers=True, wav=wav.tone(
        t.path("Interpreter.wav"), TONES["Interpreter"], TALK_S))
    cast = Cast(t, home, third=[f"Interpreter: {number}"])
    ana = cast.person("Ana").duty()
    one = cast.talk(ana)
    for n in (1, 2):
        button(ana, "Add somebody")
        button(ana, "Interpreter")
        ana.page.wait_text("Interpreter is in the talk.")
        cast.voices.page_hears(ana, "caller", "Interpreter")
        cast.voices.phone_hears(one, "Ana", "Interpreter")
        if n == 1:
            cast.voices.phone_hears(home, "caller", "Ana")
            button(ana, "Let Interpreter go")
            home.ended()
            cast.hear(one, ana)
    ana.hang_up()
    one.ended()
    home.ended(2)
    cast.line.outcome(outcome="talked", counsellor="Ana")
    cast.clean(ana)


@test(seconds=240)
def somebody_listens(t):
    """The counsellor sees who; nobody hears them, until they speak to the
    counsellor alone. It is on record."""
    cast = Cast(t, listen="yes")
    ana = cast.person("Ana").duty()
    eva = cast.person("Eva", "coordinator")
    one = cast.talk(ana)
    eva.page.click("link", "Live board")
    button(eva, "Listen to Ana")
    sees(eva, "You listen to Ana")
    ana.page.wait_text("Eva listens to this talk.")
    cast.voices.page_hears(eva, "caller", "Ana")
    cast.hear(one, ana)
    button(eva, "Speak to the counsellor")
    ana.page.wait_text("Eva listens and can speak to you.")
    cast.voices.page_hears(ana, "caller", "Eva")
    cast.voices.page_hears(eva, "caller", "Ana")
    cast.voices.phone_hears(one, "Ana")
    button(eva, "Be silent again")
    cast.hear(one, ana)
    button(eva, "Stop listening")
    ana.page.gone("status", "Eva")
    t.until(lambda: "Eva" not in ana.page.text(), "nobody listens any more")
    ana.hang_up()
    one.ended()
    cast.line.outcome(outcome="talked", counsellor="Ana")
    said = [row["what"] for row in cast.line.json("audit")]
    t.equal([w for w in said if w.startswith(("listen", "whisper"))],
            ["listen_began", "whisper_on", "whisper_off", "listen_ended"],
            "on record")
    cast.clean(ana, eva)
