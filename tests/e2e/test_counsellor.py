# SPDX-License-Identifier: AGPL-3.0-or-later
"""What counsellors' phones do when they are rung."""
import socket

from case import test
from cast import caller, cancelled, connects, hangs_up, line_for, phone
from sipp import sdp


def goes_to_bob(t, steps, counsellor="Bob", check=None, **options):
    """Ana's phone does this; then Bob gets the call and talks: one phone
    after the other, or Bob's would ring all the time."""
    ana = phone(t, steps)
    bob = phone(t, name="bob")
    line = line_for(t, ana, bob, strategy="longest_idle", **options)
    one = caller(t, line)
    bob.saw("ACK", seconds=12)
    line.talking(1)
    one.go()
    one.done()
    bob.done()
    ana.done()
    line.outcome(outcome="talked", counsellor=counsellor)
    if check:
        check(ana)


def refusing(code, extra=()):
    @test()
    def refused(t):
        goes_to_bob(t, lambda s: s.rings().refuses(code, extra))
    return refused


refused_404 = refusing(404)
refused_410 = refusing(410)
refused_480 = refusing(480)
refused_486 = refusing(486)
refused_488 = refusing(488)
refused_500 = refusing(500)
refused_503 = refusing(503, ("Retry-After: 5",))
refused_600 = refusing(600)
refused_603 = refusing(603)


@test()
def refused_without_ringing(t):
    goes_to_bob(t, lambda s: s.rings(None).refuses(486))


@test()
def does_not_answer(t):
    goes_to_bob(t, cancelled, ring_seconds=2)


@test()
def stays_silent_and_rings_late(t):
    """CANCEL must wait for the first provisional answer (RFC 3261, 9.1),
    the caller need not."""
    def late(s):
        return (s.rings(None).pause(4000).answer(180).expect("CANCEL")
                .reply(200, contact=False).refuses(487))

    ana = phone(t, late)
    bob = phone(t, name="bob")
    line = line_for(t, ana, bob, ring_seconds=2, strategy="longest_idle")
    one = caller(t, line)
    bob.saw("ACK", seconds=12)
    t.equal(ana.received("CANCEL"), [], "CANCEL before any answer")
    one.go()
    one.done()
    ana.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def phone_is_switched_off(t):
    """Nothing listens there at all."""
    ana = phone(t)
    ana.process.kill()
    ana.process.wait()
    bob = phone(t, name="bob")
    line = line_for(t, ana, bob, ring_seconds=2, strategy="longest_idle")
    one = caller(t, line)
    bob.saw("ACK", seconds=12)
    one.go()
    one.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def hangs_up_soon(t):
    ana = phone(t, hangs_up)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).ended())
    ana.saw("ACK")
    ana.go()
    ana.done()
    one.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def goes_off_duty_while_rung(t):
    ana = phone(t, cancelled)
    bob = phone(t, name="bob")
    line = line_for(t, ana, bob, strategy="longest_idle")
    one = caller(t, line)
    ana.saw("INVITE")
    line.command("person", "off", "Ana")
    ana.done()
    bob.saw("ACK")
    one.go()
    one.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def comes_on_duty_while_somebody_waits(t):
    ana = phone(t)
    line = line_for(t)
    one = caller(t, line)
    line.waiting(1)
    line.person("Ana", ana.uri)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def nobody_on_a_call_is_rung(t):
    """A second caller waits until Ana is free again."""
    ana = phone(t, calls=2)
    line = line_for(t, ana, wrap_up_seconds=0)
    first = caller(t, line, name="first")
    ana.saw("ACK")
    second = caller(t, line, name="second")
    line.waiting(1)
    t.equal(len(ana.received("INVITE")), 1, "INVITEs during the talk")
    first.go()
    first.done()
    ana.saw("ACK", 2)
    second.go()
    second.done()
    ana.done()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2,
            "outcomes")


# answers that real networks produce


@test()
def forked_2xx(t):
    """Two phones behind one address both picked up: the second is told
    that the call is over (RFC 3261, 13.2.2.4)."""
    ana = phone(t, lambda s: s.rings().picks_up()
                .answer(200, sdp(codecs=(0, 101)), tag="second").recv("ACK")
                .expect("BYE").reply(200, contact=False).ended())
    line = line_for(t, ana)
    one = caller(t, line)
    bye = ana.saw("BYE")
    t.check("tag=second" in bye.get("To"), "BYE for the second dialog")
    t.check("tag=second" in ana.received("ACK")[1].get("To"),
            "ACK for the second dialog")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def picks_up_as_the_caller_leaves(t):
    """200 crosses CANCEL: ACK, then BYE."""
    ana = phone(t, lambda s: s.rings().expect("CANCEL")
                .reply(200, contact=False).picks_up().ended())
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).go().pause(1300).bye()
                 .recv(200))
    ana.saw("INVITE")
    one.go()
    one.done()
    ana.done()
    call = line.outcome(outcome="gave_up", talk_ms=0)
    t.check(not call["counsellor"], "nobody is named")


@test()
def picks_up_as_the_ring_ends(t):
    """200 crosses the CANCEL of a ring that took too long."""
    goes_to_bob(t, lambda s: s.rings().expect("CANCEL")
                .reply(200, contact=False).picks_up().ended(),
                ring_seconds=2)


@test()
def retransmitted_200(t):
    """Its ACK was lost: there is another one (RFC 3261, 13.2.2.4)."""
    ana = phone(t, lambda s: s.rings().picks_up().go()
                .answer(200, sdp(codecs=(0, 101)), retrans=False)
                .recv("ACK").ended())
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    ana.go()
    t.until(lambda: len(ana.received("ACK")) == 2, "another ACK")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def early_media_is_ignored(t):
    """183 with SDP: not an answer, the caller still waits."""
    ana = phone(t, lambda s: s.rings().answer(183, sdp(codecs=(0, 101)))
                .go().picks_up().ended())
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("INVITE")
    line.waiting(1)
    ana.go()
    ana.saw("ACK")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def forwarding_is_not_followed(t):
    """302: nobody dials out through us."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        port = elsewhere.getsockname()[1]
        goes_to_bob(t, lambda s: s.rings(None).answer(
            302, contact=f"Contact: <sip:else@127.0.0.1:{port}>")
            .recv("ACK"))
        elsewhere.setblocking(False)
        try:
            t.check(not elsewhere.recv(2000), "the forward was followed")
        except BlockingIOError:
            pass


@test()
def session_interval_too_small(t):
    """422: once more with what the phone asks for (RFC 4028, 7.3)."""
    ana = phone(t, lambda s: s.rings(None)
                .refuses(422, ("Min-SE: 4000",)).rings().picks_up().ended())
    line = line_for(t, ana)
    one = caller(t, line)
    second = ana.saw("INVITE", 2)
    ana.saw("ACK", 2)
    one.go()
    one.done()
    ana.done()
    t.equal(second.get("Min-SE"), "4000", "Min-SE of the second INVITE")
    t.check(int(second.get("Session-Expires").split(";")[0]) >= 4000,
            "Session-Expires of the second INVITE")
    line.outcome(outcome="talked", counsellor="Ana")


def challenge(code, header):
    return (f'{header}: Digest realm="elsewhere", nonce="a1b2", '
            'algorithm=MD5, qop="auth"',)


@test()
def challenged_by_who_is_no_trunk_401(t):
    """Our credentials are for trunks only."""
    goes_to_bob(t, lambda s: s.rings(None).refuses(
        401, challenge(401, "WWW-Authenticate")), check=lambda ana: t.equal(
            len(ana.received("INVITE")), 1, "INVITEs"))


@test()
def challenged_by_who_is_no_trunk_407(t):
    goes_to_bob(t, lambda s: s.rings(None).refuses(
        407, challenge(407, "Proxy-Authenticate")), check=lambda ana: t.equal(
            len(ana.received("INVITE")), 1, "INVITEs"))


@test()
def picks_up_with_an_unknown_codec(t):
    """ACK and BYE, and the next counsellor."""
    goes_to_bob(t, lambda s: s.rings().picks_up(sdp(codecs=(18,))).ended())


@test()
def picks_up_without_sdp(t):
    goes_to_bob(t, lambda s: s.rings().picks_up(None).ended())


@test()
def picks_up_with_broken_sdp(t):
    goes_to_bob(t, lambda s: s.rings().picks_up(
        "v=0\nm=audio x RTP/AVP\n").ended())


@test()
def over_tcp(t):
    ana = phone(t, tcp=True)
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def holds_and_resumes(t):
    ana = phone(t, lambda s: s.rings().picks_up().go()
                .invite(sdp(codecs=(0, 101), direction="sendonly",
                            version=2)).recv(200).ack().go()
                .invite(sdp(codecs=(0, 101), version=3)).recv(200).ack()
                .ended())
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    ana.go()
    held = ana.saw(200)
    t.check("a=recvonly" in held.body or "a=inactive" in held.body,
            f"the answer to sendonly: {held.body}")
    ana.go()
    resumed = ana.saw(200, 2)
    t.check(not any(d in resumed.body for d in
                    ("a=recvonly", "a=inactive", "a=sendonly")),
            "sound both ways again")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")
