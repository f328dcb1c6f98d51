# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody makes the line ring somewhere: not by what stands in a request, not by
REFER. That a redirection is not followed: test_counsellor.py; what may be rung
back, and how often: tests/unit/number.c and outgoing.c. docs/floods.md."""
from case import SLOW, test
from cast import line_for
from sip import Raw
from sipp import sdp
from test_flood import Real

ABROAD = "+8816123456789"


class Provider(Raw):
    """What a trunk would dial out through: it hears every attempt."""

    def __init__(self, line):
        super().__init__(line)
        self.uri = f"sip:127.0.0.1:{self.port}"

    def has_heard(self):
        """INVITEs for somebody outside, so far."""
        found = []
        while True:
            text = self.receive(0.05 / SLOW)
            if text is None:
                return found
            if text.startswith("INVITE "):
                found.append(text)


def line_that_dials(t, *phones, **options):
    line = line_for(t, *phones, trunk=False, **options)
    provider = Provider(line)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 provider.uri)
    with Raw(line) as raw:
        t.until(lambda: raw.answer(raw.request("OPTIONS"), 1) == 200,
                "the trunk is known")
    return line, provider


def nobody_is_rung(t, line, provider, what):
    """Whatever was said before has been heard: it is answered in order."""
    with Raw(line) as raw:
        t.equal(raw.answer(raw.request("OPTIONS")), 200, "OPTIONS")
    t.equal(provider.has_heard(), [], what)
    t.equal(line.processes(), line.pids, "processes")


@test()
def by_what_a_request_names(t):
    """Whatever number it is for: it is a call to us, or nothing."""
    line, provider = line_that_dials(t)
    for user in (ABROAD, "+15551234567", "0015551234567", "*21*0170%231",
                 "9,0015551234567", "sip%3A1%40127.0.0.1", "1@evil.invalid",
                 "00155512345;phone-context=x"):
        with Real(line, t.number()) as one:
            code, _ = one.call(user)
            t.check(code in (200, 400, 404, 416, 484), f"{user}: {code}")
            if code == 200:
                one.hang_up(user)
    with Raw(line) as raw:
        for method in ("REFER", "SUBSCRIBE", "MESSAGE", "PUBLISH", "NOTIFY"):
            code = raw.answer(raw.request(
                method, "x", Refer_To=f"<sip:{ABROAD}@127.0.0.1>"))
            t.equal(code, 405, method)
    nobody_is_rung(t, line, provider, "INVITEs to the outside")


@test()
def by_refer_in_a_call(t):
    """Also of somebody who waits."""
    line, provider = line_that_dials(t)
    with Real(line, t.number()) as one:
        t.equal(one.call("x")[0], 200, "the call")
        one.send(one.request("ACK", "x", CSeq="1 ACK", From=one.rows["From"],
                             To=one.rows["To"],
                             Call_ID=one.rows["Call-ID"]))
        for i, to in enumerate((f"<sip:{ABROAD}@127.0.0.1>",
                                f"<tel:{ABROAD}>",
                                f"<sip:x@127.0.0.1:{provider.port}>")):
            one.send(one.request(
                "REFER", "x", CSeq=f"{i + 2} REFER", From=one.rows["From"],
                To=one.rows["To"], Call_ID=one.rows["Call-ID"],
                Refer_To=to, Referred_By="<sip:a@127.0.0.1>"))
            got = t.until(lambda: next((m for m in [one.receive(1)] if m
                                        and " REFER" in m), None),
                          "an answer to REFER")
            t.equal(int(got[8:11]), 405, "REFER")
        nobody_is_rung(t, line, provider, "INVITEs to the outside")
        one.send(one.request("BYE", "x", CSeq="9 BYE", From=one.rows["From"],
                             To=one.rows["To"],
                             Call_ID=one.rows["Call-ID"]))


@test()
def strangers(t):
    """An INVITE of nobody that we know rings nobody, whatever it says."""
    line, provider = line_that_dials(t)
    with Raw(line, "127.0.0.2") as raw:
        for extra in ({"Route": f"<{provider.uri};lr>"},
                      {"Proxy_Authorization": "Digest username=\"x\""},
                      {"P_Asserted_Identity": "<sip:+1555@127.0.0.1>"}):
            code = raw.answer(raw.request("INVITE", ABROAD, sdp(
                host="127.0.0.2", port=40000), **extra), 1)
            t.check(code in (None, 400, 401, 403), f"{code}")
    nobody_is_rung(t, line, provider, "INVITEs to the outside")
    t.equal(line.calls(), [], "calls on record")
