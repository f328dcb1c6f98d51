# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line whose processes are struck while people are on it: what is measured,
and what is on record. Who those people are: chaos.py, phones.py; what is done:
blows.py."""
import random
import time

from blows import MEDIA
from case import SLOW
from stalls import GAP, HICCUP, Stalls
from tally import Row

MEDIA_GAP = 5.0   # beyond what this machine itself stalls


class Struck:
    """self.line is made by who knows what is needed; n: calls so far."""

    def __init__(self, t, seed):
        self.t, self.dice, self.seed = t, random.Random(seed), seed
        self.stalls = Stalls()
        self.line = None
        self.n = self.hiccups = 0
        self.media, self.queue = None, 0
        self.rows = []
        self.where = ""

    # what happens

    def duty(self, word):
        """The line may be coming back just now."""
        self.t.until(lambda: self.line.command(
            "person", word, "Ana", wanted=None).returncode == 0,
            f"Ana goes {word}")

    def doze(self, most):
        time.sleep(self.dice.uniform(0, most))

    def bereft(self):
        """Nobody is left who knew of their calls."""

    def strike(self, blow, meanwhile=None):
        """meanwhile: what somebody does before the line is back.
        @return when it began"""
        began = time.monotonic()
        over, before = blow.falls(self.line, self.dice)
        if blow.loses_dialogs:
            self.bereft()
        if meanwhile:
            meanwhile()
        blow.back(self.line, before)
        self.line.up()
        self.rows.append(Row(blow.kind, MEDIA in blow.victims,
                             time.monotonic() - over))
        return began

    # what is heard

    def measure(self):
        """From now on: whose sound it is."""
        self.media, self.queue = self.line.processes()[MEDIA], 0
        self.queue = self.queued()

    def queued(self):
        """Seconds in which the sound's process might have run, and this
        machine had others to run; none if it is gone."""
        try:
            with open(f"/proc/{self.media}/schedstat", encoding="ascii") as f:
                return int(f.read().split()[1]) / 1e9
        except OSError:
            return self.queue

    def sound_went_on(self, sound, since, end):
        """Is there a gap for which neither the blow nor the machine can be
        blamed?"""
        if since >= end:
            return
        row = self.rows[-1]
        row.stall = self.stalls.within(since, end) + (
            self.queued() - self.queue)
        row.gap = sound.gap(since, end)
        if not row.media and row.gap > GAP * SLOW + row.stall:
            self.hiccups += 1
        most = (MEDIA_GAP if row.media else HICCUP) * SLOW
        self.t.check(row.gap <= most + row.stall and
                     self.hiccups <= 1 + self.n // 20,
                     f"{self.where}: no sound for {row.gap * 1000:.0f} ms, "
                     f"the machine stalled for {row.stall * 1000:.0f} ms; "
                     f"{self.hiccups} gaps of {self.n} are too long")
