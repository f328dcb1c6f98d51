# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each side hears, by what it recorded."""
import time

from baresip import Baresip
from case import test
from cast import calls, line_for, phone
from phone import Call, Phone
from rtp import Rtp
from sipp import Sipp, Scenario, sdp
import wav

ANA, CALLER = 1000, 440  # Hz


def tones(t):
    return (wav.tone(t.path("ana.wav"), ANA),
            wav.tone(t.path("caller.wav"), CALLER))


def hears(who, path, hz, seconds=1.5, never=None):
    """This recording has a tone for so long, and never that other one."""
    sound = wav.Sound(path)
    got = sound.heard(hz)
    who.case.check(got >= seconds, f"{who.name} hears {hz} Hz for {got:.2f} s"
                                   f" of {sound.seconds:.2f}")
    if never:
        who.case.check(sound.loudest_share(never) < 0.2,
                       f"{who.name} hears {never} Hz, its own sound")


def both_ways(t, line, phone_codecs=("PCMU", "PCMA"),
              caller_codecs=("PCMU", "PCMA"), host="127.0.0.1", tcp=False):
    """baresip calls, baresip answers."""
    high, low = tones(t)
    ana = Baresip(t, "ana", host=host, wav=high, codecs=phone_codecs,
                  answers=True, tcp=tcp)
    one = Baresip(t, "caller", host=host, wav=low, codecs=caller_codecs,
                  tcp=tcp)
    line.person("Ana", ana.uri)
    one.dial(f"sip:{t.number()}@{line.address}"
             + (";transport=tcp" if tcp else ""))
    one.talks()
    ana.talks()
    line.talking(1)
    for who, hz in ((one, ANA), (ana, CALLER)):
        t.until(lambda w=who, h=hz: wav.Sound(w.recording()).heard(h) >= 1.5,
                f"{who.name} hears {hz} Hz for 1.5 s")
    one.hang_up()
    ana.ended()
    line.outcome(outcome="talked", counsellor="Ana")
    hears(one, one.recording(), ANA, never=CALLER)
    hears(ana, ana.recording(), CALLER, never=ANA)
    return one, ana


@test(listens=True)
def baresip_both_sides(t):
    line = line_for(t)
    one, ana = both_ways(t, line)
    t.equal(wav.Sound(ana.recording()).silent(), 0,
            "seconds of digital silence")
    # once the talk has begun, nothing else is heard
    sound = wav.Sound(one.recording())
    begin = sound.first(ANA)
    rest = sound.shares(ANA)[int(begin * wav.RATE / wav.BLOCK) + 2:-2]
    t.check(min(rest) > 0.5, "something else is heard in the talk")


@test(listens=True)
def baresip_pcma_both_sides(t):
    both_ways(t, line_for(t), ("PCMA",), ("PCMA",))


@test(listens=True)
def baresip_pcmu_to_pcma(t):
    both_ways(t, line_for(t), ("PCMA",), ("PCMU",))


@test(listens=True)
def baresip_pcma_to_pcmu(t):
    both_ways(t, line_for(t), ("PCMU",), ("PCMA",))


@test(listens=True)
def baresip_over_ipv6(t):
    both_ways(t, line_for(t, host="::1"), host="::1")


@test(listens=True)
def baresip_over_tcp(t):
    both_ways(t, line_for(t), tcp=True)


@test(listens=True)
def baresip_counsellor_hangs_up(t):
    high, low = tones(t)
    line = line_for(t)
    ana = Baresip(t, "ana", wav=high, answers=True)
    one = Baresip(t, "caller", wav=low)
    line.person("Ana", ana.uri)
    one.dial(f"sip:{t.number()}@{line.address}")
    ana.talks()
    line.talking(1)
    ana.hang_up()
    one.ended()
    line.outcome(outcome="talked", counsellor="Ana")


@test(listens=True)
def baresip_counsellor_declines(t):
    high, low = tones(t)
    line = line_for(t)
    ana = Baresip(t, "ana", wav=high)
    bob = phone(t, name="bob")
    one = Baresip(t, "caller", wav=low)
    line.person("Ana", ana.uri)
    one.dial(f"sip:{t.number()}@{line.address}")
    t.until(lambda: "Incoming call" in ana.words(), "Ana's phone rings")
    line.person("Bob", bob.uri)
    ana.hang_up()
    bob.saw("ACK")
    one.hang_up()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test(listens=True)
def baresip_holds_and_resumes(t):
    """The other side hears no tone during the hold, and hears it again."""
    high, low = tones(t)
    line = line_for(t)
    ana = Baresip(t, "ana", wav=high, answers=True)
    one = Baresip(t, "caller", wav=low)
    line.person("Ana", ana.uri)
    one.dial(f"sip:{t.number()}@{line.address}")
    ana.talks()
    t.until(lambda: wav.Sound(ana.recording()).heard(CALLER) > 0.5, "sound")
    one.command("hold")

    def quiet():
        blocks = wav.Sound(ana.recording()).shares(CALLER)[-10:]
        return max(blocks) < 0.2
    t.until(quiet, "the tone stops on hold")
    one.command("resume")
    t.until(lambda: min(wav.Sound(ana.recording()).shares(CALLER)[-4:])
            > 0.8, "the tone comes back")
    one.hang_up()
    ana.ended()
    line.outcome(outcome="talked", counsellor="Ana")


# Ringback's own test phone and caller


def commands(t, line, codec=None, tcp=False):
    high, low = tones(t)
    ana = Phone(t, "ana", host=line.host, wav=high, calls=1, tcp=tcp,
                record=t.path("ana-heard.wav"))
    line.person("Ana", ana.uri)
    one = Call(t, "caller", line, wav=low, seconds=5, codec=codec, tcp=tcp,
               record=t.path("caller-heard.wav"))
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")
    hears(one, t.path("caller-heard.wav"), ANA, never=CALLER)
    hears(ana, t.path("ana-heard.wav"), CALLER, never=ANA)


@test(listens=True)
def commands_pcmu(t):
    commands(t, line_for(t), "pcmu")


@test(listens=True)
def commands_pcma(t):
    commands(t, line_for(t), "pcma")


@test(listens=True)
def commands_over_ipv6(t):
    commands(t, line_for(t, host="::1"))


@test(listens=True)
def commands_over_tcp(t):
    commands(t, line_for(t), tcp=True)


@test(listens=True)
def greeting_and_hold_sound_yield_to_the_talk(t):
    high, low = tones(t)
    line = line_for(t)
    one = Call(t, "caller", line, wav=low, seconds=14,
               record=t.path("heard.wav"))
    line.waiting(1)
    time.sleep(6)  # what is heard meanwhile is what is tested
    ana = Phone(t, "ana", wav=high, calls=1)
    line.person("Ana", ana.uri)
    line.talking(1)
    one.done()
    ana.done()
    sound = wav.Sound(t.path("heard.wav"))
    begin = sound.first(ANA)
    t.check(begin and begin > 5, f"the talk begins at {begin}")
    cut = int(begin * wav.RATE / wav.BLOCK)
    before = wav.Sound.__new__(wav.Sound)
    before.blocks = sound.blocks[4:cut - 2]
    t.check(before.silent() < 0.3,
            f"{before.silent():.2f} s of digital silence in the queue")
    loud = [e for e in before.energies() if e > 300 ** 2]
    t.check(len(loud) * wav.BLOCK / wav.RATE > 2,
            "greeting and hold sound are heard")
    # a packet that her phone sends late leaves a hole of a block or two
    after = "".join(".#"[share > 0.5]
                    for share in sound.shares(ANA)[cut + 2:-4])
    t.check("..." not in after and after.count("#") > 0.9 * len(after),
            f"greeting or hold sound goes on in the talk: {after}")


@test(listens=True)
def greeting_goes_on_while_a_phone_rings(t):
    high, low = tones(t)
    line = line_for(t)
    ana = Phone(t, "ana", wav=high, calls=1, after=3000)
    line.person("Ana", ana.uri)
    one = Call(t, "caller", line, wav=low, seconds=7,
               record=t.path("heard.wav"))
    one.done()
    ana.done()
    sound = wav.Sound(t.path("heard.wav"))
    begin = sound.first(ANA)
    t.check(begin and begin > 2, f"the talk begins at {begin}")
    loud = [e for e in sound.energies()[:int(begin * 20)] if e > 300 ** 2]
    t.check(len(loud) > 10, "the greeting is heard during the ring")


@test(listens=True)
def keys_are_not_logged(t):
    """Digits keyed in the queue and in the talk; the privacy check looks
    for them."""
    line = line_for(t)
    ana = Phone(t, "ana", calls=1, after=1500)
    line.person("Ana", ana.uri)
    Call(t, "caller", line, seconds=6,
         dtmf=t.plant("8675309421")).done()
    ana.done()
    line.outcome(outcome="talked")


@test(listens=True)
def early_media_is_not_heard(t):
    """Sound of a phone that has not picked up reaches nobody."""
    line = line_for(t)
    early = Rtp(ANA)
    ana = phone(t, lambda s: s.rings().answer(183, sdp(
        codecs=(0, 101), host="127.0.0.1", port=early.port))
        .go().refuses(486))
    line.person("Ana", ana.uri)
    one = Call(t, "caller", line, seconds=5, record=t.path("heard.wav"))
    early.talk_to_sdp(ana.saw("INVITE").body)
    t.until(lambda: one.process.poll() is not None, "the caller is done")
    ana.go()
    ana.done()
    early.stop()
    sound = wav.Sound(t.path("heard.wav"))
    t.check(sound.seconds > 3, f"{sound.seconds} s recorded")
    t.equal(sound.first(ANA), None, "when early sound is heard")


# where sound comes from, and where it goes


def rtp_caller(t, line, own, name="caller", steps=calls, **options):
    """A sipp caller whose sound is a socket of the test."""
    s = Scenario(t.number())
    s.invite(sdp(codecs=(0, 101), host="127.0.0.1", port=own.port))
    s.recv(100, optional=True).recv(200).ack()
    return Sipp(t, name, steps(s), line.address, service=t.number(),
                **options)


def talk_with(t, line, own):
    """Ana, who records, talks with a caller whose sound is ours."""
    ana = Phone(t, "ana", wav=wav.tone(t.path("ana.wav"), ANA), calls=1,
                record=t.path("heard.wav"))
    line.person("Ana", ana.uri)
    one = rtp_caller(t, line, own, steps=lambda s: s.go().bye().recv(200))
    body = one.saw(200).body
    line.talking(1)
    return ana, one, body


@test(listens=True)
def a_third_party_is_not_heard(t):
    """Packets from elsewhere neither turn the sound away from the caller
    nor reach the counsellor: from a stranger before the caller speaks, from
    the caller's own host afterwards."""
    line = line_for(t)
    own, strangers, neighbour = Rtp(CALLER), Rtp(1800, "127.0.0.2"), \
        Rtp(2600)
    ana, one, body = talk_with(t, line, own)
    strangers.talk_to_sdp(body)
    strangers_began = time.monotonic()
    time.sleep(1)  # the stranger speaks first, alone
    own.talk_to_sdp(body)
    t.until(lambda: len(own.received) > 25, "the caller hears something")
    time.sleep(1)  # both speak
    neighbour.talk_to_sdp(body)
    neighbour_began = time.monotonic()
    time.sleep(1.5)  # all three speak
    t.check(len(own.heard_since(neighbour_began)) > 50,
            f"the caller still hears: "
            f"{len(own.heard_since(neighbour_began))} packets in 1.5 s")
    t.equal(len(strangers.heard_since(strangers_began)), 0,
            "packets to the stranger")
    t.equal(len(neighbour.heard_since(neighbour_began)), 0,
            "packets to the neighbour")
    one.go()
    one.done()
    ana.done()
    for socket in (own, strangers, neighbour):
        socket.stop()
    sound = wav.Sound(t.path("heard.wav"))
    t.check(sound.heard(CALLER) > 1.5, "the caller is heard")
    for hz in (1800, 2600):
        t.check(sound.loudest_share(hz) < 0.1, f"{hz} Hz is heard")
    line.outcome(outcome="talked")


@test(listens=True)
def sound_follows_a_new_address(t):
    """A re-INVITE from another port: sound goes there and comes from
    there."""
    line = line_for(t)
    own, other = Rtp(CALLER), Rtp(600)
    ana = Phone(t, "ana", wav=wav.tone(t.path("ana.wav"), ANA), calls=1,
                record=t.path("heard.wav"))
    line.person("Ana", ana.uri)
    one = rtp_caller(t, line, own, steps=lambda s: s.go().invite(sdp(
        codecs=(0, 101), host="127.0.0.1", port=other.port, version=2))
        .recv(100, optional=True).recv(200).ack().go().bye().recv(200))
    own.talk_to_sdp(one.saw(200).body)
    line.talking(1)
    t.until(lambda: len(own.received) > 25, "sound at the first address")
    own.to = None
    one.go()
    other.talk_to_sdp(one.saw(200, 2).body)
    moved = time.monotonic()
    t.until(lambda: len(other.received) > 75, "sound at the new address")
    t.check(len(own.heard_since(moved + 0.3)) == 0, "none at the old one")
    one.go()
    one.done()
    ana.done()
    own.stop()
    other.stop()
    sound = wav.Sound(t.path("heard.wav"))
    t.check(sound.heard(600) > 0.8, "the new address is heard")


@test(listens=True)
def hold_is_silence_on_the_wire_only_to_the_holder(t):
    """inactive: nothing is sent to the caller until it resumes."""
    line = line_for(t)
    own = Rtp(CALLER)

    def offer(direction, version):
        return sdp(codecs=(0, 101), host="127.0.0.1", port=own.port,
                   direction=direction, version=version)
    ana = Phone(t, "ana", wav=wav.tone(t.path("ana.wav"), ANA), calls=1)
    line.person("Ana", ana.uri)
    one = rtp_caller(t, line, own, steps=lambda s: s.go()
                     .invite(offer("inactive", 2)).recv(100, optional=True)
                     .recv(200).ack().go().invite(offer("sendrecv", 3))
                     .recv(100, optional=True).recv(200).ack().go().bye()
                     .recv(200))
    own.talk_to_sdp(one.saw(200).body)
    line.talking(1)
    t.until(lambda: len(own.received) > 25, "sound before")
    one.go()
    one.saw(200, 2)
    on_hold = time.monotonic() + 0.3
    time.sleep(1.3)  # a second of hold
    t.equal(len(own.heard_since(on_hold)), 0, "packets on hold")
    one.go()
    one.saw(200, 3)
    resumed = time.monotonic()
    t.until(lambda: len(own.heard_since(resumed)) > 25, "sound again")
    one.go()
    one.done()
    ana.done()
    own.stop()


@test(listens=True)
def packets_are_our_own(t):
    """Fresh SSRC, sequence and time without gaps over greeting, hold sound
    and talk; the payload as negotiated; 160 bytes each."""
    line = line_for(t)
    own = Rtp(CALLER)
    ana, one, body = talk_with(t, line, own)
    own.talk_to_sdp(body)
    t.until(lambda: len(own.received) > 100, "two seconds of sound")
    one.go()
    one.done()
    ana.done()
    own.stop()
    packets = [p for _, p in own.received]
    t.equal({p[0] for p in packets}, {0x80}, "version, no padding, no CSRC")
    t.equal({p[1] & 0x7f for p in packets}, {0}, "payload types")
    t.equal({len(p) for p in packets}, {172}, "packet lengths")
    t.equal(len({p[8:12] for p in packets}), 1, "SSRCs")
    numbers = [int.from_bytes(p[2:4], "big") for p in packets]
    steps = {(b - a) & 0xffff for a, b in zip(numbers, numbers[1:])}
    t.equal(steps, {1}, "steps of the sequence")
    times = [int.from_bytes(p[4:8], "big") for p in packets]
    gaps = {(b - a) & 0xffffffff for a, b in zip(times, times[1:])}
    t.check(all(0 < g < 16000 and g % 160 == 0 for g in gaps),
            f"steps of the timestamp: {gaps}")


@test(listens=True)
def garbage_in_the_sound(t):
    """Truncated and foreign packets from the right source: dropped."""
    line = line_for(t)
    own = Rtp(CALLER)
    ana, one, body = talk_with(t, line, own)
    own.talk_to_sdp(body)
    for n in list(range(0, 40)) + [171, 173, 1400]:
        own.socket.sendto(bytes([0x80, 0] + [7] * n)[:n], own.to)
        own.socket.sendto(bytes([n & 255] * (n + 1)), own.to)
        own.socket.sendto(bytes([0xbf, 0xff] + [255] * n), own.to)
    t.until(lambda: len(own.received) > 50, "the sound goes on")
    time.sleep(1)  # of clean sound for the recording
    one.go()
    one.done()
    ana.done()
    own.stop()
    t.check(wav.Sound(t.path("heard.wav")).heard(CALLER) > 0.8,
            "the caller is heard")
    line.outcome(outcome="talked")


@test(listens=True)
def comfort_noise_for_a_silent_peer(t):
    """A caller who sends nothing at all: the counsellor hears noise, not
    digital silence."""
    line = line_for(t)
    own = Rtp(CALLER)
    ana, one, _ = talk_with(t, line, own)
    time.sleep(2.5)  # of nothing said
    one.go()
    one.done()
    ana.done()
    own.stop()
    sound = wav.Sound(t.path("heard.wav"))
    t.check(sound.seconds > 1.5, f"{sound.seconds} s recorded")
    t.check(sound.silent() < 0.3, f"{sound.silent():.2f} s of digital "
                                  f"silence in {sound.seconds:.2f} s")
