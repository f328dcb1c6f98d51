# SPDX-License-Identifier: AGPL-3.0-or-later
"""Raw SIP: for what no real phone would ever send."""
import itertools
import re
import socket
import time

from case import SLOW

counter = itertools.count(1)


class Raw:
    """A socket that sends what it is told, byte by byte."""

    def __init__(self, line, source="127.0.0.1", tcp=False):
        self.to = (line.host, line.port)
        family = socket.AF_INET6 if ":" in line.host else socket.AF_INET
        if ":" in line.host:
            source = "::1"
        self.tcp = tcp
        self.socket = socket.socket(
            family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        if tcp:
            self.socket.settimeout(5)
            self.socket.connect(self.to)
        self.source, self.port = self.socket.getsockname()[:2]
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        if isinstance(data, str):
            data = data.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        if self.tcp:
            self.socket.sendall(data)
        else:
            self.socket.sendto(data, self.to)

    def receive(self, seconds=3):
        """The next message's text; None: silence."""
        self.socket.settimeout(max(0.001, seconds * SLOW))
        try:
            data = self.socket.recv(65535)
        except (TimeoutError, ConnectionError):
            return None
        return data.decode(errors="replace") or None

    def receive_all(self, seconds):
        """All that comes within a time."""
        end = time.monotonic() + seconds * SLOW
        found = []
        while time.monotonic() < end:
            text = self.receive((end - time.monotonic()) / SLOW)
            if text:
                found.append(text)
        return found

    def answer(self, data, seconds=3):
        """Send; the code of the first final answer; None: silence."""
        self.send(data)
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            text = self.receive((end - time.monotonic()) / SLOW)
            if text is None:
                return None
            for row in text.split("\r\n"):
                if row.startswith("SIP/2.0 ") and row[8] != "1":
                    return int(row[8:11])
        return None

    def cancelled(self, user, body):
        """INVITE and CANCEL back to back; ends the call as it must be
        ended. The INVITE's code: 487, or 200 if that was faster."""
        invite = self.request("INVITE", user, body)
        field = {name: re.search(rf"^{name}: (.*)$", invite, re.M).group(1)
                 for name in ("Via", "From", "To", "Call-ID")}
        self.send(invite)
        self.send(self.request("CANCEL", user, CSeq="1 CANCEL",
                               Contact=None, **field))
        codes = {}
        while not codes.keys() >= {"INVITE", "CANCEL"}:
            text = self.receive(5)
            if text is None:
                return None
            if f"\nCall-ID: {field['Call-ID']}\r" not in text:
                continue  # the 200 for the BYE of the call before
            code = int(text[8:11])
            if code >= 200:
                codes[re.search(r"^CSeq: \d+ (\w+)", text, re.M)
                      .group(1)] = code
            field["To"] = re.search(r"^To: (.*?)\r$", text, re.M).group(1)
            if code >= 200 and " INVITE\r" in text:
                dialog = dict(field, Via=field["Via"] + "a")
                self.send(self.request("ACK", user, CSeq="1 ACK",
                                       **(dialog if code < 300 else field)))
                if code < 300:
                    dialog["Via"] += "b"
                    self.send(self.request("BYE", user, CSeq="2 BYE",
                                           **dialog))
        return codes["INVITE"]

    def request(self, method, user="someone", body="", drop=(), **headers):
        """A well-formed request; headers by name override (None: leave
        out), names with _ for -."""
        n = next(counter)
        host = f"[{self.to[0]}]" if ":" in self.to[0] else self.to[0]
        source = f"[{self.source}]" if ":" in self.source else self.source
        rows = {
            "Via": f"SIP/2.0/{'TCP' if self.tcp else 'UDP'} {source}:"
                   f"{self.port};branch=z9hG4bK-raw-{n}",
            "Max-Forwards": "70",
            "From": f"<sip:raw@{source}:{self.port}>;tag=r{n}",
            "To": f"<sip:{user}@{host}:{self.to[1]}>",
            "Call-ID": f"raw-{n}-{self.port}-{time.monotonic_ns()}",
            "CSeq": f"1 {method}",
            "Contact": f"<sip:raw@{source}:{self.port}>",
        }
        if body:
            rows["Content-Type"] = "application/sdp"
        rows["Content-Length"] = str(len(body.replace("\n", "\r\n")))
        for name, value in headers.items():
            rows[name.replace("_", "-")] = value
        text = f"{method} sip:{user}@{host}:{self.to[1]} SIP/2.0\n"
        text += "".join(f"{name}: {value}\n" for name, value in rows.items()
                        if value is not None and name not in drop)
        return text + "\n" + body
