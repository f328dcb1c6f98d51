# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each process of a line is killed (kill -9) in each state of a call. Whoever
is on the line stays on it: callers who wait keep their place and reach
somebody, who talks goes on talking, nobody is rung twice, both sides can hang
up, and each call is on record as what it was."""
import itertools
import os
import random
import signal
import time

from case import SLOW, test
from line import Line
from stalls import GAP, HICCUP, Stalls
from ua import Ua

KEEPER, LINE, MEDIA, WEB = ("ringback", "ringback-line", "ringback-media",
                            "ringback-web")
CALLER_HZ, ANA_HZ = 450, 700
MEDIA_GAP = 5.0   # beyond what this machine itself stalls


class Chaos:
    def __init__(self, t, seed):
        self.t, self.dice, self.seed = t, random.Random(seed), seed
        self.stalls = Stalls()
        self.line = Line(t, wrap_up_seconds=0, rest_seconds=0,
                         ring_seconds=60)
        self.line.steady = False
        self.ana = Ua("ana", ANA_HZ)
        self.line.person("Ana", self.ana.uri, on=False)
        self.line.run()
        self.n = self.n_kills = 0
        self.gaps, self.recoveries = [], []
        self.unanswered = self.hiccups = 0

    # what happens

    def duty(self, word):
        """The line may be coming back just now."""
        self.t.until(lambda: self.line.command(
            "person", word, "Ana", wanted=None).returncode == 0,
            f"Ana goes {word}")

    def kill(self, victim):
        """@return when"""
        before = self.line.processes()
        pid = self.line.keeper.pid if victim == KEEPER else before[victim]
        at = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        self.n_kills += 1
        if victim == KEEPER:
            self.line.keeper.wait()
            self.line.start()
        return at, pid

    def back(self, victim, at, pid):
        self.t.until(lambda: self.line.processes().get(victim)
                     not in (None, pid), f"{victim} is back", 20)
        self.line.up()
        self.recoveries.append(time.monotonic() - at)

    def until(self, condition, what, seconds=15):
        def faults():
            found = self.ana.faults + self.caller.faults
            self.t.check(not found, f"{self.where}: {found}")
            return condition()
        return self.t.until(faults, lambda: f"{self.where}: {what} (caller "
                            f"{self.caller_is()}, Ana {self.ana_is()}, "
                            f"{self.line.last_words(3)})", seconds)

    def caller_is(self):
        return f"{self.call.state} {self.call.code}"

    def ana_is(self):
        return [d.state for d in self.ana.dialogs.values()][-2:]

    def hear_each_other(self, since):
        """Both hear the other after this time."""
        self.until(lambda: self.caller.sound.hears(self.ana.sound, since) and
                   self.ana.sound.hears(self.caller.sound, since),
                   "they hear each other")

    def doze(self, most):
        time.sleep(self.dice.uniform(0, most))

    # states of a call: bring it there

    def arriving(self):
        self.duty("on")
        self.place()
        self.doze(0.02)

    def waiting(self):
        self.duty("off")
        self.place()
        self.until(lambda: self.call.state == "up", "answered")
        self.doze(0.5)

    def offered(self):
        self.ana.picks_up = None
        self.duty("on")
        self.place()
        self.until(lambda: self.ana.now("ringing"), "Ana is rung")
        self.doze(0.1)

    def picking_up(self):
        self.duty("on")
        self.place()
        self.until(lambda: self.ana.now("up"), "Ana picks up")
        self.doze(0.02)

    def talking(self):
        self.duty("on")
        self.place()
        self.hear_each_other(0)
        self.doze(0.3)

    def hanging_up(self):
        self.talking()
        self.caller.hang_up(self.call)
        self.doze(0.01)

    def wrapped_up(self):
        self.talking()
        self.caller.hang_up(self.call)
        self.until(lambda: not self.ana.now("up"), "Ana is told")
        self.doze(0.05)

    STATES = (arriving, waiting, offered, picking_up, talking, hanging_up,
              wrapped_up)

    def place(self):
        self.call = self.caller.call(self.line.address, "line",
                                     self.t.number())

    # and what must come of it

    def round(self, state, victim):
        self.n += 1
        self.where = (f"{victim} dies while {state.__name__} (seed "
                      f"{self.seed}, round {self.n})")
        self.ana.picks_up = self.dice.choice((0, 0.2))
        self.caller = Ua("caller", CALLER_HZ)
        self.ana.sound.received.clear()
        state(self)
        was_up = self.call.state == "up"
        at, pid = self.kill(victim)
        self.back(victim, at, pid)
        if state in (Chaos.hanging_up, Chaos.wrapped_up):
            self.is_over()
        else:
            self.goes_on(at, was_up, victim)
        self.on_record(state)
        self.caller.close()

    def goes_on(self, at, was_up, victim):
        self.ana.picks_up = 0.2
        self.duty("on")
        self.until(lambda: self.call.state == "up", "the caller is answered")
        self.hear_each_other(time.monotonic())
        time.sleep(max(0.2, at + 1 - time.monotonic()))
        self.until(lambda: self.call.state == "up" and
                   len(self.ana.now("up")) == 1, "they talk")
        end = time.monotonic()
        # whoever was answered hears something all the time
        if was_up:
            since = max(self.call.answered + 0.3, at - 0.5)
            self.sound_went_on(self.caller.sound, since, end, victim)
        if self.dice.random() < 0.5:
            self.caller.hang_up(self.call)
        else:
            self.ana.hang_up(self.ana.now("up")[0])
        self.is_over()

    def sound_went_on(self, sound, since, end, victim):
        if since >= end:
            return
        stall = self.stalls.within(since, end)
        gap = sound.gap(since, end)
        self.gaps.append((victim == MEDIA, gap, stall))
        if victim != MEDIA and gap > GAP * SLOW + stall:
            self.hiccups += 1
        most = (MEDIA_GAP if victim == MEDIA else HICCUP) * SLOW
        self.t.check(gap <= most + stall and
                     self.hiccups <= 1 + self.n // 20,
                     f"{self.where}: no sound for {gap * 1000:.0f} ms, the "
                     f"machine stalled for {stall * 1000:.0f} ms; "
                     f"{self.hiccups} gaps of {self.n} are too long")

    def is_over(self):
        self.until(lambda: self.call.state == "over" and
                   not self.ana.now("up", "ringing", "leaving"),
                   "both sides are over")
        for d in (self.call, *self.ana.dialogs.values()):
            self.t.check(d.bye_code in (0, 200), f"{self.where}: a BYE was "
                         f"answered with {d.bye_code}")
        self.ana.dialogs.clear()

    def on_record(self, state):
        """One more call that was a talk. Who was not answered yet came a
        second time, by itself, and may be there twice."""
        def look():
            calls = self.line.calls()
            talked = [c for c in calls if c["outcome"] == "talked"]
            return len(talked) == self.n and calls
        calls = self.until(look, "the talk is on record")
        extra = len(calls) - self.n - self.unanswered
        self.t.check(extra == 0 or (state == Chaos.arriving and extra == 1),
                     f"{self.where}: {extra} records too many")
        self.unanswered += extra
        for promise in self.line.json("promises"):
            self.line.command("promise", "close", str(promise["call"]),
                              "--reason", "test", wanted=None)

    def run(self, rounds):
        for state, victim in rounds:
            self.round(state, victim)
        self.ana.close()
        self.tell()

    def tell(self):
        t = self.t
        t.figure(f"{self.n_kills} kills, {self.n} calls: 0 lost, 0 records "
                 "lost")
        for media, whose in ((False, "another process"), (True, "their own "
                                                          "media process")):
            gaps = [row for its, *row in self.gaps if its == media]
            if gaps:
                gap, stall = max(gaps)
                t.figure(f"longest gap in the sound when {whose} dies: "
                         f"{gap * 1000:.0f} ms; this machine itself stalled "
                         f"for {stall * 1000:.0f} ms")
        t.figure(f"time to recovery: {max(self.recoveries):.2f} s at most, "
                 f"{sum(self.recoveries) / len(self.recoveries):.2f} s on "
                 "average")


def each_state(t, victim, seed):
    one = Chaos(t, seed)
    one.run([(state, victim) for state in Chaos.STATES])


@test(90)
def line_dies(t):
    each_state(t, LINE, 1)


@test(90)
def media_dies(t):
    each_state(t, MEDIA, 2)


@test(90)
def web_dies(t):
    each_state(t, WEB, 3)


@test(90)
def keeper_dies(t):
    each_state(t, KEEPER, 4)


@test(3000, long=True)
def thousands_of_deaths(t):
    """RINGBACK_CHAOS_KILLS of them, 1000 otherwise."""
    seed = int(os.environ.get("RINGBACK_CHAOS_SEED", "5"))
    n = int(os.environ.get("RINGBACK_CHAOS_KILLS", "1000"))
    dice = random.Random(seed)
    one = Chaos(t, seed)
    one.run((dice.choice(Chaos.STATES), dice.choice((LINE, LINE, MEDIA, WEB,
                                                     KEEPER)))
            for _ in itertools.repeat(None, n))
