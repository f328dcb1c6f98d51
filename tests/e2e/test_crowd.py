# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Sunday: two hundred callers, five counsellors who answer, decline and
vanish. Every caller ends in one of the ways there are, and what the line has
on record is what the telephones saw."""
import collections
import datetime

from case import SLOW, test
from cast import connects, names_of, phone
from line import Line
from sipp import Scenario, Sipp, sdp

EACH = 40        # callers of each kind
EVENTS = 96      # sipp's play_dtmf has this payload type
LONGEST = 90     # seconds until everybody has had their turn
MEDIA = "127.0.0.1:31000-32599"

ENDS = {"talked", "promise_kept", "declined", "gave_up", "short", "blocked",
        "closed"}


def presses(s, digits):
    """All of them in a row, in the middle of the first sentence. (sipp begins
    each play_dtmf at the same time stamp: a second one would be taken for a
    repetition of the first.)"""
    return connects(s, body=sdp(codecs=(0, EVENTS))).pause(1500).xml(
        f'<nop><action><exec play_dtmf="{digits}"/></action></nop>')


def until_bye(s):
    return s.expect("BYE", timeout=LONGEST * 1000).reply(200, contact=False)


def stays(s):
    """Waits for a person, however long it takes."""
    return until_bye(connects(s))


def leaves(s):
    """Hangs up after two seconds, whatever happens."""
    return connects(s).pause(2000).request("BYE", retrans=False).pause(500)


def changes_mind(s):
    """A wrong number: hangs up at once."""
    return connects(s).pause(200).request("BYE", retrans=False).pause(500)


def declines(s):
    """Neither wait nor ring-back: 9."""
    return until_bye(presses(s, "9"))


def asks(s):
    """Be rung back (1) at this number (1), no words (1), in those hours that
    are not now."""
    return until_bye(presses(s, "111" + hours_not_now()))


def hours_not_now():
    """The key for hours of the day in which we must not ring now: day is 8 to
    20, evening 17 to 22."""
    return "3" if 8 <= datetime.datetime.now().hour < 17 else "2"


def ring_back_is_possible_now():
    """From 17 to 20 both day and evening are now."""
    return 17 <= datetime.datetime.now().hour < 20


KINDS = {"stays": stays, "leaves": leaves, "changes": changes_mind,
         "declines": declines, "asks": asks}



def line_of_kinds(t):
    """A line for each kind of caller: its name on record says who called."""
    # more callers at one time than a test's own block of ports has room for
    line = Line(t, wrap_up_seconds=0, rest_seconds=1, ring_seconds=3,
                media=MEDIA, trunk=False)
    # a way out, without which nobody is offered to be rung back
    line.command("trunk", "add", "provider", "--from", "127.0.0.1/32",
                 "--to", f"sip:127.0.0.1:{t.port()}")
    numbers = {kind: t.number() for kind in KINDS}
    with open(line.config, "a", encoding="utf-8") as f:
        for kind, number in numbers.items():
            f.write(f'\nline "{kind}" {{\n\tnumbers = {{"{number}"}}\n'
                    '\tlanguages = {"en"}\n}\n')
    return line, numbers


def talks(ms):
    return lambda s: (s.rings().picks_up().pause(ms).bye().recv(200))


def counsellors(t):
    """Ana, Bob and Dua answer, Cem declines, Eli's phone
    vanishes while it rings."""
    ways = {"ana": talks(1500), "bob": talks(700),
            "cem": lambda s: s.rings().refuses(603),
            "dua": talks(300),
            "eli": lambda s: s.rings().pause(LONGEST * 1000)}
    return [phone(t, steps, name=name, calls=5000, seconds=LONGEST + 60,
                  args=("-aa",)) for name, steps in ways.items()]


def ended_by_us(who):
    return {m.get("Call-ID") for m in who.received("BYE")}


def ended_by_them(who):
    return {m.get("Call-ID") for m in who.sent("BYE")}


@test(300)
def two_hundred_callers_five_counsellors(t):
    phones = counsellors(t)
    line, numbers = line_of_kinds(t)
    line.run()
    for name, one in zip(names_of(5), phones):
        line.person(name, one.uri, on=name in ("Ana", "Cem", "Eli"))
    crowd = {kind: Sipp(t, kind, steps(Scenario(t.number())), line.address,
                        service=numbers[kind], calls=EACH, rate=EACH / 2,
                        seconds=LONGEST + 60)
             for kind, steps in KINDS.items()}
    phones[4].saw("INVITE")
    phones[4].process.kill()
    # those who type have the time to, before there are enough to answer all
    for kind in ("leaves", "changes"):
        crowd[kind].process.wait(60 * SLOW)
    for kind in ("declines", "asks"):
        crowd[kind].done(LONGEST)
    for name in ("Bob", "Dua"):
        line.command("person", "on", name)
    crowd["stays"].done(LONGEST)

    agree(t, line, crowd, phones, settled(t, line))


def settled(t, line):
    """Everybody on record; open are those only to whom something is owed."""
    def look():
        calls = line.calls()
        owed = {p["call"] for p in line.json("promises")}
        return calls if len(calls) == EACH * len(KINDS) and all(
            c["outcome"] or c["id"] in owed for c in calls) else None
    return t.until(look, lambda: "two hundred calls are settled: " + str(
        collections.Counter((c["line"], c["state"], c["outcome"])
                            for c in line.calls())), 30)


def agree(t, line, crowd, phones, calls):
    ways = {kind: collections.Counter(c["outcome"] for c in calls
                                      if c["line"] == kind)
            for kind in KINDS}
    for kind, who in crowd.items():
        begun = {m.get("Call-ID") for m in who.sent("INVITE")}
        answered = {m.get("Call-ID") for m in who.received(200, "INVITE")}
        t.equal(len(begun), EACH, f"{kind}: calls that sipp made")
        t.equal(len(answered), EACH, f"{kind}: calls that were answered")
        t.equal(sum(ways[kind].values()), EACH, f"{kind}: on record")
        t.check(set(ways[kind]) <= ENDS | {None}, f"{kind}: {ways[kind]}")

    # those who stayed were talked with, each of them, and we said BYE
    t.equal(ways["stays"], {"talked": EACH}, "who stayed")
    t.equal(len(ended_by_us(crowd["stays"])), EACH, "BYEs to them")
    # who left has given up, unless somebody was quicker
    by_them = len(ended_by_them(crowd["leaves"]))
    t.check(ways["leaves"]["gave_up"] <= by_them, "who left")
    t.check(set(ways["leaves"]) <= {"gave_up", "talked"}, str(ways["leaves"]))
    # under sanitizers the answer alone may take too long for a short call
    late = {"gave_up"} if SLOW > 1 else set()
    t.check(set(ways["changes"]) <= {"short", "talked"} | late,
            str(ways["changes"]))
    # who pressed 9 has declined, unless somebody was quicker
    t.check(set(ways["declines"]) <= {"declined", "talked"},
            str(ways["declines"]))
    t.check(ways["declines"]["declined"] > 0, "nobody could decline")
    # who asked is owed, unless somebody was quicker
    owed = [p for p in line.json("promises") if p["kind"] == "ring_back"]
    t.equal(ways["asks"][None], len(owed), "ring-backs owed")
    t.check(set(ways["asks"]) <= {None, "talked"}, str(ways["asks"]))
    t.check(owed, "nobody could ask to be rung back")
    if not ring_back_is_possible_now():
        t.equal(sum(p["attempts"] for p in owed), 0, "rung in unsafe hours")
    # every talk on record was one at a telephone
    talked = sum(w["talked"] for w in ways.values())
    with_whom = collections.Counter(c["counsellor"] for c in calls
                                    if c["outcome"] == "talked")
    t.equal(sum(with_whom.values()), talked, "talks have a counsellor")
    for name, one in zip(names_of(5), phones):
        t.check(with_whom[name] <= len(one.sent(200)),
                f"{name} talked more often than their phone was picked up")
    t.equal(with_whom["Cem"] + with_whom["Eli"], 0, "talks with nobody")
