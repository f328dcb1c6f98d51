# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a caller hears and what keys do (docs/caller.md), with baresip as
caller."""
import glob
import os

from case import build_dir, test
from cast import cancelled, phone
from dialogue import VOICE, Caller, menu_line
from phone import Call, Phone
from test_lines import two_lines
import wav

GREETING = ("greeting", "notice")
OFFERS = ("offer_ring_back", "offer_decline", "speak")
CHOICE = ("choose", "press", "1", "es/choose_later", "es/press", "es/2")
TONE = 1000  # Hz
DETENTION = {"kind": "detention", "ring_back": "no", "transfer": "no"}


def unanswered(t, line, languages="en", name="ana", rings=1):
    """A counsellor on duty whose phone only rings, so often."""
    one = phone(t, cancelled, name, seconds=120, calls=rings)
    line.person(name.capitalize(), one.uri, "--languages", languages)
    return one


def staffed(t, rings=1, **options):
    """A line with one language and somebody on duty who never answers."""
    line = menu_line(t, **options)
    ana = unanswered(t, line, rings=rings)
    line.run()
    return line, ana


def unstaffed(t, **options):
    line = menu_line(t, **options)
    line.run()
    return line


def waits(t, line, **options):
    """A caller in the queue."""
    one = Caller(t, line, **options)
    one.hears(*GREETING, "ringing", "hold")
    line.waiting()
    return one


def promises(line, n=1, **wanted):
    """Wait for so many open promises, whose callers have left; the newest,
    compared field by field."""
    def look():
        got = line.json("promises")
        settled = all(p["state"] != "recording" for p in got)
        return got or True if len(got) == n and settled else None
    got = line.case.until(look, lambda: f"{n} promises are open, not "
                          f"{line.json('promises')}")
    for field, value in wanted.items():
        line.case.equal(got[0].get(field), value, f"{field} of the promise")
    return got[0] if n else None


def messages(line):
    """Files of messages that are kept."""
    return glob.glob(os.path.join(line.data, "messages", "*"))


def records(line):
    """Wait until a message is being written down; returns its file."""
    return line.case.until(lambda: messages(line),
                           "a message is written down")[0]


def speaks(line, least=1.5):
    """Wait until so many seconds of the caller's voice can be listened to."""
    call = os.path.basename(records(line)).partition(".")[0]

    def look():
        as_heard = line.opened(call)
        return as_heard and wav.Sound(as_heard).heard(VOICE) >= least
    line.case.until(look, f"{least} s of the message can be heard")


def number_of(one):
    """What one hears when its number is read back."""
    return ("number_is", *one.user, "number_right")


# languages


def two_languages(t, **options):
    line = menu_line(t, languages=["en", "es"], **options)
    ana = unanswered(t, line)
    line.run()
    return line, ana


@test()
def language_that_is_staffed(t):
    line, ana = two_languages(t)
    one = Caller(t, line)
    one.hears(*GREETING, *CHOICE)
    t.equal(ana.received("INVITE"), [], "rings before there is a language")
    one.press("1")
    one.hears("ringing", "hold")
    ana.saw("INVITE")
    one.hang_up()
    line.outcome(outcome="gave_up", language="en")
    promises(line, 0)


@test()
def language_without_anybody(t):
    """A promise in that language, and nobody else is rung."""
    line, ana = two_languages(t)
    one = Caller(t, line)
    one.hears(*GREETING, *CHOICE)
    one.press("2")
    one.hears("es/nobody", *(f"es/{name}" for name in OFFERS), "es/tone")
    speaks(line)
    one.hang_up()
    promise = promises(line, kind="message", state="open")
    t.equal(line.calls()[0]["language"], "es", "language of the call")
    t.equal(promise["call"], line.calls()[0]["id"], "call of the promise")
    t.equal(ana.received("INVITE"), [], "rings of who does not speak it")


@test(seconds=90)
def language_not_chosen(t):
    """Asked twice, then a person."""
    line, ana = two_languages(t)
    one = Caller(t, line)
    one.hears(*GREETING, *CHOICE, *CHOICE, "ringing", "hold", seconds=45)
    times = [at for at, name in one.ear.all if name == "en/choose"]
    t.check(times[1] - times[0] > 10, "hurries the caller")
    ana.saw("INVITE")
    one.hang_up()
    line.outcome(language="en")


@test()
def keys_in_the_middle_of_a_sentence(t):
    line, _ = two_languages(t, seconds={"notice": 5, "choose_later": 5})
    one = Caller(t, line)
    one.hears("greeting", "notice")
    one.press("1")
    one.hears("ringing", "hold")
    t.check(one.ear.all[-2][0] - one.ear.all[-3][0] < 3,
            "the key counts only after the sentence")
    one.hang_up()
    one.ended()


@test()
def wrong_keys_are_named(t):
    """And nothing is lost by them, however many."""
    line, _ = two_languages(t)
    one = Caller(t, line)
    one.hears(*GREETING, *CHOICE)
    for keys in ("7", "#"):
        one.press(keys)
        one.hears("wrong_key", *CHOICE)
    one.press("74*#5")
    one.hears_at_last("es/2")
    one.press("1")
    one.hears("ringing", "hold")
    one.press("5")
    one.hears("wrong_key", "offer_ring_back", "hold")
    line.waiting()
    one.hang_up()
    one.ended()


# a person


@test()
def zero_is_a_person(t):
    """From the offers, from typing, and while a message is recorded."""
    line = unstaffed(t)
    one = Caller(t, line, user="anonymous")
    one.hears(*GREETING, "nobody")
    one.press("0")
    one.hears("hold")
    line.waiting()
    one.press("1")
    one.hears("type_number")
    one.press("0#")
    one.hears("hold")
    one.press("2")
    one.hears("speak", "tone")
    speaks(line)
    one.press("0")
    one.hears("hold")
    line.waiting()
    bob = Phone(t, "bob", after=1)
    line.person("Bob", bob.uri)
    line.talking()
    one.hang_up()
    line.outcome(outcome="talked", counsellor="Bob")
    promises(line, 0)


@test()
def a_counsellor_interrupts_everything(t):
    """Whoever picks up talks at once, whatever is being asked."""
    line, ana = staffed(t)
    one = waits(t, line)
    one.press("1")
    one.hears(*number_of(one)[:3])
    bob = Phone(t, "bob", after=1)
    line.person("Bob", bob.uri)
    line.talking()
    ana.saw("CANCEL")
    one.hang_up()
    line.outcome(outcome="talked", counsellor="Bob")
    promises(line, 0)


# a message


@test()
def speaks_after_the_tone_and_hangs_up(t):
    line = unstaffed(t)
    one = Caller(t, line)
    one.hears(*GREETING, "nobody", *OFFERS, "tone")
    speaks(line, 2)
    one.hang_up()
    promise = promises(line, kind="message", state="open", attempts=0)
    speaks(line, 2)
    t.equal(promise["call"], line.calls()[0]["id"], "call of the promise")
    t.equal(line.calls()[0]["outcome"], None, "outcome of what is owed")


@test()
def hash_ends_a_message(t):
    line = unstaffed(t)
    one = Caller(t, line)
    one.hears(*GREETING, "nobody", *OFFERS, "tone")
    speaks(line, 2)
    one.press("#")
    one.hears("kept_message", "ask_ring_back")
    one.press("5")
    one.hears("goodbye")
    one.ended()
    promises(line, kind="message", state="open")


@test()
def a_silent_message_is_no_promise(t):
    line = unstaffed(t)
    one = Caller(t, line, says=0.1)
    one.hears(*GREETING, "nobody", *OFFERS, "tone")
    for _ in range(2):
        records(line)
        one.press("#")
        one.hears("silent", "speak", "tone")
        t.equal(messages(line), [], "messages that are kept")
    records(line)
    one.press("#")
    one.hears("silent", "goodbye")
    one.ended()
    line.outcome(outcome="gave_up")
    t.equal(messages(line), [], "messages that are kept")
    promises(line, 0)


@test()
def hangs_up_without_a_word(t):
    line = unstaffed(t)
    one = Caller(t, line, says=0.1)
    one.hears(*GREETING, "nobody", *OFFERS, "tone")
    one.hang_up()
    line.outcome(outcome="gave_up")
    promises(line, 0)


@test()
def after_hours(t):
    line, ana = staffed(t, kind="after_hours")
    one = Caller(t, line)
    one.hears(*GREETING, "closed", "offer_ring_back")
    one.press("0")
    one.hears("closed", *OFFERS, "tone")
    speaks(line)
    one.hang_up()
    promises(line, kind="message", state="open")
    t.equal(ana.received("INVITE"), [], "rings after hours")


# ring-back


@test()
def asks_to_be_rung_back(t):
    line, ana = staffed(t, rings=2)
    one = waits(t, line)
    one.press("1")
    one.hears(*number_of(one))
    one.press("1")
    one.hears("ask_words")
    one.press("2")
    one.hears("ask_hours")
    one.press("1")
    one.hears("kept_ring_back", "goodbye")
    one.ended()
    promises(line, kind="ring_back", words="plain", hours="any",
             shown="withheld", has_number=True)
    ana.saw("INVITE", 2)
    line.command("person", "off", "Ana")
    ana.done()


@test()
def types_a_number(t):
    """A withheld number is typed, read back, typed again, read back."""
    line, _ = staffed(t)
    one = waits(t, line, user="anonymous")
    first, second = t.number(), t.number()
    one.press("1")
    one.hears("type_number")
    one.press("12#")
    one.hears("number_bad", "type_number")
    one.press(first + "#")
    one.hears("number_is", *first, "number_right", seconds=25)
    one.press("2")
    one.hears("type_number")
    one.press(second + "#")
    one.hears("number_is", *second, "number_right", seconds=25)
    one.press("1")
    one.hears("ask_words")
    # asked to be rung back, at least so
    line.command("person", "off", "Ana")
    one.hang_up()
    promises(line, kind="ring_back", words="none", hours="any",
             shown="withheld", has_number=True)


@test()
def only_what_may_be_rung(t):
    line, _ = staffed(t, may_ring=["0"])
    one = waits(t, line, user="anonymous")
    number = t.number()
    one.press("1")
    one.hears("type_number")
    one.press(number + "#")
    one.hears("number_bad", "type_number", seconds=25)
    one.press("0" + number[:8] + "#")
    one.hears("number_is", seconds=25)
    one.hang_up()
    line.outcome(outcome="gave_up")
    promises(line, 0)


@test()
def message_and_ring_back(t):
    line = unstaffed(t, shows=t.number(), neutral=t.number())
    one = Caller(t, line)
    one.hears(*GREETING, "nobody", *OFFERS, "tone")
    speaks(line)
    one.press("1")
    one.hears("kept_message", *number_of(one))
    one.press("1")
    one.hears("ask_words")
    one.press("1")
    one.hears("ask_hours")
    one.press("3")
    one.hears("ask_shown", "show_withheld", "show_line", "show_neutral")
    one.press("3")
    one.hears("kept_ring_back", "goodbye")
    one.ended()
    promises(line, words="none", hours="evening", shown="neutral",
             has_number=True)
    speaks(line)


@test()
def a_line_that_cannot_dial_offers_no_ring_back(t):
    line = menu_line(t, dials=False)
    unanswered(t, line)
    line.run()
    one = waits(t, line)
    one.press("1")
    one.hears("wrong_key", "offer_message", "hold")
    one.hang_up()
    one.ended()


# the ways out


@test()
def wants_nothing(t):
    line, ana = staffed(t)
    one = waits(t, line)
    ana.saw("INVITE")
    one.press("9")
    one.hears("goodbye")
    one.ended()
    ana.saw("CANCEL")
    line.outcome(outcome="declined")
    promises(line, 0)


@test(seconds=150, listens=True)
def waits_long(t):
    """News every 45 s; after the longest wait offers, and on."""
    line, _ = staffed(t, max_wait_seconds=60, tells="position")
    one = Caller(t, line)
    one.hears(*GREETING, "ringing", "position", "1", "hold")
    one.hears("position", "1", "offer_ring_back", "hold", seconds=55)
    one.hears("long_wait", "offer_ring_back", "offer_stay", seconds=30)
    one.press("0")
    one.hears("ringing", "position", "1", "hold")
    line.waiting()
    one.hang_up()
    line.outcome(outcome="gave_up")
    promises(line, 0)


@test(seconds=90)
def waited_too_long_and_speaks(t):
    line, ana = staffed(t, max_wait_seconds=30)
    one = waits(t, line)
    one.hears("long_wait", "offer_ring_back", "offer_stay", "offer_decline",
              "speak", "tone", seconds=45)
    ana.saw("CANCEL")
    speaks(line)
    one.hang_up()
    promises(line, kind="message", state="open")


@test()
def the_last_counsellor_leaves(t):
    line, ana = staffed(t)
    one = waits(t, line)
    line.command("person", "off", "Ana")
    one.hears("nobody")
    ana.saw("CANCEL")
    line.command("person", "on", "Ana")
    one.hears_at_last("hold")
    line.waiting()
    one.hang_up()
    line.outcome(outcome="gave_up")


# the words that come with Ringback


@test(seconds=120, listens=True)
def said_in_words(t):
    """All that is said to who finds nobody, from the first word to the tone,
    in both languages."""
    line, number = two_lines(t)
    line.run()
    dialled = {"en": None, "es": number}
    calls = [Call(t, language, line, dialled=dialled[language], seconds=50,
                  record=t.path(f"{language}.wav"))
             for language in dialled]
    for call in calls:
        call.done(seconds=70)
        heard = wav.Sound(t.path(f"{call.name}.wav"))
        at = 0
        for name in (*GREETING, "nobody", "offer_decline", "speak"):
            prompt = wav.Sound(os.path.join(build_dir(), "prompts",
                                            call.name, f"{name}.wav"))
            when, alike = heard.find(prompt)
            t.check(alike > 0.9, f"{call.name}/{name} is not heard: {alike}")
            t.check(at <= when, f"{call.name}/{name} is heard too early")
            at = when + prompt.seconds - 0.1
        t.check((heard.first(TONE) or 0) > at, "the tone is not heard")
    line.ended(2)


# a detention line


@test(seconds=120, listens=True)
def detention_line(t):
    """No menu, no music; the key after the announcement; never silent for
    long; keys mean nothing but 0."""
    line, ana = staffed(t, **DETENTION, accept_key="5")
    one = Caller(t, line, says=4)
    ana.saw("INVITE")
    t.equal(one.keys(), [], "keys before the announcement is over")
    one.hears("stay")
    t.until(lambda: one.keys(), "the call is accepted with a key", 10)
    for _ in range(3):
        one.press("1")
        one.hears("stay", seconds=20)
    one.silence(16.5)
    t.equal(one.keys(), ["5"], "keys pressed")
    line.command("person", "off", "Ana")
    one.hears("nobody", "speak", "tone")
    one.hang_up()
    line.ended()
    t.check(not any(name in ("hold", "greeting", "notice", "ringing")
                    for _, name in one.ear.all), "a menu, or music")


@test()
def detention_message(t):
    line = unstaffed(t, **DETENTION)
    one = Caller(t, line)
    one.hears("nobody", "speak", "tone")
    speaks(line)
    one.hang_up()
    promises(line, kind="message", state="open")
