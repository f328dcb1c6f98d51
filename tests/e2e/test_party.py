# SPDX-License-Identifier: AGPL-3.0-or-later
"""More than two in a talk, where counsellors have telephones and work the page
beside them: who hears whom is measured, and what dies on the way is killed.
With pages alone: test_consult.py."""
import os
import re
import signal

from api import Api
from baresip import Baresip
from case import test
from ears import Voices
from line import Line
from test_answer import CALLER, TALK_S, caller
import wav

TONES = {"caller": CALLER, "Ana": 620, "Ben": 860, "Interpreter": 1420}
MEDIA, LINE, WEB = "ringback-media", "ringback-line", "ringback-web"


class Desk:
    """A counsellor: a telephone, and the page's API beside it."""

    def __init__(self, cast, name):
        self.t, self.line, self.name = cast.t, cast.line, name
        self.phone = cast.telephone(name)
        self.line.person(name, self.phone.uri)
        said = self.line.command("person", "invite", name)
        link = next(w for w in said.split() if "#invite=" in w)
        self.api = Api(self.t, self.line)
        self.api.let_in(link.partition("#invite=")[2])
        self.offer = None

    def state(self, condition, seconds=20):
        """The whole truth, as soon as it is as wanted; from a page that is
        open for so long."""
        page = self.api.events()
        try:
            return page.until("state", condition, seconds)
        finally:
            page.close()

    def talks(self):
        self.offer = self.state(lambda s: s["state"] == "talking"
                                and s["offer"])["offer"]
        return self

    def does(self, what, wanted=200, **body):
        return self.api.post(f"/talk/{self.offer}/{what}", body, wanted)

    def guest(self, state):
        return self.state(lambda s: (s["guest"] or {}).get("state") == state)


class Cast:
    def __init__(self, t, third=None, **options):
        self.t = t
        self.voices = Voices(t, **TONES)
        number = t.number()
        self.home = self.telephone("Interpreter", number)
        if third is None:
            third = [f"Interpreter: {number}"]
        self.line = Line(t, trunk=False, ring_at_once=1, wrap_up_seconds=60,
                         third=third, **options)
        self.line.command("trunk", "add", "peer", "--from", "127.0.0.1/32",
                          "--to", re.sub("sip:.*@", "sip:", self.home.uri))
        self.line.run()
        self.ana = Desk(self, "Ana")

    def telephone(self, name, user=None):
        return Baresip(self.t, name, user=user, answers=True, wav=wav.tone(
            self.t.path(f"{name}.wav"), TONES[name], TALK_S))

    def talk(self):
        """Ana talks with a caller; Ben is free."""
        self.one = caller(self.t, self.line)
        self.one.talks()
        self.ana.talks()
        self.ben = Desk(self, "Ben")
        self.hear(self.ana)
        return self.one

    def hear(self, *people, third=False):
        """The caller and these hear each other."""
        phones = {"caller": self.one, **{p.name: p.phone for p in people}}
        if third:
            phones["Interpreter"] = self.home
        for name, phone in phones.items():
            self.voices.phone_hears(phone, *(n for n in phones if n != name))

    def aside(self):
        self.ana.does("consult", person=0)
        self.ben.talks()
        self.ana.guest("aside")
        self.voices.phone_hears(self.ana.phone, "Ben")
        self.voices.phone_hears(self.ben.phone, "Ana")
        self.t.until(lambda: max(self.voices.last(self.one).values()) < 0.5,
                     "the caller hears the hold sound")

    def three(self):
        self.aside()
        self.ana.does("three")
        self.hear(self.ana, self.ben)

    def third(self, *people):
        self.ana.does("third", third=0)
        self.ana.state(lambda s: s["third"] == {
            "index": 0, "name": "Interpreter", "state": "there"})
        self.hear(self.ana, *people, third=True)


@test(seconds=180)
def by_telephone(t):
    """Advice, all three, somebody from outside beside them, handed over: the
    caller is in one call all the way, and so is the interpreter."""
    cast = Cast(t)
    one = cast.talk()
    cast.three()
    t.equal(cast.ben.state(lambda s: s["guest"])["asked_by"]["name"], "Ana",
            "who asked Ben")
    cast.third(cast.ben)
    cast.ana.does("hand-over")
    cast.ana.phone.ended()
    cast.hear(cast.ben, third=True)
    cast.ana.does("third-end", wanted=404)
    cast.ben.does("third-end")
    cast.home.ended()
    cast.hear(cast.ben)
    t.equal(one.words().count("Call established"), 1, "calls of the caller")
    cast.ben.phone.hang_up()
    one.ended()
    cast.line.outcome(outcome="talked", counsellor="Ben")


@test(seconds=120)
def who_asked_hangs_up(t):
    """At the telephone: Ben goes on with the caller."""
    cast = Cast(t)
    one = cast.talk()
    cast.aside()
    cast.ana.phone.hang_up()
    cast.hear(cast.ben)
    one.hang_up()
    cast.ben.phone.ended()
    cast.line.outcome(outcome="talked", counsellor="Ben")


@test(seconds=120)
def what_cannot_be(t):
    """Nobody is free, nobody is there, the line is not allowed to; the talk
    does not notice."""
    cast = Cast(t, listen="yes")
    one = cast.one = caller(t, cast.line)
    one.talks()
    ana = cast.ana.talks()
    for what, body, wanted in (
            ("consult", {"person": 0}, 409), ("consult", {"person": 77}, 404),
            ("consult-end", {}, 409), ("three", {}, 409),
            ("hand-over", {}, 409), ("third", {"third": 5}, 400),
            ("third-end", {}, 409)):
        ana.does(what, wanted, **body)
    cast.hear(ana)
    one.hang_up()
    ana.phone.ended()


@test(seconds=120)
def not_from_detention(t):
    """Such calls are cut off when another party is noticed."""
    cast = Cast(t, third=[], kind="detention", ring_back="no",
                transfer="no")
    one = caller(t, cast.line)
    one.talks()
    ana = cast.ana.talks()
    Desk(cast, "Ben")
    ana.does("consult", 403, person=0)
    ana.does("third", 403, third=0)
    t.equal([row["transfer"] for row in ana.api.get("/me")["lines"]],
            [False], "what the page offers")
    one.hang_up()
    ana.phone.ended()


def dies(t, which, stage):
    """kill -9 in this stage of a talk; returns the cast."""
    cast = Cast(t)
    cast.line.steady = False
    cast.talk()
    getattr(cast, stage)()
    before = cast.line.processes()
    os.kill(before[which], signal.SIGKILL)
    t.until(lambda: cast.line.processes().get(which) not in
            (None, before[which]), f"{which} comes back")
    cast.line.up()
    return cast


def ends(cast, *people):
    """The caller hangs up: no telephone is in a call, no leg is open."""
    cast.one.hang_up()
    for one in people:
        one.ended(seconds=30)
    cast.line.outcome(outcome="talked", counsellor="Ana")
    cast.line.idle()


@test(seconds=180)
def the_media_process_dies_aside(t):
    """Each is told where the sound is now, and hears whom they heard."""
    cast = dies(t, MEDIA, "aside")
    cast.voices.phone_hears(cast.ana.phone, "Ben")
    cast.voices.phone_hears(cast.ben.phone, "Ana")
    t.check(max(cast.voices.last(cast.one).values()) < 0.5,
            "the caller hears hold sound")
    cast.ana.does("three")
    cast.hear(cast.ana, cast.ben)
    ends(cast, cast.ana.phone, cast.ben.phone)


@test(seconds=180)
def the_media_process_dies_among_three(t):
    cast = dies(t, MEDIA, "three")
    cast.hear(cast.ana, cast.ben)
    ends(cast, cast.ana.phone, cast.ben.phone)


@test(seconds=180)
def the_media_process_dies_with_a_third(t):
    cast = dies(t, MEDIA, "third")
    cast.hear(cast.ana, third=True)
    ends(cast, cast.ana.phone, cast.home)


@test(seconds=180)
def the_web_process_dies_aside(t):
    """Nobody hears it; the page goes on where it was."""
    cast = dies(t, WEB, "aside")
    cast.voices.phone_hears(cast.ana.phone, "Ben")
    cast.t.until(cast.ana.api.reached, "the page is back")
    cast.ana.guest("aside")
    cast.ana.does("three")
    cast.hear(cast.ana, cast.ben)
    cast.one.hang_up()
    cast.ana.phone.ended()
    cast.ben.phone.ended()


@test(seconds=180)
def the_line_dies_with_a_third(t):
    """Nobody hears it: all three talk on, and each can still hang up."""
    cast = dies(t, LINE, "third")
    cast.hear(cast.ana, third=True)
    ends(cast, cast.ana.phone, cast.home)


@test(seconds=180)
def the_line_stops(t):
    """SIGTERM among three with a fourth: everybody is told with BYE."""
    cast = Cast(t)
    cast.talk()
    cast.three()
    cast.third(cast.ben)
    cast.line.stop()
    for phone in (cast.one, cast.ana.phone, cast.ben.phone, cast.home):
        phone.ended()
    cast.line.outcome(outcome="talked", counsellor="Ana")
