# SPDX-License-Identifier: AGPL-3.0-or-later
"""A ringback-media of its own, worked as the line works it: over its socket.

The layouts are those of src/wire/wire.h, the numbers of the messages come from
its table, and the hash of both from the server's own greeting.
"""
import fcntl
import os
import queue
import re
import socket
import struct
import threading
import time

from case import SLOW, Failed, program
from rtp import Rtp
import sealed

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HDR, HELLO, LINE = "=IIQ", "=QII", 1 << 1
PLAYLIST = 32
F_OFD_SETLK = 37  # a name that Python 3.13 is the first to know


def message_names():
    with open(os.path.join(ROOT, "src/wire/wire.h"), encoding="utf-8") as f:
        table = f.read().partition("#define WIRE_MESSAGES(X)")[2]
    return re.findall(r"\tX\((\w+), WIRE_", table.partition("\nenum ")[0])


NAMES = message_names()


def line_lock(folder):
    """Be the line of this folder, as src/base/daemon.c says who is."""
    f = open(os.path.join(folder, "run", "line.lock"), "w", encoding="ascii")
    f.write(f"{os.getpid()} {int(time.time() * 1000)} 0\n")
    f.flush()
    fcntl.fcntl(f, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK,
                                            os.SEEK_SET, 0, 2, 0))
    return f


class Refused(Failed):
    def __init__(self, verb, err, reason):
        super().__init__(f"{verb} refused: {err} {reason}")
        self.err = err


class Media:
    def __init__(self, case, public=None, name="media", host="127.0.0.1",
                 ports=None):
        self.case = case
        self.folder = case.path(name)
        os.makedirs(os.path.join(self.folder, "run"))
        os.makedirs(os.path.join(self.folder, "messages"), exist_ok=True)
        low, high = case.ports.media()
        if name != "media":  # the second half of them is another one's
            low = (low + high + 1) // 2 & ~1
        if ports:
            high = low + ports - 1
        bracketed = f"[{host}]" if ":" in host else host
        with open(os.path.join(self.folder, "ringback.conf"), "w",
                  encoding="utf-8") as f:
            if public:
                f.write(f'media_public = {{"{public}"}}\n')
            f.write(f'media = {{"{bracketed}:{low}-{high}"}}\n'
                    'line "main" {\n\tlanguages = {"en"}\n}\n')
        self.child = case.spawn([program("ringback-media"), "--data",
                                 self.folder], f"{name}.log")
        case.said.append(case.path(f"{name}.log"))
        self.keys = sealed.pair()  # to which messages are sealed
        self.events = []     # (name, bytes of the payload, when)
        self.replies = queue.Queue()
        self.id = 0
        self.lock = line_lock(self.folder)
        self.socket = case.until(self.connect, "the media server is there")
        self.greet()
        threading.Thread(target=self.receive, daemon=True).start()

    def connect(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            s.connect(os.path.join(self.folder, "run", "media.sock"))
            return s
        except OSError:
            s.close()
            if self.child.poll() is not None:
                raise Failed("ringback-media has ended; see media.log") \
                    from None
            return None

    def greet(self):
        theirs = self.socket.recv(100)
        hashed = struct.unpack_from(HELLO, theirs, struct.calcsize(HDR))[0]
        self.socket.send(
            struct.pack(HDR, NAMES.index("HELLO"), 0, 0)
            + struct.pack(HELLO, hashed, LINE, os.getpid()))

    def receive(self):
        while True:
            try:
                packet = self.socket.recv(32768)
            except OSError:
                return
            if not packet:
                return
            kind, n_blob, number = struct.unpack_from(HDR, packet)
            body = packet[struct.calcsize(HDR):len(packet) - n_blob]
            row = NAMES[kind], body, packet[len(packet) - n_blob:]
            if number:
                self.replies.put((number, *row))
            else:
                self.events.append((row[0], body, time.monotonic()))

    def ask(self, name, payload, blob=b""):
        self.id += 1
        self.socket.send(struct.pack(HDR, NAMES.index(name), len(blob),
                                     self.id) + payload + blob)
        try:
            number, kind, body, trail = self.replies.get(timeout=10 * SLOW)
        except queue.Empty:
            raise Failed(f"{name}: no reply") from None
        self.case.equal(number, self.id, f"the reply to {name} has its id")
        if kind == "REFUSED":
            err, reason = struct.unpack("=i60s", body)
            raise Refused(name, err, reason.split(b"\0")[0].decode())
        return body, trail

    # what the line asks for

    @staticmethod
    def opening(leg, like=0, nets=None, web=False, srtp=0):
        """Nets: an address and how many bits of it count."""
        ip, family, bits = b"", 0, 0
        if nets:
            family = 6 if ":" in nets[0] else 4
            ip = socket.inet_pton(socket.AF_INET6 if family == 6
                                  else socket.AF_INET, nets[0])
            bits = nets[1]
        return struct.pack("=QQBBBB4x16sHBB60x", leg, like, 4,
                           1 if nets else 0, web, srtp, ip, 0, family, bits)

    def answer(self, leg, sdp, web=False, like=0, nets=None, srtp=0):
        return self.ask("LEG_ANSWER",
                        self.opening(leg, like, nets, web, srtp),
                        sdp.encode())[1].decode()

    def offer(self, leg, srtp=0):
        return self.ask("LEG_OFFER", self.opening(leg, srtp=srtp))[1].decode()

    def accept(self, leg, sdp):
        self.ask("LEG_ACCEPT", struct.pack("=Q", leg), sdp.encode())

    def play(self, leg, prompt, loop=True):
        self.ask("LEG_PLAY", struct.pack(
            f"=Q8s24s{24 * (PLAYLIST - 1)}xBB2xI", leg, b"en",
            prompt.encode(), 1, loop, 0))

    def bridge(self, a, b):
        self.ask("LEG_BRIDGE", struct.pack("=QQ", a, b))

    def hear(self, leg, *sources):
        self.ask("LEG_HEAR", struct.pack(
            "=Q4QI4x", leg, *sources, *(0,) * (4 - len(sources)),
            len(sources)))

    def record(self, leg, name, most_ms=60000):
        self.ask("LEG_RECORD", struct.pack("=QQI4xQ32s", leg, name, most_ms,
                                           7, self.keys[0]))

    def stop(self, leg):
        self.ask("LEG_STOP", struct.pack("=Q", leg))

    def phone(self, leg, hz, formats="0 101"):
        """A telephone that sends a tone, and its leg."""
        end = Rtp(hz, payload=int(formats.split()[0]))
        end.talk_to_sdp(self.answer(leg, "\r\n".join((
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1",
            "t=0 0", f"m=audio {end.port} RTP/AVP {formats}",
            "a=rtpmap:101 telephone-event/8000", ""))))
        return end

    def close(self, leg):
        """Its numbers: received, sent, lost, dropped."""
        body = self.ask("LEG_CLOSE", struct.pack("=Q", leg))[0]
        return dict(zip(("received", "sent", "lost", "dropped"),
                        struct.unpack("=5Q", body)[1:]))

    # what it says

    def said(self, name, leg):
        """Payloads of the events of this name about this leg."""
        return [body for kind, body, _ in list(self.events)
                if kind == name and struct.unpack_from("=Q", body)[0] == leg]

    def wait(self, name, leg, seconds=10):
        return self.case.until(lambda: self.said(name, leg),
                               f"{name} of leg {leg}", seconds)[0]
