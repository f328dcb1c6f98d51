# SPDX-License-Identifier: AGPL-3.0-or-later
"""One end-to-end test: its folder, its ports, its processes, its end.

A test is a function marked with @test. It gets a Case, takes from it what it
needs (a Line, peers, ports), and returns; whatever it raises is a failure.
Nothing that a test started outlives it: see Case.finish() and tests/run.py.
"""
import ctypes
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time

PORTS_FIRST = 10000  # up to 19600: what people use begins at 20000
PORTS_BLOCK = 400
PORTS_BLOCKS = 24
MEDIA_OFFSET = 100   # of a block: the line's own media ports

# how much slower than a plain build everything is (sanitizers: 3)
SLOW = float(os.environ.get("RINGBACK_TEST_SLOW", "1"))

SANITIZER = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
             "runtime error:", "SUMMARY: UndefinedBehaviorSanitizer")


# a system call that a process needs and its table does not have
REFUSED = ("is in no table of this process",)


class Failed(Exception):
    """What was expected did not happen; the text says what did."""


class Skipped(Exception):
    """The test cannot run here (needs root, ...); the text says why."""


def test(seconds=60, long=False, listens=False):
    """Mark a function as a test that may take so many seconds. One that
    listens closely to each word needs as much of a processor as one with a
    browser."""
    def mark(function):
        function.e2e = {"seconds": seconds, "long": long, "calm": listens}
        return function
    return mark


def build_dir():
    root = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    return os.path.join(root, os.environ.get("BUILD", "build"))


def program(name):
    return os.path.join(build_dir(), "bin", name)


def adopt_orphans():
    """Children of children that die come to us (PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def processes():
    """(pid, parent's pid) of all that run; zombies do not."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii",
                      errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found.append((int(entry), int(fields[1])))
    return found


def descendants(pid):
    parents = processes()
    found, layer = [], {pid}
    while layer:
        layer = {child for child, parent in parents if parent in layer}
        found += layer
    return found


def kill_below(pid):
    """End every descendant of a process. Returns how many there were."""
    n = 0
    for _ in range(100):
        pids = descendants(pid)
        if not pids:
            break
        n += len(pids)
        for child in pids:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
    return n


class Ports:
    """A block of ports that no other test on this machine uses meanwhile."""

    def __init__(self):
        order = list(range(PORTS_BLOCKS))
        random.shuffle(order)
        for i in order:
            self.base = PORTS_FIRST + i * PORTS_BLOCK
            self.holder = socket.socket()
            try:
                self.holder.bind(("127.0.0.1", self.base))
                self.holder.listen()
                break
            except OSError:
                self.holder.close()
        else:
            raise Failed("no free block of ports on this machine")
        self.next = self.base + 2

    def take(self, n=2):
        """First of n ports; even, since sound takes two."""
        port = self.next
        self.next += n + n % 2
        if self.next > self.base + MEDIA_OFFSET:
            raise Failed("the test uses more ports than its block has")
        return port

    def media(self):
        return self.base + MEDIA_OFFSET, self.base + PORTS_BLOCK - 1


class Case:
    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.ports = Ports()
        self.children = []   # of Popen
        self.lines = []
        self.planted = []    # must never be seen in what Ringback says
        self.said = []       # files with what Ringback says
        self.tries = False   # processes do on purpose what they must not
        self.folders = []    # elsewhere, removed in the end
        self.figures = []    # what was measured, for who runs the tests
        adopt_orphans()

    # what a test takes

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def port(self, n=2):
        return self.ports.take(n)

    def number(self):
        """A telephone number that no log may ever show."""
        seed = f"{self.name} {len(self.planted)}".encode()
        digits = int(hashlib.sha256(seed).hexdigest(), 16) % 10**9
        return self.plant(f"49{digits:09d}")

    def plant(self, text):
        self.planted.append(text)
        return text

    def spawn(self, argv, log, **options):
        """Start a process whose output goes to a file of our folder."""
        with open(self.path(log), "ab") as out:
            child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                cwd=self.folder, **options)
        self.children.append(child)
        return child

    # what a test says

    def figure(self, text):
        """What was measured; shown below the test's own row."""
        self.figures.append(text)

    def until(self, condition, what, seconds=10):
        """Wait for something to become true; returns what it became. What:
        a text, or a function that makes one in the end. Who looks by a
        command leaves the machine to others half of the time."""
        end = time.monotonic() + seconds * SLOW
        while True:
            began = time.monotonic()
            got = condition()
            if got:
                return got
            looked = time.monotonic()
            if looked > end:
                raise Failed(f"not within {seconds} s: "
                             f"{what() if callable(what) else what}")
            time.sleep(min(0.3, max(0.02, looked - began)))

    @staticmethod
    def check(truth, what):
        if not truth:
            raise Failed(what)

    @staticmethod
    def equal(got, wanted, what):
        if got != wanted:
            raise Failed(f"{what}: {got!r}, should be {wanted!r}")

    # the end

    def complaints(self):
        """What the programs' logs say that no test may leave behind."""
        marks = SANITIZER if self.tries else SANITIZER + REFUSED
        for path in self.said:
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    for row in f:
                        if any(mark in row for mark in marks):
                            yield row.strip()
            except FileNotFoundError:
                pass

    def finish(self, orderly):
        """Stop all; with orderly, see that the lines stop as they should."""
        try:
            if orderly:
                for line in self.lines:
                    line.finish()
        finally:
            kill_below(os.getpid())
            for child in self.children:
                child.wait()
            self.ports.holder.close()
            for folder in self.folders:
                shutil.rmtree(folder, ignore_errors=True)
        found = list(self.complaints())
        if found:
            raise Failed("what no log may have: " + found[0])
