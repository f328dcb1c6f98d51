# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who hears whom when it is not just two: real sound, each with a tone of
their own, and what arrives at each."""
import struct
import time

import wav
from case import test
from mediasock import Media
from test_web_leg import WEB, connect, page_of

A, B, C = 1, 2, 3                    # legs
TONES = {A: 440, B: 1000, C: 1500}   # Hz; multiples of wav.py's bins
SPAN = 6                             # blocks of 50 ms that are looked at
PART = 0.25        # a tone that is one of two is half of all there is
ECHO = 0.15        # what no tone comes near to that is not there

SPECTRUM = """(() => {
	const at = new AudioContext();
	window.spectrum = at.createAnalyser();
	window.spectrum.fftSize = 4096;
	at.createMediaStreamSource(window.sound.srcObject)
		.connect(window.spectrum);
	return at.resume();
})()"""

PEAK = """((hz) => {
	const s = window.spectrum;
	const bins = new Float32Array(s.frequencyBinCount);
	s.getFloatFrequencyData(bins);
	const k = Math.round(hz * s.fftSize / s.context.sampleRate);
	return Math.max(-200, ...bins.slice(k - 2, k + 3)); // of silence -inf
})(%d)"""


def blocks(end, since):
    samples = end.samples_since(since)
    return [samples[i:i + wav.BLOCK]
            for i in range(0, len(samples) - wav.BLOCK + 1, wav.BLOCK)]


def shares(block, *legs):
    return [wav.share(block, TONES[leg]) for leg in legs]


def hears(case, end, heard, never=()):
    """For 300 ms on end it hears these tones, and never from now on those."""
    since = time.monotonic()

    def found():
        last = blocks(end, since)[-SPAN:]
        return len(last) == SPAN and all(
            min(shares(block, *heard)) > PART for block in last)
    case.until(found, f"the tones of {heard}")
    return since, lambda: never_heard(case, end, since, never)


def never_heard(case, end, since, legs):
    for block in blocks(end, since):
        case.check(max(shares(block, *legs), default=0) < ECHO,
                   f"the tones of {legs} are heard: {shares(block, *legs)}")


def phones(media, legs=(A, B, C), formats="0 101"):
    """They stop by themselves at the end of the test's process."""
    return [media.phone(leg, TONES[leg], formats) for leg in legs]


def unbroken(case, end):
    """One stream, no packet missing, whatever it was made of."""
    heads = [struct.unpack("!BBHII", p[:12]) for _, p in end.received]
    for was, now in zip(heads, heads[1:]):
        case.equal((now[4], now[2]), (was[4], (was[2] + 1) & 0xffff),
                   "the stream's name and numbers")


def all_hear_all(case, media, a, b, c):
    for leg, others in ((A, (B, C)), (B, (A, C)), (C, (A, B))):
        media.hear(leg, *others)
    checks = [hears(case, a, (B, C), never=(A,)),
              hears(case, b, (A, C), never=(B,)),
              hears(case, c, (A, B), never=(C,))]
    for _, check in checks:
        check()


@test(seconds=60)
def three_hear_each_other(case):
    """And nobody themselves; one of them speaks the other codec."""
    media = Media(case)
    (a, b), (c,) = phones(media, (A, B)), phones(media, (C,), "8 101")
    all_hear_all(case, media, a, b, c)
    for end in (a, b, c):
        unbroken(case, end)
    case.equal({p[1] & 0x7f for _, p in c.received}, {8}, "its codec")


@test(seconds=60)
def a_listener_is_heard_by_nobody(case):
    media = Media(case)
    a, b, c = phones(media)
    media.bridge(A, B)
    media.hear(C, A, B)
    _, listener = hears(case, c, (A, B), never=(C,))
    _, caller = hears(case, a, (B,), never=(A, C))
    _, counsellor = hears(case, b, (A,), never=(B, C))
    for check in (listener, caller, counsellor):
        check()

    # the one who listens leaves, nobody notices
    media.close(C)
    hears(case, a, (B,), never=(A, C))[1]()
    unbroken(case, a)
    unbroken(case, b)


@test(seconds=60)
def a_whisper_is_heard_by_one(case):
    media = Media(case)
    a, b, c = phones(media)
    media.bridge(A, B)
    media.hear(C, A, B)
    media.hear(B, A, C)
    since, caller = hears(case, a, (B,), never=(A, C))
    hears(case, b, (A, C), never=(B,))[1]()
    media.hear(B, A)
    # what was on its way has come
    case.until(lambda: not any(max(shares(block, C)) > ECHO for block in
                               blocks(b, time.monotonic() - 0.3)) and
               len(blocks(b, time.monotonic() - 0.3)) > 3,
               "the whisper is over")
    hears(case, b, (A,), never=(B, C))[1]()
    hears(case, c, (A, B), never=(C,))[1]()
    caller()
    never_heard(case, a, since, (C,))
    unbroken(case, b)


@test(seconds=60)
def advice_first_then_all_three(case):
    """The caller hears hold sound while two talk, then joins, then stays."""
    media = Media(case)
    a, b, c = phones(media)
    media.bridge(A, B)
    hears(case, a, (B,), never=(A, C))

    media.play(A, "hold")
    media.hear(B, C)
    media.hear(C, B)
    since = time.monotonic()
    hears(case, b, (C,), never=(A,))[1]()
    hears(case, c, (B,), never=(A,))[1]()
    case.until(lambda: any(wav.energy(block) > 1000 for block in
                           blocks(a, since)), "hold sound")
    never_heard(case, a, since + 0.1, (B, C))

    all_hear_all(case, media, a, b, c)
    media.close(B)
    media.bridge(A, C)
    hears(case, a, (C,), never=(A,))
    hears(case, c, (A,), never=(C,))
    unbroken(case, a)
    unbroken(case, c)


@test(seconds=120)
def a_browser_among_them(case):
    media, page = Media(case), page_of(case)
    a, b = phones(media, (A, B))
    connect(media, page)
    media.wait("LEG_UP", WEB)
    for leg, others in ((A, (B, WEB)), (B, (A, WEB)), (WEB, (A, B))):
        media.hear(leg, *others)

    # both tones there; its beeps, beside the other's tone, here
    page.evaluate(SPECTRUM)
    case.until(lambda: all(page.evaluate(PEAK % TONES[leg]) >
                           page.evaluate(PEAK % TONES[C]) + 20
                           for leg in (A, B)), "the browser hears both tones")
    since, check = hears(case, a, (B,), never=(A,))
    case.until(lambda: any(wav.share(block, TONES[B]) < 0.9 and
                           wav.energy(block) > 9000 ** 2 / 2
                           for block in blocks(a, since)),
               "the phone hears the browser's beeps and a tone")
    check()
    unbroken(case, a)
    case.equal(media.close(WEB)["dropped"], 0, "packets dropped")
