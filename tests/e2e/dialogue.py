# SPDX-License-Identifier: AGPL-3.0-or-later
"""A caller who listens to what the line says, and presses keys."""
import os

from baresip import Baresip
from case import SLOW
from line import Line
from spoken import Ear, recordings
import wav

VOICE = 620  # Hz: what a caller says


def menu_line(t, dials=True, seconds=None, **options):
    """A line that says things so that a Caller understands them, and that may
    ring back. It does not run yet. seconds: longer prompts, by name."""
    options = {"tells": "nothing", "ring_seconds": 300,
               "prompts": recordings(t, **(seconds or {})), **options}
    line = Line(t, trunk=False, **options)
    to = ["--to", f"sip:127.0.0.1:{t.port()}"] if dials else []
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", *to)
    return line


class Caller(Baresip):
    """Calls at once. says: seconds of voice, for as long as the call lasts if
    None; then silence. user: a number that is known, or "anonymous"."""

    def __init__(self, t, line, name="caller", says=None, user=None,
                 dialled=None):
        path = t.path(f"{name}-says.wav")
        wav.voice(path, VOICE, seconds=120 if says is None else says,
                  silence=0 if says is None else 120)
        super().__init__(t, name, wav=path, user=user)
        self.dial(f"sip:{dialled or t.number()}@{line.address}")
        self.talks()
        t.until(self.has_recording, f"{name} hears anything")
        self.ear = Ear(self.recording())
        self.n = 0   # heard and asked for so far

    def has_recording(self):
        return any(f.endswith("-dec.wav") for f in os.listdir(self.folder))

    def heard(self):
        """Prompts, as "greeting", "es/greeting", not asked for yet."""
        return [name.removeprefix("en/")
                for _, name in self.ear.heard()[self.n:]]

    def hears(self, *wanted, seconds=15):
        """Wait for exactly these, one after the other."""
        def look():
            got = self.heard()[:len(wanted)]
            self.case.equal(got, list(wanted[:len(got)]),
                            f"what {self.name} hears")
            return len(got) == len(wanted)
        self.case.until(look, lambda: f"{self.name} hears {wanted}, not only "
                        f"{self.heard()}", seconds)
        self.n += len(wanted)

    def hears_at_last(self, name, seconds=15):
        """Wait for this one, whatever comes before."""
        self.case.until(lambda: name in self.heard(),
                        lambda: f"{self.name} hears {name}, not only "
                        f"{self.heard()}", seconds)
        self.n += self.heard().index(name) + 1

    def silence(self, most):
        """The longest time without a prompt was not longer than this."""
        times = [at for at, _ in self.ear.heard()]
        times = [0, *times, self.ear.blocks * wav.BLOCK / wav.RATE]
        longest = max(b - a for a, b in zip(times, times[1:]))
        self.case.check(longest <= most * SLOW,
                        f"{self.name} hears nothing for {longest:.1f} s")
