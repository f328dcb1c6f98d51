# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a running line leaves behind beside its files."""
import os
import resource
import shutil
import signal
import subprocess
import sys

from case import SLOW, program, test
from line import Line

# no way around what a process asks for itself
EQUAL = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
READ = """
import sys
try:
    with open(f"/proc/{sys.argv[1]}/environ", "rb") as f:
        f.read()
    with open(f"/proc/{sys.argv[1]}/mem", "rb"):
        print("read")
except PermissionError:
    print("refused")
"""


def equals():
    """How to start a process that has no more rights than its neighbours:
    root has, as a rule."""
    return EQUAL if os.geteuid() == 0 and shutil.which("setpriv") else []


def read_by_an_equal(t, pid):
    done = subprocess.run([*equals(), sys.executable, "-c", READ, str(pid)],
                          capture_output=True, text=True, check=False,
                          timeout=20 * SLOW)
    t.equal(done.returncode, 0, f"the reader's end: {done.stderr}")
    return done.stdout.strip()


def sanitized():
    with open(program("ringback-line"), "rb") as f:
        return b"__asan_init" in f.read()


def all_processes(line):
    return {**line.processes(), "keeper": line.keeper.pid}


def children(line):
    """All but the keeper."""
    return {name: pid for name, pid in line.processes().items()
            if pid != line.keeper.pid}


def started(t, line):
    """As an operator would who wants core files."""
    line.keeper = t.spawn(
        [*equals(), program("ringback"), "run", "--data", line.data],
        f"{line.name}.log",
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_CORE, (resource.getrlimit(
                resource.RLIMIT_CORE)[1],) * 2))
    line.up()
    t.until(lambda: "ringback-web" in line.processes(),
            "the page's process runs")
    line.pids = line.processes()


def core_limit(pid):
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        row = next(row for row in f if row.startswith("Max core"))
    return row.split()[4:6]


def locked_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii",
              errors="replace") as f:
        return int(next(row for row in f
                        if row.startswith("VmLck")).split()[1])


def says_swap(line):
    with open(line.log, encoding="utf-8") as f:
        return f.read().count("memory cannot be kept out of swap")


@test()
def memory_stays_where_it_is(t):
    """No core, no reader; no swap, or it is said once."""
    line = Line(t)
    started(t, line)
    other = t.spawn([*equals(), "sleep", "1000"], "sleep.log")
    t.until(lambda: read_by_an_equal(t, other.pid) == "read",
            "who does not care is read")
    for name, pid in all_processes(line).items():
        t.equal(core_limit(pid), ["0", "0"], f"core files of {name}")
        if sanitized():
            continue
        t.equal(read_by_an_equal(t, pid), "refused", f"who reads {name}")
        t.equal(locked_kb(pid) > 0, says_swap(line) == 0,
                f"memory of {name} is locked, or that is said")
    t.check(says_swap(line) <= 1, "that is said once")


@test()
def neither_do_commands(t):
    """One that reads shares of the recovery key waits for their words."""
    line = Line(t)
    command = subprocess.Popen(
        [*equals(), program("ringback"), "recovery", "try", "--data",
         line.data], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    t.children.append(command)
    t.until(lambda: core_limit(command.pid) == ["0", "0"],
            "it leaves no core file")
    if not sanitized():
        t.until(lambda: read_by_an_equal(t, command.pid) == "refused",
                "nobody reads it")
    t.equal(command.poll(), None, "it still runs")
    command.communicate(timeout=20 * SLOW)


@test()
def a_crash_leaves_no_core(t):
    line = Line(t)
    line.steady = False
    started(t, line)
    before = sorted(os.listdir(line.data))
    for name, pid in children(line).items():
        # a sanitizer has a report of its own for the other one
        os.kill(pid, signal.SIGQUIT if sanitized() else signal.SIGSEGV)
        t.until(lambda n=name, p=pid: line.processes().get(n, p) != p,
                f"{name} was started again", 30)
    line.up()
    t.equal(sorted(os.listdir(line.data)), before, "the data folder")
    with open(line.log, encoding="utf-8", errors="replace") as f:
        t.check("dumped" not in f.read(), "what the keeper says")
