# SPDX-License-Identifier: AGPL-3.0-or-later
"""A SIP telephone that holds out: repeats its requests as RFC 3261 (17.1) has
it, answers whatever comes inside a dialog, and talks. What it saw is kept with
its time, so that afterwards it can be judged."""
import functools
import itertools
import math
import random
import re
import socket
import struct
import threading
import time

from rtp import FRAME, Rtp, ulaw

T1, T2 = 0.5, 4.0
counter = itertools.count(1)


KEYS = "0123456789*#"


@functools.cache
def voice(hz):
    """A second of a tone that swells three times, as speech does, so that it is
    taken for somebody's voice: 50 frames that no other tone has."""
    return [bytes(ulaw(int(9000 * math.sin(2 * math.pi * hz * i / 8000) *
                           (0.55 - 0.45 * math.cos(6 * math.pi * i / 8000))))
                  for i in range(n * FRAME, n * FRAME + FRAME))
            for n in range(50)]


class Tone(Rtp):
    """A voice that is told from any other, and keys. hz: a multiple of 50."""

    def __init__(self, hz):
        self.voice = voice(hz)
        self.known = set(self.voice)
        self.events = []     # packets that are still to be sent
        self.event_type = 101
        self.event_at = 0
        super().__init__(hz)

    def frame(self, n):
        return self.voice[n % len(self.voice)]

    def packet(self, n, ssrc):
        if not self.events:
            return super().packet(n, ssrc)
        key, nth, last = self.events.pop(0)
        if nth == 0:
            self.event_at = n * FRAME
        return struct.pack(
            "!BBHIIBBH", 0x80, self.event_type | (0x80 if nth == 0 else 0),
            n & 0xffff, self.event_at & 0xffffffff, ssrc, key,
            0x8a if last else 0x0a, (min(nth, 4) + 1) * FRAME)

    def press(self, keys):
        """Instead of the voice, for a tenth of a second each (RFC 4733)."""
        for key in keys:
            self.events += [(KEYS.index(key), nth, nth > 3)
                            for nth in range(7)]

    def talk_to_sdp(self, body):
        found = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", body, re.M)
        if found:
            self.event_type = int(found.group(1))
        super().talk_to_sdp(body)

    def hears(self, other, since):
        """Has a frame of that one arrived after this time?"""
        return any(p[12:] in other.known for p in self.heard_since(since))

    def gap(self, since, until):
        """The longest time without a packet, seconds."""
        times = [since, *(at for at, _ in self.received
                          if since < at < until), until]
        return max(b - a for a, b in zip(times, times[1:]))

    def missing(self, since, until):
        """Packets that the sender numbered, and that never came."""
        numbers = [struct.unpack("!H", p[2:4])[0] for at, p in self.received
                   if since < at < until]
        steps = [(b - a) & 0xffff for a, b in zip(numbers, numbers[1:])]
        return sum(step - 1 for step in steps if 1 < step < 100)


def field(text, name):
    found = re.search(rf"^{name}: *(.*?)\r?$", text, re.M | re.I)
    return found.group(1) if found else ""


def uri(text, name):
    found = re.search(rf"^{name}:[^<\r]*<([^>]*)>", text, re.M | re.I)
    return found.group(1) if found else ""


class Dialog:
    """One call of a telephone; state: calling, ringing, up, leaving, over."""

    def __init__(self, callid, ours, theirs, target, peer):
        self.callid, self.ours, self.theirs = callid, ours, theirs
        self.target, self.peer = target, peer
        self.state, self.code = "calling", 0
        self.cseq = random.randrange(1, 1000)
        self.invite = None     # theirs, as it came
        self.ended_by = None   # "us", "them"
        self.bye_code = 0      # the answer to our BYE
        self.began = time.monotonic()
        self.answered = None   # when
        self.over = None       # when
        self.held = False      # by us
        self.asks = 0          # CSeq of a re-INVITE of ours without an answer
        self.asked = None      # its branch
        self.again = None      # when it is sent once more


class Ua(threading.Thread):
    """picks_up: seconds after it began to ring; None: rings on."""

    def __init__(self, name, hz, picks_up=0.2):
        super().__init__(daemon=True)
        self.name, self.picks_up = name, picks_up
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.01)
        self.port = self.socket.getsockname()[1]
        self.sound = Tone(hz)
        self.lock = threading.RLock()
        self.dialogs = {}
        self.pending = {}   # what is repeated: key -> [data, peer, at, step]
        self.faults = []    # what must never happen
        self.stopping = False
        self.start()

    @property
    def uri(self):
        return f"sip:{self.name}@127.0.0.1:{self.port}"

    def close(self):
        self.stopping = True
        self.join()
        self.socket.close()
        self.sound.stop()

    # what a test looks at

    def now(self, *states):
        """The dialogs in one of these states."""
        with self.lock:
            return [d for d in self.dialogs.values() if d.state in states]

    def states(self):
        """Of its last calls, for who has to read it."""
        with self.lock:
            return [d.state for d in self.dialogs.values()][-2:]

    def forget(self):
        """Whoever rang it is no more."""
        with self.lock:
            for d in [d for d in self.dialogs.values() if d.invite]:
                del self.dialogs[d.callid]
                for key in [k for k in self.pending if d.callid in k]:
                    del self.pending[key]

    # what a person does

    def call(self, address, user, number):
        with self.lock:
            n = next(counter)
            callid = f"chaos-{n}-{self.port}-{random.getrandbits(32):x}"
            host, _, port = address.rpartition(":")
            d = Dialog(callid, f"<sip:{number}@127.0.0.1:{self.port}>"
                       f";tag=c{n}", f"<sip:{user}@{address}>",
                       f"sip:{user}@{address}", (host, int(port)))
            self.dialogs[callid] = d
            d.branch = self.request(d, "INVITE", sdp=True)
            return d

    def hang_up(self, dialog):
        with self.lock:
            if dialog.state == "up":
                dialog.state, dialog.ended_by = "leaving", "us"
                self.request(dialog, "BYE")

    def hold(self, dialog, on):
        """The key of a telephone: the other side is heard no more, or again."""
        with self.lock:
            dialog.held = on
            self.ask(dialog)

    def held(self, dialog):
        """Has the line agreed to what was last asked for?"""
        with self.lock:
            return dialog.held and not dialog.asks and not dialog.again

    # messages

    def sdp(self, d=None):
        event = self.sound.event_type
        return ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.sound.port} RTP/AVP 0 {event}\r\n"
                "a=rtpmap:0 PCMU/8000\r\n"
                f"a=rtpmap:{event} telephone-event/8000\r\n"
                + ("a=sendonly\r\n" if d and d.held else ""))

    def ask(self, d):
        """re-INVITE: how we want the sound to be."""
        d.again = None
        d.asked = self.request(d, "INVITE", sdp=True)
        d.asks = d.cseq

    def send(self, rows, peer, body="", key=None, seconds=T1 * 64):
        if body:
            rows.append("Content-Type: application/sdp")
        rows += [f"Content-Length: {len(body)}", "", body]
        data = "\r\n".join(rows).encode()
        self.socket.sendto(data, peer)
        if key:
            now = time.monotonic()
            self.pending[key] = [data, peer, now + T1, T1, now + seconds]

    def request(self, d, method, sdp=False):
        d.cseq += 1
        branch = f"z9hG4bK-{self.port}-{next(counter)}"
        self.send([f"{method} {d.target} SIP/2.0",
                   f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch}",
                   "Max-Forwards: 70", f"From: {d.ours}", f"To: {d.theirs}",
                   f"Call-ID: {d.callid}", f"CSeq: {d.cseq} {method}",
                   f"Contact: <{self.uri}>"], d.peer,
                  self.sdp(d) if sdp else "", (d.callid, d.cseq, method))
        return branch

    def ack(self, d, cseq, branch=None):
        branch = branch or f"z9hG4bK-{self.port}-{next(counter)}"
        self.send([f"ACK {d.target} SIP/2.0",
                   f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch}",
                   "Max-Forwards: 70", f"From: {d.ours}", f"To: {d.theirs}",
                   f"Call-ID: {d.callid}", f"CSeq: {cseq} ACK"], d.peer)

    def reply(self, text, peer, code, d=None, sdp=False):
        to = d.ours if d else field(text, "To")
        vias = re.findall(r"^Via:.*?(?=\r?$)", text, re.M | re.I)
        cseq = field(text, "CSeq")
        repeated = code == 200 and cseq.endswith("INVITE")
        self.send([f"SIP/2.0 {code} Answer", *vias,
                   f"From: {field(text, 'From')}", f"To: {to}",
                   f"Call-ID: {field(text, 'Call-ID')}", f"CSeq: {cseq}",
                   f"Contact: <{self.uri}>"], peer,
                  self.sdp(d) if sdp else "",
                  ("200", d.callid, int(cseq.split()[0]))
                  if repeated else None)

    def end(self, d, by=None):
        if d.state != "over":
            d.state, d.over = "over", time.monotonic()
            d.ended_by = d.ended_by or by

    # requests of theirs

    def on_invite(self, text, peer, d):
        if d and d.asks:
            self.reply(text, peer, 491, d)
            return
        if d and d.state == "up":  # in the dialog: the sound moves
            self.sound.talk_to_sdp(text)
            d.moves = getattr(d, "moves", 0) + 1
            self.reply(text, peer, 200, d, sdp=True)
            return
        if d:
            return  # repeated; what was said of it still holds
        if ";tag=" in field(text, "To"):
            self.reply(text, peer, 481)
            return
        if self.now("ringing", "up"):
            self.faults.append(f"{self.name} is rung twice")
        n = next(counter)
        d = Dialog(field(text, "Call-ID"), f"{field(text, 'To')};tag=p{n}",
                   field(text, "From"), uri(text, "Contact"), peer)
        d.state, d.invite = "ringing", text
        self.dialogs[d.callid] = d
        self.reply(text, peer, 180, d)

    def pick_up(self, d):
        d.state, d.answered = "up", time.monotonic()
        self.sound.talk_to_sdp(d.invite)
        self.reply(d.invite, d.peer, 200, d, sdp=True)

    def on_request(self, text, peer):
        method = text.partition(" ")[0]
        d = self.dialogs.get(field(text, "Call-ID"))
        if method == "INVITE":
            self.on_invite(text, peer, d)
        elif method == "ACK":
            self.pending.pop(("200", field(text, "Call-ID"),
                              int(field(text, "CSeq").split()[0])), None)
        elif not d or d.state == "over":
            self.reply(text, peer, 481)
        elif method == "CANCEL":
            self.reply(text, peer, 200, d)
            if d.state == "ringing":
                self.reply(d.invite, d.peer, 487, d)
                self.end(d, "them")
        elif method == "BYE":
            self.reply(text, peer, 200, d)
            if d.state == "up":
                self.end(d, "them")
        else:
            self.reply(text, peer, 200, d)

    # answers of theirs

    def on_response(self, text):
        code = int(text[8:11])
        number, method = field(text, "CSeq").split()
        d = self.dialogs.get(field(text, "Call-ID"))
        if not d:
            return
        key = (d.callid, int(number), method)
        if code >= 200 or method == "INVITE":
            self.pending.pop(key, None)
        if method == "INVITE" and code >= 200 and d.asks == int(number):
            self.on_agreed(text, d, code, number)
        elif method == "INVITE" and 200 <= code < 300:
            d.theirs = field(text, "To")
            d.target = uri(text, "Contact") or d.target
            self.ack(d, number)
            if d.state == "calling":
                d.state, d.code, d.answered = "up", code, time.monotonic()
                self.sound.talk_to_sdp(text)
        elif method == "INVITE" and code >= 300:
            self.ack(d, number, d.branch)
            d.code = code
            self.end(d, "them")
        elif method == "BYE" and code >= 200:
            d.bye_code = code
            self.end(d)

    def on_agreed(self, text, d, code, number):
        """The answer to a re-INVITE of ours; 491 is asked again (RFC 3261,
        14.1)."""
        d.asks = 0
        self.ack(d, number, None if code < 300 else d.asked)
        if code < 300:
            self.sound.talk_to_sdp(text)
        elif code in (491, 500, 503):
            d.again = time.monotonic() + random.uniform(0.5, 2)
        else:
            self.faults.append(f"{self.name}: {code} to a re-INVITE")

    # time

    def turn(self):
        now = time.monotonic()
        for key, row in list(self.pending.items()):
            data, peer, at, step, until = row
            if now > until:
                del self.pending[key]
                what = "no ACK" if key[0] == "200" else f"no answer to {key[2]}"
                self.faults.append(f"{self.name}: {what}")
            elif now > at:
                self.socket.sendto(data, peer)
                row[3] = min(2 * step, T2)
                row[2] = now + row[3]
        for d in self.now("ringing"):
            if self.picks_up is not None and now > d.began + self.picks_up:
                self.pick_up(d)
        for d in self.now("up"):
            if d.again and now > d.again:
                self.ask(d)

    def run(self):
        while not self.stopping:
            try:
                data, peer = self.socket.recvfrom(65535)
            except (TimeoutError, ConnectionError):
                data = None
            with self.lock:
                if data:
                    text = data.decode(errors="replace")
                    if text.startswith("SIP/2.0 "):
                        self.on_response(text)
                    else:
                        self.on_request(text, peer)
                self.turn()
