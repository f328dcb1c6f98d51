# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages out of files, byte by byte, and what a line answers to each.

As it stands in its file (raw) a message names hosts that are not here; own is
the same with the line in the Request-URI and the sender in the topmost Via, so
that nothing but what it is written for can be wrong with it.
"""
import os
import random
import re
import socket
import ssl

from case import SLOW

FOLDER = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "torture")
PATIENCE_S = 30  # with a disk that others use, too
SILENCE, CLOSED, NOT_SENT = "silence", "closed", "not sent"
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id"}
TRUNK = "127.44.0.0/16"  # all peers here; no other test listens there

REQUEST_URI = re.compile(
    rb"^(\S+ +<?sips?:(?:[^ ]*@)?)(\[[^\]]*\]|[^:;?> ]+)(:\d+)?")
VIA = re.compile(rb"(?i)((?:\A|\r\n)(?:via|v)[ \t]*:\s*SIP\s*/\s*\d\.0\s*/\s*)"
                 rb"(\w+)(\s+)(\[[^\]]*\]|[^\s;:]+)(:\d+)?")
CALL = re.compile(rb"(?i)(\r\n(?:call-id|i)[ \t]*:[ \t]*)")
LENGTH = re.compile(rb"(?i)(\r\n(?:content-length|l)[ \t]*:[ \t]*)\d+")


class Message:
    """One of a table: its bytes, and what it must be answered with."""

    def __init__(self, suite, row):
        self.name, *words, self.why = row.split(None, 4)
        self.suite = suite
        self.raw, self.own, self.stream = map(answer, words)
        with open(os.path.join(FOLDER, suite, f"{self.name}.sip"), "rb") as f:
            self.bytes = f.read()

    def readdressed(self, line, peer):
        """The same message between these two, its length put right."""
        there = f"{line.host}:{line.port}".encode()
        here = f"{peer.ip}:{peer.port}".encode()
        data = REQUEST_URI.sub(lambda m: m[1] + there, self.bytes, count=1)
        data = VIA.sub(lambda m: m[1] + peer.transport + m[3] + here, data,
                       count=1)
        data = CALL.sub(lambda m: m[1] + f"{random.getrandbits(32):x}".encode(),
                        data, count=1)
        if self.says("length"):
            n = len(data.split(b"\r\n\r\n", 1)[1])
            data = LENGTH.sub(lambda m: m[1] + str(n).encode(), data, count=1)
        return data

    def says(self, word):
        return word in self.why.replace(":", " ").split()

    def port(self):
        """Where an answer to the raw one is sent (RFC 3261, 18.2.2)."""
        via = VIA.search(self.bytes)
        return int(via[5][1:]) if via and via[5] else 5060


def answer(word):
    return {"-": SILENCE, "closed": CLOSED, "none": NOT_SENT}.get(word) \
        if not word.isdigit() else int(word)


def table(suite):
    with open(os.path.join(FOLDER, suite, "expected"),
              encoding="utf-8") as f:
        rows = [Message(suite, row) for row in f.read().splitlines()
                if row and row[0] != "#"]
    files = {name[:-4] for name in os.listdir(os.path.join(FOLDER, suite))
             if name.endswith(".sip")}
    assert files == {m.name for m in rows}, files ^ {m.name for m in rows}
    return rows


def random_ip():
    return f"127.44.{random.randrange(1, 255)}.{random.randrange(1, 255)}"


class Peer:
    """Sends one message, then a question, and hears what comes of both."""

    def __init__(self, line, port=0, transport="udp", ip=None):
        self.line, self.transport = line, transport.upper().encode()
        self.ip = ip or random_ip()
        self.stream = transport != "udp"
        self.socket = socket.socket(
            socket.AF_INET,
            socket.SOCK_STREAM if self.stream else socket.SOCK_DGRAM)
        self.socket.bind((self.ip, port))
        self.socket.settimeout(PATIENCE_S * SLOW)
        to = (line.host, line.tls if transport == "tls" else line.port)
        self.socket.connect(to)
        self.port = self.socket.getsockname()[1]
        if transport == "tls":
            how = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            how.check_hostname, how.verify_mode = False, ssl.CERT_NONE
            self.socket = how.wrap_socket(self.socket)
        self.rest = b""
        self.n = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # they have hung up: receive() says so

    def receive(self):
        """The next message, whole; None: the connection is over."""
        if not self.stream:
            return self.socket.recv(65536)
        while b"\r\n\r\n" not in self.rest:
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                more = b""
            if not more:
                return None
            self.rest = (self.rest + more).lstrip(b"\r\n")
        head = self.rest.index(b"\r\n\r\n") + 4
        length = re.search(LENGTH, self.rest[:head])
        n = int(length[0].split(b":")[1]) if length else 0
        while len(self.rest) < head + n:
            self.rest += self.socket.recv(65536)
        text, self.rest = self.rest[:head + n], self.rest[head + n:]
        return text

    def probe(self):
        """A question that is always answered: what is behind it came later."""
        self.n += 1
        here = f"{self.ip}:{self.port}"
        call = f"probe-{self.n}-{random.getrandbits(64):x}"
        self.send((
            f"OPTIONS sip:{self.line.host} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport.decode()} {here}"
            f";branch=z9hG4bK{call};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:peer@{here}>;tag=1\r\n"
            f"To: <sip:{self.line.host}>\r\nCall-ID: {call}\r\n"
            "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode())
        return call.encode()

    def hears(self):
        """Is the question answered?"""
        probe = self.probe()
        while True:
            text = self.receive()
            if text is None or probe in text:
                return text is not None and text.startswith(b"SIP/2.0 200 ")

    def ask(self, data, wanted):
        """What the line answers: a code, SILENCE, or CLOSED. A question is
        asked behind it, unless a stream may be broken by it."""
        self.send(data)
        probe = self.probe() if wanted == SILENCE or not self.stream else None
        alive, got = probe is None, SILENCE
        while True:
            text = self.receive()
            if text is None:
                return got if got != SILENCE else CLOSED
            if not text.startswith(b"SIP/2.0 "):
                continue
            code = int(text[8:11])
            if probe and probe in text:
                if code != 200:
                    return f"{code} to the question behind it"
                alive = True
            elif code >= 200 and got == SILENCE:
                got = code
                self.end(text, data)
            if alive and (got != SILENCE or wanted == SILENCE):
                return got

    def end(self, text, request):
        """ACK what was refused; a call that came of it is over."""
        head = text.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        field = {COMPACT.get(name.lower(), name.lower()): value
                 for name, value in re.findall(
            r"(?im)^(via|from|to|call-id|cseq|v|f|t|i)[ \t]*:\s*(.*?)\r?$",
            re.sub(r"\r\n[ \t]+", " ", head))}
        number, _, method = field.get("cseq", "").partition(" ")
        if method.strip() != "INVITE" or len(field) < 5:
            return  # refused without any state
        code = int(text[8:11])
        self.within("ACK", field, number, code < 300)
        if code < 300:
            self.within("BYE", field, str(int(number) + 1), True)
            while b" BYE" not in (self.receive() or b" BYE"):
                pass

    def within(self, method, field, number, fresh):
        via = field["via"]
        if fresh:
            via = (f"SIP/2.0/{self.transport.decode()} {self.ip}:{self.port}"
                   f";branch=z9hG4bK{random.getrandbits(64):x};rport")
        self.send((
            f"{method} sip:{self.line.host}:{self.line.port} SIP/2.0\r\n"
            f"Via: {via}\r\nMax-Forwards: 70\r\nFrom: {field['from']}\r\n"
            f"To: {field['to']}\r\nCall-ID: {field['call-id']}\r\n"
            f"CSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n").encode())
