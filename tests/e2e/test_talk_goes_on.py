# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of the line in a talk: the sound goes on, and so does the dialog of
either side, whoever ends it and by whatever transport."""
import os
import signal
import time

from case import SLOW, test
from cast import line_for
from line import Line
from test_web import certificate
from talker import Talker

LINE = "ringback-line"
GAP_MS = 60
KILLS, MOST_KILLS = 2, 8   # a busy machine does not hiccup at each of them


def kill(t, line):
    """The line dies and is back. When it died."""
    before = line.processes()[LINE]
    at = time.monotonic()
    os.kill(before, signal.SIGKILL)
    t.until(lambda: line.processes().get(LINE) not in (None, before),
            "the line comes back")
    line.up()
    return at


def hear(t, *talkers, n=25):
    """Each hears so many packets more."""
    before = {one: one.heard() for one in talkers}
    t.until(lambda: all(one.heard() >= before[one] + n for one in talkers),
            "sound both ways")


def talk(t, transport="udp", at=None, line=None, ana=None):
    """A caller and Ana talk."""
    ana = ana or Talker(t, None, "ana", 700, transport)
    line = line or line_for(t, ana, wrap_up_seconds=0, ring_seconds=60)
    line.steady = False
    ana.to = (line.host, line.port)
    caller = Talker(t, line, "caller", 1100, transport, at=at)
    caller.calls(t.number())
    ana.picks_up()
    line.talking(1)
    hear(t, caller, ana)
    return line, caller, ana


def is_bye(message):
    return message.first.startswith("BYE ")


def survives(t, line, caller, ana):
    """The line dies, again and again; nobody who talks notices."""
    gaps = []
    while len(gaps) < KILLS or (min(gaps) > GAP_MS * SLOW and
                                len(gaps) < MOST_KILLS):
        at = kill(t, line)
        hear(t, caller, ana)
        gaps.append(max(caller.gap(at), ana.gap(at)))
        line.talking(1)
    t.figure("longest gap in the sound while the line is killed: "
             + ", ".join(f"{gap:.0f} ms" for gap in gaps))
    t.check(min(gaps) <= GAP_MS * SLOW, f"gaps of {gaps} ms")
    t.check(not caller.take(is_bye) and not ana.take(is_bye),
            "nobody is hung up on")
    t.check(ana.none("INVITE"), "who talks is not rung")


def over(t, line, caller, ana):
    line.outcome(outcome="talked", counsellor="Ana")
    for one in (caller, ana):
        one.stop()


@test(listens=True)
def the_caller_hangs_up(t):
    line, caller, ana = talk(t)
    survives(t, line, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def the_counsellor_hangs_up(t):
    line, caller, ana = talk(t)
    kill(t, line)
    line.talking(1)
    ana.hangs_up()
    caller.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def a_bye_that_was_lost_is_said_again(t):
    """Hers is lost on the way, and then the line dies: the next one says it."""
    line, caller, ana = talk(t)
    caller.hangs_up()
    lost = ana.asked("BYE")
    kill(t, line)
    t.until(lambda: (bye := ana.take(is_bye)) and bye.cseq > lost.cseq and
            ana.reply(bye, 200) is None, "the next line says BYE", 20)
    over(t, line, caller, ana)


@test()
def it_is_changed_and_ends(t):
    """A wrong tag is nobody's; what they ask inside the dialog is answered, and
    the sound stays."""
    line, caller, ana = talk(t)
    kill(t, line)
    line.talking(1)
    for one in (caller, ana):
        one.request("BYE", tag="wrong")
        t.equal(one.answered("BYE").code, 481, "answer to a wrong tag")
    for one in (caller, ana):
        answer = one.answered("INVITE",
                              cseq=one.request("INVITE", one.sdp()))
        t.equal(answer.code, 200, "answer to a re-INVITE")
        one.request("ACK", cseq=answer.cseq)
        t.equal(one.answered("UPDATE", cseq=one.request("UPDATE")).code, 200,
                "answer to UPDATE")
    hear(t, caller, ana)
    kill(t, line)
    line.talking(1)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def by_tcp(t):
    """The connections are gone with the process: our BYE comes by another one,
    to where the dialog says; theirs may, too."""
    line, caller, ana = talk(t, "tcp")
    kill(t, line)
    line.talking(1)
    hear(t, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def by_tls(t):
    """The caller's connection was encrypted; so is the next one."""
    port = t.port()
    ana = Talker(t, None, "ana", 700)
    line = Line(t, wrap_up_seconds=0, sip_tls=[f"127.0.0.1:{port}"])
    certificate(line)
    line.person("Ana", ana.uri)
    line.run()
    line, caller, ana = talk(t, "tls", at=port, line=line, ana=ana)
    kill(t, line)
    line.talking(1)
    hear(t, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


def rung(t):
    """Ana is rung for a caller, and the line dies."""
    ana = Talker(t, None, "ana", 700)
    line = line_for(t, ana, wrap_up_seconds=0, ring_seconds=60)
    line.steady = False
    ana.to = (line.host, line.port)
    caller = Talker(t, line, "caller", 1100)
    caller.calls(t.number())
    invite = ana.rings()
    ana.reply(invite, 180)
    hear(t, caller)
    kill(t, line)
    return line, caller, ana, invite


def taken_back(t, ana, invite):
    cancel = ana.asked("CANCEL")
    for name in ("Via", "From", "To", "Call-ID"):
        t.equal(cancel[name], invite[name], f"{name} of the CANCEL")
    t.equal(cancel.cseq, invite.cseq, "CSeq of the CANCEL")
    ana.reply(cancel, 200)


@test()
def a_ring_is_taken_back(t):
    """The phone is told that nobody rings it any more; then it is rung for the
    caller, who has kept the place, and once."""
    line, caller, ana, invite = rung(t)
    taken_back(t, ana, invite)
    ana.reply(invite, 487)
    t.equal(ana.asked("ACK")["Via"], invite["Via"], "Via of the ACK")
    ana.picks_up()
    line.talking(1)
    hear(t, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    t.check(ana.none("INVITE"), "nobody is rung twice")
    over(t, line, caller, ana)


@test()
def it_is_taken_back_again(t):
    """The line dies once more before the phone is quiet."""
    line, caller, ana, invite = rung(t)
    taken_back(t, ana, invite)
    kill(t, line)
    taken_back(t, ana, invite)
    ana.reply(invite, 487)
    ana.asked("ACK")
    ana.picks_up()
    line.talking(1)
    hear(t, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def it_is_picked_up_as_it_is_taken_back(t):
    """The 200 that crosses our CANCEL is thanked, and hung up on."""
    line, caller, ana, invite = rung(t)
    ana.reply(invite, 200, ana.sdp())
    taken_back(t, ana, invite)
    t.equal(ana.asked("ACK").cseq, invite.cseq, "CSeq of the ACK")
    ana.is_hung_up_on()
    ana.picks_up()
    line.talking(1)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)


@test()
def the_200_is_repeated(t):
    """Who was answered, and has not said so, is told again; then nothing is
    amiss."""
    ana = Talker(t, None, "ana", 700)
    line = line_for(t, ana, wrap_up_seconds=0, ring_seconds=60)
    line.steady = False
    ana.to = (line.host, line.port)
    caller = Talker(t, line, "caller", 1100)
    first = caller.invites(t.number())
    invite = ana.rings()
    ana.reply(invite, 180)
    kill(t, line)
    taken_back(t, ana, invite)
    ana.reply(invite, 487)
    ana.asked("ACK")
    again = caller.answered("INVITE")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        t.equal(again[name], first[name], f"{name} of the repeated 200")
    caller.begin(again)
    ana.picks_up()
    line.talking(1)
    hear(t, caller, ana)
    caller.hangs_up()
    ana.is_hung_up_on()
    over(t, line, caller, ana)
