# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telephones that others have built, each with its own way of answering what
comes inside a dialog: baresip as counsellor's phone and as caller, sipp as
caller. look() takes in what has happened since; faults is what must never
happen."""
import json
import os
import re
import time

from baresip import Baresip
from cast import connects
from sipp import Scenario, Sipp, keep, sdp
from ua import Tone
import wav

SPAN = 4        # blocks of 50 ms: so long a tone is heard on end
HEADER = 44     # of a WAV file, bytes
LONGEST = 300   # seconds, of what is played

# how they are told that the other side has hung up
BY_THEM = "Connection reset by peer"


def hears(one, since, hz):
    """Only this tone, for a while on end, after one.mark()."""
    samples = one.samples_since(since)
    blocks = [samples[i:i + wav.BLOCK] for i in range(
        len(samples) % wav.BLOCK, len(samples), wav.BLOCK)][-SPAN:]
    return len(blocks) == SPAN and all(wav.share(b, hz) > 0.5
                                       for b in blocks)


class Softphone(Baresip):
    """Baresip; what it plays is a tone, what it hears is in files."""

    sound = None   # its packets are not seen here

    def __init__(self, t, name, hz, tcp):
        self.hz, self.by = hz, ";transport=tcp" if tcp else ""
        self.faults = []
        self.now = {}      # calls by id: "ringing", "up"
        self.ends = {}     # of those that are over: how it came
        self.read = 0      # of what it told
        super().__init__(t, name, wav=wav.tone(t.path(f"{name}.wav"), hz,
                                               LONGEST), tcp=tcp)

    # what has happened

    def look(self):
        told = self.listen()
        while True:
            size = re.match(r"(\d+):", told[self.read:self.read + 9])
            begin = self.read + (size.end() if size else 0)
            end = begin + int(size.group(1)) if size else 0
            if not size or len(told) <= end:
                return
            self.read = end + 1
            self.happened(json.loads(told[begin:end]))

    def happened(self, event):
        kind, call = event.get("type"), event.get("id")
        if kind == "CALL_INCOMING":
            if self.now:
                self.faults.append(f"{self.name} is rung though it is "
                                   f"{list(self.now.values())}")
            self.now[call] = "ringing"
        elif kind == "CALL_ESTABLISHED":
            self.now[call] = "up"
        elif kind == "CALL_CLOSED":
            self.now.pop(call, None)
            self.ends[call] = event.get("param", "")

    def which(self, state):
        return [call for call, now in self.now.items() if now == state]

    def calls(self, line, number):
        self.ends.clear()
        self.dial(f"sip:{number}@{line.address}{self.by}")

    @property
    def is_up(self):
        return bool(self.which("up"))

    @property
    def is_over(self):
        return bool(self.ends) and not self.now

    @property
    def is_hung_up_on(self):
        """Of a caller, who had one call."""
        return list(self.ends.values()) == [BY_THEM]

    # what is heard

    def files(self):
        return sorted(f.path for f in os.scandir(self.folder)
                      if f.name.startswith("dump-") and
                      f.name.endswith("-dec.wav"))

    def mark(self):
        return {path: os.path.getsize(path) for path in self.files()}

    def samples_since(self, mark):
        """Of its newest call."""
        path = (self.files() or [None])[-1]
        if not path or os.path.getsize(path) <= HEADER:
            return []
        return wav.read(path)[max(0, mark.get(path, 0) - HEADER) // 2:]

    def state(self):
        return f"{self.name} {list(self.now.values())} "\
            f"{list(self.ends.values())[-2:]}"


def then(s, label):
    """After the last step that one is next, at once: what comes meanwhile is
    not expected by a step in between."""
    s.steps[-1] = re.sub(r"^<(\w+)", rf'<\1 next="{label}"', s.steps[-1])
    return s


def stays(s, body):
    """Goes with its sound wherever it is told, however often; then hangs up
    when the test says so, or is hung up on."""
    s.xml('<label id="1"/>')
    then(s.recv("INVITE", optional=True, actions=keep("expect")), 2)
    then(s.recv("PRACK", optional=True), 3)
    then(s.recv("ACK", optional=True).ended(), 4)
    then(s.xml('<label id="2"/>').reply(200, body=body), 1)
    return (s.xml('<label id="3"/>').bye().recv(200)
            .xml('<label id="4"/>').xml("<nop/>"))


class SippCaller:
    """Its SIP is sipp's, by UDP: by TCP sipp gives its calls up when the
    connection breaks. Its sound is ours, so that each packet is seen."""

    def __init__(self, t, line, name, hz, ports):
        """ports: its own, and that of the sound it does not have."""
        self.t, self.name, self.hz = t, name, hz
        self.sound = Tone(hz)
        self.faults = []
        self.is_up = False
        self.answered = None   # when it was seen
        body = sdp(codecs=(0, 101), host="127.0.0.1", port=self.sound.port)
        self.sipp = Sipp(t, name, stays(connects(
            Scenario(t.number()), body=body), body), line.address,
            service=t.number(), seconds=LONGEST, port=ports[0],
            media=ports[1], args=("-aa",))

    def look(self):
        """Sends its sound to where the newest description says."""
        messages = [m for m in self.sipp.messages() if not m.sent]
        bodies = [m.body for m in messages if "m=audio" in m.body]
        if bodies:
            self.sound.talk_to_sdp(bodies[-1])
        if bodies and not self.is_up:
            self.is_up, self.answered = True, time.monotonic()
        if self.sipp.process.poll() not in (None, 0):
            self.faults.append(f"{self.name}: {self.sipp.why()}")

    @property
    def is_over(self):
        return self.sipp.process.poll() == 0

    @property
    def is_hung_up_on(self):
        return bool(self.sipp.received("BYE"))

    def hang_up(self):
        self.sipp.go()

    @staticmethod
    def mark():
        return time.monotonic()

    def samples_since(self, mark):
        return self.sound.samples_since(mark)

    def state(self):
        return self.sipp.why()

    def close(self):
        self.sipp.done()
        self.sound.stop()
