# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose phones ring for whom: several at once, one after the other, and
those that cannot be reached."""
from case import SLOW, Failed, test
from cast import (caller, cancelled, connects, line_for, names_of, phone)
from line import Line
from phone import Call, Phone

STOPS_WITHIN = 1.0  # seconds from the first pick-up


def picks_up_when_told(s):
    return s.rings().go().picks_up().ended()


def listed(line, name):
    for person in line.json("person", "list"):
        if person["name"] == name:
            return person
    raise Failed(f"{name} is not listed")


def stopped(t, winner, others):
    """Everybody else's phone was told to stop soon after the pick-up."""
    at = winner.sent(200)[0].at
    for who in others:
        t.equal(len(who.received("INVITE")), 1, f"{who.name}: rings")
        t.equal(len(who.received("CANCEL")), 1, f"{who.name}: CANCELs")
        late = who.received("CANCEL")[0].at - at
        t.check(late <= STOPS_WITHIN * SLOW,
                f"{who.name} rang on for {late:.2f} s")
        t.equal(len(who.sent(487)), 1, f"{who.name}: 487s")


def first_wins(t, n, winner):
    """n phones ring for one caller, and this one is picked up first."""
    phones = [phone(t, picks_up_when_told if i == winner else cancelled,
                    name=f"phone{i}") for i in range(n)]
    line = line_for(t, *phones)
    one = caller(t, line)
    for who in phones:
        who.saw("INVITE")
    t.equal(line.status()["calls"]["waiting"], 1, "callers who wait")
    for who in phones:
        t.equal(who.received("CANCEL"), [], "CANCEL before a pick-up")
    phones[winner].go()
    phones[winner].saw("ACK")
    for i, who in enumerate(phones):
        if i != winner:
            who.done()
    line.talking(1)
    one.go()
    one.done()
    phones[winner].done()
    stopped(t, phones[winner],
            [who for i, who in enumerate(phones) if i != winner])
    line.outcome(outcome="talked", counsellor=names_of(n)[winner])
    for name in names_of(n):
        t.check(listed(line, name)["on_duty"], f"{name} is on duty")


@test()
def two_ring_the_first_wins(t):
    first_wins(t, 2, 0)


@test()
def two_ring_the_second_wins(t):
    first_wins(t, 2, 1)


@test()
def five_ring_one_wins(t):
    first_wins(t, 5, 3)


@test()
def the_caller_leaves_and_all_stop(t):
    phones = [phone(t, cancelled, name=f"phone{i}") for i in range(3)]
    line = line_for(t, *phones)
    one = caller(t, line, lambda s: connects(s).go().pause(1300).bye()
                 .recv(200))
    for who in phones:
        who.saw("INVITE")
    one.go()
    one.done()
    for who in phones:
        who.done()
    line.outcome(outcome="gave_up", talk_ms=0)


@test()
def not_more_at_once_than_set(t):
    """Two of three ring; when one declines, the third is rung too."""
    ana = phone(t, lambda s: s.rings().go().refuses(603))
    bob = phone(t, cancelled, name="bob")
    cem = phone(t, picks_up_when_told, name="cem")
    line = line_for(t, ana, bob, cem, ring_at_once=2)
    one = caller(t, line)
    ana.saw("INVITE")
    bob.saw("INVITE")
    ana.go()
    ana.done()
    t.check(cem.saw("INVITE").at >= ana.sent(603)[0].at,
            "the third phone rings after the first has declined")
    cem.go()
    bob.done()
    line.talking(1)
    one.go()
    one.done()
    cem.done()
    stopped(t, cem, [bob])
    line.outcome(outcome="talked", counsellor="Cem")


@test()
def three_callers_three_counsellors(t):
    """All three wait when the three come on duty: each of them is rung
    once, for a caller of their own."""
    phones = [phone(t, picks_up_when_told, name=f"phone{i}")
              for i in range(3)]
    line = line_for(t)
    callers = [caller(t, line, name=f"caller{i}") for i in range(3)]
    line.waiting(3)
    for name, who in zip(names_of(3), phones):
        line.person(name, who.uri)
    for who in phones:
        who.saw("INVITE")
    for who in phones:
        who.go()
    line.talking(3)
    for one in callers:
        one.go()
    for one in [*callers, *phones]:
        one.done()
    for who in phones:
        t.equal(len(who.received("INVITE")), 1, f"{who.name}: rings")
    calls = line.ended(3)
    t.equal([c["outcome"] for c in calls], ["talked"] * 3, "outcomes")
    t.equal({c["counsellor"] for c in calls}, {"Ana", "Bob", "Cem"},
            "counsellors")


@test(60)
def three_counsellors_wait_three_callers_come(t):
    """The other way round: all ring for the first caller; whose phone is
    freed by a pick-up rings for the next one. One talk each. Two phones may
    well be picked up in the same moment: the second then rings again."""
    phones = [Phone(t, f"phone{i}", after=1, talk=20) for i in range(3)]
    line = Line(t)
    for name, who in zip(names_of(3), phones):
        line.person(name, who.uri, "--wrap-up", "0")
    line.run()
    callers = [Call(t, f"caller{i}", line, seconds=9) for i in range(3)]
    line.talking(3)
    for one in callers:
        one.done()
    calls = line.ended(3)
    t.equal([c["outcome"] for c in calls], ["talked"] * 3, "outcomes")
    t.equal({c["counsellor"] for c in calls}, {"Ana", "Bob", "Cem"},
            "counsellors")


@test(90)
def twelve_callers_ring_all(t):
    """Everybody's phone rings for everybody, and is picked up at once: most
    pick-ups cross another one. Nobody is lost, nobody talks twice."""
    phones = [Phone(t, f"phone{i}", talk=1) for i in range(3)]
    line = Line(t)
    for name, who in zip(names_of(3), phones):
        line.person(name, who.uri, "--wrap-up", "0")
    line.run()
    callers = caller(t, line, lambda s: connects(s)
                     .expect("BYE", timeout=60000).reply(200, contact=False),
                     calls=12, rate=12, seconds=70)
    callers.done(60)
    calls = line.ended(12)
    t.equal([c["outcome"] for c in calls], ["talked"] * 12, "outcomes")
    t.equal({c["counsellor"] for c in calls}, {"Ana", "Bob", "Cem"},
            "counsellors")
    for name in names_of(3):
        t.check(listed(line, name)["on_duty"], f"{name} is on duty")


@test()
def a_dead_number_holds_nobody_up(t):
    """One of three is no telephone at all: the other two ring at once."""
    ana = phone(t, lambda s: s.rings(None).refuses(404))
    bob = phone(t, picks_up_when_told, name="bob")
    cem = phone(t, cancelled, name="cem")
    line = line_for(t, ana, bob, cem)
    one = caller(t, line)
    at = [who.saw("INVITE").at for who in (ana, bob, cem)]
    t.check(max(at) - min(at) < 1.0 * SLOW,
            f"INVITEs within {max(at) - min(at):.2f} s")
    ana.done()
    bob.go()
    cem.done()
    line.talking(1)
    one.go()
    one.done()
    bob.done()
    stopped(t, bob, [cem])
    line.outcome(outcome="talked", counsellor="Bob")
    t.equal(listed(line, "Ana")["off_reason"], "", "one failure is no three")


# unreachable


def goes_off(t, steps, reason, **options):
    """Ana's phone does this three times, and she is off duty. Brought back
    with another phone, she is rung again for the same caller."""
    ana = phone(t, steps, calls=3)
    line = line_for(t, ana, rest_seconds=1, **options)
    one = caller(t, line)
    ana.saw("INVITE", 3, seconds=20)
    t.until(lambda: not listed(line, "Ana")["on_duty"], "Ana is off duty")
    t.equal(listed(line, "Ana")["off_reason"], reason, "the reason")
    ana.done()
    t.equal(line.status()["on_duty"], 0, "people on duty")
    with open(line.log, encoding="utf-8", errors="replace") as f:
        rows = [row for row in f if "is off duty: three rings failed" in row]
    t.equal(len(rows), 1, "lines of the log about it")
    t.check(f"({reason})" in rows[0] and "Ana" not in rows[0], rows[0])

    back = phone(t, name="back")
    line.command("person", "set", "Ana", "--phone", back.uri)
    t.equal(listed(line, "Ana")["off_reason"], reason,
            "another phone alone does not bring her back")
    line.command("person", "on", "Ana")
    t.equal(listed(line, "Ana")["off_reason"], "", "the reason, once on duty")
    back.saw("ACK")
    one.go()
    one.done()
    back.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def busy_three_times(t):
    goes_off(t, lambda s: s.rings(None).refuses(486), "busy")


@test()
def dead_three_times(t):
    goes_off(t, lambda s: s.rings(None).refuses(404), "dead")


@test()
def gone_three_times(t):
    goes_off(t, lambda s: s.rings(None).refuses(410), "dead")


@test()
def network_fails_three_times(t):
    goes_off(t, lambda s: s.rings(None).refuses(503), "network")


@test()
def no_answer_three_times(t):
    goes_off(t, cancelled, "no_answer", ring_seconds=1)


@test()
def the_reason_survives_a_restart(t):
    ana = phone(t, lambda s: s.rings(None).refuses(604), calls=3)
    line = line_for(t, ana, rest_seconds=1)
    one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
    t.until(lambda: not listed(line, "Ana")["on_duty"], "Ana is off duty",
            15)
    one.go()
    one.done()
    ana.done()
    line.ended()
    line.idle()
    line.stop()
    line.run()
    t.equal(listed(line, "Ana")["off_reason"], "dead", "the reason")
    t.equal(line.status()["on_duty"], 0, "people on duty")


@test()
def declining_is_no_failure(t):
    """Four times "not now": somebody is there."""
    ana = phone(t, lambda s: s.rings().refuses(603), calls=4)
    line = line_for(t, ana, rest_seconds=1)
    one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
    ana.done()
    one.go()
    one.done()
    line.ended()
    t.check(listed(line, "Ana")["on_duty"], "Ana is on duty")


# one after the other


@test()
def longest_idle_rings_one_after_the_other(t):
    ana = phone(t, lambda s: s.rings().go().refuses(603))
    bob = phone(t, lambda s: s.rings().go().refuses(603), name="bob")
    cem = phone(t, picks_up_when_told, name="cem")
    line = line_for(t, ana, bob, cem, strategy="longest_idle")
    one = caller(t, line)
    for who, following in ((ana, bob), (bob, cem)):
        who.saw("INVITE")
        line.waiting(1)
        t.equal(following.received("INVITE"), [],
                f"{following.name} is rung at the same time")
        who.go()
        who.done()
        following.saw("INVITE")
    cem.go()
    line.talking(1)
    one.go()
    one.done()
    cem.done()
    line.outcome(outcome="talked", counsellor="Cem")


@test()
def round_robin_rings_in_turn(t):
    """The other one is free longer each time, and still it is their turn."""
    ana = phone(t, calls=2)
    bob = phone(t, name="bob")
    line = line_for(t, ana, bob, strategy="round_robin", wrap_up_seconds=0)
    for n, (who, nth, name) in enumerate(
            ((ana, 1, "Ana"), (bob, 1, "Bob"), (ana, 2, "Ana"))):
        line.command("person", "off", name)
        line.command("person", "on", name)
        one = caller(t, line, name=f"caller{n}")
        who.saw("ACK", nth)
        one.go()
        one.done()
        line.ended(n + 1)
    ana.done()
    bob.done()
    t.equal([c["counsellor"] for c in line.ended(3)], ["Ana", "Bob", "Ana"],
            "counsellors, newest first")
