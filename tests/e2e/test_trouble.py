# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wrong configurations, busy ports, missing files, a full disk."""
import ctypes
import os
import socket
import subprocess
import time

from api import Api
from case import SLOW, Skipped, build_dir, test
from cast import caller, connects, line_for, phone
from line import Line
from sip import Raw
from sipp import sdp


NO_ALARM = {"unwritten": None, "flood": None, "media": None}


def refuses_to_run(t, line, *words, seconds=15):
    """`ringback run` ends by itself and says all these words."""
    line.start()
    t.until(lambda: line.keeper.poll() is not None,
            "ringback run gives up", seconds)
    said = line.last_words(20)
    t.check(line.keeper.returncode != 0, "it calls that a success")
    for word in words:
        t.check(word in said, f"{word!r} is not said: {said}")
    t.equal(line.open_ports((line.port, line.http)), [], "open ports")


def append(line, text):
    with open(line.config, "a", encoding="utf-8") as f:
        f.write(text)


def row_of(line, text):
    with open(line.config, encoding="utf-8") as f:
        return next(n for n, row in enumerate(f, 1)
                    if text in row and not row.startswith("#"))


@test()
def unknown_option(t):
    line = Line(t)
    append(line, "\nring_secconds = 5\n")
    refuses_to_run(t, line, f"ringback.conf:{row_of(line, 'ring_secconds')}:",
                   "ring_secconds",
                   "ring_seconds")


@test()
def wrong_type(t):
    line = Line(t, ring_seconds="soon")
    refuses_to_run(t, line, f"ringback.conf:{row_of(line, 'soon')}:",
                   "ring_seconds")


@test()
def out_of_range(t):
    line = Line(t, session_seconds=5)
    refuses_to_run(t, line, "ringback.conf", "session_seconds", "90")


@test()
def wrong_address(t):
    line = Line(t)
    line.options(sip=["nowhere:5060"])
    refuses_to_run(t, line, f"ringback.conf:{row_of(line, 'nowhere')}:",
                   "sip")


@test()
def broken_file(t):
    line = Line(t)
    append(line, "\nline \"x {\n")
    refuses_to_run(t, line, "ringback.conf")


@test()
def no_data_folder(t):
    line = Line(t)
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", "ringback"), "run", "--data",
         t.path("nothing")], capture_output=True, text=True, timeout=10,
        stdin=subprocess.DEVNULL, check=False)
    t.check(done.returncode != 0 and "init" in done.stderr + done.stdout,
            f"it says how to make one: {done.stderr}")
    t.check(line.data, "a line to compare with")


@test()
def init_twice(t):
    """What is there is not written over."""
    line = Line(t)
    line.options(ring_seconds=7)
    with open(line.config, encoding="utf-8") as f:
        before = f.read()
    done = line.command("init", wanted=None)
    t.check(done.returncode != 0 and done.stderr.strip(), "a complaint")
    with open(line.config, encoding="utf-8") as f:
        t.equal(f.read(), before, "the configuration")


def starts_when_free(t, line, busy):
    """Says who is in the way, and starts as soon as that has gone. It may
    have given up meanwhile; then it is started again, as by systemd."""
    with busy:
        line.start()
        t.until(lambda: f"127.0.0.1 port {line.port}" in line.last_words(50),
                lambda: f"the busy address is named ({line.last_words(50)})")

    def open_():
        if line.keeper.poll() is not None:
            line.start()
        return line.status()["state"] == "open"
    t.until(open_, "the line opens", 20)
    caller(t, line, lambda s: connects(s).bye().recv(200)).done()


@test()
def busy_sip_port(t):
    line = Line(t)
    busy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    busy.bind(("127.0.0.1", line.port))
    starts_when_free(t, line, busy)


@test()
def busy_tcp_port(t):
    line = Line(t)
    busy = socket.socket()
    # a port on which something else has just closed is free all the same
    busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    busy.bind(("127.0.0.1", line.port))
    busy.listen()
    starts_when_free(t, line, busy)


@test()
def an_address_that_is_not_ours(t):
    line = Line(t)
    line.options(sip=[f"192.0.2.123:{line.port}"])
    refuses_to_run(t, line, "192.0.2.123", "no such address")


@test()
def media_ports_run_out(t):
    """Room for two legs: the third caller is told 503 and nothing hangs."""
    line = Line(t)
    line.options(media=[f"127.0.0.1:{line.low}-{line.low + 3}"])
    line.run()
    two = caller(t, line, lambda s: connects(s).go().bye().recv(200),
                 name="two", calls=2)
    line.waiting(2)
    caller(t, line, lambda s: s.invite().recv(100, optional=True).recv(503)
           .nack(), name="third").done()
    two.go(1)
    two.go(2)
    two.done()
    line.idle()
    caller(t, line, lambda s: connects(s).bye().recv(200),
           name="fourth").done()


@test()
def a_missing_prompt(t):
    """Own recordings that are not there: said, and the line answers with
    the ones that come with Ringback."""
    os.mkdir(t.path("own"))
    line = Line(t, prompts=t.path("own"))
    line.run()
    caller(t, line, lambda s: connects(s).pause(300).bye()
           .recv(200)).done()


@test()
def a_broken_prompt(t):
    """Said with its path; callers are still answered."""
    os.makedirs(t.path("own", "en"))
    broken = t.path("own", "en", "greeting.wav")
    with open(broken, "wb") as f:
        f.write(b"RIFF and no more")
    line = Line(t, prompts=t.path("own"))
    line.run()
    t.until(lambda: "greeting.wav" in line.last_words(500),
            "the broken file is named")
    caller(t, line, lambda s: connects(s).pause(300).bye()
           .recv(200)).done()


@test()
def no_media_process(t):
    """Neither dead nor alive: the caller is answered as soon as the keeper has
    put another one in its place, or told to come again; never silence."""
    line = line_for(t)
    line.steady = False
    media = line.processes()["ringback-media"]
    os.kill(media, 19)  # SIGSTOP
    for n in range(3):
        one = caller(t, line, lambda s: connects(s).bye().recv(200),
                     name=f"caller{n}")
        if one.process.wait(40 * SLOW) == 0:
            break
        one.saw(503)
    else:
        t.check(False, "nobody is answered")
    t.check(line.processes()["ringback-media"] != media, "it is the same")


# a full disk

CLONE_NEWNS = 0x20000


def small_disk(t, folder, size="3m"):
    """A file system of our own that nobody else sees and that vanishes
    with us."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS):
        raise Skipped("needs root and a mount namespace")
    os.makedirs(folder)
    for argv in (["mount", "--make-rprivate", "/"],
                 ["mount", "-t", "tmpfs", "-o", f"size={size}", "small",
                  folder]):
        subprocess.run(argv, check=True, timeout=10)


def fill(path):
    """Write until there is no byte left."""
    with open(path, "wb", buffering=0) as f:
        for size in (65536, 4096, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass


def room(line):
    """A caller's answer: 200 (and hangs up), or what else it is."""
    with Raw(line) as raw:
        invite = raw.request("INVITE", body=sdp(host="127.0.0.1",
                                                port=40000))
        raw.send(invite)
        while True:
            text = raw.receive(10)
            if text is None:
                return None
            if not text.startswith("SIP/2.0 1"):
                break
        head = dict(row.split(": ", 1) for row in
                    text.replace("\r\n", "\n").split("\n\n")[0]
                    .split("\n")[1:])
        names = {"To": head["To"], "From": head["From"],
                 "Call_ID": head["Call-ID"]}
        if not text.startswith("SIP/2.0 2"):
            raw.send(raw.request("ACK", CSeq="1 ACK",
                                 Via=invite.split("Via: ")[1]
                                 .split("\n")[0], **names))
            return int(text[8:11])
        raw.send(raw.request("ACK", CSeq="1 ACK", **names))
        raw.send(raw.request("BYE", CSeq="2 BYE", **names))
        raw.receive(5)
        return 200


@test(120)
def full_disk(t):
    """Callers are answered all the same, and status says why nothing is on
    record; a talk goes on; with room again all of it is written."""
    small_disk(t, t.path("line"))
    ana = phone(t)
    line = line_for(t)
    t.equal(room(line), 200, "a caller while there is room")
    line.ended()
    line.person("Ana", ana.uri)
    eva = Api(t, line).sign_up("Eva", "coordinator")
    t.equal(eva.get("/alarms"), NO_ALARM, "alarms")
    news = eva.events()
    talk = caller(t, line)
    ana.saw("ACK")
    line.talking(1)
    fill(os.path.join(line.data, "filler"))
    # what is left within the database's own files may take a few more
    codes = []
    while not line.status()["unwritten"] and len(codes) < 60:
        codes.append(room(line))
    codes.append(room(line))
    t.equal(set(codes), {200}, f"answers while the disk is full {codes}")
    t.check(line.status()["unwritten"], "status says so")
    t.check("cannot be written" in line.command("status"), "in words")
    news.until("alarms")
    waits = eva.get("/alarms")["unwritten"]
    t.check(waits["calls"] > 0, f"the coordinator is told: {waits}")
    t.check(0 <= time.time() - waits["since"] / 1000 < 60 * SLOW, waits)
    t.check("not on record yet" in line.last_words(500), "the log says so")
    line.talking(1)
    os.remove(os.path.join(line.data, "filler"))
    t.until(lambda: not line.status()["unwritten"], "all is written", 30)
    news.until("alarms", lambda _: eva.get("/alarms") == NO_ALARM)
    news.close()
    talk.go()
    talk.done()
    ana.done()
    ended = line.ended(len(codes) + 2)
    t.equal(len([c for c in ended if c["outcome"] == "talked"]), 1,
            "talks on record")


@test()
def full_disk_at_init(t):
    folder = t.path("line")
    small_disk(t, folder, "64k")
    fill(os.path.join(folder, "filler"))
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", "ringback"), "init", "--data",
         os.path.join(folder, "data")], capture_output=True, text=True,
        timeout=10, stdin=subprocess.DEVNULL, check=False)
    t.check(done.returncode != 0, "init succeeds on a full disk")
    t.check("space" in done.stderr or "full" in done.stderr,
            f"init says why: {done.stderr}")


@test()
def read_only_store(t):
    """A store that may not be written is no reason to crash."""
    line = Line(t)
    os.rename(os.path.join(line.data, "store.db"),
              os.path.join(line.data, "elsewhere"))
    refuses_to_run(t, line, "store")
