# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same with a counsellor in Chromium: each process is killed while it
rings there and while they talk. The page is never touched but by its buttons."""
import os
import random
import signal
import time

from blows import KEEPER, LINE, MEDIA, WEB
from browser import Browser
from case import Failed, test
from chaos import CALLER_HZ
from counsellor import Console
from line import Line
from ua import Ua

LOUD = 500   # of a sample: Chromium's beep, not noise


class Shift:
    def __init__(self, t, seed):
        self.t, self.dice = t, random.Random(seed)
        self.line = Line(t, wrap_up_seconds=0, rest_seconds=0,
                         ring_seconds=60)
        self.line.steady = False
        self.line.run()
        self.ana = Console(t, Browser(t, "browser"), self.line,
                           "Ana").sign_up().duty()
        self.n, self.recoveries = 0, []

    def kill(self, victim):
        before = self.line.processes()
        at = time.monotonic()
        os.kill(before[victim], signal.SIGKILL)
        if victim == KEEPER:
            self.line.keeper.wait()
            self.line.start()
        self.t.until(lambda: self.line.processes().get(victim)
                     not in (None, before[victim]), f"{victim} is back", 20)
        self.line.up()
        self.recoveries.append(time.monotonic() - at)

    def both_hear(self, caller):
        since = time.monotonic()
        self.ana.hears(0.5)
        self.t.until(lambda: any(abs(s) > LOUD for s in
                                 caller.sound.samples_since(since)),
                     "the caller hears Ana")

    def accept(self):
        """Whoever is told to try again in a moment does so."""
        page, says = self.ana.page, self.ana.says

        def tries():
            if page.count("button", says["accept"], exact=True):
                self.ana.press("accept", 5)
            try:
                self.ana.sees("talk", 3)
            except Failed:
                return False
            return True
        self.t.until(tries, "Ana has accepted", 30)

    def round(self, victim, rings):
        self.n += 1
        caller = Ua("caller", CALLER_HZ)
        call = caller.call(self.line.address, "line", self.t.number())
        self.ana.rung(20)
        if rings:
            self.kill(victim)
            self.ana.rung(20)
        self.accept()
        self.both_hear(caller)
        if not rings:
            self.kill(victim)
            self.both_hear(caller)
        self.t.check(call.state == "up", f"the caller is cut off: {victim}")
        if self.dice.random() < 0.5:
            self.ana.press("hang_up", 20)
        else:
            caller.hang_up(call)
        self.t.until(lambda: call.state == "over", "the caller is over")
        self.t.equal(caller.faults, [], "what must never happen")
        self.ana.sees("is_on", 20)
        self.t.until(lambda: [c["outcome"] for c in self.line.calls()]
                     == ["talked"] * self.n, "each call is on record")
        caller.close()


def shift(t, seed, rounds):
    one = Shift(t, seed)
    for victim, rings in rounds:
        one.round(victim, rings)
    t.figure(f"{len(rounds)} kills, {one.n} calls: 0 lost; time to recovery: "
             f"{max(one.recoveries):.2f} s at most")


@test(200)
def deaths_in_a_shift(t):
    shift(t, 1, [(victim, False) for victim in (LINE, WEB, KEEPER, MEDIA)] +
          [(LINE, True)])


@test(1800, long=True)
def deaths_in_a_long_shift(t):
    dice = random.Random(2)
    shift(t, 2, [(dice.choice((LINE, LINE, WEB, KEEPER, MEDIA)),
                  dice.random() < 0.4) for _ in range(100)])
