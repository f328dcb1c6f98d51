# SPDX-License-Identifier: AGPL-3.0-or-later
"""Far more than anybody needs: strangers, calls through the trunk, connections
that say nothing; and real callers meanwhile. docs/floods.md."""
import os
import re
import resource
import signal
import socket
import struct
import threading
import time

from api import BASE, Api
from case import SLOW, test
from cast import line_for
from dialogue import Caller, menu_line
from sip import Raw
from sipp import sdp
from torture import Peer, table

TRUNK = "127.0.0.1"


class Real(Raw):
    """Somebody who calls through the trunk, once or more often."""

    def __init__(self, line, number):
        super().__init__(line, TRUNK)
        self.number = number
        self.rows = {}

    def call(self, service, seconds=5):
        """(code, seconds until it came)."""
        n = time.monotonic_ns()
        here = f"{self.source}:{self.port}"
        self.rows = {"From": f"<sip:{self.number}@{here}>;tag=f{n}",
                     "Call-ID": f"real-{n}-{self.port}"}
        begin = time.monotonic()
        self.send(self.request("INVITE", service, sdp(
            host=self.source, port=40000), **{
                k.replace("-", "_"): v for k, v in self.rows.items()}))
        while time.monotonic() < begin + seconds * SLOW:
            text = self.receive(seconds)
            if text is None:
                break
            code = self.final(text)
            if code:
                return code, time.monotonic() - begin
        return None, time.monotonic() - begin

    def final(self, text):
        if self.rows["Call-ID"] not in text or " INVITE" not in text:
            return None
        code = int(text[8:12])
        if code < 200:
            return None
        self.rows["To"] = re.search(r"^To: (.*?)\r$", text, re.M).group(1)
        return code

    def hang_up(self, service):
        for method, cseq in (("ACK", 1), ("BYE", 2)):
            self.send(self.request(method, service, CSeq=f"{cseq} {method}",
                                   Contact=None, From=self.rows["From"],
                                   To=self.rows["To"],
                                   Call_ID=self.rows["Call-ID"]))


class Flood:
    """So many a second, until told otherwise."""

    def __init__(self, a_second, one):
        self.pause, self.one = 20 / a_second, one
        self.sent = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def run(self):
        while not self.over.wait(self.pause):
            for _ in range(20):
                self.one(self.sent)
                self.sent += 1


def strangers(line, n):
    peers = [Raw(line, f"127.0.{1 + i // 200}.{1 + i % 200}")
             for i in range(n)]

    def one(i):
        peer = peers[i % n]
        peer.send(peer.request("INVITE", "x", sdp(host=TRUNK, port=40000)))
    return one


def through_the_trunk(line, number):
    """Calls by numbers as number(i) says; nobody is there for the answers."""
    peer = Raw(line, TRUNK)

    def one(i):
        peer.send(peer.request(
            "INVITE", "x", sdp(host=TRUNK, port=40000),
            From=f"<sip:{number(i)}@{TRUNK}:{peer.port}>;tag=z{i}"))
    return one


def p95(times):
    return sorted(times)[max(0, int(len(times) * 0.95) - 1)]


def memory(line):
    """kB of the line process."""
    with open(f"/proc/{line.pids['ringback-line']}/status",
              encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def usual(t, **options):
    """A line as operators have it: all budgets on."""
    line = line_for(t, **{"calls_a_minute": 60, "most_waiting": 100,
                          **options})
    line.quiet = False
    return line


def all_get_through(t, line, flood, numbers, first, what):
    """Each of them calls once in the flood; figures are printed."""
    codes, times = [], []
    before = memory(line)
    with flood:
        t.until(lambda: flood.sent >= first, "a flood")
        for i, number in enumerate(numbers):
            t.until(lambda n=first + 30 * i: flood.sent >= n, "it goes on")
            with Real(line, number) as one:
                code, seconds = one.call("x")
                codes.append(code)
                times.append(seconds)
                if code == 200:
                    one.hang_up("x")
    grown = memory(line) - before
    t.figure(f"{what}: {flood.sent} calls, {codes.count(200)} of "
             f"{len(codes)} real ones answered, p95 "
             f"{p95(times) * 1000:.0f} ms, {grown / 1024:+.1f} MB")
    t.equal(codes, [200] * len(codes), "answers to real callers")
    if SLOW == 1:  # sanitizers keep what is freed
        t.check(grown < 32 * 1024, f"the line has grown by {grown} kB")


@test()
def of_strangers(t):
    line = usual(t)
    all_get_through(t, line, Flood(300, strangers(line, 60)),
                    [t.number() for _ in range(12)], 600,
                    "300 a second from 60 strangers")
    t.equal(line.status()["flood"], {"on": False, "turned_away": 0},
            "what is said of it: that is no flood of calls")


@test()
def of_one_number(t):
    """It is busy; the others are answered. What is said of it has no number."""
    line = usual(t)
    bad = t.number()
    all_get_through(t, line, Flood(300, through_the_trunk(
        line, lambda _: bad)), [t.number() for _ in range(12)], 300,
        "300 a second of one number")
    flood = line.status()["flood"]
    t.check(flood["on"] and flood["turned_away"] > 200, f"it says {flood}")
    t.check("A flood of calls" in line.command("status"), "in words")
    with Real(line, bad) as one:
        t.equal(one.call("x")[0], 486, "the number itself")
    t.check(len(line.calls()) < 40, "what is busy is not on record")


@test()
def of_a_range(t):
    """Numbers that count up hold half of the places, and no more."""
    line = usual(t)
    begin = t.number()[:8]
    all_get_through(t, line, Flood(100, through_the_trunk(
        line, lambda i: f"{begin}{i % 1000:03d}")),
        [t.number() for _ in range(6)], 200, "100 a second of a range")


@test()
def of_changing_numbers(t):
    """They are asked for a key, and hold half of the places at most; the
    queue is for those who came before, and for who presses it."""
    line = usual(t)
    with Flood(200, through_the_trunk(
            line, lambda i: f"4915{i * 7919 % 10**8:08d}")) as flood:
        t.until(lambda: line.status()["flood"]["turned_away"] > 20,
                "more are turned away than fit in", 30)
        t.check(flood.sent > 40, "a flood")
        status = line.status()["calls"]
    t.figure(f"{flood.sent} calls of changing numbers: "
             f"{line.status()['flood']['turned_away']} turned away, "
             f"{status['arriving']} asked for a key, "
             f"{status['waiting']} in the queue")
    # before there was a flood a minute's calls came in
    t.check(status["waiting"] <= 60, f"in the queue: {status}")
    t.check(status["arriving"] <= (line.high - line.low + 1) // 8 + 20,
            f"asked: {status}")


@test()
def the_key(t):
    """Who presses it is a caller like any other, and is not asked again;
    whoever does not hears why we hang up."""
    line = menu_line(t, calls_a_minute=1)
    line.run()
    first = Caller(t, line, "first", user=t.number())
    first.hears("greeting", "notice")
    mine = t.number()
    second = Caller(t, line, "second", user=mine)
    second.hears("check")
    t.until(second.heard, "a digit follows")
    digit = second.heard()[0]
    second.hears(digit)
    t.equal(line.status()["flood"]["on"], True, "the status")
    second.press(digit)
    second.hears_at_last("greeting")
    second.hang_up()
    again = Caller(t, line, "again", user=mine)
    again.hears("greeting")

    third = Caller(t, line, "third", user=t.number())
    third.hears("check")
    third.hang_up()
    t.until(lambda: [c for c in line.calls()
                     if (c["outcome"], c["reason"]) == ("blocked", "flood")],
            lambda: f"it is on record so, not {line.calls()}")
    for one in (first, again):
        one.hang_up()


@test(seconds=90)
def slow_connections(t):
    """They are cut, each sort of them; whoever is real is not kept waiting."""
    line = usual(t)
    start = time.monotonic()
    slow = []
    for sent in (b"", b"INVITE sip:x", b"\r\n"):
        for i in range(6):
            peer = Raw(line, f"127.0.3.{i + 1}", tcp=True)
            if sent:
                peer.socket.sendall(sent)
            slow.append((peer, sent))
    gone = []
    while slow and time.monotonic() - start < 40 * SLOW:
        with Real(line, t.number()) as one:
            t.equal(one.call("x")[0], 200, "a real caller")
            one.hang_up("x")
        for peer, sent in list(slow):
            if is_cut(peer, sent):
                gone.append(time.monotonic() - start)
                slow.remove((peer, sent))
    t.equal(len(slow), 0, "slow connections still there")
    t.figure(f"{len(gone)} slow connections, the last cut after "
             f"{max(gone):.1f} s")


def is_cut(peer, sent):
    return has_ended(peer.socket, sent)


def has_ended(link, sent):
    link.settimeout(0.05)
    try:
        if sent:
            link.sendall(sent[:2])
        while True:
            if not link.recv(100):
                return True
    except TimeoutError:
        return False
    except OSError:
        return True


@test()
def too_many_connections(t):
    """Of one address only so many stay that have proven nothing."""
    line = usual(t)
    peers = [Raw(line, "127.0.3.1", tcp=True) for _ in range(60)]
    t.until(lambda: sum(is_cut(p, b"") for p in peers) >= 60 - 16,
            "the oldest are cut")
    with Raw(line, "127.0.3.2", tcp=True) as other:
        t.equal(other.answer(other.request("OPTIONS")), 403, "another one")
    for peer in peers:
        peer.socket.close()


def born_again(t, line, name):
    """Its next life has this few files; its predecessor is killed."""
    old = line.processes()[name]
    os.kill(old, signal.SIGKILL)
    t.until(lambda: line.processes().get(name, old) != old,
            f"{name} is back", 20)
    line.steady = False


@test(60)
def more_connections_than_there_is_room_for(t):
    """To the page, from a proxy's address: those that say nothing, headers and
    bodies byte by byte. The ones that wait the longest go; a counsellor who is
    signed in works on, and loses nothing."""
    line = usual(t)
    resource.prlimit(line.keeper.pid, resource.RLIMIT_NOFILE, (192, 192))
    born_again(t, line, "ringback-web")
    ana = Api(t, line).sign_up("Ana")
    page = ana.events()
    t.equal(page.next()[0], "line", "first news")
    mine = ana.connect()  # one that is kept, as browsers do

    def asks():
        mine.request("GET", BASE + "/me", None, ana.headers("GET", None))
        answer = mine.getresponse()
        answer.read()
        return answer.status
    t.equal(asks(), 200, "on a connection that is kept")
    begun = (b"", b"GET / HTTP/1.1\r\nX: ", b"POST " + BASE.encode()
             + b"/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: "
             b"application/json\r\nX-Ringback: 1\r\nContent-Length: 999"
             b"\r\n\r\n{")
    slow = []
    for i in range(150):
        peer = socket.create_connection(("127.0.0.1", line.http),
                                        timeout=20 * SLOW)
        try:
            peer.sendall(begun[i % 3])
        except OSError:
            pass  # it may have been cut by then
        slow.append((peer, begun[i % 3]))
        if i % 25 == 24:
            t.equal(asks(), 200, f"after {i + 1} connections")
            on = i % 50 == 24
            ana.post("/me/duty", {"on": on})
            page.until("state", lambda s, on=on: (s["state"] != "off") == on)
    left = [(p, sent) for p, sent in slow if not has_ended(p, sent and b"a")]
    t.check(len(left) <= 48, f"{len(left)} are there, of 48 at most")
    with open(line.log, encoding="utf-8") as f:
        log = f.read()
    t.check("connections at most" in log, "the room is not said")
    t.until(lambda: "had said least" in open(
        line.log, encoding="utf-8").read(), "the log says it")
    t.figure(f"150 slow connections with room for 48: {150 - len(left)} were "
             "cut at once, the counsellor worked on")
    t.equal(asks(), 200, "on the connection that is kept")
    ana.post("/me/heartbeat", {"visible": True})
    ana.post("/me/duty", {"on": True})
    page.until("state", lambda s: s["state"] != "off")
    mine.close()
    page.close()
    for peer, _ in slow:
        peer.close()


HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@test(60)
def no_descriptors_left(t):
    """The line may open no more files, connections have eaten them: a call goes
    on, another comes in, connections are taken again, and the log says why."""
    line = usual(t)
    pid = line.pids["ringback-line"]
    with Real(line, t.number()) as one, Real(line, t.number()) as two:
        t.equal(one.call("x")[0], 200, "a call before")
        room = len(os.listdir(f"/proc/{pid}/fd")) + 4
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (room, HARD))
        began, used = time.monotonic(), processor_seconds(pid)
        many = []
        while time.monotonic() < began + 3:  # so long there are always some
            many += [knocks(line, f"127.0.3.{1 + i}") for i in range(10)]
            time.sleep(0.05)
        t.equal(two.call("x")[0], 200, "a call meanwhile")
        t.until(lambda: "(LimitNOFILE)" in line.last_words(50),
                "the log says it", 20)

        seconds = time.monotonic() - began
        used = processor_seconds(pid) - used
        for link in many:
            link.close()

        def is_taken():
            try:
                with Raw(line, "127.0.3.250", tcp=True) as other:
                    return other.answer(other.request("OPTIONS"), 1) == 403
            except OSError:
                return False
        t.until(is_taken, "connections are taken again", 40)
        for call in (one, two):
            call.hang_up("x")
        t.until(lambda: len(line.ended(2)) == 2, "both calls have ended")
    t.figure(f"{len(many)} connections where 4 fit: {used:.2f} s of the "
             f"processor in {seconds:.1f} s")
    if SLOW == 1:  # sanitizers cost more than trying again
        t.check(used < seconds * 0.7, "it does nothing but try again")
    t.equal(line.processes(), line.pids, "processes")


def knocks(line, source):
    """A connection that nobody waits for."""
    link = socket.socket()
    link.bind((source, 0))
    link.setblocking(False)
    link.connect_ex((line.host, line.port))
    return link


QUESTIONS = {
    "STUN": struct.pack("!HHI12s", 1, 0, 0x2112A442, b"0123456789ab"),
    "empty lines": b"\r\n\r\n",
    "nothing": b"\0\0\0\0\0\0",
    "short INVITE": b"INVITE sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch=z9hG4bK"
                    b"1\r\nf:<sip:a>;tag=1\r\nt:<sip:a>\r\ni:1\r\nCSeq:1 "
                    b"INVITE\r\nm:<sip:a@b>\r\nl:0\r\n\r\n",
    "short REGISTER": b"REGISTER sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch="
                      b"z9hG4bK2\r\nf:<sip:a@a>;tag=1\r\nt:<sip:a@a>\r\ni:2"
                      b"\r\nCSeq:1 REGISTER\r\nl:0\r\n\r\n",
    "short OPTIONS": b"OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch="
                     b"z9hG4bK3\r\nf:<sip:a>;tag=1\r\nt:<sip:a>\r\ni:3\r\n"
                     b"CSeq:1 OPTIONS\r\nl:0\r\n\r\n",
    "broken": b"INVITE sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch=z9hG4bK4\r\n"
              b"f:<sip:a>;tag=1\r\nt:<sip:a>\r\ni:4\r\nCSeq:9 BYE\r\n\r\n",
    "BYE of nobody": b"BYE sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;rport;branch=z9hG4bK5"
                     b"\r\nf:<sip:a>;tag=1\r\nt:<sip:a>;tag=2\r\ni:5\r\n"
                     b"CSeq:1 BYE\r\nl:0\r\n\r\n",
}


def waiting_bytes(sock):
    """All that is there already."""
    n = 0
    sock.setblocking(False)
    try:
        while True:
            n += len(sock.recv(65535))
    except BlockingIOError:
        return n


ANSWERED_IN = 2.5   # seconds: our own repetitions come after 0.5, 1, 2


def all_that_comes(t, line, raw):
    """Every byte that came back, repetitions too, until there are no more."""
    n, until = 0, time.monotonic() + ANSWERED_IN * SLOW
    while time.monotonic() < until:
        n += waiting_bytes(raw.socket)
        with Raw(line) as trunk:
            t.equal(trunk.answer(trunk.request("OPTIONS")), 200, "trunk")
    return n + waiting_bytes(raw.socket)


@test()
def no_answer_is_larger_than_its_question(t):
    """From addresses that have proven nothing: whoever makes one up must not
    gain by us."""
    line = usual(t)
    methods = ("INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "SUBSCRIBE",
               "MESSAGE", "REFER", "PUBLISH")
    worst, answered = 0, 0
    for i, name in enumerate((*QUESTIONS, *methods)):
        with Raw(line, f"127.0.4.{i + 2}") as raw, Raw(line) as trunk:
            question = QUESTIONS.get(name) or raw.request(name, "x").replace(
                "\n", "\r\n").encode()
            raw.send(question)
            # datagrams are answered in the order in which they come
            t.equal(trunk.answer(trunk.request("OPTIONS")), 200, "trunk")
            back = waiting_bytes(raw.socket)
        worst = max(worst, back / len(question))
        answered += back > 0
        t.check(back <= len(question),
                f"{name}: {back} bytes for {len(question)}")
    t.check(answered > 3, f"{answered} were answered at all")
    t.figure(f"the largest answer is {worst:.2f} of its question")
    with Raw(line, "127.0.4.1") as raw:
        question = raw.request("INVITE", "x", sdp(host=TRUNK, port=40000))
        raw.send(question)
        text = raw.receive() or ""
        t.check(text.count("WWW-Authenticate") == 2,
                "an ordinary INVITE gets both challenges")
        # it gets no ACK: with all that is said again
        back = len(text.encode()) + all_that_comes(t, line, raw)
        asked = len(question.replace("\n", "\r\n").encode())
        t.check(back <= asked, f"{back} bytes for an INVITE of {asked}")


@test(120, long=True)
def no_torture_is_answered_with_more(t):
    """The same of each message that RFC 4475 and RFC 5118 torture with, as an
    address that has proven nothing sends it, repetitions counted."""
    line = usual(t)
    sent = back = answered = 0
    worst = 0, ""
    raws = []
    for i, message in enumerate(table("rfc4475") + table("rfc5118")):
        raw = Peer(line, ip=f"127.0.5.{i + 1}")
        question = message.readdressed(line, raw)
        raw.socket.send(question)
        raws.append((message.name, raw, len(question)))
        time.sleep(0.055)  # all strangers together get 20 answers a second
    for name, raw, n in raws:
        got = all_that_comes(t, line, raw) if raw is raws[0][1] \
            else waiting_bytes(raw.socket)
        sent, back, answered = sent + n, back + got, answered + (got > 0)
        worst = max(worst, (got / n, name))
        t.check(got <= n, f"{name}: {got} bytes for {n}")
        raw.socket.close()
    t.check(answered > 10, f"{answered} were answered at all")
    t.check(len(raws) > 50, f"{len(raws)} messages")
    t.figure(f"{len(raws)} messages of {sent} bytes: {answered} answered, {back} "
             "bytes came back, the "
             f"largest answer is {worst[0]:.2f} of its question ({worst[1]})")


@test(seconds=300, long=True)
def of_strangers_for_long(t):
    line = usual(t)
    all_get_through(t, line, Flood(300, strangers(line, 200)),
                    [t.number() for _ in range(150)], 9000,
                    "300 a second from 200 strangers")


@test(seconds=300, long=True)
def of_one_number_for_long(t):
    line = usual(t)
    bad = t.number()
    all_get_through(t, line, Flood(300, through_the_trunk(
        line, lambda _: bad)), [t.number() for _ in range(30)], 9000,
        "300 a second of one number")
