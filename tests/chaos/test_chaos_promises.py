# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processes die at random moments while callers leave messages, ask to be rung
back and are rung back. Whatever a caller was told is kept: afterwards each
call has ended in one way or is owed, each promise that somebody heard is on
record, and no telephone was rung twice at once."""
import collections
import os
import random
import re
import signal
import socket
import sqlite3
import threading
import time

from blows import KEEPER, LINE, MEDIA
from case import test
from dialogue import menu_line
from phone import Call, Phone
import sealed_numbers
from spoken import Ear
from test_keep import messages
from test_promises import voice
import wav

ENDS = {"talked", "promise_kept", "declined", "gave_up", "short", "blocked",
        "closed"}

ATTEMPTS = 3
COUNSELLORS = ("Ana", "Bob")


def content(path):
    with open(path, "rb") as f:
        return f.read()


class Home(threading.Thread):
    """All telephones there are, at the other end of the trunk. Each rings a
    while; then it is engaged, nobody is there, or somebody picks up, says
    nothing and hangs up. Remembers when each rang."""

    def __init__(self, seed, port, sound):
        super().__init__(daemon=True)
        self.dice = random.Random(seed)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.05)
        self.sound = sound
        self.calls = {}    # by Call-ID
        self.rings = []    # (number, from, until), in order of their ends
        self.twice = []    # numbers that were rung twice at once
        self.start()

    @staticmethod
    def field(text, name):
        found = re.search(rf"^{name}: *(.*?)\r?$", text, re.M | re.I)
        return found.group(1) if found else ""

    def reply(self, call, code, request, sdp=""):
        text = request["text"]
        to = self.field(text, "To")
        if ";tag=" not in to:
            to += f";tag={call['tag']}"
        vias = re.findall(r"^Via:.*?\r?$", text, re.M | re.I)
        rows = [f"SIP/2.0 {code} Answer", *(v.rstrip() for v in vias),
                f"From: {self.field(text, 'From')}", f"To: {to}",
                f"Call-ID: {self.field(text, 'Call-ID')}",
                f"CSeq: {self.field(text, 'CSeq')}",
                f"Contact: <sip:home@127.0.0.1:"
                f"{self.socket.getsockname()[1]}>"]
        if sdp:
            rows.append("Content-Type: application/sdp")
        rows += [f"Content-Length: {len(sdp)}", "", sdp]
        self.socket.sendto("\r\n".join(rows).encode(), request["peer"])

    def sdp(self):
        return ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.sound} RTP/AVP 0\r\n")

    def over(self, name):
        call = self.calls.pop(name)
        self.rings.append((call["number"], call["at"], time.monotonic()))

    def on_invite(self, name, request):
        number = re.match(r"INVITE sip:([^@]*)@", request["text"]).group(1)
        if name in self.calls:
            return
        if any(c["number"] == number for c in self.calls.values()):
            self.twice.append(number)
        now = time.monotonic()
        way = self.dice.choice(("engaged", "nobody", "answers", "answers"))
        self.calls[name] = call = {
            "number": number, "at": now, "tag": f"h{len(self.rings)}-{now}",
            "request": request, "way": way, "up": False,
            "turn": now + self.dice.uniform(0.2, 1.5)}
        self.reply(call, 180, request)

    def on_request(self, data, peer):
        text = data.decode(errors="replace")
        name = self.field(text, "Call-ID")
        method = text.partition(" ")[0]
        request = {"text": text, "peer": peer}
        if method == "INVITE" and ";tag=" in self.field(text, "To"):
            self.on_again(name, request)
        elif method == "INVITE":
            self.on_invite(name, request)
        elif method in ("CANCEL", "BYE") and name in self.calls:
            call = self.calls[name]
            self.reply(call, 200, request)
            if method == "CANCEL" and not call["up"]:
                self.reply(call, 487, call["request"])
            self.over(name)

    def on_again(self, name, request):
        """Within a call: the sound comes from elsewhere now."""
        call = self.calls.get(name)
        if call and call["up"]:
            self.reply(call, 200, request, self.sdp())
        else:
            self.reply(call, 481, request)

    def bye(self, call):
        text = call["request"]["text"]
        uri = re.search(r"^Contact: *<([^>]*)>", text, re.M | re.I).group(1)
        port = self.socket.getsockname()[1]
        rows = [f"BYE {uri} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{port}"
                f";branch=z9hG4bK-{call['tag']}",
                "Max-Forwards: 70",
                f"From: {self.field(text, 'To')};tag={call['tag']}",
                f"To: {self.field(text, 'From')}",
                f"Call-ID: {self.field(text, 'Call-ID')}", "CSeq: 1 BYE",
                "Content-Length: 0", "", ""]
        self.socket.sendto("\r\n".join(rows).encode(),
                           call["request"]["peer"])

    def turn(self, name, call):
        if call["up"]:
            self.bye(call)
            self.over(name)
        elif call["way"] == "engaged":
            self.reply(call, 486, call["request"])
            self.over(name)
        elif call["way"] == "answers":
            call["up"] = True
            call["turn"] = time.monotonic() + self.dice.uniform(0.1, 2)
            self.reply(call, 200, call["request"], self.sdp())
        else:  # the exchange's own patience
            self.reply(call, 480, call["request"])
            self.over(name)

    def hung_up_on(self):
        """Who rang was killed, and its exchange has noticed."""
        for name in list(self.calls):
            self.over(name)

    def run(self):
        while True:
            try:
                self.on_request(*self.socket.recvfrom(65535))
            except TimeoutError:
                pass
            now = time.monotonic()
            for name, call in list(self.calls.items()):
                if now > call["turn"] and name in self.calls:
                    self.turn(name, call)


def is_left_of(kept, typed):
    """Keys that are pressed while somebody dies are lost, and with them digits:
    what is left is read out, and who listens says no to it. Ours do not."""
    digits = iter(typed)
    return len(kept) > 2 and all(d in digits for d in kept)


class Chaos:
    def __init__(self, t, seed, seconds):
        self.t, self.seed = t, seed
        self.dice = random.Random(seed)
        self.end = time.monotonic() + seconds
        self.line = menu_line(t, dials=False, attempts=ATTEMPTS,
                              wrap_up_seconds=0, rest_seconds=0,
                              ring_seconds=5)
        self.line.steady = False
        port = t.port()
        self.home = Home(seed, port, t.port())
        self.line.command("trunk", "add", "out", "--from", "127.0.0.2/32",
                          "--to", f"sip:127.0.0.1:{port}")
        for name in COUNSELLORS:
            one = Phone(t, name.lower(), after=100)
            self.line.person(name, one.uri, on=False)
        self.voice = voice(t.path("voice.wav"), 20)
        self.callers = []   # (what they want, Call, path of what they heard)
        self.line.run()

    # what happens

    def call(self):
        """Somebody who asks to be rung back at the number they call from, or
        at one that they type, or leaves a message."""
        wants = self.dice.choice(("known", "typed", "message"))
        heard = self.t.path(f"heard-{len(self.callers)}.wav")
        typed = self.t.number() if wants == "typed" else None
        keys = {"known": "1 1 1 1", "typed": f"1 {typed}# 1 1 1"}.get(wants)
        at = self.dice.uniform(0.3, 1)
        one = Call(self.t, f"caller-{len(self.callers)}", self.line,
                   record=heard,
                   wav=None if keys else self.voice,
                   keys=keys and ",".join(
                       f"{at + i * 0.8:.1f}:{k}"
                       for i, k in enumerate(keys.split())),
                   user=None if wants == "known" else "anonymous",
                   seconds=self.dice.choice((6, 7, 9)))
        one.number = typed or one.user
        self.callers.append((wants, one, heard))

    def kill(self):
        which = self.dice.choice((LINE, LINE, MEDIA, KEEPER))
        if which == KEEPER:
            self.line.keeper.kill()
            self.line.keeper.wait()
            self.line.start()
        else:
            before = self.line.processes()
            if which not in before:
                return
            if self.dice.random() < 0.5:  # just when somebody is rung
                self.wait_for_ring()
            os.kill(before[which], signal.SIGKILL)
            if which == LINE:
                self.home.hung_up_on()
            self.t.until(lambda: self.line.processes().get(which)
                         not in (None, before[which]),
                         f"{which} comes back", 30)
        self.line.up(30)
        self.look()

    def wait_for_ring(self):
        n = len(self.home.calls)
        end = time.monotonic() + 2
        while len(self.home.calls) <= n and time.monotonic() < end:
            time.sleep(0.001)

    def ring(self):
        """A coordinator has one rung at once."""
        owed = [p for p in self.line.json("promises") if p["has_number"]]
        if owed:
            self.line.command("promise", "ring",
                              str(self.dice.choice(owed)["call"]),
                              wanted=None)

    def duty(self, word):
        for name in COUNSELLORS:
            self.line.command("person", word, name, wanted=None)

    def run(self):
        """By turns: callers come and nobody is on duty; those who are owed
        are rung back. Somebody dies in between."""
        next_call = time.monotonic()
        next_kill = next_call + 3
        asks, next_phase = False, next_call
        while time.monotonic() < self.end:
            now = time.monotonic()
            if now > next_phase:
                asks = not asks
                self.duty("off" if asks else "on")
                next_phase = now + self.dice.uniform(5, 9)
            if asks and now > next_call and self.n_calling() < 6:
                self.call()
                next_call = now + self.dice.uniform(0.2, 1)
            if not asks:
                self.ring()
            if now > next_kill:
                self.kill()
                next_kill = time.monotonic() + self.dice.uniform(0.5, 7)
            time.sleep(self.dice.uniform(0, 0.3))
        self.settle()

    def n_calling(self):
        return sum(c.process.poll() is None for _, c, _ in self.callers)

    # what must be so

    def rows(self, sql):
        store = sqlite3.connect(os.path.join(self.line.data, "store.db"))
        found = store.execute(sql).fetchall()
        store.close()
        return found

    def look(self):
        t = self.t
        t.equal(self.home.twice, [], f"rung twice at once (seed {self.seed})")
        odd = {o for o, in self.rows("SELECT DISTINCT outcome FROM call")}
        t.check(odd <= ENDS | {""}, f"outcomes {odd}")

    def settle(self):
        line, t = self.line, self.t
        self.duty("off")
        for _, one, _ in self.callers:
            t.until(lambda o=one: o.process.poll() is not None,
                    "all callers have hung up", 20)

        def look():
            owed = {p["call"] for p in line.json("promises")
                    if p["state"] in ("open", "due")}
            return all(c["outcome"] in ENDS or (not c["outcome"] and
                                                c["id"] in owed)
                       for c in line.calls())
        t.until(look, lambda: f"every call is settled (seed {self.seed}): "
                f"{self.unsettled()}", 40)

    def unsettled(self):
        return [(c["id"], c["state"], c["outcome"], c["promise"])
                for c in self.line.calls() if not c["outcome"]]

    def judge(self):
        t, line = self.t, self.line
        self.look()
        told, spoke = self.what_callers_heard()
        promises = self.rows(
            "SELECT p.call, p.kind, p.state, p.dialler, c.outcome, c.state "
            "FROM promise p JOIN call c ON c.id = p.call")
        kept = set(sealed_numbers.opened(line).values())
        lost = [n for n in told if not any(is_left_of(k, n) for k in kept)]
        t.check(not lost, f"{len(lost)} of {len(told)} ring-backs are lost "
                f"(seed {self.seed})")
        n_messages = sum(kind == "message" for _, kind, *_ in promises)
        t.check(n_messages >= spoke, f"{n_messages} messages, "
                f"{spoke} have spoken (seed {self.seed})")
        # what is owed is there, what is not is gone
        files = set(messages(line))
        open_ones = {f"{call}.sealed" for call, kind, state, *_ in promises
                     if state not in ("kept", "declined", "closed")}
        t.check(files <= open_ones, f"messages of nobody: "
                f"{files - open_ones} (seed {self.seed})")
        for call, kind, state, number, outcome, _ in promises:
            t.equal(state in ("kept", "declined", "closed"), bool(outcome),
                    f"promise of call {call}: {state}, its call: {outcome!r} "
                    f"(seed {self.seed})")
            t.check(not (outcome and number),
                    f"call {call} has ended, and its number is kept")
        self.judge_attempts()

    def what_callers_heard(self):
        """Numbers of those who were told that they will be rung back; how many
        spoke for two seconds after the tone."""
        told, spoke = [], 0
        for wants, one, path in self.callers:
            if not os.path.exists(path):
                continue
            ear = Ear(path)
            heard = {name.partition("/")[2]: at for at, name in ear.heard()}
            if "kept_ring_back" in heard:
                told.append(one.number)
            length = ear.blocks * wav.BLOCK / wav.RATE
            if wants == "message" and length - heard.get("tone", 1e9) > 2.5:
                spoke += 1
        return told, spoke

    def judge_attempts(self):
        """Each ring is an attempt on record, before it rings."""
        rings = collections.Counter(n for n, _, _ in self.home.rings)
        tried = collections.Counter()
        numbers = sealed_numbers.opened(self.line)
        for call, n in self.rows("SELECT call, n_attempts FROM promise"):
            if call in numbers:
                tried[numbers[call]] += n
        for number, n in rings.items():
            self.t.check(number not in tried or
                         n <= tried[number],
                         f"rang {n} times, {tried[number]} on record "
                         f"(seed {self.seed})")

    def close_all(self):
        """Then nothing is left of anybody."""
        numbers = [one.number for wants, one, _ in self.callers
                   if wants != "message"]
        for p in self.line.json("promises"):
            self.line.command("promise", "close", str(p["call"]),
                              "--reason", "test", wanted=None)
        self.t.until(lambda: not self.line.json("promises"),
                     "all promises are closed")
        self.t.until(lambda: not messages(self.line), "no message is left")

        def found():
            for folder, _, names in os.walk(self.line.data):
                for path in (os.path.join(folder, n) for n in names):
                    if os.path.isfile(path) and any(
                            n.encode() in content(path) for n in numbers):
                        yield path
        self.t.until(lambda: not list(found()),
                     lambda: f"numbers are left in {list(found())}")
        # a telephone whose rings were forgotten answers no BYE and no CANCEL:
        # it is given up as late as RFC 3261 (17.1) has it
        self.t.until(lambda: not self.line.open_ports(),
                     lambda: "ports are left: "
                     f"{self.line.open_ports()}", 40)


def chaos(t, seed, seconds):
    one = Chaos(t, seed, seconds)
    one.run()
    one.judge()
    one.close_all()


@test(160)
def a_few_deaths(t):
    chaos(t, 1, 22)


@test(600, long=True)
def many_deaths(t):
    chaos(t, int(os.environ.get("RINGBACK_CHAOS_SEED", "2")), 60)
