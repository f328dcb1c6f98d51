# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ana with her telephone, and one caller after the other: while she talks with
one, the next one waits. Now it is struck while her phone rings, now while they
talk."""
import time

from blows import LINE
from case import SLOW
from line import Line
from phones import BY_THEM, SippCaller, Softphone, hears
from struck import Struck

ANA_HZ, SIPP_HZ, BARESIP_HZ = 1000, 500, 600


class Shift(Struck):
    def __init__(self, t, seed, tcp):
        super().__init__(t, seed)
        self.tcp, self.by = tcp, "TCP" if tcp else "UDP"
        self.line = Line(t, wrap_up_seconds=0, rest_seconds=0,
                         ring_seconds=60)
        self.line.steady = False
        self.ana = Softphone(t, "ana", ANA_HZ, tcp)
        self.soft = Softphone(t, "caller", BARESIP_HZ, tcp)
        self.ports = t.port(), t.port(4)
        self.people = [self.ana]   # all who are on the line
        self.line.person("Ana", self.ana.uri)
        self.line.run()
        self.talked = 0

    def until(self, condition, what, seconds=15):
        def look():
            self.take_in()
            return condition()
        return self.t.until(look, lambda: f"{self.where}: {what} ("
                            + "; ".join(one.state() for one in self.people)
                            + f"; {self.line.last_words(3)})", seconds)

    def take_in(self):
        for one in self.people:
            one.look()
            self.t.check(not one.faults, f"{self.where}: {one.faults}")

    # who calls

    def caller(self):
        """The next one: by sipp and by baresip in turn."""
        self.n += 1
        if (self.n + self.tcp) % 2 == 0:
            self.soft.calls(self.line, self.t.number())
            one = self.soft
        else:
            one = SippCaller(self.t, self.line, f"sipp{self.n}", SIPP_HZ,
                             self.ports)
        self.people.append(one)
        self.until(lambda: one.is_up, f"caller {self.n} is answered")
        return one

    # what is done to them

    def struck(self, blow, what, *callers, meanwhile=None):
        """The callers stay on the line, and hear something all the time."""
        self.where = (f"{blow} while {what} (seed {self.seed}, call {self.n}, "
                      f"{self.by})")
        self.doze(self.dice.choice((0, 0.1)))
        self.measure()
        at = self.strike(blow, meanwhile)
        marks = [one.mark() for one in callers]
        self.until(lambda: all(one.is_up and len(one.samples_since(mark))
                               for one, mark in zip(callers, marks)),
                   "callers hear something")
        for one in callers:
            if one.sound:
                self.sound_went_on(one.sound, max(one.answered + 0.3, at),
                                   time.monotonic())

    def rings(self, blow, one):
        """Her phone rings on, or again if those who rang it are gone; once."""
        ring = self.until(lambda: self.ana.which("ringing"), "Ana is rung")
        line = self.line.processes()[LINE]
        self.struck(blow, "Ana is rung", one)
        if self.line.processes()[LINE] == line:
            self.t.equal(self.ana.which("ringing"), ring,
                         f"{self.where}: what rings at Ana's")
        else:
            self.until(lambda: ring[0] in self.ana.ends and
                       self.ana.which("ringing"), "Ana is rung anew")
        self.hear_each_other(one)

    def picks_up(self, blow, one):
        """Just before, or while nobody is there to hear of it."""
        self.until(lambda: self.ana.which("ringing"), "Ana is rung")
        self.struck(blow, "Ana picks up", one,
                    meanwhile=self.crosses(lambda: self.ana.command("accept")))
        self.hear_each_other(one)

    def crosses(self, act):
        """Now, or as soon as the blow has fallen: then @return it."""
        if self.dice.random() < 0.5:
            return act
        act()
        return None

    def talks(self, blow, one, by_caller, *waiting):
        """They talk on, in the same call, and who waits is not forgotten."""
        talk = self.ana.which("up")
        self.until(lambda: self.has(waiting), "who waits is in the queue")
        self.struck(blow, "they talk", one, *waiting)
        self.hear_each_other(one)
        self.until(lambda: self.has(waiting), "who waits keeps their place")
        self.t.equal(self.ana.which("up"), talk, f"{self.where}: Ana's talk")
        who = one if by_caller else self.ana
        who.hang_up()
        self.is_over(one, by_caller, talk[0], *waiting)

    def hangs_up(self, blow, one, by_caller, *waiting):
        """One of them, just before or while nobody is there to hear of it."""
        talk, = self.ana.which("up")
        who = one if by_caller else self.ana
        self.struck(blow, "somebody hangs up", *waiting,
                    meanwhile=self.crosses(who.hang_up))
        self.is_over(one, by_caller, talk, *waiting)

    def has(self, waiting):
        calls = self.line.status()["calls"]
        return (calls["talking"], calls["waiting"]) == (1, len(waiting))

    def hear_each_other(self, one):
        """Ana picks up, again if that ring had just been taken back."""
        due, ours, theirs = 0, self.ana.mark(), one.mark()

        def look():
            nonlocal due
            if self.ana.which("ringing") and time.monotonic() > due:
                self.ana.command("accept")
                due = time.monotonic() + SLOW
            return self.ana.is_up and hears(self.ana, ours, one.hz) and \
                hears(one, theirs, self.ana.hz)
        self.until(look, "they hear each other")

    def is_over(self, one, by_caller, talk, *waiting):
        """Who has not hung up is hung up on; it is on record as a talk, and
        nobody is owed anything. talk: Ana's."""
        self.until(lambda: one.is_over and talk not in self.ana.now,
                   "both sides are over")
        hung_up_on = one.is_hung_up_on, self.ana.ends[talk] == BY_THEM
        self.t.equal(hung_up_on, (not by_caller, by_caller),
                     f"{self.where}: who was hung up on, {one.state()}, "
                     f"{self.ana.state()}")
        self.people.remove(one)
        if one.sound:
            one.close()
        self.talked += 1
        wanted = [None] * len(waiting) + ["talked"] * self.talked
        self.until(lambda: [c["outcome"] for c in self.line.calls()] ==
                   wanted, "each call is on record, once")
        self.t.equal(self.line.json("promises"), [],
                     f"{self.where}: promises")

    # a shift

    def run(self, calls):
        """Of each call: ((what she does, blow), (what they do, blow),
        by_caller)."""
        calls = list(calls)
        one = self.caller()
        for i, ((first, blow), (then, other), by_caller) in enumerate(calls):
            first(self, blow, one)
            waiting = [self.caller()] if i + 1 < len(calls) else []
            then(self, other, one, by_caller, *waiting)
            one = waiting[0] if waiting else None
        return self.rows
