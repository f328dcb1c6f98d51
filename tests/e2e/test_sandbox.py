# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each process, shut in, tries itself what it must not; the same programs go
on doing all they are for: every other test here runs them so, and fails if
one of them lacks a system call (case.py)."""
import os
import re

from case import Skipped, test
from line import Line
from test_traces import sanitized

NAMES = {"line": "ringback-line", "media": "ringback-media",
         "web": "ringback-web"}
WHO = ("loop", "thread")

REFUSED = ("passwd", "program", "config", "config_write", "lock", "create",
           "remove", "folder", "link", "listen", "raw", "packet", "netlink",
           "unix", "pair", "fork", "setuid", "mount", "unshare", "signal",
           "limit", "capability", "code", "bpf", "ring")
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
