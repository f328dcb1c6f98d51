#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""CPU of ringback-media: three who are mixed, beside two who are relayed.

The same legs, each of which gets and sends 50 packets a second, one after the
other as pairs (LEG_BRIDGE), as threes (LEG_HEAR), and with nobody to hear.
Only the ratios within one run mean anything.

Usage: bench/mix.py [--legs 90] [--seconds 6]     (BUILD: the build folder)
"""
import argparse
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tests", "e2e"))
import case  # noqa: E402 (needs the path)
from mediasock import Media  # noqa: E402

FRAME, HEAD = 160, "!BBHII"


class Talkers:
    """A socket for each leg; one thread sends for all of them."""

    def __init__(self, media, n):
        self.ends = []
        for leg in range(1, n + 1):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", 0))
            answer = media.answer(leg, "\r\n".join((
                "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-",
                "c=IN IP4 127.0.0.1", "t=0 0",
                f"m=audio {s.getsockname()[1]} RTP/AVP 0", "")))
            port = int(answer.partition("m=audio ")[2].split()[0])
            s.connect(("127.0.0.1", port))
            self.ends.append((s, random.getrandbits(32)))
        self.sound = [random.randbytes(FRAME) for _ in range(50)]
        self.stopping = threading.Event()
        self.n = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def run(self):
        due, n = time.monotonic(), 0
        while not self.stopping.is_set():
            for s, ssrc in self.ends:
                s.send(struct.pack(HEAD, 0x80, 0, n & 0xffff, n * FRAME, ssrc)
                       + self.sound[n % 50])
            n += 1
            self.n = n
            due += 0.02
            time.sleep(max(0, due - time.monotonic()))


def cpu(pid):
    """Seconds, to the nanosecond."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0]) / 1e9


def measure(media, talkers, arrange, seconds):
    """Microseconds for each packet that was sent to media."""
    legs = range(1, len(talkers.ends) + 1)
    arrange(media, legs)
    time.sleep(1)
    before, n = cpu(media.child.pid), talkers.n
    time.sleep(seconds)
    return ((cpu(media.child.pid) - before) * 1e6
            / (talkers.n - n) / len(legs))


def nobody(media, legs):
    for leg in legs:
        media.hear(leg)


def pairs(media, legs):
    for a, b in zip(legs[::2], legs[1::2]):
        media.bridge(a, b)


def threes(media, legs):
    for i in range(0, len(legs), 3):
        for leg in legs[i:i + 3]:
            media.hear(leg, *(o for o in legs[i:i + 3] if o != leg))


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--legs", type=int, default=90,
                         help="a multiple of 6")
    options.add_argument("--seconds", type=float, default=6)
    chosen = options.parse_args()
    if chosen.legs < 6 or chosen.legs % 6:
        options.error("--legs must be a multiple of 6")
    with tempfile.TemporaryDirectory() as folder:
        it = case.Case("mix", folder)
        media = Media(it)
        talkers = Talkers(media, chosen.legs)
        us = {arrange.__name__: measure(media, talkers, arrange,
                                        chosen.seconds)
              for arrange in (nobody, pairs, threes)}
        talkers.stop()
        it.finish(orderly=True)
    for name, value in us.items():
        print(f"{name:8} {value:6.2f} us of CPU a packet")
    print(f"threes to pairs: {us['threes'] / us['pairs']:.2f}")


if __name__ == "__main__":
    main()
