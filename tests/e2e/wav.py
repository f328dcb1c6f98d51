# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tones in WAV files: made, and found again (Goertzel).

Levels are relative: the share of a block's energy that lies at a frequency,
0 to 1, so that no absolute loudness is asserted.
"""
import array
import math
import wave

RATE = 8000
BLOCK = 400  # samples: 50 ms, bins of 20 Hz


def samples_write(path, samples):
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(samples.tobytes())
    return path


def tone(path, hz, seconds=30, level=0.3):
    """Write a tone; hz a multiple of 20 falls into one bin."""
    period = array.array("h", (
        int(level * 32767 * math.sin(2 * math.pi * hz * i / RATE))
        for i in range(BLOCK)))
    return samples_write(path, period * int(seconds * RATE // BLOCK))


def voice(path, hz, seconds, silence=0, level=0.3):
    """Write a tone that swells three times a second, as speech does, so that
    it is taken for somebody's voice; and silence after it."""
    samples = array.array("h", (
        int(level * 32767 * math.sin(2 * math.pi * hz * i / RATE)
            * (0.55 - 0.45 * math.cos(2 * math.pi * 3 * i / RATE)))
        for i in range(RATE)))
    samples = array.array("h", (samples * (int(seconds) + 1))[
        :int(seconds * RATE)])
    samples.extend([0] * int(silence * RATE))
    return samples_write(path, samples)


def read(path):
    """Samples of a mono or stereo 16-bit file at 8 kHz; mono."""
    with open(path, "rb") as f:
        data = f.read()
    start = data.find(b"data")
    if data[:4] != b"RIFF" or start < 0:
        raise ValueError(f"{path} is no WAV file")
    channels = int.from_bytes(data[22:24], "little")
    rate = int.from_bytes(data[24:28], "little")
    bits = int.from_bytes(data[34:36], "little")
    if rate != RATE or bits != 16:
        raise ValueError(f"{path}: {rate} Hz, {bits} bits")
    # a recording that is cut off may say 0 bytes: take all there is
    body = data[start + 8:]
    samples = array.array("h", body[:len(body) // 2 * 2])
    return samples[::channels]


def energy(block):
    return sum(x * x for x in block) / max(1, len(block))


def share(block, hz):
    """Of this block's energy, how much lies at hz."""
    total = sum(x * x for x in block)
    if not total:
        return 0.0
    w = 2 * math.cos(2 * math.pi * hz / RATE)
    s1 = s2 = 0.0
    for x in block:
        s1, s2 = x + w * s1 - s2, s1
    power = s1 * s1 + s2 * s2 - w * s1 * s2
    return 2 * power / (len(block) * total)


def correlation(a, b):
    """Of two series of numbers, -1 to 1."""
    n = len(a)
    mean_a, mean_b = sum(a) / n, sum(b) / n
    a, b = [x - mean_a for x in a], [x - mean_b for x in b]
    power = math.sqrt(sum(x * x for x in a) * sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b)) / power if power else 0.0


class Sound:
    """A recording, cut into blocks of 50 ms."""

    def __init__(self, path):
        self.samples = read(path)
        self.blocks = [self.samples[i:i + BLOCK] for i in
                       range(0, len(self.samples) - BLOCK + 1, BLOCK)]

    @property
    def seconds(self):
        return len(self.samples) / RATE

    def shares(self, hz):
        return [share(block, hz) for block in self.blocks]

    def heard(self, hz, least=0.8):
        """Seconds during which the tone was nearly all there was."""
        return sum(s >= least for s in self.shares(hz)) * BLOCK / RATE

    def first(self, hz, least=0.8):
        """When the tone is first heard for 100 ms on end; None: never."""
        shares = self.shares(hz)
        for i in range(len(shares) - 1):
            if min(shares[i:i + 2]) >= least:
                return i * BLOCK / RATE
        return None

    def loudest_share(self, hz):
        return max(self.shares(hz), default=0.0)

    def silent(self):
        """Seconds of digital silence: every sample the same or +-8, the
        smallest step of G.711."""
        return sum(BLOCK / RATE for block in self.blocks
                   if max(block) - min(block) <= 16
                   and len(set(block)) == 1)

    def energies(self):
        return [energy(block) for block in self.blocks]

    def loudness(self, step=160):
        """Every 20 ms, on a scale of hearing."""
        return [math.log10(100 + energy(self.samples[i:i + step]))
                for i in range(0, len(self.samples) - step + 1, step)]

    def find(self, other):
        """Where another recording is in this one: (seconds, how much alike
        the ups and downs are, up to 1)."""
        ours, theirs = self.loudness(), other.loudness()
        n = len(theirs)
        best = (0.0, 0.0)
        for i in range(len(ours) - n + 1):
            best = max(best, (correlation(ours[i:i + n], theirs), i / 50))
        return best[1], best[0]
