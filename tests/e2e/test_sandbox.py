# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each process, shut in, tries itself what it must not; the same programs go
on doing all they are for: every other test here runs them so, and fails if
one of them lacks a system call (case.py)."""
import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess

import mediasock
from case import SLOW, Skipped, descendants, program, test
from dialogue import menu_line
from line import Line
from phone import Call, Phone
from test_promises import leaves_message
from test_traces import sanitized

NAMES = {"line": "ringback-line", "media": "ringback-media",
         "web": "ringback-web"}
WHO = ("loop", "thread")

REFUSED = ("passwd", "program", "config", "config_write", "lock", "create",
           "remove", "folder", "link", "listen", "raw", "packet", "netlink",
           "unix", "pair", "fork", "setuid", "mount", "unshare", "signal",
           "signal_file", "keeper", "limit", "capability", "code", "bpf", "ring")
# what some of them may: docs/threat-model.md has the same table in words
SOME = {
    "store": {"line", "web"},
    "message": {"media"},
    "connect": {"line"},
    "line_socket": {"line", "web"},
}
# what the leak checker needs as well, which looks at /proc and sets itself up
CHECKERS = {"program", "signal", "capability"}

DENIED = {"Operation not permitted", "Permission denied"}


def trying(t, wanted):
    """A line whose processes try it; it need not come up."""
    line = Line(t, sealing=False)
    t.tries = True
    line.steady = False
    line.environment["RINGBACK_TRY_FORBIDDEN"] = wanted
    return line


def log_of(line):
    with open(line.log, encoding="utf-8", errors="replace") as f:
        return f.read()


def verdicts(log):
    """(who, process, what): what came of it."""
    return {(who, name, what): came for who, name, what, came in re.findall(
        r"^note sandbox: forbidden: (\w+) of (\w+): (\w+): (.+)$", log,
        re.M)}


def has_tried(line):
    done = set(re.findall(r"forbidden: (\w+) of (\w+): that was all",
                          log_of(line)))
    return done >= {(who, name) for who in WHO for name in NAMES}


@test()
def nobody_does_what_they_must_not(t):
    """In the real processes, in their loop and in a thread."""
    line = trying(t, "all").start()
    t.until(lambda: has_tried(line), "all have tried all", 20)
    line.up()
    log = log_of(line)
    if "this kernel cannot keep" in log:
        raise Skipped("this kernel has no landlock, or no seccomp")
    got = verdicts(log)
    for who in WHO:
        for name in NAMES:
            for what in REFUSED:
                if sanitized() and what in CHECKERS:
                    continue
                t.check(got.get((who, name, what)) in DENIED,
                        f"{who} of {name}: {what}: "
                        f"{got.get((who, name, what))}")
            for what, may in SOME.items():
                came = got.get((who, name, what))
                t.equal(came == "done", name in may,
                        f"{who} of {name}: {what}: {came}")
    t.check(not os.path.exists(os.path.join(line.data, "forbidden")),
            "no file was made")
    t.check(os.path.exists(line.config), "no file was removed")
    line.stop()


ROLE = {"tool": 1 << 0, "line": 1 << 1, "web": 1 << 3}


def says(t, line, where, role):
    """Tell that process that we are this one. @return whether it is heard."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10 * SLOW)
        s.connect(os.path.join(line.data, "run", f"{where}.sock"))
        hashed = struct.unpack_from(mediasock.HELLO, s.recv(100),
                                    struct.calcsize(mediasock.HDR))[0]
        ask = "STATUS" if where == "line" else "BEAT"
        if role == "line":
            ask = "LEG_NEXT"
        try:
            for name, number, body in (
                    ("HELLO", 0, struct.pack(mediasock.HELLO, hashed,
                                             ROLE[role], os.getpid())),
                    (ask, 1, bytes(8 if role == "line" else 4))):
                s.send(struct.pack(mediasock.HDR, mediasock.NAMES.index(name),
                                   0, number) + body)
            return bool(s.recv(32768))
        except (BrokenPipeError, ConnectionResetError):
            return False


@test()
def who_gives_itself_out_for_another_process(t):
    """Of the same user, but not the one that holds the lock: not heard; what
    the line leaves with media would be callers' numbers."""
    line = Line(t, sealing=False).run()
    for where, role, heard in (("media", "line", False),
                               ("line", "web", False),
                               ("media", "tool", True),
                               ("line", "tool", True)):
        t.equal(says(t, line, where, role), heard, f"{role} at {where}")
    t.check("its process is not what it says" in log_of(line), "it is said")
    line.stop()


def dies_of(t, what):
    line = trying(t, what).start()
    for name in NAMES.values():
        t.until(lambda n=name: re.search(
            rf"{n} \(pid \d+\) ended by signal 31", log_of(line)),
            f"{name} is ended", 20)
    t.check("that was all" not in log_of(line), "it went on")
    t.check(": done" not in log_of(line), "it was done")
    line.stop(code=None)


@test()
def a_program_that_is_started_is_the_end(t):
    dies_of(t, "exec")


@test()
def so_is_tracing(t):
    if sanitized():
        raise Skipped("the leak checker traces")
    dies_of(t, "ptrace")


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii",
              errors="replace") as f:
        return {name: value.strip() for name, _, value in
                (row.partition(":") for row in f)}


CAP_SETPCAP, CAP_IPC_LOCK = 1 << 8, 1 << 14


@test()
def what_the_kernel_says_of_them(t):
    line = Line(t, sealing=False).run()
    for name, pid in line.processes().items():
        status = status_of(pid)
        t.equal(status["NoNewPrivs"], "1", f"new privileges of {name}")
        if name not in NAMES.values():
            continue
        t.equal(status["Seccomp"], "2", f"a filter of {name}")
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            t.equal(int(status[kind], 16) & ~CAP_IPC_LOCK, 0,
                    f"{kind} of {name}")
        if int(status_of("self")["CapEff"], 16) & CAP_SETPCAP:
            t.equal(int(status["CapBnd"], 16), 0,
                    f"capabilities that {name} could get")


CAP_NET_BIND = 1 << 10


@contextlib.contextmanager
def user(t):
    """A user of this machine for the time of a test."""
    if sanitized():
        raise Skipped("what a user may is the same without sanitizers")
    if os.geteuid() != 0 or not shutil.which("useradd"):
        raise Skipped("only root makes users")
    name = f"rbtest{os.getpid()}"
    made = subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", name],
        capture_output=True, text=True, check=False)
    if made.returncode:
        raise Skipped(f"no user can be made here: {made.stderr.strip()}")
    try:
        yield pwd.getpwnam(name)
    finally:
        for line in t.lines:  # if the test failed: userdel asks for it
            if line.keeper and line.keeper.poll() is None:
                for pid in descendants(line.keeper.pid):
                    os.kill(pid, signal.SIGKILL)
                line.keeper.kill()
                line.keeper.wait()
        subprocess.run(["userdel", name], capture_output=True, check=False)


def may_run(who, path):
    return subprocess.run(
        ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}",
         "--clear-groups", "test", "-x", path],
        capture_output=True, check=False).returncode == 0


def let_pass(t, who):
    """That user gets to the test's folder, and to the programs."""
    for folder in (t.folder, os.path.dirname(t.folder)):
        os.chmod(folder, 0o711)
    if not may_run(who, t.folder) or not may_run(who,
                                                 program("ringback-line")):
        raise Skipped("other users cannot get to the programs here")


def low_port():
    """One that only root may take; None: none is free."""
    for port in range(700, 1000):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise Skipped("no port below 1024 may be taken here")


@test(90)
def a_user_of_their_own(t):
    """Root starts it, on ports that only root may take; nothing runs as root,
    and all works: a talk, a message, a command of root's."""
    with user(t) as who:
        line = menu_line(t)
        let_pass(t, who)
        line.http = low_port()
        line.options(user=who.pw_name, http=f"127.0.0.1:{line.http}")
        line.run()
        t.equal(owners(line), {who.pw_uid}, "whose the files are")
        for name, pid in {**line.processes(),
                          "keeper": line.keeper.pid}.items():
            status = status_of(pid)
            t.equal(set(status["Uid"].split() + status["Gid"].split()),
                    {str(who.pw_uid), str(who.pw_gid)}, f"who {name} is")
            may = CAP_IPC_LOCK | (0 if name in NAMES.values()
                                  else CAP_NET_BIND)
            t.equal(int(status["CapPrm"], 16) & ~may, 0, f"rights of {name}")
        one, _ = leaves_message(t, line)
        one.process.terminate()
        one.done(code=None)
        line.idle()
        line.person("Ana", Phone(t, "ana", line.host).uri)
        talks = Call(t, "talks", line)
        line.talking()
        os.kill(line.processes()["ringback-web"], 9)
        t.until(lambda: line.processes().get("ringback-web", line.pids[
            "ringback-web"]) != line.pids["ringback-web"],
            "the page's process has its port again")
        line.pids = line.processes()
        talks.process.terminate()
        talks.done(code=None)
        line.idle()
        line.stop()
        t.equal(owners(line), {who.pw_uid}, "whose the files are after it")


def owners(line):
    return {os.lstat(os.path.join(folder, name)).st_uid
            for folder, _, names in os.walk(line.data)
            for name in [".", *names]}


@test()
def a_user_that_there_is_not(t):
    line = Line(t, sealing=False)
    line.options(user="no-such-user-here")
    line.start()
    t.until(lambda: line.keeper.poll() is not None, "the keeper ends")
    t.check("there is no user" in log_of(line) or os.geteuid() != 0,
            "it says why")
    t.check(line.keeper.returncode != 0, "its exit code")
