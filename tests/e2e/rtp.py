# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bare RTP end: sends a tone every 20 ms, keeps what arrives."""
import bisect
import math
import random
import re
import socket
import struct
import threading
import time

FRAME = 160


def ulaw(x):
    """One 16-bit sample in G.711 mu-law."""
    sign = 0x80 if x < 0 else 0
    x = min(abs(x), 32635) + 132
    exponent = x.bit_length() - 8
    return ~(sign | exponent << 4 | x >> (exponent + 3) & 15) & 0xff


def ulaw_sample(byte):
    """And back."""
    byte ^= 0xff
    x = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -x if byte & 0x80 else x


def alaw_sample(byte):
    """One byte of G.711 A-law as a 16-bit sample."""
    byte ^= 0x55
    exponent, x = byte >> 4 & 7, (byte & 15) * 2 + 1
    x = (x + 32 << exponent - 1 if exponent else x) << 3
    return x if byte & 0x80 else -x


SAMPLES = {0: [ulaw_sample(b) for b in range(256)],
           8: [alaw_sample(b) for b in range(256)]}
ALAW = sorted((x, b) for b, x in enumerate(SAMPLES[8]))


def alaw(x):
    """One 16-bit sample in G.711 A-law: the nearest there is."""
    i = bisect.bisect(ALAW, (x, 0))
    return min(ALAW[max(0, i - 1):i + 1], key=lambda row: abs(row[0] - x))[1]


class Rtp:
    def __init__(self, hz, source="127.0.0.1", port=0, payload=0):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((source, port))
        self.socket.settimeout(0.02)
        self.port = self.socket.getsockname()[1]
        self.hz, self.payload = hz, payload
        self.to = None
        self.received = []   # of (seconds, packet)
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=run, daemon=True)
                        for run in (self.receive, self.send)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def talk_to(self, host, port):
        self.to = (host, port)

    def talk_to_sdp(self, body):
        host = re.search(r"^c=IN IP\d (\S+)", body, re.M).group(1)
        port = int(re.search(r"^m=audio (\d+)", body, re.M).group(1))
        self.talk_to(host, port)

    def frame(self, n):
        code = alaw if self.payload == 8 else ulaw
        return bytes(code(int(9000 * math.sin(
            2 * math.pi * self.hz * (n * FRAME + i) / 8000)))
            for i in range(FRAME))

    def packet(self, n, ssrc):
        return struct.pack("!BBHII", 0x80, self.payload, n & 0xffff,
                           n * FRAME & 0xffffffff, ssrc) + self.frame(n)

    def send(self):
        ssrc = random.getrandbits(32)
        due, n = time.monotonic(), 0
        while not self.stopping.is_set():
            if self.to:
                try:
                    self.socket.sendto(self.packet(n, ssrc), self.to)
                except OSError:
                    pass  # nobody there (any more)
                n += 1
            due += 0.02
            time.sleep(max(0, due - time.monotonic()))

    def receive(self):
        while not self.stopping.is_set():
            try:
                packet = self.socket.recv(2000)
            except OSError:
                continue
            self.received.append((time.monotonic(), packet))

    def samples_since(self, when):
        """The sound that arrived after a time, telephone-events left out."""
        return [SAMPLES[p[1] & 0x7f][byte] for p in self.heard_since(when)
                if p[1] & 0x7f in SAMPLES for byte in p[12:]]

    def heard_since(self, when):
        """Packets that arrived after a time (time.monotonic())."""
        return [p for at, p in self.received if at > when]
