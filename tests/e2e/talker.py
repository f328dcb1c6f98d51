# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody with a bare telephone: SIP over UDP, TCP or TLS as it is told, and a
tone every 20 ms. Calls, or is called; keeps the time of all that arrives."""
import itertools
import re
import socket
import ssl
import threading
import time

from rtp import Rtp

counter = itertools.count(1)


class Message:
    """One SIP message as it came."""

    def __init__(self, text, conn=None):
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *self.rows = head.split("\r\n")
        self.conn = conn
        self.text = text

    def __getitem__(self, name):
        rows = self.all(name)
        return rows[0] if rows else ""

    def all(self, name):
        return [row.partition(":")[2].strip() for row in self.rows
                if row.partition(":")[0].lower() == name.lower()]

    @property
    def method(self):
        return self["CSeq"].split()[-1]

    @property
    def cseq(self):
        return int(self["CSeq"].split()[0])

    @property
    def code(self):
        return int(self.first.split()[1]) if self.is_answer else 0

    @property
    def is_answer(self):
        return self.first.startswith("SIP/2.0")

    def tag(self, name):
        found = re.search(r";tag=([^;>\s]+)", self[name])
        return found.group(1) if found else None


class Talker:
    """at: the port of the line, if it is not its first. accepts: it listens,
    and can be called (not over TLS)."""

    def __init__(self, t, line, name, hz, transport="udp", at=None, port=None):
        self.case, self.name, self.transport = t, name, transport
        self.host, self.to = "127.0.0.1", None
        self.rtp = Rtp(hz)
        self.inbox, self.lock = [], threading.Lock()
        self.sealed = threading.Lock()
        self.conn = None        # to the line, unless UDP
        self.stopping = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM
                                    if transport == "udp"
                                    else socket.SOCK_STREAM)
        self.socket.bind((self.host, port or t.port()))
        self.port = self.socket.getsockname()[1]
        param = "" if transport == "udp" else f";transport={transport}"
        self.uri = f"sip:{name}@{self.host}:{self.port}{param}"
        self.local_tag, self.remote_tag = f"tag-{name}", None
        self.target = self.call_id = self.ours = self.theirs = None
        self.cseq, self.rung = 100, set()
        self.to = (line.host, at or line.port) if line else None
        self.run(self.hear_datagrams if transport == "udp" else self.accept)

    @staticmethod
    def run(function, *args):
        threading.Thread(target=function, args=args, daemon=True).start()

    def stop(self):
        self.stopping = True
        self.rtp.stop()
        self.socket.close()
        if self.conn:
            self.conn.close()

    # what comes

    def keep(self, data, conn):
        message = Message(data.decode(errors="replace"), conn)
        with self.lock:
            self.inbox.append(message)

    def hear_datagrams(self):
        while not self.stopping:
            try:
                data, source = self.socket.recvfrom(65535)
            except OSError:
                return
            self.keep(data, source)

    def accept(self):
        self.socket.listen()
        while not self.stopping:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            self.run(self.hear_stream, conn)

    def some_of(self, conn):
        """What comes next. OpenSSL's connections are for one thread at a time:
        whoever reads lets go of it again and again."""
        if not isinstance(conn, ssl.SSLSocket):
            return conn.recv(65535)
        while True:
            with self.sealed:
                try:
                    return conn.recv(65535)
                except TimeoutError:
                    pass
            time.sleep(0.01)

    def hear_stream(self, conn):
        rest = b""
        while not self.stopping:
            try:
                data = self.some_of(conn)
            except OSError:
                data = b""
            if not data:
                if conn is self.conn:
                    self.conn = None
                return
            rest += data
            while b"\r\n\r\n" in rest:
                head, _, body = rest.partition(b"\r\n\r\n")
                found = re.search(rb"\r\nContent-Length: *(\d+)", head, re.I)
                n = int(found.group(1)) if found else 0
                if len(body) < n:
                    break
                self.keep(head + b"\r\n\r\n" + body[:n], conn)
                rest = body[n:]

    def take(self, fits):
        """The first that fits, once; None."""
        with self.lock:
            for i, message in enumerate(self.inbox):
                if fits(message):
                    return self.inbox.pop(i)
        return None

    def asked(self, method, seconds=10):
        """Wait for this request."""
        return self.case.until(
            lambda: self.take(lambda m: m.first.startswith(method + " ")),
            f"{self.name} is sent {method}", seconds)

    def answered(self, method, seconds=10, cseq=None):
        """Wait for the final answer to a request of ours."""
        return self.case.until(
            lambda: self.take(lambda m: m.is_answer and m.code >= 200 and
                              m.method == method and
                              cseq in (None, m.cseq)),
            f"{self.name} is answered to {method}", seconds)

    def none(self, method):
        """Has none of these come, of a call that it does not know?"""
        return not self.take(lambda m: m.first.startswith(method + " ") and
                             m["Call-ID"] not in self.rung)

    # what goes

    def connection(self):
        if not self.conn:
            conn = socket.create_connection(self.to)
            if self.transport == "tls":
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                conn = context.wrap_socket(conn)
                conn.settimeout(0.02)
            self.conn = conn
            self.run(self.hear_stream, conn)
        return self.conn

    def send(self, text, to=None):
        data = text.replace("\n", "\r\n").encode()
        self.last_sent = text
        if self.transport == "udp":
            self.socket.sendto(data, to or self.to)
        else:
            conn = to or self.connection()
            with self.sealed:
                conn.sendall(data)

    def sdp(self):
        return (f"v=0\no=- 1 1 IN IP4 {self.host}\ns=-\n"
                f"c=IN IP4 {self.host}\nt=0 0\n"
                f"m=audio {self.rtp.port} RTP/AVP 0\n")

    def body(self, text):
        kind = "Content-Type: application/sdp\n" if text else ""
        return f"{kind}Content-Length: {len(text.encode()) + text.count(chr(10))}\n\n{text}"

    def request(self, method, body="", tag=None, cseq=None, uri=None):
        """Send it inside the dialog; its CSeq."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        remote = tag or self.remote_tag
        remote = f";tag={remote}" if remote else ""
        self.send(f"{method} {uri or self.target} SIP/2.0\n"
                  f"Via: SIP/2.0/{self.transport.upper()} "
                  f"{self.host}:{self.port};branch=z9hG4bK-{self.name}-"
                  f"{next(counter)}\nMax-Forwards: 70\n"
                  f"From: {self.ours};tag={self.local_tag}\n"
                  f"To: {self.theirs}{remote}\nCall-ID: {self.call_id}\n"
                  f"CSeq: {cseq} {method}\nContact: <{self.uri}>\n"
                  + self.body(body))
        return cseq

    def reply(self, request, code, body=""):
        to = request["To"]
        if code > 100 and not request.tag("To"):
            to += f";tag={self.local_tag}"
        vias = "".join(f"Via: {via}\n" for via in request.all("Via"))
        routes = "".join(f"Record-Route: {r}\n"
                         for r in request.all("Record-Route"))
        self.send(f"SIP/2.0 {code} Said\n{vias}{routes}"
                  f"From: {request['From']}\nTo: {to}\n"
                  f"Call-ID: {request['Call-ID']}\nCSeq: {request['CSeq']}\n"
                  f"Contact: <{self.uri}>\n" + self.body(body),
                  request.conn)

    # a call

    def hears(self, sdp):
        self.rtp.talk_to_sdp(sdp.replace("\r\n", "\n"))

    def invites(self, user):
        """Call the line; its answer, which is not ACKed."""
        self.call_id = f"{self.name}-{time.monotonic_ns()}"
        self.ours = f"<sip:{self.name}@{self.host}>"
        uri = f"sip:{user}@{self.to[0]}:{self.to[1]}"
        self.theirs = f"<{uri}>"
        self.request("INVITE", self.sdp(), uri=uri)
        return self.answered("INVITE")

    def calls(self, user):
        """Call the line, until it has answered."""
        self.begin(self.invites(user))
        return self

    def begin(self, answer):
        self.case.equal(answer.code, 200, f"answer to {self.name}'s call")
        self.remote_tag = answer.tag("To")
        self.target = re.search(r"<([^>]+)>", answer["Contact"]).group(1)
        self.hears(answer.body)
        self.request("ACK", cseq=answer.cseq)

    def rings(self):
        """Wait until it rings for a call that it does not know: an INVITE may
        come several times."""
        invite = self.case.until(
            lambda: self.take(lambda m: m.first.startswith("INVITE ") and
                              m["Call-ID"] not in self.rung),
            f"{self.name} is rung")
        self.call_id = invite["Call-ID"]
        self.rung.add(self.call_id)
        self.ours = invite["To"]
        self.theirs = invite["From"].partition(";tag=")[0]
        self.remote_tag = invite.tag("From")
        self.target = re.search(r"<([^>]+)>", invite["Contact"]).group(1)
        return invite

    def picks_up(self, invite=None):
        invite = invite or self.rings()
        self.reply(invite, 200, self.sdp())
        self.hears(invite.body)
        self.asked("ACK")
        return self

    def hangs_up(self):
        """Send BYE: it must be taken."""
        self.request("BYE")
        self.case.equal(self.answered("BYE").code, 200,
                        f"answer to {self.name}'s BYE")

    def is_hung_up_on(self):
        bye = self.asked("BYE")
        self.case.equal((bye.tag("From"), bye.tag("To")),
                        (self.remote_tag, self.local_tag), "tags of the BYE")
        self.reply(bye, 200)

    # sound

    def heard(self):
        return len(self.rtp.received)

    def gap(self, since):
        """The longest time without a packet from then on, in milliseconds."""
        times = [at for at, _ in self.rtp.received if at > since - 0.02]
        return max((b - a for a, b in zip(times, times[1:])),
                   default=time.monotonic() - since) * 1000
