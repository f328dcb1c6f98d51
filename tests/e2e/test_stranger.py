# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls from nowhere that is a trunk: refused, and not helped by floods."""
import hashlib
import re
import time

from case import test
from cast import caller, line_for, phone
from sip import Raw
from sipp import sdp

STRANGER = "127.0.0.2"
BODY = sdp(host=STRANGER, port=40000)


def digest(challenge, method, uri, user, secret):
    """Authorization for a WWW-Authenticate: Digest (RFC 7616)."""
    field = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
    algorithm = field.get("algorithm", "MD5")
    make = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

    def h(text):
        return make(text.encode()).hexdigest()

    ha1 = h(f"{user}:{field['realm']}:{secret}")
    ha2 = h(f"{method}:{uri}")
    text = (f'Digest username="{user}", realm="{field["realm"]}", '
            f'nonce="{field["nonce"]}", uri="{uri}", algorithm={algorithm}')
    if "qop" in field:
        response = h(f"{ha1}:{field['nonce']}:00000001:c0ffee:auth:{ha2}")
        text += ', qop=auth, nc=00000001, cnonce="c0ffee"'
    else:
        response = h(f"{ha1}:{field['nonce']}:{ha2}")
    if "opaque" in field:
        text += f', opaque="{field["opaque"]}"'
    return f'{text}, response="{response}"'


def challenges(text):
    return re.findall(r"^WWW-Authenticate: (Digest .*)\r$", text, re.M | re.I)


@test()
def is_challenged_and_then_refused(t):
    line = line_for(t)
    who = t.number()
    with Raw(line, STRANGER) as raw:
        raw.send(raw.request("INVITE", who, BODY))
        text = raw.receive()
        t.check(text and text.startswith("SIP/2.0 401 "), f"got {text}")
        offered = challenges(text)
        t.check(offered, "a digest challenge")
        raw.send(raw.request("ACK", who))
        for challenge in offered:
            uri = f"sip:{who}@{line.address}"
            t.equal(raw.answer(raw.request(
                "INVITE", who, BODY, CSeq="2 INVITE", Authorization=digest(
                    challenge, "INVITE", uri, who, "guess"))), 403,
                "answer to wrong credentials")
    t.equal(line.calls(), [], "calls on record")


@test()
def made_up_credentials(t):
    """A nonce we never gave: challenged again or refused, never let in."""
    line = line_for(t)
    who = t.number()
    with Raw(line, STRANGER) as raw:
        code = raw.answer(raw.request(
            "INVITE", who, BODY, Authorization=digest(
                'Digest realm="ringback", nonce="0123"', "INVITE",
                f"sip:{who}@{line.address}", who, "guess")))
    t.check(code in (401, 403), f"answer {code}")
    t.equal(line.calls(), [], "calls on record")


@test()
def over_tcp(t):
    line = line_for(t)
    with Raw(line, STRANGER, tcp=True) as raw:
        t.equal(raw.answer(raw.request("INVITE", t.number(), BODY)), 401,
                "answer")
    t.equal(line.calls(), [], "calls on record")


@test()
def a_via_that_lies(t):
    """The packet's source counts, not what it says of itself."""
    line = line_for(t)
    with Raw(line, STRANGER) as raw:
        code = raw.answer(raw.request(
            "INVITE", t.number(), BODY, Via="SIP/2.0/UDP 127.0.0.1:"
            f"{raw.port};received=127.0.0.1;rport={raw.port}"
            ";branch=z9hG4bK-lie"), 1)
        t.check(code in (None, 401), f"answer {code}")
    t.equal(line.calls(), [], "calls on record")


@test()
def after_the_trunk_is_removed(t):
    line = line_for(t)
    with Raw(line) as raw:
        line.command("trunk", "remove", "peer")
        t.until(lambda: raw.answer(raw.request(
            "INVITE", t.number(), BODY), 1) in (401, 403),
            "who was a trunk is a stranger")
    t.equal(line.calls(), [], "calls on record")


@test()
def without_any_trunk(t):
    line = line_for(t, trunk=False)
    with Raw(line) as raw:
        t.equal(raw.answer(raw.request("INVITE", t.number(), BODY)), 401,
                "answer")
    t.equal(line.status()["trunks"], [], "trunks")


@test()
def flood(t):
    """600 INVITEs within seconds: mostly silence, and the trunk's caller
    gets through meanwhile."""
    ana = phone(t)
    line = line_for(t, ana)
    who = t.number()
    one = None
    answers = 0
    with Raw(line, STRANGER) as raw:
        for i in range(600):
            raw.send(raw.request("INVITE", who, BODY))
            if i == 300:
                one = caller(t, line)
            time.sleep(0.002)  # the rate of the flood
        ana.saw("ACK")
        while raw.receive(0.2):
            answers += 1
    t.check(0 < answers < 100, f"{answers} answers to 600 INVITEs")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")
    t.equal(len(line.calls()), 1, "calls on record")


@test()
def flood_does_not_fill_the_log(t):
    line = line_for(t)
    with open(line.log, encoding="utf-8") as f:
        before = len(f.readlines())
    with Raw(line, STRANGER) as raw:
        for _ in range(600):
            raw.send(raw.request("INVITE", "x", BODY))
            time.sleep(0.001)  # the rate of the flood
        while raw.receive(0.2):
            pass
    with open(line.log, encoding="utf-8") as f:
        after = len(f.readlines())
    t.check(after - before < 100, f"{after - before} log lines of a flood")


@test()
def garbage_from_everywhere(t):
    """Datagrams that are no SIP from 40 addresses: silence, and on."""
    line = line_for(t)
    for i in range(40):
        with Raw(line, f"127.0.1.{i + 1}") as raw:
            raw.send(bytes((i * 7 + k) & 255 for k in range(200)))
            t.equal(raw.receive(0.02), None, "answer")
    caller(t, line, lambda s: s.invite().recv(100, optional=True).recv(200)
           .ack().bye().recv(200)).done()
    line.ended()
