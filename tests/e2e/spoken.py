# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said to a caller, told apart by a program.

A line under test gets recordings of its own, one for each prompt: two tones
that no other prompt has (as keys have), 0.4 s long. An Ear reads a recording
while it is being made and says which prompts were heard, one after the other.
"""
import array
import math
import os

from case import build_dir
import wav

LOW = range(400, 880, 40)      # Hz; multiples of 20 fall into one bin
HIGH = range(1000, 1960, 80)
SECONDS, PAUSE = 0.4, 0.12
LANGUAGES = ("en", "es")
LOOPED = ("hold", "ringtone")


def names():
    """All prompts that there are, with their language: "en/greeting"."""
    folder = os.path.join(build_dir(), "prompts")
    found = sorted(f[:-4] for f in os.listdir(os.path.join(folder, "en"))
                   if f.endswith(".wav"))
    return [f"{language}/{name}" for language in LANGUAGES
            for name in found]


def codes():
    """Two tones for each prompt."""
    pairs = [(low, high) for low in LOW for high in HIGH]
    all_names = names()
    assert len(all_names) <= len(pairs)
    return dict(zip(all_names, pairs))


def record(path, pair, seconds=SECONDS, pause=PAUSE):
    """Write two tones and a pause."""
    samples = array.array("h", (
        int(6000 * sum(math.sin(2 * math.pi * hz * i / wav.RATE)
                       for hz in pair))
        for i in range(int(seconds * wav.RATE))))
    samples.extend([0] * int(pause * wav.RATE))
    wav.samples_write(path, samples)


def recordings(t, **seconds):
    """A folder with one recording of each prompt, for the line's option
    `prompts`. seconds: name=how long, for those that shall be longer."""
    folder = t.path("prompts")
    for name, pair in codes().items():
        os.makedirs(os.path.join(folder, os.path.dirname(name)),
                    exist_ok=True)
        record(os.path.join(folder, f"{name}.wav"), pair,
               seconds.get(os.path.basename(name), SECONDS))
    return folder


class Ear:
    """Follows a recording that grows."""

    def __init__(self, path):
        self.path = path
        self.names = {pair: name for name, pair in codes().items()}
        self.blocks = 0     # looked at
        self.last = None    # what the last block was
        self.run = 0        # for so many blocks
        self.all = []       # (seconds from the start, "en/greeting")

    def heard(self):
        """All prompts so far. What is looped is there once, however often
        it came round."""
        samples = wav.read(self.path)
        n = len(samples) // wav.BLOCK
        for i in range(self.blocks, n):
            self.look(samples[i * wav.BLOCK:(i + 1) * wav.BLOCK], i)
        self.blocks = max(n, self.blocks)
        return self.all

    def look(self, block, i):
        name = self.tell(block)
        self.run = self.run + 1 if name == self.last else 1
        self.last = name
        if not name or self.run != 2:
            return
        again = self.all and self.all[-1][1] == name
        if not (again and os.path.basename(name) in LOOPED):
            self.all.append(((i - 1) * wav.BLOCK / wav.RATE, name))

    def tell(self, block):
        """Which prompt a block is part of; None: of none."""
        if max(block) - min(block) < 1000:
            return None
        pair = []
        for tones in (LOW, HIGH):
            shares = [(wav.share(block, hz), hz) for hz in tones]
            share, hz = max(shares)
            if share < 0.3:
                return None
            pair.append(hz)
        return self.names.get(tuple(pair))
