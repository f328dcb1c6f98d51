# SPDX-License-Identifier: AGPL-3.0-or-later
"""Session timers (RFC 4028)."""
from case import test
from cast import caller, connects, line_for, phone
from sipp import sdp

TIMER = "Supported: timer"


def expires(message):
    """(seconds, refresher) of a Session-Expires header."""
    value = message.get("Session-Expires") or message.get("x")
    if not value:
        return None, None
    seconds, *rest = [p.strip() for p in value.split(";")]
    who = [p.split("=")[1] for p in rest if p.startswith("refresher=")]
    return int(seconds), who[0] if who else None


@test()
def asked_for_and_given(t):
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=(
        TIMER, "Session-Expires: 90;refresher=uac")).bye().recv(200))
    one.done()
    reply = one.received(200)[0]
    t.equal(expires(reply), (90, "uac"), "Session-Expires")
    t.check("timer" in (reply.get("Require") or ""),
            "Require: timer when the caller refreshes")


@test()
def asked_for_without_saying_who(t):
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=(
        TIMER, "Session-Expires: 600")).bye().recv(200))
    one.done()
    seconds, who = expires(one.received(200)[0])
    t.check(90 <= seconds <= 600, f"Session-Expires {seconds}")
    t.check(who in ("uac", "uas"), f"refresher {who}")


@test()
def too_small(t):
    """422 with what would be right, then that is taken."""
    line = line_for(t)
    one = caller(t, line, lambda s: s.invite(extra=(
        TIMER, "Session-Expires: 30;refresher=uac"))
        .recv(100, optional=True).recv(422).nack(uri=s.invite_uri))
    one.done()
    least = one.received(422)[0].get("Min-SE")
    t.check(least and int(least) >= 90, f"Min-SE {least}")
    caller(t, line, lambda s: connects(s, extra=(
        TIMER, f"Session-Expires: {least};refresher=uac")).bye().recv(200),
        name="again").done()
    line.ended()


@test()
def too_small_but_the_caller_has_no_timers(t):
    """422 only helps who supports timers (RFC 4028, 9)."""
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=(
        "Session-Expires: 30",)).bye().recv(200))
    one.done()


@test()
def not_supported_by_the_caller(t):
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s).bye().recv(200))
    one.done()
    reply = one.received(200)[0]
    t.check("timer" not in (reply.get("Require") or ""), "no Require: timer")
    t.check(expires(reply)[1] != "uac", "the caller need not refresh")


def refresh(steps):
    def run(t):
        ana = phone(t)
        line = line_for(t, ana)
        one = caller(t, line, lambda s: steps(connects(s, extra=(
            TIMER, "Session-Expires: 90;refresher=uac"))).go().bye()
            .recv(200))
        ana.saw("ACK")
        again = one.saw(200, 2)
        t.equal(expires(again), (90, "uac"), "Session-Expires of a refresh")
        one.go()
        one.done()
        ana.done()
        line.outcome(outcome="talked")
    return run


AGAIN = (TIMER, "Session-Expires: 90;refresher=uac")
refresh_by_update = test()(refresh(
    lambda s: s.request("UPDATE", extra=AGAIN).recv(200)))
refresh_by_reinvite = test()(refresh(
    lambda s: s.invite(sdp(), extra=AGAIN).recv(100, optional=True)
    .recv(200).ack()))
refresh_by_update.__module__ = refresh_by_reinvite.__module__ = __name__


@test()
def refresh_too_small(t):
    """422 within the call leaves the call as it is."""
    line = line_for(t)
    caller(t, line, lambda s: connects(s, extra=AGAIN).request(
        "UPDATE", extra=(TIMER, "Session-Expires: 40;refresher=uac"))
        .recv(422).request("UPDATE", extra=AGAIN).recv(200).bye()
        .recv(200)).done()


@test()
def counsellors_are_asked(t):
    """Our INVITE names our interval; a phone that knows no timers takes
    the call all the same."""
    ana = phone(t)
    line = line_for(t, ana, session_seconds=120)
    one = caller(t, line)
    ana.saw("ACK")
    asked = ana.received("INVITE")[0]
    t.equal(expires(asked)[0], 120, "Session-Expires of our INVITE")
    t.check("timer" in (asked.get("Supported") or ""), "Supported: timer")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked")


@test(150, long=True)
def expires_in_the_queue(t):
    """The caller said it would refresh and does not: BYE before the 90
    seconds are over (RFC 4028, 10)."""
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=AGAIN)
                 .expect("BYE", timeout=100000).reply(200, contact=False),
                 seconds=110)
    one.done(110)
    call = line.outcome()
    t.check(55000 <= call["wait_ms"] <= 95000, f"wait_ms {call['wait_ms']}")


@test(150, long=True)
def expires_in_talk(t):
    ana = phone(t, seconds=110)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s, extra=AGAIN)
                 .expect("BYE", timeout=100000).reply(200, contact=False),
                 seconds=110)
    one.done(110)
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test(150, long=True)
def we_refresh(t):
    """The caller leaves it to us: a refresh by half the time."""
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=(
        TIMER, "Session-Expires: 90;refresher=uas",
        "Allow: INVITE, ACK, CANCEL, BYE, UPDATE"))
        .expect("UPDATE", timeout=60000).reply(200, extra=(
            "Session-Expires: 90;refresher=uac", "Require: timer"))
        .bye().recv(200), seconds=80)
    one.done(80)
    t.check(expires(one.received("UPDATE")[0])[0] == 90,
            "Session-Expires of our refresh")
    line.ended()


@test(150, long=True)
def we_refresh_who_has_no_update(t):
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s, extra=(
        TIMER, "Session-Expires: 90;refresher=uas",
        "Allow: INVITE, ACK, CANCEL, BYE"))
        .expect("INVITE", timeout=60000).reply(200, extra=(
            "Session-Expires: 90;refresher=uac", "Require: timer"),
            body=sdp()).recv("ACK").bye().recv(200), seconds=80)
    one.done(80)
    line.ended()


@test(150, long=True)
def a_phone_that_vanished_is_noticed(t):
    """The counsellor's phone does not answer our refresh: the talk ends,
    for the caller too."""
    ana = phone(t, lambda s: s.rings().picks_up(extra=(
        "Session-Expires: 90;refresher=uac", "Require: timer"))
        .pause(100000), seconds=120)
    line = line_for(t, ana, session_seconds=90)
    # the caller has no timers: we refresh there, too
    one = caller(t, line, lambda s: connects(s)
                 .expect("INVITE", timeout=60000).reply(200, body=sdp())
                 .recv("ACK").expect("BYE", timeout=100000)
                 .reply(200, contact=False), seconds=110)
    ana.saw("ACK")
    ana.process.kill()
    one.done(110)
    line.outcome(outcome="talked", counsellor="Ana")
