# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's own telephone, a number that is rung through the trunk:
whoever picks up presses a key, and learns nothing of who calls."""
import os
import time

from baresip import Baresip
from browser import Browser
from case import SLOW, build_dir, test
from cast import caller, cancelled, connects, phone
from counsellor import Bare
from line import Line
from phone import Call
import wav


def own(t, name="own", hz=620, **options):
    """A telephone with a number that picks up by itself and speaks: a person
    in a hurry, or a mailbox."""
    path = t.path(f"{name}.wav")
    wav.tone(path, hz, seconds=60)
    return Baresip(t, name, wav=path, answers=True, **options)


def line_with(t, network, number, *others, **options):
    """Ana has that number, behind a trunk that leads to this telephone; the
    others have SIP phones of their own."""
    line = Line(t, trunk=False, strategy="longest_idle", **options)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 f"sip:127.0.0.1:{network.port}")
    line.command("person", "add", "Ana", "--phone", number, "--on")
    for name, other in zip(("Bob", "Cem"), others):
        line.person(name, other.uri, on=False)
    line.run()
    for name, _ in zip(("Bob", "Cem"), others):
        line.command("person", "on", name)
    return line


def is_asked(t, line, one):
    """It has picked up, and that is not enough."""
    one.talks()
    t.until(lambda: "ASKING" in line.last_words(50), "a key is asked for")
    t.equal(line.status()["calls"]["talking"], 0, "talks before any key")


def key_takes_the_call(key):
    @test()
    def takes(t):
        one = own(t)
        line = line_with(t, one, one.user)
        wav.tone(t.path("caller.wav"), 440, seconds=60)
        call = Call(t, "caller", line, wav=t.path("caller.wav"),
                    record=t.path("heard.wav"), seconds=20)
        is_asked(t, line, one)
        time.sleep(5)    # of question, and
        one.press(key)
        line.talking()
        time.sleep(1.5)  # of talk
        one.hang_up()
        call.done(code=None)
        heard = wav.Sound(one.recording())
        question = wav.Sound(os.path.join(build_dir(), "prompts", "en",
                                          "own_phone.wav"))
        question.samples = question.samples[:3 * wav.RATE]
        _, alike = heard.find(question)
        t.check(alike > 0.8, f"the question is heard: {alike}")
        t.check(heard.first(440) > 4, "the caller is heard before the key")
        t.check(wav.Sound(t.path("heard.wav")).heard(620),
                "the caller hears who took the call")
        line.outcome(outcome="talked", counsellor="Ana")
        t.equal([row for row in line.last_words(400).split("|")
                 if f"key {key}" in row], [], "the key in the log")
    return takes


takes_with_a_digit = key_takes_the_call("7")
takes_with_the_hash = key_takes_the_call("#")


@test()
def a_mailbox_cannot_take_it(t):
    """It picks up and speaks; ten seconds later the next one is rung."""
    one, bob = own(t), phone(t, name="bob")
    line = line_with(t, one, one.user, bob)
    call = caller(t, line)
    is_asked(t, line, one)
    began = time.monotonic()
    bob.saw("ACK", seconds=25)
    waited = time.monotonic() - began
    t.check(8 < waited < 12 * SLOW, f"it was asked for {waited:.1f} s")
    one.ended()
    call.go()
    call.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def hanging_up_declines(t):
    """The next one is rung at once."""
    one, bob = own(t), phone(t, name="bob")
    line = line_with(t, one, one.user, bob)
    call = caller(t, line)
    is_asked(t, line, one)
    one.hang_up()
    bob.saw("ACK", seconds=6)
    call.go()
    call.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def the_caller_leaves_while_it_is_asked(t):
    one = own(t)
    line = line_with(t, one, one.user)
    call = caller(t, line, lambda s: connects(s).go().bye().recv(200))
    is_asked(t, line, one)
    call.go()
    call.done()
    one.ended(seconds=3)
    t.check(line.outcome(talk_ms=0)["outcome"] in ("gave_up", "short"),
            "outcome")


@test()
def a_phone_by_address_may_be_asked(t):
    """--accept key: for one that somebody else may pick up."""
    one = own(t)
    line = Line(t)
    line.person("Ana", one.uri, "--accept", "key")
    line.run()
    call = caller(t, line)
    is_asked(t, line, one)
    one.press("1")
    line.talking()
    call.go()
    call.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def nothing_of_the_caller_goes_there(t):
    """Neither number nor name, in no message; it shows the line's number."""
    one = own(t, trace=True)
    ours, name = t.number(), "Zacharias Quint"
    line = line_with(t, one, one.user, shows=ours)
    call = caller(t, line, lambda s: connects(s, extra=(
        f'P-Asserted-Identity: "{name}" <sip:{s.user}@caller.example>',
        f'Remote-Party-ID: "{name}" <sip:{s.user}@caller.example>',
        f"Subject: {name}")).go().bye().recv(200))
    is_asked(t, line, one)
    one.press("5")
    line.talking()
    call.go()
    call.done()
    line.outcome(outcome="talked", counsellor="Ana")
    seen = one.words()
    t.check("INVITE sip:" in seen, "its messages are in its log")
    for what in (call.scenario.user, name, "Zacharias", "caller.example",
                 "Ana", "Test"):  # the hotline is called Test
        t.check(what not in seen, "it sees something of the caller, or of "
                "whose line it is")
    for header in ("From", "P-Asserted-Identity"):
        t.check(f"{header}: <sip:{ours}@127.0.0.1>" in seen,
                f"{header} is the line's number")
    # and the caller sees nothing of it
    back = "\n".join(f"{m.first} {m.headers} {m.body}"
                     for m in call.messages() if not m.sent)
    for what in (one.user, "Ana"):
        t.check(what not in back, "the caller sees something of it")


@test()
def a_line_without_a_number_shows_none(t):
    one = own(t, trace=True)
    line = line_with(t, one, one.user)
    call = caller(t, line)
    is_asked(t, line, one)
    seen = one.words()
    t.check("<sip:anonymous@anonymous.invalid>" in seen, "From")
    t.check("Privacy: id" in seen, "Privacy")
    one.press("0")
    line.talking()
    call.go()
    call.done()


@test()
def numbers_that_must_not_be_rung(t):
    line = Line(t, trunk=False)
    for number in ("112", "+49112", "110", "99", "+49988", "sip:112",
                   "12345678901234567"):
        done = line.command("person", "add", "Ana", "--phone", number,
                            wanted=None)
        t.check(done.returncode != 0, f"{number} is taken")
        t.check(done.stderr and "Traceback" not in done.stderr,
                "it is said why")
    t.equal(line.json("person", "list"), [], "people")
    number = t.number()
    line.command("person", "add", "Ana", "--phone", f"+{number}")
    t.equal([(p["has_phone"], p["accept"]) for p in
             line.json("person", "list")], [(True, "key")], "Ana")
    done = line.command("person", "set", "Ana", "--accept", "answer",
                        wanted=None)
    t.check(done.returncode != 0, "a number is asked for no key")
    line.command("person", "set", "Ana", "--phone", "sip:ana@192.0.2.1")
    t.equal(line.json("person", "list")[0]["accept"], "answer", "accept")


@test()
def without_a_trunk_the_next_is_rung(t):
    bob = phone(t, name="bob")
    line = Line(t, strategy="longest_idle")   # its trunk cannot dial out
    line.command("person", "add", "Ana", "--phone", t.number(), "--on")
    line.person("Bob", bob.uri, on=False)
    line.run()
    line.command("person", "on", "Bob")
    call = caller(t, line)
    bob.saw("ACK")
    call.go()
    call.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test(seconds=120)
def page_and_number_at_once(t):
    """The first accept wins, the other stops within one second."""
    network = phone(t, cancelled, name="network")
    line = line_with(t, network, t.number(), wrap_up_seconds=0)
    link = next(w for w in line.command("person", "invite", "Ana").split()
                if "#invite=" in w)
    page = Bare(t, Browser(t), line, link=link)
    call = Call(t, "first", line, seconds=60)
    page.rung()
    network.saw("INVITE")
    page.accept()
    at = time.time()
    stopped = network.saw("CANCEL").at
    t.check(stopped - at < 1.0 * SLOW,
            f"the telephone rang on for {stopped - at:.2f} s")
    network.done()
    line.talking()
    call.process.terminate()
    call.done(code=None)
    page.becomes("free", "wrap_up")

    # the other way round; the same port is the network again
    one = own(t, "again")
    line.command("trunk", "remove", "peer")
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 f"sip:127.0.0.1:{one.port}")
    line.command("person", "set", "Ana", "--phone", one.user)
    second = Call(t, "second", line, seconds=60)
    page.rung()
    is_asked(t, line, one)
    t.equal(page.state()["state"], "ringing", "the page still rings")
    one.press("3")
    at = time.monotonic()
    page.becomes("talking", seconds=5)
    took = time.monotonic() - at
    t.check(took < 1.0 * SLOW, f"the page rang on for {took:.2f} s")
    t.check(not page.state()["browser"], "it is not the page that talks")
    line.talking()
    second.process.terminate()
    second.done(code=None)
