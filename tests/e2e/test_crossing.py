# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers never cross: whatever kind of talk it is, neither side learns
anything of the other's telephone, and no page, event, log or listing says
either. What is searched, and how, stands in crossing.py."""
import base64
import json
import urllib.parse

from baresip import Baresip
from browser import Browser
from case import test
from cast import phone
from counsellor import Bare
from crossing import SURE, TAIL, Text, Watch, Watched, found
from dialogue import Caller, menu_line
from line import Line
from sipp import Scenario, Sipp, sdp
from test_menu import speaks
from test_ownphone import is_asked, line_with, own
import wav

CALLER, COUNSELLOR = "Wilhelmina Quint", "Zacharias Brock"


# who plays: telephones that tell of themselves wherever they can


class Loud:
    """What one telephone says of itself."""

    def __init__(self, t, name):
        self.name = t.plant(name)
        self.user, self.contact, self.asserted = (
            t.number() for _ in range(3))
        self.all = (self.name, self.user, self.contact, self.asserted)

    def scenario(self):
        return Scenario(f"+{self.user}", name=self.name,
                        contact=self.contact)

    def headers(self):
        first = self.name.split()[0]
        return (f'P-Asserted-Identity: "{self.name}" '
                f"<sip:+{self.asserted}@{first}.example>",
                f'Remote-Party-ID: "{self.name}" <tel:+{self.asserted}>',
                f"Subject: {self.name}", f"User-Agent: {first}/1.0",
                f"Server: {self.name}", f"Organization: {self.name}",
                f"Call-Info: <http://{first}.example/{self.user}>")

    def sdp(self, codecs):
        first = self.name.split()[0]
        text = sdp(codecs=codecs, extra=(f"a=tool:{self.user}",))
        return text.replace("o=- ", f"o={first} ").replace(
            "s=-", f"s={self.name}")


def picks_up(who, **leaves):
    """A counsellor's telephone that picks up."""
    return lambda _: who.scenario().rings(extra=who.headers()).picks_up(
        who.sdp((0, 101)), who.headers())


def calls(t, line, who, steps, name="caller"):
    """A caller, up to the queue; then as steps say."""
    s = who.scenario().invite(who.sdp((0, 8, 101)), who.headers()).recv(
        100, optional=True).recv(180, optional=True).recv(200).ack()
    return Sipp(t, name, steps(s), line.address, service=t.number())


def answered(t, **options):
    """A line, a page for everybody, and Ana's loud telephone."""
    who = Loud(t, COUNSELLOR)
    line = Line(t, **options)
    line.run()
    watch = Watch(t, line)
    watch.counsellor(*who.all)
    return line, watch, who


# the search itself


@test()
def what_is_planted_is_found(t):
    """However it is written; and nothing else is."""
    number = t.number()
    tail = number[-TAIL:]
    spaced = " ".join(number[i:i + 3] for i in range(0, len(number), 3))
    forms = {
        "as it is": f"x{number}x", "with a +": f"<sip:+{number}@h>",
        "with 00": f"00{number}", "with 0": f"0{number[2:]}",
        "spaces": f"call {spaced} now", "dashes": spaced.replace(" ", "-"),
        "last digits": json.dumps({"hint": tail}),
        "last digits and dots": f"… {tail[:3]}.{tail[3:]}.",
        "in a URL": "/?n=" + urllib.parse.quote(f"+{number}", safe=""),
        "each escaped": "".join(f"%{ord(c):02x}" for c in number),
        "base64": base64.b64encode(f"+{number}".encode()).decode(),
        "base64 of more": base64.urlsafe_b64encode(
            f'{{"caller":"+{number}"}}'.encode()).decode(),
        "base64 in a URL": urllib.parse.quote(base64.b64encode(
            f"??>{number}".encode()).decode(), safe=""),
    }
    for form, text in forms.items():
        t.check(found([Text(form, text)], [number]), f"{form}: {text}")
    t.check(Text("name", "From: wilhelmina%20quint").has(CALLER), "a name")
    other = number[:-SURE] + "0" * SURE
    for form, text in forms.items():
        t.check(not Text(form, text).has(other), f"not in {form}")
    digit = (int(number[-TAIL - 1]) + 1) % 10   # another than stands there
    for text in (f"{digit}{tail}", f"{tail}77", f"a{tail}b"):
        t.check(not Text("no", text).has(number), f"not in {text}")


# every kind of talk


@test(seconds=90)
def by_telephone(t):
    """The caller hangs up; the counsellor hangs up."""
    line, watch, ana_is = answered(t, wrap_up_seconds=0)
    ana = phone(t, lambda s: picks_up(ana_is)(s).ended())
    line.person("Ottoline", ana.uri)
    watch.people.append("Ottoline")
    for n, ends in enumerate((True, False)):
        it = Loud(t, f"{CALLER} {n}")
        watch.caller(*it.all)
        if not ends:
            ana = phone(t, lambda s: picks_up(ana_is)(s).go().bye()
                        .recv(200), name="ana-again")
            line.command("person", "set", "Ottoline", "--phone",
                         ana.uri)
        one = calls(t, line, it, lambda s: s.go().bye().recv(200)
                    if ends else s.expect("BYE").reply(200), f"caller-{n}")
        ana.saw("ACK")
        line.talking()
        watch.look(call=[n + 1], offer=[n + 1])
        (one if ends else ana).go()
        one.done()
        ana.done()
        line.ended(n + 1)
        watch.sipp(one, "caller")
        watch.sipp(ana, "counsellor")
    watch.nothing_crossed(call=[1, 2], offer=[1, 2], id=[1])


@test(seconds=150)
def in_the_browser(t):
    """Whose page is told nothing, in no answer and no event."""
    line, watch, _ = answered(t)
    number = t.number()
    watch.caller(number, t.plant(CALLER))
    bea = Bare(t, Browser(t), line, "Bea").duty()
    one = Baresip(t, "caller", user=f"+{number}", trace=True,
                  account=f'"{CALLER}" <sip:+{number}@127.0.0.1>;regint=0',
                  wav=wav.tone(t.path("caller.wav"), 440, 60))
    one.dial(f"sip:{t.number()}@{line.address}")
    bea.rung()
    watch.look(call=[1], offer=[bea.state()["offer"]])
    bea.accept()
    one.talks()
    watch.look(call=[1], offer=[bea.state()["offer"]])
    bea.hang_up()
    one.ended()
    line.ended()
    watch.baresip(one, "caller")
    told = [a["body"] for a in bea.page.answers()]
    t.check(any("m=audio" in body for body in told), "answers of the page")
    watch.others += [Text("Bea's page", "\n".join(
        told + [json.dumps(e) for e in bea.page.events()]))]
    watch.nothing_crossed(call=[1], offer=[1])


@test(seconds=90)
def to_an_own_telephone(t):
    """A counsellor's own number, through the trunk."""
    one = own(t, trace=True)
    line = line_with(t, one, one.user, shows=t.number())
    watch = Watch(t, line)
    it = Loud(t, CALLER)
    watch.caller(*it.all)
    watch.counsellor(one.user)
    caller = calls(t, line, it, lambda s: s.go().bye().recv(200))
    is_asked(t, line, one)
    watch.look(call=[1], offer=[1])
    one.press("5")
    line.talking()
    watch.look(call=[1], offer=[1])
    caller.go()
    caller.done()
    line.ended()
    watch.sipp(caller, "caller")
    watch.to_counsellors.append(Text("own", "\n".join(one.texts())))
    t.check("INVITE sip:" in watch.to_counsellors[0].views[0].decode(),
            "what came there is seen")
    watch.nothing_crossed(call=[1], offer=[1])


@test(seconds=120)
def a_number_that_was_typed(t):
    """Rung back there: by whom, that telephone is not told; whom they ring,
    the counsellor is not."""
    line = menu_line(t, dials=False)
    typed, ana_is = t.number(), Loud(t, COUNSELLOR)
    home = Baresip(t, "home", user=typed, answers=True, trace=True,
                   wav=wav.tone(t.path("home.wav"), 620, 60))
    line.command("trunk", "add", "out", "--from", "127.0.0.2/32", "--to",
                 f"sip:127.0.0.1:{home.port}")
    line.run()
    watch = Watch(t, line)
    watch.counsellor(*ana_is.all)
    watch.caller(typed)
    one = Caller(t, line, user="anonymous")
    one.hears_at_last("nobody")
    one.press("1")
    one.hears_at_last("type_number")
    one.press(f"{typed}#")
    one.hears_at_last("number_right")
    one.press("1")
    one.hears_at_last("ask_words")
    watch.look(call=[1])
    one.press("2")
    one.hears_at_last("ask_hours")
    one.press("1")
    one.hears_at_last("kept_ring_back")
    one.ended()
    t.check(line.json("promises")[0]["has_number"], "a number is on record")
    watch.look(call=[1])
    ana = phone(t, lambda s: picks_up(ana_is)(s).ended())
    line.person("Ana", ana.uri)
    home.talks()
    watch.look(call=[1], offer=[1])
    home.press("1")
    line.talking()
    watch.look(call=[1], offer=[1])
    home.hang_up()
    ana.done()
    line.outcome(outcome="promise_kept", counsellor="Ana")
    watch.sipp(ana, "counsellor")
    watch.to_callers.append(Text("home", "\n".join(home.texts())))
    t.check("INVITE sip:" in watch.to_callers[0].views[0].decode(),
            "what came there is seen")
    watch.nothing_crossed(call=[1], offer=[1], id=[1])


@test(seconds=90)
def a_message(t):
    """With the number of who left it, which was known from the call."""
    line = menu_line(t)
    line.run()
    watch = Watch(t, line)
    number = t.number()
    watch.caller(number)
    one = Caller(t, line, user=number)
    one.hears_at_last("nobody")
    one.press("1")
    one.hears_at_last("number_right")
    one.press("1")
    one.hears_at_last("ask_words")
    one.press("0")
    one.hears_at_last("hold")
    one.press("2")
    one.hears_at_last("tone")
    speaks(line)
    one.hang_up()
    owed = t.until(lambda: [p for p in line.json("promises")
                            if p["has_number"]], "the number is on record")
    t.check(owed, "it is owed")
    watch.look(call=[1])
    heard = [text for page in watch.pages for text in page.heard
             if text.where.endswith("/1/message")
             and b"RBS\x01M" in text.views[0]]
    t.check(heard, "the message can be listened to, sealed")
    watch.nothing_crossed(call=[1])


def has_page(t, line, name, phone_uri):
    """Somebody with a telephone and a page."""
    line.person(name, phone_uri, on=False)
    page = Watched(t, line, name)
    return page.enter_by(next(
        w for w in line.command("person", "invite", name).split()
        if "#invite=" in w))


def guest_is(page, state):
    told = [json.loads(row) for row in page.states()]
    guest = told[-1]["guest"] if told else None
    return guest and guest["state"] == state


@test(seconds=120)
def handed_over(t):
    """A colleague is asked, all three talk, the colleague goes on alone; a
    third party is there for a while, whose number no page is told."""
    who = [Loud(t, f"{COUNSELLOR} {n}") for n in range(2)]
    it, third = Loud(t, CALLER), t.number()
    helper = Baresip(t, "helper", user=third, answers=True, trace=True,
                     wav=wav.tone(t.path("helper.wav"), 620, 60))
    line = Line(t, trunk=False, wrap_up_seconds=60, shows=t.number(),
                third=[f"Interpreter: {third}"])
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 f"sip:127.0.0.1:{helper.port}")
    phones = [phone(t, lambda s, w=w: picks_up(w)(s).ended(), f"phone-{n}")
              for n, w in enumerate(who)]
    line.run()
    watch = Watch(t, line)
    watch.caller(*it.all, third)
    watch.counsellor(*who[0].all, *who[1].all)
    ana, bea = (has_page(t, line, name, one.uri)
                for name, one in zip(("Ottoline", "Perpetua"), phones))
    watch.pages += [ana, bea]
    watch.people += ["Ottoline", "Perpetua"]
    ana.post("/me/duty", {"on": True})
    one = calls(t, line, it, lambda s: s.go().bye().recv(200))
    phones[0].saw("ACK")
    offer = t.until(lambda: talking(ana), "a page is told of the talk")
    bea.post("/me/duty", {"on": True})
    ids = {"call": [1], "offer": [offer]}
    ana.post(f"/talk/{offer}/consult", {"person": bea.me["person"]})
    phones[1].saw("ACK")
    t.until(lambda: guest_is(ana, "aside"), "the two talk aside")
    watch.look(**ids)
    ana.post(f"/talk/{offer}/three")
    t.until(lambda: guest_is(ana, "three"), "all three talk")
    ana.post(f"/talk/{offer}/third", {"third": 0})
    helper.talks()
    watch.look(**ids)
    ana.post(f"/talk/{offer}/third-end")
    helper.ended()
    ana.post(f"/talk/{offer}/hand-over")
    phones[0].done()
    line.talking()
    watch.look(**ids)
    one.go()
    one.done()
    phones[1].done()
    line.outcome(outcome="talked", counsellor="Perpetua")
    for telephone in phones:
        watch.sipp(telephone, "counsellor")
    watch.sipp(one, "caller")
    # to whom is dialled, their own number is no news
    seen = [Text("helper", "\n".join(helper.texts()))]
    t.check(b"INVITE sip:" in seen[0].views[0], "what came there is seen")
    t.equal(found(seen, [*it.all, *watch.counsellors, *watch.people]), [],
            "what a third party is told")
    watch.nothing_crossed(**ids)


# the exception


def shown(watch, number):
    """Where the number is, of all that pages were told."""
    return [text.where for text, _ in found(watch.told(), [number])]


@test(seconds=90)
def a_look_is_one_answer(t):
    """On a line that shows numbers it is told to who talks, and asks, in that
    one answer; this very search finds it there and nowhere else."""
    who = Loud(t, COUNSELLOR)
    line = Line(t, wrap_up_seconds=0, show_numbers="yes")
    ana = phone(t, lambda s: picks_up(who)(s).ended())
    line.run()
    watch = Watch(t, line)
    watch.counsellor(*who.all)
    page = has_page(t, line, "Ana", ana.uri)
    watch.pages.append(page)
    t.check(page.get("/me")["lines"][0]["show_numbers"], "Me says so")
    page.post("/me/duty", {"on": True})

    it = Loud(t, CALLER)
    one = calls(t, line, it, lambda s: s.go().bye().recv(200))
    ana.saw("ACK")
    line.talking()
    offer = t.until(lambda: talking(page), "Ana's page is told of the talk")
    watch.look(call=[1], offer=[offer])
    path = f"/talk/{offer}/number"
    for other in watch.pages[:-1]:
        other.post(path, {"reason": "emergency"}, 403)
    t.equal(shown(watch, it.asserted), [], "where the number is, before")
    page.post(path, {"reason": "curious"}, 400)
    t.equal(page.post(path, {"reason": "cut_off"})["number"],
            f"+{it.asserted}", "the number")
    t.equal(shown(watch, it.asserted), [f"Ana: POST /api/v1{path}"],
            "where the number is")
    row = line.json("audit")[-1]
    t.equal((row["person"], row["what"], row["call"], row["detail"]),
            (page.me["person"], "number_looked", 1, "cut_off"), "the row")
    for _ in range(9):
        page.post(path, {"reason": "agreed"})
    t.equal(page.post(path, {"reason": "agreed"}, 429)["error"],
            "slow_down", "the eleventh look within an hour")
    one.go()
    one.done()
    ana.done()
    line.ended()
    page.post(path, {"reason": "cut_off"}, 403)

    watch.sipp(ana, "counsellor")
    watch.caller(it.user, it.contact, it.name)   # all but what was shown
    watch.sipp(one, "caller")
    t.equal(found([*watch.to_counsellors, *watch.said()], [it.asserted]), [],
            "the number where nobody asked for it")
    watch.nothing_crossed(call=[1], offer=[offer])


def talking(page):
    """The offer of the talk that a page was told of last."""
    told = [json.loads(row) for row in page.states()]
    return told[-1]["offer"] if told and told[-1]["state"] == "talking" \
        else None


@test(seconds=60)
def what_is_withheld_is_not_shown(t):
    line = Line(t, show_numbers="yes")
    ana = phone(t)
    line.run()
    page = has_page(t, line, "Ana", ana.uri)
    page.post("/me/duty", {"on": True})
    it = Loud(t, CALLER)
    s = it.scenario().invite(it.sdp((0, 8, 101)), it.headers() + (
        "Privacy: id",)).recv(100, optional=True).recv(
            180, optional=True).recv(200).ack().go().bye().recv(200)
    one = Sipp(t, "caller", s, line.address, service=t.number())
    ana.saw("ACK")
    offer = t.until(lambda: talking(page), "Ana's page is told of the talk")
    said = page.post(f"/talk/{offer}/number", {"reason": "emergency"}, 404)
    t.equal(said["error"], "withheld", "what is said of it")
    one.go()
    one.done()
    ana.done()
    line.ended()
    t.equal(found(page.everything(), it.all), [], "of the caller")
    t.check("number_looked" not in [r["what"] for r in line.json("audit")],
            "a look at nothing is on record")
