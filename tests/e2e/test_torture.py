# SPDX-License-Identifier: AGPL-3.0-or-later
"""The torture messages of RFC 4475 and RFC 5118, and classes of faults that
have broken others (tests/torture/README.md)."""
import socket
import subprocess

from case import test
from line import Line
from torture import NOT_SENT, Peer, TRUNK, table

SUITES = ("rfc4475", "rfc5118", "classes")


def tortured(t, name="line", tls=False):
    line = Line(t, name=name, trunk=False)
    line.command("trunk", "add", "peer", "--from", TRUNK)
    if tls:
        line.tls = t.port()
        make_certificate(t, line)
    return line.run()


def make_certificate(t, line):
    """One that nobody has signed: whoever connects here does not look."""
    files = [t.path("sip.crt"), t.path("sip.key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True)
    line.options(sip_tls=[f"127.0.0.1:{line.tls}"], sip_certificate=files[0],
                 sip_key=files[1])


def each(t, suites, how, ask):
    """Ask each; what is answered otherwise is said together."""
    wrong, n = [], 0
    for m in (m for suite in suites for m in table(suite)):
        wanted = getattr(m, how)
        if wanted == NOT_SENT:
            continue
        try:
            got = ask(m, wanted)
        except socket.timeout:
            got = "nothing, and no question behind it"
        n += 1
        if got != wanted:
            wrong.append(f"{m.suite}/{m.name}: {got}, should be {wanted}")
    t.check(not wrong, f"{how}, {len(wrong)} of {n}: " + "; ".join(wrong))


@test(seconds=150)
def raw(t):
    """As they stand. Two that look like repetitions of another one go to a
    line that has not heard that."""
    lines = {False: tortured(t), True: tortured(t, "other")}

    def ask(m, wanted):
        with Peer(lines[m.says("fresh")], m.port()) as peer:
            return peer.ask(m.bytes, wanted)

    each(t, SUITES, "raw", ask)


@test(seconds=150)
def readdressed(t):
    line = tortured(t)

    def ask(m, wanted):
        with Peer(line) as peer:
            return peer.ask(m.readdressed(line, peer), wanted)

    each(t, SUITES, "own", ask)


def streamed(t, transport):
    line = tortured(t, tls=transport == "tls")

    def ask(m, wanted):
        with Peer(line, transport=transport) as peer:
            got = peer.ask(m.readdressed(line, peer), wanted)
        with Peer(line) as other:
            t.check(other.hears(), f"the line lives on after {m.name}")
        return got

    each(t, SUITES, "stream", ask)


@test(seconds=150)
def tcp(t):
    streamed(t, "tcp")


@test(seconds=150)
def tls(t):
    streamed(t, "tls")


@test()
def nothing_is_smuggled(t):
    """What stands behind a length that is none is thrown away, and the stream
    ends."""
    line = tortured(t)
    inside = (b"OPTIONS sip:x@y.invalid SIP/2.0\r\n"
              b"Via: SIP/2.0/TCP x.invalid;branch=z9hG4bKinside\r\n"
              b"From: <sip:x@x.invalid>;tag=9\r\nTo: <sip:y@y.invalid>\r\n"
              b"Call-ID: inside\r\nCSeq: 1 OPTIONS\r\n"
              b"Content-Length: 0\r\n\r\n")
    for length in (b"4294967296", b"-1", b"0\r\nContent-Length: 4"):
        with Peer(line, transport="tcp") as peer:
            peer.send(inside.replace(b"Length: 0", b"Length: " + length)
                      .replace(b"inside", b"outside") + inside)
            said = []
            while (text := peer.receive()) is not None:
                said.append(text)
            t.equal([text[:12] for text in said], [b"SIP/2.0 400 "],
                    f"answers to Content-Length {length!r}")
