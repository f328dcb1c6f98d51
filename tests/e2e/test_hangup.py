# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who hangs up when, and what is on record afterwards."""
import os
import sqlite3

from case import test
from cast import (caller, calls, cancelled, connects, hangs_up, line_for,
                  phone)
from sip import Raw
from sipp import sdp


def patient(s):
    """Waits longer than what counts as short, then hangs up."""
    return connects(s).pause(1300).bye().recv(200)


@test()
def cancel_before_the_answer(t):
    """INVITE and CANCEL in one breath, from one caller after the other:
    whichever way the race goes, the call is on record and over."""
    line = line_for(t)
    body = sdp(host="127.0.0.1", port=40000)
    with Raw(line) as raw:
        codes = [raw.cancelled(t.number(), body) for _ in range(20)]
    t.check(set(codes) <= {200, 487} and 487 in codes, f"answers {codes}")
    calls = line.ended(20)
    t.equal([c["outcome"] for c in calls], ["short"] * 20, "outcomes")
    t.check(not any(c["counsellor"] for c in calls), "nobody is named")


@test()
def cancel_by_sipp(t):
    """The same as real phones do it: after the 100, which comes because the
    disk is slow."""
    line = line_for(t)
    store = sqlite3.connect(os.path.join(line.data, "store.db"),
                            isolation_level=None)
    store.execute("BEGIN EXCLUSIVE")
    one = caller(t, line, lambda s: s.invite().recv(100).cancel()
                 .pause(1500), calls=10, rate=50)
    t.until(lambda: one.received(200, "CANCEL"), "200 for CANCEL")
    store.execute("ROLLBACK")
    store.close()
    one.process.wait()
    line.quiet = False  # a 200 that sipp does not ACK stays for 32 s
    t.until(lambda: len(line.calls()) == 10, "all calls are on record")


@test()
def bye_while_nobody_is_on_duty(t):
    line = line_for(t)
    one = caller(t, line, patient)
    line.waiting(1)
    one.done()
    call = line.outcome(outcome="gave_up", talk_ms=0)
    t.check(5000 <= call["wait_ms"] <= 10000, f"wait_ms {call['wait_ms']}")
    t.check(not call["counsellor"], "nobody is named")


@test()
def bye_at_once_is_short(t):
    line = line_for(t)
    caller(t, line, lambda s: connects(s).bye().recv(200)).done()
    line.outcome(outcome="short")


@test()
def bye_while_a_phone_rings(t):
    ana = phone(t, cancelled)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).go().pause(1300).bye()
                 .recv(200))
    ana.saw("INVITE")
    one.go()
    one.done()
    ana.done()
    t.equal(len(ana.received("CANCEL")), 1, "CANCELs")
    call = line.outcome(outcome="gave_up", talk_ms=0)
    t.check(not call["counsellor"], "nobody is named")


@test()
def bye_by_the_caller_in_talk(t):
    ana = phone(t)
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    line.talking(1)
    t.until(lambda: line.calls()[0]["state"] == "talking",
            "the record says so")
    one.go()
    one.done()
    ana.done()
    t.equal(len(ana.received("BYE")), 1, "BYEs to the counsellor")
    call = line.outcome(outcome="talked", counsellor="Ana")
    t.check(call["talk_ms"] > 0, "talk_ms")


@test()
def bye_by_the_counsellor_in_talk(t):
    ana = phone(t, hangs_up)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).ended())
    ana.saw("ACK")
    line.talking(1)
    ana.go()
    ana.done()
    one.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def bye_by_both_at_once(t):
    """Each may find the other's BYE on the way: 200 for both, no third."""
    def both(s):
        return s.go().request("BYE", retrans=False).pause(800)

    ana = phone(t, lambda s: both(s.rings().picks_up()))
    line = line_for(t, ana)
    one = caller(t, line, lambda s: both(connects(s)))
    ana.saw("ACK")
    line.talking(1)
    one.go()
    ana.go()
    one.saw(200, 2)
    ana.saw(200, 1)
    line.outcome(outcome="talked", counsellor="Ana")
    # sipp answered none of the line's own BYEs: they may still be repeated
    t.check(all(m.code == 200 for who in (one, ana)
                for m in who.messages()
                if not m.sent and m.code and m.method == "BYE"),
            "every BYE of a peer is answered with 200")


@test()
def the_record_names_no_caller(t):
    ana = phone(t)
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    call = line.outcome(outcome="talked")
    t.equal(sorted(call), sorted([
        "id", "line", "language", "state", "outcome", "reason",
        "arrived_at", "wait_ms", "talk_ms", "counsellor", "promise",
        "short", "sound"]),
        "fields of a call on record")
    for what in ("From", "Contact"):
        t.check(one.scenario.user not in ana.received("INVITE")[0].get(what),
                f"the caller's number in {what} to the counsellor")
    t.check(ana.scenario.user not in "".join(
        str(m.headers) + m.body for m in one.messages() if not m.sent),
        "the counsellor's number goes to the caller")


@test()
def calls_one_after_the_other(t):
    ana = phone(t, calls=3)
    line = line_for(t, ana, wrap_up_seconds=0)
    for i in range(3):
        one = caller(t, line, calls, name=f"caller{i}")
        ana.saw("ACK", i + 1)
        one.go()
        one.done()
    ana.done()
    t.equal([c["outcome"] for c in line.ended(3)], ["talked"] * 3,
            "outcomes")
