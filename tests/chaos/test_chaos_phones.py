# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same with telephones that others have built: a counsellor with baresip,
callers with sipp and baresip. Each process is killed while her phone rings,
while somebody waits, and while they talk."""
import os
import random

from blows import KEEPER, LINE, MEDIA, WEB, Blow
from case import test
from shift import Shift
from side import side_by_side
from tally import tell
from test_chaos import KILLS, WORSE

# while her phone rings; while they talk and the next one waits; who hangs up
EACH = [((Shift.rings, Blow(first)), (Shift.talks, Blow(then)), by_caller)
        for first, then, by_caller in (
            (LINE, MEDIA, True), (KEEPER, WEB, False),
            (MEDIA, LINE, False), (WEB, KEEPER, True))]
# what leaves nobody who could know their dialogs: test_chaos.py
GO_ON = [blow for blow in WORSE if not blow.loses_dialogs]
# by TCP nobody repeats what a process that is dead did not read
BEGINS = {False: (Shift.rings, Shift.picks_up), True: (Shift.rings,)}
ENDS = {False: (Shift.talks, Shift.hangs_up), True: (Shift.talks,)}


@test(90)
def by_udp(t):
    tell(t, Shift(t, 7, tcp=False).run(EACH), len(EACH))


@test(90)
def by_tcp(t):
    tell(t, Shift(t, 8, tcp=True).run(EACH), len(EACH))


def shift(t, seed, tcp, calls):
    dice = random.Random(seed)

    def some(what):
        return dice.choice(what[tcp]), dice.choice(dice.choice((KILLS, GO_ON)))
    return Shift(t, seed, tcp).run((some(BEGINS), some(ENDS),
                                    dice.random() < 0.5)
                                   for _ in range(calls))


@test(3400, long=True)
def a_long_shift(t):
    """RINGBACK_CHAOS_KILLS blows, 200 otherwise, on RINGBACK_CHAOS_LINES lines
    at the same time, otherwise 4: every other one by TCP."""
    lines = int(os.environ.get("RINGBACK_CHAOS_LINES", "4"))
    kills = int(os.environ.get("RINGBACK_CHAOS_KILLS", "200"))
    seed = int(os.environ.get("RINGBACK_CHAOS_SEED", "9"))
    each = -(-kills // (2 * lines))
    tell(t, side_by_side(t, [(seed * 1000 + i, (seed + i) % 2 == 1, each)
                             for i in range(lines)], shift), each * lines)
