# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peers against each other: the ground that all other tests stand on.
What fails here is the harness, never Ringback."""
import os

import wav
from baresip import Baresip
from case import Failed, test
from kamailio import Kamailio
from phone import Call, Phone
from sipp import Scenario, Sipp


def answering(user):
    return Scenario(user).rings().picks_up().ended()


@test(30)
def sipp_calls_sipp(t):
    phone = Sipp(t, "phone", answering("phone"))
    caller = Sipp(t, "caller", Scenario().invite().recv(180).recv(200).ack()
                  .go().bye().recv(200), f"127.0.0.1:{phone.port}")
    phone.saw("ACK")
    caller.go()
    caller.done()
    phone.done()
    t.equal([m.first for m in phone.received("BYE")],
            [f"BYE {phone.uri};transport=UDP SIP/2.0"], "BYE goes to Contact")


@test(30)
def sipp_calls_sipp_over_tcp_and_ipv6(t):
    phone = Sipp(t, "phone", answering("phone"), ip="::1", tcp=True)
    caller = Sipp(t, "caller", Scenario().invite().recv(180).recv(200).ack()
                  .pause(100).bye().recv(200), f"[::1]:{phone.port}",
                  ip="::1", tcp=True)
    caller.done()
    phone.done()
    t.check("c=IN IP6 ::1" in phone.received("INVITE")[0].body,
            "IPv6 in the SDP")


@test(30)
def sipp_cancels(t):
    phone = Sipp(t, "phone", Scenario("phone").rings().expect("CANCEL")
                 .reply(200, contact=False).refuses(487))
    caller = Sipp(t, "caller", Scenario().invite().recv(180).go().cancel()
                  .recv(200).recv(487).nack(), f"127.0.0.1:{phone.port}")
    phone.saw("INVITE")
    caller.go()
    caller.done()
    phone.done()


@test(30)
def sipp_notices_what_is_wrong(t):
    """A test whose scenario is not followed fails."""
    phone = Sipp(t, "phone", Scenario("phone").rings().refuses(486))
    caller = Sipp(t, "caller", Scenario().invite().recv(180).recv(200).ack(),
                  f"127.0.0.1:{phone.port}", seconds=5)
    try:
        caller.done()
    except Failed as failure:
        t.check("486" in str(failure), f"the reason is told: {failure}")
        return
    raise Failed("sipp took 486 for 200")


@test(30)
def baresip_calls_baresip(t):
    """A tone each way, each found in the other's recording."""
    low = wav.tone(t.path("low.wav"), 440)
    high = wav.tone(t.path("high.wav"), 1000)
    phone = Baresip(t, "phone", wav=high, answers=True)
    caller = Baresip(t, "caller", wav=low)
    caller.dial(phone.uri)
    caller.talks()
    phone.talks()
    for who, hz, other in ((caller, 1000, 440), (phone, 440, 1000)):
        t.until(lambda w=who, h=hz: heard(w, h) > 1.0,
                f"{who.name} hears {hz} Hz")
        sound = wav.Sound(who.recording())
        t.equal(sound.heard(other), 0, f"{who.name} hears itself")
    caller.hang_up()
    phone.ended()


def heard(who, hz):
    return wav.Sound(who.recording()).heard(hz)


@test(30)
def baresip_over_ipv6(t):
    tone = wav.tone(t.path("tone.wav"), 440)
    phone = Baresip(t, "phone", host="::1", wav=tone, answers=True)
    caller = Baresip(t, "caller", host="::1", wav=tone, codecs=("PCMA",))
    caller.dial(phone.uri)
    t.until(lambda: os.path.isdir(caller.folder), "folder")
    caller.talks()
    t.until(lambda: heard(phone, 440) > 0.5, "sound")


@test(30)
def kamailio_routes_a_call(t):
    proxy = Kamailio(t, challenged="phone")
    tone = wav.tone(t.path("tone.wav"), 440)
    phone = Baresip(
        t, "phone", user="phone", wav=tone, answers=True,
        account=f"<sip:phone@{proxy.address}>;auth_user=phone"
                ";auth_pass=s3cret;regint=60")
    t.until(lambda: "200 OK" in phone.words(), "registered")
    caller = Baresip(t, "caller", user="caller", wav=tone,
                     account=f"<sip:caller@{proxy.address}>;regint=0"
                             ";auth_user=caller;auth_pass=s3cret")
    caller.dial(f"sip:phone@{proxy.address}")
    caller.talks()
    phone.talks()


@test(30)
def kamailio_speaks_sha_256(t):
    """baresip 1.0 has MD5 only: seen from its challenge."""
    proxy = Kamailio(t, algorithm="SHA-256")
    caller = Sipp(t, "caller", Scenario().request("REGISTER").recv(401),
                  proxy.address)
    caller.done()
    t.check("algorithm=SHA-256" in
            caller.received(401)[0].get("WWW-Authenticate"),
            "the challenge asks for SHA-256")


@test(20)
def tones_are_found(t):
    path = wav.tone(t.path("tone.wav"), 1000, seconds=2)
    sound = wav.Sound(path)
    t.equal(sound.heard(1000), 2.0, "seconds of the tone that is there")
    t.equal(sound.heard(440), 0, "seconds of a tone that is not there")
    t.equal(sound.first(1000), 0.0, "when it begins")
    t.equal(sound.silent(), 0, "silence in it")


class Direct:
    """Where a Call goes if not to a line."""

    def __init__(self, host, port):
        self.host = host
        self.address = f"[{host}]:{port}" if ":" in host else \
            f"{host}:{port}"


def test_phone(**options):
    """`ringback call` and `ringback phone` without a line between them."""
    @test(30)
    def call(t):
        host = options.get("host", "127.0.0.1")
        high = wav.tone(t.path("high.wav"), 1000)
        low = wav.tone(t.path("low.wav"), 440)
        phone = Phone(t, "phone", wav=high, calls=1,
                      record=t.path("phone-heard.wav"), **options)
        caller = Call(t, "caller", Direct(host, phone.port), wav=low,
                      seconds=2, record=t.path("caller-heard.wav"),
                      dtmf="12", tcp=options.get("tcp", False))
        caller.done()
        phone.done()
        for name, hz, other in (("caller", 1000, 440),
                                ("phone", 440, 1000)):
            sound = wav.Sound(t.path(f"{name}-heard.wav"))
            t.check(sound.heard(hz) > 1.2,
                    f"{name} hears {hz} Hz for {sound.heard(hz):.1f} s")
            t.equal(sound.heard(other), 0, f"{name} hears itself")
    return call


test_phone_calls = test_phone()
test_phone_calls_over_tcp = test_phone(tcp=True)
test_phone_calls_over_ipv6 = test_phone(host="::1")


@test(30)
def test_phone_and_baresip(t):
    high = wav.tone(t.path("high.wav"), 1000)
    low = wav.tone(t.path("low.wav"), 440)
    phone = Baresip(t, "phone", wav=high, answers=True)
    caller = Call(t, "caller", Direct("127.0.0.1", phone.port), wav=low,
                  seconds=3, record=t.path("heard.wav"), dialled=phone.user)
    phone.talks()
    caller.done()
    t.check(wav.Sound(t.path("heard.wav")).heard(1000) > 1.2,
            "the caller hears the phone")
    t.check(heard(phone, 440) > 1.2, "the phone hears the caller")
