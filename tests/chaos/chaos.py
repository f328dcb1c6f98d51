# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line, a counsellor and one caller after the other; in each call something
is done to the line's processes. What a state of a call is, and what must come
of it: states.py; what is done: blows.py."""
from dialogue import menu_line
from struck import Struck
from ua import Ua

CALLER_HZ, ANA_HZ = 450, 700


class Chaos(Struck):
    def __init__(self, t, seed):
        super().__init__(t, seed)
        self.ana = Ua("ana", ANA_HZ)
        # whose number a caller has: who is rung back is rung there
        self.home = Ua("home", CALLER_HZ)
        self.line = menu_line(t, dials=False, wrap_up_seconds=0,
                              rest_seconds=0, ring_seconds=60, attempts=20)
        self.line.steady = False
        self.line.command("trunk", "add", "out", "--from", "127.0.0.2/32",
                          "--to", f"sip:127.0.0.1:{self.home.port}")
        self.line.person("Ana", self.ana.uri, on=False)
        self.line.run()
        self.known = set()   # calls on record of earlier rounds
        self.caller = self.call = None

    # what happens

    def place(self):
        self.number = self.t.number()
        self.call = self.caller.call(self.line.address, "line", self.number)

    def bereft(self):
        for one in (self.ana, self.home):
            one.forget()   # nobody is left who could tell them

    # what is seen

    def until(self, condition, what, seconds=15):
        def faults():
            found = self.ana.faults + self.home.faults + self.caller.faults
            self.t.check(not found, f"{self.where}: {found}")
            return condition()
        return self.t.until(faults, lambda: f"{self.where}: {what} (caller "
                            f"{self.call.state} {self.call.code}, Ana "
                            f"{self.ana.states()}, home "
                            f"{self.home.states()}, "
                            f"{self.line.last_words(3)})", seconds)

    def hear_each_other(self, since, one=None):
        """Both hear the other after this time."""
        one = one or self.caller
        self.until(lambda: one.sound.hears(self.ana.sound, since) and
                   self.ana.sound.hears(one.sound, since),
                   "they hear each other")

    def is_unknown(self):
        """The caller has been answered, and the line knows of no call; what
        it is told just now it says in a moment."""
        for _ in range(5):
            calls = self.line.status()["calls"]
            if any(isinstance(n, int) and n for n in calls.values()):
                return False
        return True

    # on record

    def new_calls(self):
        """Of this round."""
        return [c for c in self.line.calls() if c["id"] not in self.known]

    def on_record(self, outcome, twice=False):
        """The call ended as it should. Who was not answered yet came a second
        time, by itself, and may be there twice."""
        calls = self.until(
            lambda: (lambda new: [c["outcome"] for c in new].count(outcome)
                     == 1 and new)(self.new_calls()),
            f"the call is on record as {outcome}")
        more = [c["outcome"] for c in calls if c["outcome"] != outcome]
        self.t.check(len(more) <= twice, f"{self.where}: records {more} too "
                     "many")
        mine = next(c["id"] for c in calls if c["outcome"] == outcome)
        self.t.check(mine not in self.owed(), f"{self.where}: it is owed "
                     "though it is over")
        self.forget()

    def owed(self):
        """Open promises, by call."""
        return {p["call"]: p for p in self.line.json("promises")}

    def is_owed(self, *kinds):
        """The call is not over: there is a promise for it, of such a kind."""
        def look():
            owed = self.owed()
            return [owed[c["id"]] for c in self.new_calls()
                    if c["id"] in owed and owed[c["id"]]["kind"] in kinds]
        found = self.until(look, f"a promise, {' or '.join(kinds)}")
        self.t.equal(len(found), 1, f"{self.where}: promises")
        return found[0]

    def is_settled(self, *ends):
        """One call is on record, with one of these outcomes, or kinds of what
        is owed."""
        def look():
            owed = self.owed()
            return [c["outcome"] or owed[c["id"]]["kind"]
                    for c in self.new_calls()
                    if c["outcome"] or c["id"] in owed]
        found = self.until(look, "it is on record")
        self.t.check(len(found) == 1 and found[0] in ends,
                     f"{self.where}: it is {found}, should be one of {ends}")
        self.forget()

    def forget(self):
        """What this round has left behind is closed."""
        for call in self.owed():
            self.line.command("promise", "close", str(call), "--reason",
                              "test", wanted=None)
        self.known |= {c["id"] for c in self.line.calls()}

    # rounds

    def round(self, state, blow):
        self.n += 1
        self.where = (f"{blow} while {state.name} (seed {self.seed}, round "
                      f"{self.n})")
        self.ana.picks_up = self.dice.choice((0, 0.2))
        self.home.picks_up = 0.1
        self.caller = (self.home if state.at_home else
                       Ua("caller", CALLER_HZ))
        for one in (self.ana, self.home):
            one.sound.received.clear()
        state.comes(self)
        was_up = self.call.state == "up"
        self.measure()
        at = self.strike(blow)
        state.judge(self, blow, at, was_up)
        for one in (self.ana, self.home):
            one.dialogs.clear()
        if self.caller is not self.home:
            self.caller.close()

    def run(self, rounds):
        for state, blow in rounds:
            self.round(state, blow)
        self.ana.close()
        self.home.close()
        return self.rows
