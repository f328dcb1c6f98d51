# SPDX-License-Identifier: AGPL-3.0-or-later
"""A media process is killed, or hangs: whose sound was there gets it elsewhere,
and the talk goes on."""
import os
import signal
import time

import wav
from browser import Browser
from case import SLOW, test
from cast import caller, connects, line_for, phone
from counsellor import Bare, Console
from line import Line
from rtp import Rtp
from sipp import sdp

CALLER, ANA = 440, 1000  # Hz
LINE, MEDIA = "ringback-line", "ringback-media"
SPAN = 4                 # blocks of 50 ms
OTHERS_MS = 500 * SLOW   # a stall of the whole machine is no gap of ours


# in the page: has it ever shown this?
WATCH = """((text) => {
	const look = () => {
		window.seenOfTest ||= document.body.innerText.includes(text);
	};
	window.seenOfTest = false;
	new MutationObserver(look).observe(document.body, {subtree: true,
		childList: true, characterData: true});
})(%r)"""


class End:
    """One side of a call: its SIP is sipp's, its sound a socket of ours, which
    goes where the line says."""

    def __init__(self, t, hz):
        self.t, self.rtp = t, Rtp(hz)
        self.sipp = None

    @property
    def sdp(self):
        return sdp(codecs=(0, 101), host="127.0.0.1", port=self.rtp.port)

    def takes(self, steps, times=1, code=200):
        """The steps of being told that the sound goes on elsewhere."""
        for _ in range(times):
            steps = steps.expect("INVITE", timeout=30000)
            if code == 200:
                steps = steps.reply(200, body=self.sdp).recv("ACK")
            else:
                steps = steps.reply(code, contact=False).recv("ACK")
        return steps

    def follow(self, n):
        """To where the n-th INVITE from the line says."""
        self.rtp.talk_to_sdp(self.sipp.saw("INVITE", n, 30).body)

    def hears(self, hz, since, seconds=15):
        """This tone and no silence, for a while on end; when it began."""
        def look():
            got = self.rtp.samples_since(since)
            blocks = [got[i:i + wav.BLOCK] for i in range(
                0, len(got) - wav.BLOCK + 1, wav.BLOCK)][-SPAN:]
            return len(blocks) == SPAN and all(
                wav.share(b, hz) > 0.5 for b in blocks)
        self.t.until(look, f"{hz} Hz", seconds)

    def hears_something(self, since, seconds=15):
        """Sound that is no comfort noise."""
        self.t.until(lambda: any(
            wav.energy(got[i:i + wav.BLOCK]) > 300 ** 2
            for got in (self.rtp.samples_since(since),)
            for i in range(0, len(got) - wav.BLOCK + 1, wav.BLOCK)),
            "hold sound, or a prompt", seconds)

    def gap(self, since):
        """The longest time without any packet, in ms."""
        at = [when for when, _ in self.rtp.received if when >= since]
        return max((b - a) * 1000 for a, b in zip([since, *at], at))


def calls_by(t, line, end, steps, name="caller"):
    end.sipp = caller(t, line, lambda s: steps(connects(s, body=end.sdp)),
                      name=name)
    end.rtp.talk_to_sdp(end.sipp.saw(200).body)


def picks_up_by(t, end, steps, name="ana"):
    end.sipp = phone(t, lambda s: steps(s.rings().picks_up(body=end.sdp)),
                     name=name)


def talk(t, line, one, ana, n=1):
    """They hear each other."""
    ana.follow(1)
    line.talking(n)
    now = time.monotonic()
    one.hears(ANA, now)
    ana.hears(CALLER, now)


def two(t, times=1):
    """A caller and Ana, each of whom is told so often of new sound."""
    one, ana = End(t, CALLER), End(t, ANA)
    picks_up_by(t, ana, lambda s: ana.takes(s, times).ended())
    return one, ana


def goes_on(t, line, one, ana, since, n=2):
    """Both are told, and hear each other again; says how long that took."""
    one.follow(n - 1)
    ana.follow(n)
    one.hears(ANA, since)
    ana.hears(CALLER, since)
    t.figure(f"longest gap in the sound {one.gap(since):.0f} ms for the "
             f"caller, {ana.gap(since):.0f} ms for the counsellor")


def ends(t, line, one, ana):
    one.sipp.go()
    one.sipp.done()
    ana.sipp.done()
    line.outcome(outcome="talked", counsellor="Ana")
    for end in (one, ana):
        end.rtp.stop()


def media_of(line):
    """Those that run, by name."""
    return {n: p for n, p in line.processes().items()
            if n.startswith(MEDIA)}


def whose(line, port):
    """The media process that has this port."""
    with open("/proc/net/udp", encoding="ascii") as f:
        inode = next(row.split()[9] for row in f.readlines()[1:]
                     if row.split()[1].endswith(f":{port:04X}"))
    for pid in media_of(line).values():
        folder = f"/proc/{pid}/fd"
        for fd in os.listdir(folder):
            try:
                if os.readlink(f"{folder}/{fd}") == f"socket:[{inode}]":
                    return pid
            except OSError:
                pass
    return None


def alone(t, number):
    """The one that there is gets this signal: the talk goes on in the next."""
    one, ana = two(t)
    line = line_for(t, ana.sipp)
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s).go().bye().recv(200))
    talk(t, line, one, ana)
    since = time.monotonic()
    os.kill(line.pids[MEDIA], number)
    goes_on(t, line, one, ana, since)
    t.equal(line.processes()[LINE], line.pids[LINE], "the line")
    ends(t, line, one, ana)


@test(listens=True)
def one_process_is_killed(t):
    """There is no other one: the talk goes on as soon as it is back."""
    alone(t, signal.SIGKILL)


@test(listens=True)
def of_two_one_is_killed(t):
    """Its calls go on in the other one; whose sound is there notice nothing."""
    one, ana = two(t)
    two_, bob = End(t, CALLER), End(t, ANA)
    picks_up_by(t, bob, lambda s: s.ended(), "bob")
    line = line_for(t, ana.sipp, bob.sipp, media_processes=2,
                    strategy="longest_idle")
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s).go().bye().recv(200))
    talk(t, line, one, ana)
    calls_by(t, line, two_, lambda s: s.go().bye().recv(200), "other")
    talk(t, line, two_, bob, 2)
    killed = whose(line, one.rtp.to[1])
    t.check(killed != whose(line, two_.rtp.to[1]), "both talks in one process")
    since = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    goes_on(t, line, one, ana, since)
    t.check(whose(line, one.rtp.to[1]) == whose(line, two_.rtp.to[1]),
            "it does not go on where there was sound")
    for end, name in ((two_, "caller"), (bob, "counsellor")):
        t.check(end.gap(since) < OTHERS_MS,
                f"the other {name} heard nothing for {end.gap(since):.0f} ms")
        t.equal(len(end.sipp.received("INVITE")), end is bob,
                f"INVITEs to the other {name}")
    for end in (one, two_):
        end.sipp.go()
    for end in (one, two_, ana, bob):
        end.sipp.done()
        end.rtp.stop()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2, "outcomes")


@test(listens=True)
def one_that_hangs(t):
    """It keeps its sockets and says nothing: the line moves its calls, and the
    keeper ends it and starts it again."""
    one, ana = two(t)
    line = line_for(t, ana.sipp, media_processes=2)
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s).go().bye().recv(200))
    talk(t, line, one, ana)
    before = media_of(line)
    hung = whose(line, one.rtp.to[1])
    since = time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    goes_on(t, line, one, ana, since)
    name = next(n for n, p in before.items() if p == hung)
    t.until(lambda: media_of(line).get(name) not in (None, hung),
            "the keeper starts another one", 20)
    ends(t, line, one, ana)


@test(listens=True)
def one_that_hangs_alone(t):
    """The talk goes on in the one that the keeper starts."""
    alone(t, signal.SIGSTOP)


@test(listens=True)
def killed_twice(t):
    """Also the one where the talk went on."""
    one, ana = two(t, 2)
    line = line_for(t, ana.sipp)
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s, 2).go().bye().recv(200))
    talk(t, line, one, ana)
    for n in (2, 3):
        since = time.monotonic()
        os.kill(line.processes()[MEDIA], signal.SIGKILL)
        goes_on(t, line, one, ana, since, n)
    ends(t, line, one, ana)


@test(listens=True)
def while_a_phone_rings(t):
    """The caller hears hold sound again. It rings on, and is told of the new
    sound once it is picked up."""
    one, ana = End(t, CALLER), End(t, ANA)
    ana.sipp = phone(t, lambda s: ana.takes(
        s.rings().go().picks_up(body=ana.sdp)).ended())
    line = line_for(t, ana.sipp, ring_seconds=300)
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s).go().bye().recv(200))
    ana.sipp.saw("INVITE")
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    one.follow(1)
    one.hears_something(time.monotonic())
    ana.sipp.go()
    ana.follow(2)
    line.talking(1)
    now = time.monotonic()
    one.hears(ANA, now)
    ana.hears(CALLER, now)
    t.equal(len(ana.sipp.received("CANCEL")), 0, "CANCELs")
    ends(t, line, one, ana)


@test(listens=True)
def glare_is_waited_for(t):
    """491: the peer had a question of its own; it is asked again."""
    one, ana = two(t)
    line = line_for(t, ana.sipp)
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(one.takes(s, code=491)).go()
             .bye().recv(200))
    talk(t, line, one, ana)
    since = time.monotonic()
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    one.sipp.saw("INVITE", 2, 20)
    one.follow(2)
    ana.follow(2)
    one.hears(ANA, since)
    ana.hears(CALLER, since)
    ends(t, line, one, ana)


def is_owed(t, line, **wanted):
    """One promise is open: of this kind, for the coordinator to see to."""
    promise = t.until(lambda: line.json("promises"), "a promise")[0]
    for field, value in (("state", "open"), ("level", "coordinator"),
                         ("owner", None), *wanted.items()):
        t.equal(promise[field], value, f"{field} of the promise")
    return promise["call"]


@test()
def a_caller_who_cannot_follow(t):
    """488: that telephone has no new sound. Nobody has hung up: what is owed
    is on record at once, and Ana is free for the next one."""
    one, ana = two(t)
    line = line_for(t, ana.sipp, wrap_up_seconds=0)
    line.steady = False
    calls_by(t, line, one, lambda s: s.expect("INVITE", timeout=30000).go()
             .reply(488, contact=False).recv("ACK").ended())
    talk(t, line, one, ana)
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    ana.sipp.saw("ACK", 2, 30)
    one.sipp.go()
    one.sipp.done()
    ana.sipp.done()
    call = is_owed(t, line, kind="cut_off")
    t.equal(line.calls()[0]["counsellor"], "Ana", "whom they talked with")
    line.command("promise", "close", str(call), "--reason", "unreachable")
    line.outcome(outcome="closed", reason="unreachable")
    for end in (one, ana):
        end.rtp.stop()


@test()
def a_counsellor_who_cannot_follow(t):
    """Her telephone refuses: the caller waits again, at the old place, and is
    taken by the next one."""
    one, ana, bob = End(t, CALLER), End(t, ANA), End(t, ANA)
    picks_up_by(t, ana, lambda s: ana.takes(s, code=488).ended())
    picks_up_by(t, bob, lambda s: s.ended(), "bob")
    line = line_for(t, ana.sipp, bob.sipp, strategy="longest_idle")
    line.steady = False
    calls_by(t, line, one, lambda s: one.takes(s).go().bye().recv(200))
    talk(t, line, one, ana)
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    one.follow(1)
    talk(t, line, one, bob)
    one.sipp.go()
    for end in (one, ana, bob):
        end.sipp.done()
        end.rtp.stop()
    line.outcome(outcome="talked", counsellor="Bob")


def browser_talk(t, make, steps, **options):
    """A caller and a counsellor in a browser."""
    line = Line(t, **options)
    line.steady = False
    line.run()
    ana = make(t, Browser(t), line)
    if make is Console:
        ana.sign_up()
    ana.duty()
    one = End(t, CALLER)
    calls_by(t, line, one, lambda s: steps(one, s))
    ana.rung()
    ana.accept()
    line.talking(1)
    ana.hears()
    return line, one, ana


@test(120)
def a_page_makes_its_sound_anew(t):
    """By itself, and the talk that it shows is the same."""
    line, one, ana = browser_talk(
        t, Console, lambda one, s: one.takes(s).go().bye().recv(200))
    call = line.calls()[0]["id"]
    ana.page.evaluate(WATCH % "being put right")
    since = time.monotonic()
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    one.follow(1)
    t.until(lambda: ana.page.evaluate("window.seenOfTest"),
            "the page says that the sound is being put right", 20)
    t.until(lambda: "being put right" not in ana.page.text(),
            "the page says that there is sound", 20)
    ana.sees("talk")
    one.hears_something(time.monotonic())
    t.figure(f"longest gap in the caller's sound {one.gap(since):.0f} ms")
    ana.hears()
    t.equal([c["id"] for c in line.calls()], [call], "calls")
    one.sipp.go()
    one.sipp.done()
    ana.sees("over")
    line.outcome(outcome="talked", counsellor="Ana")
    one.rtp.stop()


@test(120)
def a_page_is_told_of_who_was_cut_off(t):
    line, one, ana = browser_talk(
        t, Console, lambda one, s: one.takes(s, code=488).ended())
    os.kill(line.pids[MEDIA], signal.SIGKILL)
    one.sipp.done()
    ana.sees("over")
    ana.page.wait_text("cut off by a fault of this system")
    call = is_owed(t, line, kind="cut_off")
    ana.ready()
    line.command("promise", "close", str(call), "--reason", "unreachable")
    one.rtp.stop()
