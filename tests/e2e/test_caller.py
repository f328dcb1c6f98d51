# SPDX-License-Identifier: AGPL-3.0-or-later
"""What callers' SIP may look like, within what the standards allow."""
import re

from case import test
from cast import caller, calls, connects, line_for, phone
from sip import Raw
from sipp import sdp

TALK = {"outcome": "talked", "counsellor": "Ana"}


def in_talk(t, steps, then=None, tcp=False, host="127.0.0.1", **options):
    """Ana talks with a caller who does these steps between picking up and
    hanging up. Returns the caller."""
    ana = phone(t)
    line = line_for(t, ana, host=host, **options)
    one = caller(t, line, lambda s: steps(connects(s).go()).go().bye()
                 .recv(200), tcp=tcp)
    ana.saw("ACK")
    line.talking(1)
    one.go()
    if then:
        then(one)
    one.go()
    one.done()
    ana.done()
    line.outcome(**TALK)
    return one


def version(message):
    return int(re.search(r"^o=\S+ \d+ (\d+)", message.body, re.M).group(1))


def direction(message):
    found = re.findall(r"^a=(sendrecv|sendonly|recvonly|inactive)$",
                       message.body, re.M)
    return found[0] if found else "sendrecv"


# the first INVITE


@test()
def retransmitted_invite(t):
    """The same INVITE four times is one call, and one answer repeated."""
    line = line_for(t)
    with Raw(line) as raw:
        invite = raw.request("INVITE", t.number(),
                             sdp(host="127.0.0.1", port=40000))
        for _ in range(4):
            raw.send(invite)
        answers = raw.receive_all(1.2)
        t.equal([a[:12] for a in answers if not a.startswith(
            ("SIP/2.0 100", "SIP/2.0 200"))], [], "other answers")
        ends = {re.search(r"^To: (.*?)\r$", text, re.M).group(1)
                for text in answers if text.startswith("SIP/2.0 200")}
        t.equal(len(ends), 1, "dialogs")
        to = ends.pop()
        dialog = {"To": to, "From": re.search(
            r"^From: (.*)$", invite, re.M).group(1), "Call_ID": re.search(
            r"^Call-ID: (.*)$", invite, re.M).group(1)}
        raw.send(raw.request("ACK", CSeq="1 ACK", **dialog))
        raw.send(raw.request("BYE", CSeq="2 BYE", **dialog))
        t.equal(len(line.ended()), 1, "calls on record")


@test(120, long=True)
def lost_ack(t):
    """200 is repeated for 32 s, then the call is ended with BYE."""
    line = line_for(t)
    one = caller(t, line, lambda s: s.invite().recv(100, optional=True)
                 .recv(200).expect("BYE", timeout=45000)
                 .reply(200, contact=False), seconds=60)
    one.done(60)
    t.check(len(one.received(200)) >= 8,
            f"{len(one.received(200))} times 200")
    call = line.outcome()
    t.check(30000 <= call["wait_ms"] <= 40000, f"wait_ms {call['wait_ms']}")


@test()
def offerless_invite(t):
    """No SDP: we offer both codecs in the 200, the ACK answers."""
    ana = phone(t)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: s.invite(None).recv(100, optional=True)
                 .recv(200).ack(sdp(codecs=(8, 101))).go().bye().recv(200))
    offer = one.saw(200)
    for codec in ("PCMU/8000", "PCMA/8000", "telephone-event/8000"):
        t.check(codec in offer.body, f"{codec} in the offer")
    ana.saw("ACK")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(**TALK)


@test()
def offerless_invite_without_answer(t):
    """An ACK without SDP leaves nothing to hear: the call is ended."""
    line = line_for(t)
    caller(t, line, lambda s: s.invite(None).recv(100, optional=True)
           .recv(200).ack().ended()).done()
    line.ended()


@test()
def both_codecs_lead_to_one(t):
    """The answer names a codec of the offer, and telephone-event."""
    line = line_for(t)
    for name, codecs in (("u", (0, 101)), ("a", (8, 101)),
                         ("both", (18, 8, 0, 101))):
        one = caller(t, line, lambda s, c=codecs: s.invite(sdp(c))
                     .recv(100, optional=True).recv(200).ack().bye()
                     .recv(200), name=name)
        one.done()
        body = one.received(200)[0].body
        row = re.search(r"^m=audio \d+ RTP/AVP (.*)$", body, re.M)
        got = {int(c) for c in row.group(1).split()}
        t.check(got <= set(codecs) and got & {0, 8} and 101 in got
                and 18 not in got, f"{got} answers {codecs}")
        t.check("a=ptime:20" in body, "ptime")


@test()
def no_codec_in_common(t):
    line = line_for(t)
    caller(t, line, lambda s: s.invite(sdp(codecs=(18,)))
           .recv(100, optional=True).recv(488).nack()).done()


@test()
def no_sound_at_all(t):
    """Only video is offered."""
    line = line_for(t)
    body = sdp().replace("m=audio", "m=video")
    caller(t, line, lambda s: s.invite(body).recv(100, optional=True)
           .recv(488).nack()).done()


@test()
def video_beside_sound_is_declined(t):
    """Answered with port 0, in the order of the offer (RFC 3264, 6)."""
    line = line_for(t)
    body = sdp() + "m=video 40000 RTP/AVP 96\na=rtpmap:96 VP8/90000\n"
    one = caller(t, line, lambda s: connects(s, body=body).bye().recv(200))
    one.done()
    rows = [r for r in one.received(200)[0].body.split("\n")
            if r.startswith("m=")]
    t.equal(len(rows), 2, "m= lines of the answer")
    t.check(rows[0].startswith("m=audio") and not
            rows[0].startswith("m=audio 0"), rows[0])
    t.check(rows[1].startswith("m=video 0 "), rows[1])


@test()
def requires_what_we_have_not(t):
    line = line_for(t)
    one = caller(t, line, lambda s: s.invite(extra=("Require: 100rel",))
                 .recv(100, optional=True).recv(420).nack())
    one.done()
    t.equal(one.received(420)[0].get("Unsupported"), "100rel",
            "Unsupported")


@test()
def hops_used_up(t):
    line = line_for(t)

    def steps(s):
        s.invite()
        s.steps[-1] = s.steps[-1].replace("Max-Forwards: 70",
                                          "Max-Forwards: 0")
        return s.recv(100, optional=True).recv(483).nack()

    caller(t, line, steps).done()


@test()
def wrong_kind_of_body(t):
    line = line_for(t)
    one = caller(t, line, lambda s: s.request(
        "INVITE", body="hello\n", kind="text/plain")
        .recv(100, optional=True).recv(415).nack())
    one.done()
    t.check("application/sdp" in (one.received(415)[0].get("Accept") or ""),
            "Accept names what would be right")


def refused_method(method):
    @test()
    def refused(t):
        line = line_for(t)
        one = caller(t, line, lambda s: s.request(method).recv(405))
        one.done()
        allowed = one.received(405)[0].get("Allow") or ""
        for name in ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE"):
            t.check(name in allowed, f"Allow: {allowed}")
        t.check(method not in allowed, f"Allow: {allowed}")
    return refused


method_message = refused_method("MESSAGE")
method_subscribe = refused_method("SUBSCRIBE")
method_publish = refused_method("PUBLISH")
method_refer = refused_method("REFER")
method_notify = refused_method("NOTIFY")
method_unheard_of = refused_method("KNOCK")


def unknown_dialog(method):
    @test()
    def refused(t):
        line = line_for(t)
        with Raw(line) as raw:
            t.equal(raw.answer(raw.request(
                method, To="<sip:x@127.0.0.1>;tag=never")), 481,
                f"answer to a stray {method}")
    return refused


unknown_bye = unknown_dialog("BYE")
unknown_update = unknown_dialog("UPDATE")
unknown_invite = unknown_dialog("INVITE")
unknown_cancel = unknown_dialog("CANCEL")


@test()
def stray_ack_is_silence(t):
    line = line_for(t)
    with Raw(line) as raw:
        t.equal(raw.answer(raw.request("ACK"), 1), None, "answer")


@test()
def options_outside_a_call(t):
    """Trunks ask whether we live."""
    line = line_for(t)
    one = caller(t, line, lambda s: s.request("OPTIONS").recv(200))
    one.done()
    reply = one.received(200)[0]
    t.check("INVITE" in (reply.get("Allow") or ""), "Allow")
    t.check("application/sdp" in (reply.get("Accept") or ""), "Accept")
    t.equal(line.calls(), [], "calls on record")


# within a call


@test()
def options_in_a_call(t):
    in_talk(t, lambda s: s.request("OPTIONS").recv(200))


@test()
def refer_in_a_call(t):
    in_talk(t, lambda s: s.request(
        "REFER", extra=("Refer-To: <sip:other@127.0.0.1>",)).recv(405))


def hold(body):
    return lambda s: (s.invite(body(2)).recv(100, optional=True).recv(200)
                      .ack().go().invite(sdp(version=3))
                      .recv(100, optional=True).recv(200).ack())


def held(t, wanted):
    """The answers to a hold and to its end."""
    def look(one):
        first, on_hold = one.saw(200, 1), one.saw(200, 2)
        one.go()
        resumed = one.saw(200, 3)
        t.check(direction(on_hold) in wanted,
                f"the hold is answered with {direction(on_hold)}")
        t.equal(direction(resumed), "sendrecv", "the end of the hold")
        versions = [version(m) for m in (first, on_hold, resumed)]
        t.equal(versions, [versions[0], versions[0] + 1, versions[0] + 2],
                "versions of our description (RFC 3264, 8)")
        origins = {re.search(r"^o=(\S+ \d+)", m.body, re.M).group(1)
                   for m in (first, on_hold, resumed)}
        t.equal(len(origins), 1, "origins of our description")
    return look


@test()
def hold_sendonly(t):
    in_talk(t, hold(lambda v: sdp(direction="sendonly", version=v)),
            held(t, ("recvonly", "inactive")))


@test()
def hold_inactive(t):
    in_talk(t, hold(lambda v: sdp(direction="inactive", version=v)),
            held(t, ("inactive",)))


@test()
def hold_the_old_way(t):
    """c=0.0.0.0 (RFC 2543)."""
    in_talk(t, lambda s: (
        s.invite(sdp(host="0.0.0.0", version=2)).recv(100, optional=True)
        .recv(200).ack().go().invite(sdp(version=3))
        .recv(100, optional=True).recv(200).ack()),
        lambda one: (one.saw(200, 2), one.go(), one.saw(200, 3)))


@test()
def hold_while_waiting(t):
    line = line_for(t)
    one = caller(t, line, lambda s: connects(s).invite(
        sdp(direction="sendonly", version=2)).recv(100, optional=True)
        .recv(200).ack().bye().recv(200))
    one.done()
    t.check(direction(one.received(200)[1]) in ("recvonly", "inactive"),
            "the answer to a hold")


@test()
def reinvite_without_sdp(t):
    """We offer again; the ACK answers."""
    def look(one):
        offer = one.saw(200, 2)
        t.check("m=audio" in offer.body, "an offer in the 200")
    in_talk(t, lambda s: s.invite(None).recv(100, optional=True).recv(200)
            .ack(sdp(codecs=(0, 101), version=2)), look)


@test()
def reinvite_with_an_unknown_codec(t):
    """488, and the call goes on as it was (RFC 3261, 14.2)."""
    in_talk(t, lambda s: s.invite(sdp(codecs=(18,), version=2))
            .recv(100, optional=True).recv(488).nack("[next_url]"))


@test()
def update_with_sdp(t):
    def look(one):
        t.check("m=audio" in one.saw(200, 2).body, "an answer in the 200")
    in_talk(t, lambda s: s.request("UPDATE", body=sdp(
        direction="sendonly", version=2)).recv(200), look)


@test()
def update_without_sdp(t):
    def look(one):
        t.equal(one.saw(200, 2).body.strip(), "", "body of the 200")
    in_talk(t, lambda s: s.request("UPDATE").recv(200), look)


@test()
def update_with_an_unknown_codec(t):
    in_talk(t, lambda s: s.request("UPDATE", body=sdp(
        codecs=(18,), version=2)).recv(488))


@test()
def update_while_our_offer_is_open(t):
    """Glare: our offer in the 200 has no answer yet (RFC 3311, 5.2)."""
    line = line_for(t)
    one = caller(t, line, lambda s: s.invite(None).recv(100, optional=True)
                 .recv(200).request("UPDATE", body=sdp(version=1))
                 .recv(200, optional=True).recv(491))
    # the ACK comes late, with the INVITE's own CSeq
    one.saw(491)
    one.done()
    one.process.wait()
    with Raw(line) as raw:
        reply = one.received(200)[0]
        asked = one.sent("INVITE")[0]
        for method, cseq in (("ACK", 1), ("BYE", 3)):
            raw.send(raw.request(
                method, To=reply.get("To"), From=asked.get("From"),
                Call_ID=asked.get("Call-ID"), CSeq=f"{cseq} {method}",
                body=sdp(host="127.0.0.1", port=one.media)
                if method == "ACK" else ""))
    line.ended()


@test()
def old_cseq(t):
    """A request older than the last one: 500 (RFC 3261, 12.2.2)."""
    def look(one):
        reply = one.saw(200, 2)
        with Raw(t.lines[0]) as raw:
            t.equal(raw.answer(raw.request(
                "UPDATE", To=reply.get("To"), From=reply.get("From"),
                Call_ID=reply.get("Call-ID"), CSeq="1 UPDATE")), 500,
                "answer to an old UPDATE")

    in_talk(t, lambda s: s.request("UPDATE").recv(200), look)


@test()
def bye_with_a_wrong_tag(t):
    """Knowing the Call-ID does not end a call."""
    ana = phone(t)
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    reply = one.received(200)[0]
    with Raw(line) as raw:
        for to, from_ in ((reply.get("To") + "x", reply.get("From")),
                          (reply.get("To"), reply.get("From") + "x")):
            t.equal(raw.answer(raw.request(
                "BYE", To=to, From=from_, Call_ID=reply.get("Call-ID"),
                CSeq="5 BYE")), 481, "answer to a BYE with a wrong tag")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(**TALK)


# transports


@test()
def over_tcp(t):
    """The caller on TCP; the counsellor's BYE comes back on it."""
    ana = phone(t, lambda s: s.rings().picks_up().go().bye().recv(200))
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).ended(), tcp=True)
    ana.saw("ACK")
    line.talking(1)
    ana.go()
    ana.done()
    one.done()
    line.outcome(**TALK)


@test()
def over_ipv6(t):
    ana = phone(t, ip="::1")
    line = line_for(t, ana, host="::1")
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    t.check("c=IN IP6 ::1" in one.received(200)[0].body, "IPv6 sound")
    line.outcome(**TALK)


@test()
def caller_on_ipv6_counsellor_on_ipv4(t):
    ana = phone(t)
    line = line_for(t, ana, host="::1", also="127.0.0.1")
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    t.check("c=IN IP4 127.0.0.1" in ana.received("INVITE")[0].body,
            "IPv4 sound to the counsellor")
    line.outcome(**TALK)


@test()
def tcp_caller_goes_without_a_word(t):
    """A connection that breaks in the queue does not stop the line."""
    line = line_for(t)
    one = caller(t, line, calls, tcp=True)
    line.waiting(1)
    one.process.kill()
    one.process.wait()
    caller(t, line, lambda s: connects(s).bye().recv(200),
           name="other").done()
    line.quiet = False  # only its session timer ends the first call


