# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many callers, few counsellors."""
import re

from case import test
from cast import caller, connects, line_for, phone

CALLERS, PHONES, TALK_MS = 30, 3, 500


def talks(who):
    """(INVITE, BYE answered) of each talk, by time."""
    begun, ended = {}, {}
    for m in who.messages():
        if not m.sent and m.first.startswith("INVITE "):
            begun.setdefault(m.get("Call-ID"), m.at)
        if not m.sent and m.code == 200 and m.method == "BYE":
            ended[m.get("Call-ID")] = m.at
    return sorted((at, ended.get(call)) for call, at in begun.items())


@test(120)
def thirty_callers_three_counsellors(t):
    phones = [phone(t, lambda s: s.rings().picks_up().pause(TALK_MS).bye()
                    .recv(200), name=name, calls=1000, seconds=100)
              for name in ("ana", "bob", "cem")]
    # one phone for each ring: the number of offers is what is counted
    line = line_for(t, *phones, wrap_up_seconds=0, strategy="longest_idle")
    all_of_them = caller(t, line, lambda s: connects(s)
                         .expect("BYE", timeout=60000)
                         .reply(200, contact=False),
                         calls=CALLERS, rate=CALLERS, seconds=100)
    all_of_them.done(90)
    calls = line.ended(CALLERS)
    t.equal([c["outcome"] for c in calls], ["talked"] * CALLERS, "outcomes")
    total = 0
    for who in phones:
        spans = talks(who)
        total += len(spans)
        t.check(spans, f"{who.name} had no call")
        t.check(all(end for _, end in spans), f"{who.name}: a talk unended")
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            t.check(begin >= end, f"{who.name} was rung during a talk")
    t.equal(total, CALLERS, "offers")
    t.equal({c["counsellor"] for c in calls}, {"Ana", "Bob", "Cem"},
            "counsellors")
    longest_wait_first(t, line)


def longest_wait_first(t, line):
    """Counsellors are rung for calls in the order of their arrival, by which
    they are numbered. Those who arrive, or are free, at the same moment may
    change places."""
    with open(line.log, encoding="utf-8", errors="replace") as f:
        rung = re.findall(r"call (\d+): \w+ --\w+--> offered", f.read())
    order = [int(n) for n in dict.fromkeys(rung)]
    t.equal(sorted(order), list(range(1, CALLERS + 1)), "calls rung for")
    for place, n in enumerate(order, 1):
        t.check(abs(place - n) <= PHONES,
                f"call {n} is number {place} that is rung for: {order}")


@test(120)
def half_of_them_give_up(t):
    """Callers who leave at the wrong moment, again and again: nobody is
    lost, nobody rings for nothing, everybody is rung again."""
    ana = phone(t, lambda s: s.rings().picks_up().pause(100).bye()
                .recv(200), calls=1000, seconds=100)
    line = line_for(t, ana, wrap_up_seconds=0)
    stay = caller(t, line, lambda s: connects(s).expect(
        "BYE", timeout=60000).reply(200, contact=False), name="stay",
        calls=15, rate=15, seconds=90)
    leave = caller(t, line, lambda s: connects(s).pause(300)
                   .request("BYE", retrans=False).pause(500), name="leave",
                   calls=15, rate=15, seconds=90)
    leave.process.wait(60)
    stay.done(80)
    ends = [c["outcome"] for c in line.ended(30, 30)]
    t.check(ends.count("talked") >= 15, f"outcomes {ends}")
    t.check(set(ends) <= {"talked", "short", "gave_up"}, f"outcomes {ends}")
