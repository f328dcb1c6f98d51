# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a running line leaves behind beside its files."""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys

from api import Api
from case import SLOW, Skipped, program, test
from dialogue import menu_line
from line import Line
from phone import Call, Phone
from test_promises import leaves_message
from test_threat_model import table
from watch import Watch

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
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv") or subprocess.run(
            [*EQUAL, "true"], capture_output=True, check=False).returncode:
        raise Skipped("root cannot give up rights here")
    return EQUAL


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
def a_limit_on_locked_memory(t):
    """Said once, with what helps; and no harm: a call goes on."""
    if sanitized():
        raise Skipped("sanitizers do not lock memory")
    _, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    limit = 1 << 20 if most < 0 else min(most, 1 << 20)
    line = Line(t)
    line.keeper = t.spawn(
        [*(["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"]
           if equals() else []),
         program("ringback"), "run", "--data", line.data],
        f"{line.name}.log",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK,
                                              (limit, limit)))
    line.up()
    line.person("Ana", Phone(t, "ana", line.host).uri)
    talks = Call(t, "talks", line)
    line.talking()
    for name, pid in all_processes(line).items():
        t.check(locked_kb(pid) <= limit // 1024, f"{name} has locked more")
    t.check(locked_kb(line.processes()["ringback-line"]) > 0,
            "its keys are locked")
    talks.process.terminate()
    talks.done(code=None)
    t.equal(says_swap(line), 1, "how often that is said")
    with open(line.log, encoding="utf-8") as f:
        t.check("LimitMEMLOCK=infinity" in f.read(), "what helps")


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
        os.kill(pid, signal.SIGABRT if sanitized() else signal.SIGSEGV)
        t.until(lambda n=name, p=pid: line.processes().get(n, p) != p,
                f"{name} was started again", 30)
    line.up()
    t.equal(sorted(os.listdir(line.data)), before, "the data folder")
    with open(line.log, encoding="utf-8", errors="replace") as f:
        t.check("dumped" not in f.read(), "what the keeper says")


# what docs/threat-model.md says there is
STORE = ("store.db", "messages", "run", "gone")
PLACES = {"NAME": "[a-z0-9-]+", "N": r"\d+"}


def known():
    """Names of files, as a pattern."""
    names = [name for row in table("Files beside the store")
             for name in re.findall(r"`([^`]+)`", row[0])]
    return re.compile("|".join(
        re.sub(r"\bN(AME)?\b", lambda m: PLACES[m[0]], re.escape(name))
        for name in (*names, *STORE)))


# these make files that have no name, or one that only they know
HIDDEN = (b"tmpfile", b"tmpfile64", b"mkstemp", b"mkstemp64", b"mkostemp",
          b"mkdtemp", b"tempnam", b"tmpnam")


def busy(t, line):
    """A message, a talk, what people do about it, and what they look at."""
    one, _ = leaves_message(t, line)
    one.process.terminate()
    one.done(code=None)
    line.idle()
    line.person("Ana", Phone(t, "ana", line.host).uri)
    talks = Call(t, "talks", line)
    line.talking()
    talks.process.terminate()
    talks.done(code=None)
    line.idle()
    line.command("promise", "snooze", "1", "--minutes", "60")
    line.command("promise", "close", "1", "--reason", "test")
    for listing in (("calls",), ("promises", "--all"), ("audit",),
                    ("audit", "verify"), ("coverage",), ("person", "list")):
        line.command(*listing, wanted=None)


@test()
def there_are_no_temporary_files(t):
    """All that is made while much goes on is the data folder's own."""
    line = menu_line(t)
    elsewhere = t.path("temporary")
    os.mkdir(elsewhere)
    os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = elsewhere
    for folder in ("run", "messages"):  # so that they are watched at once
        os.makedirs(os.path.join(line.data, folder), 0o700, exist_ok=True)
    watch = Watch(line.data, elsewhere)
    line.run()
    busy(t, line)
    names = [os.path.relpath(path, line.data) for path in watch.names()]
    t.check("messages/1.sealed" in names, f"the watch sees files: {names}")
    t.equal(sorted({n for n in names if not known().fullmatch(n)}), [],
            "files that are not of the data folder")
    with open(os.path.join(elsewhere, "planted"), "w", encoding="ascii"):
        pass
    t.check(any("planted" in path for path in watch.names()), "it would")


@test()
def no_program_can_make_one(t):
    for name in ("ringback", "ringback-line", "ringback-media",
                 "ringback-web"):
        with open(program(name), "rb") as f:
            text = f.read()
        t.check(b"\0getrlimit" in text, f"names of functions in {name}")
        if not sanitized():
            t.equal([h for h in HIDDEN if b"\0" + h + b"\0" in text], [],
                    f"what {name} calls")


def memory_of(pid):
    """All that a process may write to; None: only root may look."""
    found = []
    try:
        with open(f"/proc/{pid}/maps", encoding="ascii",
                  errors="replace") as maps, \
                open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
            for row in maps:
                span, rights = row.split()[:2]
                if not rights.startswith("rw"):
                    continue
                begin, end = (int(x, 16) for x in span.split("-"))
                mem.seek(begin)
                try:
                    found.append(mem.read(end - begin))
                except OSError:
                    pass  # a device's
    except PermissionError:
        return None
    return b"".join(found)


@test()
def proofs_do_not_stay_in_memory(t):
    """What was shown to sign in is gone from the page's process soon."""
    line = Line(t, sealing=False)
    line.run()
    pid = line.processes()["ringback-web"]
    if sanitized() or memory_of(pid) is None:
        raise Skipped("needs root, and what is freed not kept on purpose")
    ana = Api(t, line).sign_up("Ana")
    ana.post("/sign-in/begin", {"name": "Ana"})
    ana.post("/sign-in", {"name": "Ana", "proof": ana.proof})
    cookie = ana.cookie.split("=", 1)[1]
    for text in (ana.proof, cookie):
        t.check(len(text) > 40, "long enough to be no accident")
        t.until(lambda x=text: x.encode() not in memory_of(pid),
                "it is not in memory any more")
    t.check(ana.origin.encode() in memory_of(pid), "it would be seen")
