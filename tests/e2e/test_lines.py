# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines by number and language, and the operator's own recordings."""
import os

from case import test
from cast import cancelled, connects, phone
from line import Line
from phone import Call
from sipp import Scenario, Sipp
import wav


def dials(t, line, number, name):
    Sipp(t, name, connects(Scenario(t.number())).bye().recv(200),
         line.address, service=number).done()


def two_lines(t, **options):
    """Everybody's line, and a Spanish one with a number of its own."""
    line = Line(t, **options)
    number = t.number()
    with open(line.config, "a", encoding="utf-8") as f:
        f.write(f'\nline "spanish" {{\n\tnumbers = {{"{number}"}}\n'
                '\tlanguages = {"es"}\n}\n')
    return line, number


@test()
def by_number(t):
    line, number = two_lines(t)
    line.run()
    dials(t, line, number, "one")
    dials(t, line, t.number(), "two")
    line.ended(2)
    t.equal([(c["line"], c["language"]) for c in reversed(line.calls())],
            [("spanish", "es"), ("main", "en")], "lines and languages")


def heard(t, line, hz, dialled=None, name="caller"):
    """Seconds of a tone in what a caller hears who waits for 4 s."""
    path = t.path(f"{name}-heard.wav")
    Call(t, name, line, seconds=4, record=path, dialled=dialled).done()
    return wav.Sound(path).heard(hz)


def own_sounds(t, greeting):
    """Recordings of the operator's in English: greeting (600 Hz), a hold
    sound of one second (1400 Hz), and little else."""
    os.makedirs(t.path("own", "en"))
    for name, hz, seconds in (("greeting", 600, greeting),
                              ("notice", 1000, 0.2), ("ringing", 1000, 0.2),
                              ("position", 1000, 0.2), ("1", 1000, 0.2),
                              ("hold", 1400, 1)):
        wav.tone(t.path("own", "en", f"{name}.wav"), hz, seconds=seconds)
    return t.path("own")


def rings_only(t, line):
    """Somebody is on duty, so that callers wait."""
    line.person("Ana", phone(t, cancelled).uri)


@test()
def own_recordings(t):
    """A greeting and a hold sound of the operator's, in each language; what
    is missing comes from Ringback's own."""
    own = own_sounds(t, greeting=2)
    os.makedirs(t.path("own", "es"))
    wav.tone(t.path("own", "es", "greeting.wav"), 1800, seconds=3)
    line, number = two_lines(t, prompts=own)
    rings_only(t, line)
    line.run()
    Call(t, "english", line, seconds=6,
         record=t.path("english.wav")).done()
    english = wav.Sound(t.path("english.wav"))
    t.check(1.7 <= english.heard(600) <= 2.3,
            f"the greeting for {english.heard(600)} s")
    t.check(english.heard(1400) > 2, "the hold sound goes round and round")
    t.check(english.first(600) < english.first(1400), "greeting first")
    t.check(heard(t, line, 1800, dialled=number) > 2.5,
            "the Spanish greeting")


@test()
def greetings_differ_by_language(t):
    """The two that come with Ringback are not the same sound."""
    line, number = two_lines(t)
    line.run()
    sounds = []
    for name, dialled in (("en", None), ("es", number)):
        Call(t, name, line, seconds=4, dialled=dialled,
             record=t.path(f"{name}.wav")).done()
        sounds.append(wav.Sound(t.path(f"{name}.wav")).energies())
    t.check(max(sounds[0]) > 500 ** 2 and max(sounds[1]) > 500 ** 2,
            "both are heard")
    same = sum(abs(a - b) < 0.2 * max(a, b, 1) for a, b in zip(*sounds))
    t.check(same < len(sounds[0]) / 2, "they sound alike")


@test()
def hold_sound_never_ends(t):
    """A short recording of the operator's is repeated without a gap."""
    line = Line(t, prompts=own_sounds(t, greeting=0.3))
    rings_only(t, line)
    line.run()
    t.check(heard(t, line, 1400) > 2.5, "the hold sound has gaps")
