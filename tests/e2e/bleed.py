# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two who talk through a media process, and whoever does not want them to: all
in one thread, beat by beat, so that what comes first is certain."""
import collections
import random
import re
import socket
import struct
import time

from case import SLOW, Failed
from mediasock import Media

BEAT = 0.02
OURS, THEIRS, HOSTILE = 0x31, 0x32, 0x77   # what fills a frame
FRAME = 160


def rtp(seq, ssrc, fill, number=0, payload=0):
    """One frame; which one it is stands in its first bytes."""
    return struct.pack("!BBHII", 0x80, payload, seq & 0xffff,
                       seq * FRAME & 0xffffffff, ssrc) \
        + struct.pack("!I", number) + bytes([fill]) * (FRAME - 4)


def sdp(host, port, proto="RTP/AVP"):
    kind = 6 if ":" in host else 4
    return (f"v=0\r\no=- {port} 1 IN IP{kind} {host}\r\ns=-\r\n"
            f"c=IN IP{kind} {host}\r\nt=0 0\r\nm=audio {port} {proto} 0\r\n")


def place(text):
    """Where an SDP wants its sound."""
    return (re.search(r"^c=IN IP\d (\S+)", text, re.M).group(1),
            int(re.search(r"^m=audio (\d+)", text, re.M).group(1)))


class End:
    """A socket that never waits; keeps what came."""

    def __init__(self, host="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((host, port))
        self.socket.setblocking(False)
        self.host, self.port = host, self.socket.getsockname()[1]
        self.got = []

    def send(self, packet, to):
        try:
            self.socket.sendto(packet, to)
        except OSError:
            pass  # what it tells of is somebody else's port

    def read(self):
        """What came since."""
        new = []
        while True:
            try:
                new.append(self.socket.recvfrom(2048))
            except ConnectionError:
                continue
            except BlockingIOError:
                break
        self.got += new
        return new

    def close(self):
        self.socket.close()


class Speaker(End):
    """One who talks: a stream of numbered frames."""

    def __init__(self, fill, host="127.0.0.1"):
        super().__init__(host)
        self.fill, self.to = fill, None
        self.ssrc = random.getrandbits(32)
        self.seq, self.n_sent = random.getrandbits(16), 0

    def speak(self):
        self.send(rtp(self.seq, self.ssrc, self.fill, self.n_sent), self.to)
        self.seq += 1
        self.n_sent += 1

    def heard(self, fill):
        """How often each frame of this kind came."""
        return collections.Counter(
            struct.unpack_from("!I", packet, 12)[0] for packet, _ in self.got
            if len(packet) == 12 + FRAME and
            packet[16:] == bytes([fill]) * (FRAME - 4))


class Talk:
    """One with a leg that is attacked, another one who hears it."""
    last = 0

    def __init__(self, media, nets=("127.0.0.1", 32), host="127.0.0.1",
                 begins=0, ends=None):
        self.media = media
        self.one, self.other = Speaker(OURS, host), Speaker(THEIRS, host)
        Talk.last += 2
        self.legs = Talk.last - 1, Talk.last
        self.begins, self.ends = begins, ends
        for leg, who in zip(self.legs, (self.one, self.other)):
            who.to = place(media.answer(leg, sdp(host, who.port),
                                        nets=nets))
        media.bridge(*self.legs)
        self.enemies = []
        self.skipped = 0   # frames that are not to be heard

    def enemy(self, host="127.0.0.1"):
        self.enemies.append(End(host))
        return self.enemies[-1]

    def hostile(self, n, ssrc=0xbad, payload=0):
        return rtp(n, ssrc, HOSTILE, n, payload)

    def beat(self, n):
        if n >= self.begins and (self.ends is None or n < self.ends):
            self.one.speak()
            self.other.speak()

    def read(self):
        for end in (self.one, self.other, *self.enemies):
            end.read()

    def complete(self):
        return self.lost() == 0

    def lost(self):
        """The larger share of frames that did not arrive."""
        return max(1 - len(to.heard(who.fill)) /
                   max(1, who.n_sent - self.skipped)
                   for who, to in ((self.one, self.other),
                                   (self.other, self.one)))

    def figures(self):
        """Bled, injected, share lost."""
        injected = sum(sum(who.heard(HOSTILE).values()) for who in
                       (self.one, self.other))
        injected += sum(n - 1 for to, who in ((self.one, self.other),
                                              (self.other, self.one))
                        for n in to.heard(who.fill).values())
        return sum(len(e.got) for e in self.enemies), injected, self.lost()

    def close(self):
        for leg in self.legs:
            self.media.close(leg)
        for end in (self.one, self.other, *self.enemies):
            end.close()


def run(case, talks, beats):
    """All of them at once, in time; then what is under way may arrive."""
    due = time.monotonic()
    for n in range(beats):
        for talk in talks:
            talk.beat(n)
            if talk.attack:
                talk.attack(talk, n)
        # what was missed is not made up for all at once
        due = max(due + BEAT, time.monotonic())
        while True:
            for talk in talks:
                talk.read()
            left = due - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, 0.005))
    end = time.monotonic() + 3 * SLOW
    while time.monotonic() < end and not all(t.complete() for t in talks):
        for talk in talks:
            talk.read()
        time.sleep(0.01)
    # and what is not to come had time to
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        for talk in talks:
            talk.read()
        time.sleep(0.01)
    case.check(beats > 50, "too short to tell anything")


class Sealed(Talk):
    """The same through two media processes with SRTP between them, and one who
    sits in the middle and hands everything on."""

    def __init__(self, media, second):
        self.media, self.second = media, second
        self.one, self.other = Speaker(OURS), Speaker(THEIRS)
        self.begins, self.ends, self.skipped = 0, None, 0
        self.enemies = []
        Talk.last += 4
        self.legs = a, secret_a, secret_b, b = [Talk.last - i
                                                for i in range(4)]
        self.to_a, self.to_b = End(), End()
        self.one.to = place(media.answer(a, sdp("127.0.0.1",
                                                self.one.port)))
        self.other.to = place(second.answer(b, sdp("127.0.0.1",
                                                   self.other.port)))
        offer = media.offer(secret_a, srtp=2)
        self.a = place(offer)
        answer = second.answer(secret_b, self.moved(offer, self.to_b),
                               srtp=2)
        self.b = place(answer)
        if "RTP/SAVP" not in answer or "a=crypto:" not in answer:
            raise Failed(f"no keys in {answer}")
        media.accept(secret_a, self.moved(answer, self.to_a))
        media.bridge(a, secret_a)
        second.bridge(b, secret_b)
        self.changes = []   # (packet -> packets), of who attacks

    @staticmethod
    def moved(text, end):
        return re.sub(r"^m=audio \d+", f"m=audio {end.port}", text,
                      flags=re.M)

    def read(self):
        super().read()
        for end, by, to in ((self.to_a, self.to_b, self.b),
                            (self.to_b, self.to_a, self.a)):
            for packet, _ in end.read():
                for one in self.handed_on(packet):
                    by.send(one, to)

    def handed_on(self, packet):
        return self.change(packet) if self.change else [packet]

    change = None

    def close(self):
        for leg in self.legs[:2]:
            self.media.close(leg)
        for leg in self.legs[2:]:
            self.second.close(leg)
        for end in (self.one, self.other, self.to_a, self.to_b,
                    *self.enemies):
            end.close()


def media_pair(case):
    return Media(case), Media(case, name="media2")
