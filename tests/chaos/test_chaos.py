# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each process of a line is killed (kill -9) in each state of a call. Whoever
is on the line stays on it: callers who wait keep their place and reach
somebody, who talks goes on talking, nobody is rung twice, both sides can hang
up, and each call is on record as what it was."""
import os
import random

from blows import KEEPER, LINE, MEDIA, WEB, Blow, Hang, Twice
from case import test
from chaos import Chaos
from side import side_by_side
from states import MORE, QUEUE, speaking
from tally import tell

KILLS = [Blow(LINE), Blow(LINE), Blow(MEDIA), Blow(WEB), Blow(KEEPER)]
WORSE = [Blow(LINE, MEDIA), Blow(LINE, WEB), Blow(KEEPER, LINE),
         Blow(KEEPER, MEDIA), Blow(MEDIA, WEB),
         Twice(LINE), Twice(MEDIA), Twice(WEB), Twice(KEEPER),
         Hang(LINE), Hang(MEDIA), Hang(WEB), Hang(KEEPER)]


def each_state(t, blow, seed):
    tell(t, Chaos(t, seed).run((state, blow) for state in QUEUE))


@test(90)
def line_dies(t):
    each_state(t, Blow(LINE), 1)


@test(90)
def media_dies(t):
    each_state(t, Blow(MEDIA), 2)


@test(90)
def web_dies(t):
    each_state(t, Blow(WEB), 3)


@test(90)
def keeper_dies(t):
    each_state(t, Blow(KEEPER), 4)


@test(120)
def line_dies_with_promises(t):
    tell(t, Chaos(t, 5).run((state, Blow(LINE)) for state in MORE
                            if state.comes is not speaking))


@test(120)
def worse_than_death(t):
    """Two at once, one twice, one that hangs; each once, in some state."""
    dice = random.Random(6)
    tell(t, Chaos(t, 6).run((dice.choice(QUEUE), blow) for blow in WORSE))


def deaths(t, seed, n):
    """At random; half of the blows are a kill of one process."""
    dice = random.Random(seed)
    return Chaos(t, seed).run(
        (dice.choice(QUEUE + MORE), dice.choice(dice.choice((KILLS, WORSE))))
        for _ in range(n))


@test(3400, long=True)
def thousands_of_deaths(t):
    """RINGBACK_CHAOS_KILLS of them, 2000 otherwise, on RINGBACK_CHAOS_LINES
    lines at the same time, otherwise 8: most of the time is waiting."""
    lines = int(os.environ.get("RINGBACK_CHAOS_LINES", "8"))
    kills = int(os.environ.get("RINGBACK_CHAOS_KILLS", "2000"))
    seed = int(os.environ.get("RINGBACK_CHAOS_SEED", "5"))
    tell(t, side_by_side(t, [(seed * 1000 + i, -(-kills // lines))
                             for i in range(lines)], deaths))
