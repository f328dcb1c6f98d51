# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is planted, and every way in which it could stand somewhere.

A Canary is one secret. Its needles are what to search for: each short enough
that a piece of the secret is found too, each long enough that chance never
makes one.
"""
import array
import base64
import math
import random

import wav
from rtp import SAMPLES, ulaw

RUN = 400        # bytes of sound of which none may be found on end
SOUND = 32       # bytes of a needle of sound
LEAST_KINDS = 12  # different bytes in it, else it might be silence


# ways to write bytes


def base64_of(raw, encode=base64.b64encode):
    """In the middle of something longer, wherever that begins."""
    for before in range(3):
        text = encode(bytes(before) + raw).rstrip(b"=")
        first = (0, 2, 3)[before]
        last = len(text) - (1 if (before + len(raw)) % 3 else 0)
        yield text[first:last]


def swapped(raw):
    """The two halves of each byte."""
    return bytes(b >> 4 | (b & 15) << 4 for b in raw)


WAYS = {
    "plain": lambda raw: [raw],
    "base64": base64_of,
    "base64url": lambda raw: base64_of(raw, base64.urlsafe_b64encode),
    "hex": lambda raw: [raw.hex().encode()],
    "HEX": lambda raw: [raw.hex().upper().encode()],
    "nibbles swapped": lambda raw: [swapped(raw)],
    "backwards": lambda raw: [raw[::-1]],
}


def written(raw, ways=tuple(WAYS)):
    """(way, needle) of some bytes."""
    return [(way, needle) for way in ways for needle in WAYS[way](raw)]


def text_written(text):
    """The same of a text."""
    return written(text.encode()) + [
        ("UTF-16LE", text.encode("utf-16-le")),
        ("UTF-16BE", text.encode("utf-16-be")),
        ("UTF-32LE", text.encode("utf-32-le"))]


def packed(digits):
    """As telephone networks pack digits (BCD), from either half of a byte;
    the halves swapped, too."""
    for start in (0, 1):
        whole = digits[start:start + (len(digits) - start) // 2 * 2]
        yield "BCD", bytes.fromhex(whole)
        yield "BCD swapped", swapped(bytes.fromhex(whole))


# secrets


class Canary:
    def __init__(self, kind, needles):
        self.kind = kind
        self.needles = needles  # (way, bytes)


class Word(Canary):
    """Letters that nobody else would write."""

    def __init__(self, kind, n=16):
        self.text = "".join(random.SystemRandom().choices(
            "bcdfghjklmnpqrstvwxz", k=n))
        super().__init__(kind, text_written(self.text))


class Text(Canary):
    """What somebody else has made."""

    def __init__(self, kind, text):
        self.text = text
        super().__init__(kind, text_written(text))


class Words(Canary):
    """A row of words, of which no three may stand together."""

    def __init__(self, kind, words):
        super().__init__(kind, [
            pair for i in range(len(words) - 2)
            for pair in text_written(" ".join(words[i:i + 3]))])


class Number(Canary):
    """A telephone number, as E.164 without "+"; what comes after the
    country's code is searched for, and what machines make of all digits."""

    def __init__(self, kind, country="49"):
        self.text = country + "".join(
            random.SystemRandom().choices("123456789", k=11))
        tail = self.text[len(country):]
        whole = int(self.text)
        super().__init__(kind, [
            *text_written(tail), *packed(self.text),
            ("64 bits", whole.to_bytes(8, "little")),
            ("64 bits", whole.to_bytes(8, "big"))])


class Key(Canary):
    """32 bytes; half of them would be enough to find."""

    def __init__(self, kind, raw):
        self.raw = raw
        super().__init__(kind, [pair for half in (raw[:16], raw[-16:])
                                for pair in written(half)])


def alaw(samples, down):
    """As nearly as can be. Encoders differ in what becomes of a small negative
    sample that lies between two steps: 1 the upper one, -1 the lower one."""
    table = SAMPLES[8]
    nearest = {s: min(range(256), key=lambda b: (
        abs(table[b] - s), (abs if s < 0 and down < 0 else float)(table[b])
        * -1)) for s in set(samples)}
    return bytes(nearest[s] for s in samples)


def swap_bytes(samples):
    out = array.array("h", samples)
    out.byteswap()
    return out.tobytes()


def pieces(raw, run=RUN):
    """So many that every run of so many bytes has one whole."""
    cut = [raw[i:i + SOUND]
           for i in range(0, len(raw) - SOUND + 1, run - SOUND + 1)]
    return [piece for piece in cut if len(set(piece)) >= LEAST_KINDS]


class Voice(Canary):
    """Something spoken: a tone that swells, and on it noise that nobody else
    makes. What telephones make of it is as much of a secret."""

    def __init__(self, kind, seconds, hz=620):
        # as it is after PCMU, so that every encoder makes the same of it
        self.samples = array.array("h", (
            SAMPLES[0][ulaw(s)] for s in swelling(hz, seconds)))
        forms = {
            "PCMU": bytes(map(ulaw, self.samples)),
            "PCMA": alaw(self.samples, 1),
            "PCMA, too": alaw(self.samples, -1),
            "16 bits": self.samples.tobytes(),
            "16 bits, big": swap_bytes(self.samples)}
        super().__init__(kind, [
            (f"{form}, {way}", needle) for form, raw in forms.items()
            for piece in pieces(raw) for way, needle in written(piece)])

    def write(self, path, times=15):
        """As a WAV file, said so often."""
        return wav.samples_write(path, self.samples * times)


def swelling(hz, seconds):
    """Loud and less loud three times a second, as voices are."""
    rng = random.SystemRandom()
    turn = 2 * math.pi / wav.RATE
    return [int(9000 * math.sin(turn * hz * i)
                * (0.55 - 0.45 * math.cos(turn * 3 * i)) + rng.gauss(0, 400))
            for i in range(int(seconds * wav.RATE))]
