# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody makes the line ring somewhere: not by what stands in a request, not by
REFER. That a redirection is not followed: test_counsellor.py; what may be rung
back, and how often: tests/unit/number.c and outgoing.c; that a day has a limit
which a crash does not lift: here. docs/floods.md."""
import os
import signal

from baresip import Baresip
from case import SLOW, test
from cast import line_for
from line import Line
from sip import Raw
from sipp import sdp
from test_flood import Real
from test_promises import owe
import wav

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


    def is_engaged(self):
        """Say 486 to whoever is rung by now; how many that were."""
        found = self.has_heard()
        for text in found:
            rows = [row for row in text.split("\r\n") if row.partition(":")[0]
                    in ("Via", "From", "Call-ID", "CSeq")]
            to = next(row for row in text.split("\r\n")
                      if row.startswith("To:"))
            self.send("\n".join(["SIP/2.0 486 Busy Here", *rows,
                                 f"{to};tag=engaged", "Content-Length: 0",
                                 "", ""]))
        return len(found)


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


def is_answered(t, line, provider, n):
    """Every telephone outside is engaged until n have been rung."""
    rung = 0

    def look():
        nonlocal rung
        rung += provider.is_engaged()
        return rung >= n
    t.until(look, lambda: f"{n} are rung, not {rung} {line.last_words()}")


def tries(line):
    return sorted(p["attempts"] for p in line.json("promises"))


@test(90)
def a_day_has_a_limit(t):
    """Whoever comes when it is reached is not rung, nor are they after a crash:
    that gives no new budget. The promise stays; where there is more room it is
    kept."""
    line = Line(t, trunk=False, ring_backs_a_day=2, ring_backs_at_once=1,
                wrap_up_seconds=0)
    wav.tone(t.path("ana.wav"), 440, seconds=60)
    ana = Baresip(t, "ana", wav=t.path("ana.wav"), answers=True)
    line.person("Ana", ana.uri)
    provider = Provider(line)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32", "--to",
                 provider.uri)
    for call in (1, 2, 3):
        owe(line, call, number=t.number())
    line.steady = False
    line.run()
    is_answered(t, line, provider, 2)
    t.until(lambda: tries(line) == [0, 1, 1], lambda: f"{tries(line)}")

    def spent():
        now = line.status()["ring_backs"]
        t.equal((now["today"], now["most"], now["spent"]), (2, 2, True),
                "what the status says")
        t.check(86400 - 15 * 60 < now["wait_seconds"] <= 86400,
                f"another may be rung in {now['wait_seconds']} s")
        t.check("no more may be (ring_backs_a_day)" in line.command("status"),
                "in words")
    spent()
    old = line.processes()["ringback-line"]
    os.kill(old, signal.SIGKILL)
    t.until(lambda: line.processes().get("ringback-line", old) != old,
            "it is back")
    line.up()
    spent()
    line.command("promise", "ring", "3")
    with Raw(line) as raw:
        t.until(lambda: raw.answer(raw.request("OPTIONS"), 1) == 200,
                "the trunk is known")
    t.equal((provider.has_heard(), tries(line)), ([], [0, 1, 1]),
            "who was rung meanwhile")
    with open(line.log, encoding="utf-8") as f:
        t.equal(f.read().count("(ring_backs_a_day): nobody is"), 2,
                "how often the log says so: at the limit, and after the crash")
    # also not after a stop: of three one is left. The key to the numbers above
    # is gone with the keeper
    line.stop()
    line.options(ring_backs_a_day=3)
    owe(line, 4, number=t.number())
    line.run()
    is_answered(t, line, provider, 1)
    t.until(lambda: tries(line) == [0, 1, 1, 1], lambda: f"{tries(line)}")
    t.equal(line.status()["ring_backs"]["today"], 3, "counted")
    for call in (1, 2, 3, 4):
        line.command("promise", "close", str(call), "--reason", "reached")
    line.calls()
