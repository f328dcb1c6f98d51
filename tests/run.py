#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run Ringback's tests and count them.

Usage: tests/run.py [--long] [--list] [--jobs N] [--without SUITE] [NAME ...]

NAME is a suite (unit, sim, fuzz, console, e2e, seized, chaos), a module
(test_hangup), a test (test_hangup.cancel), or a part of a test's name. Without
any, all run; --long adds those that take minutes. BUILD is the build folder (build),
KEEP=1 leaves the folders of failed tests behind and says where they are.

Prints one line for each test, then once more what failed, and at the end
"N passed, N failed". The exit code is 0 if none failed.
"""
import argparse
import functools
import glob
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SUITES = ("unit", "sim", "sim-million", "fuzz")
LONG_SUITES = ("sim-million",)
PROGRAMS = ("ringback", "ringback-line", "ringback-media",
            "ringback-web")
TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
E2E = os.path.join(TESTS, "e2e")
SEIZED = os.path.join(TESTS, "seized")
CHAOS = os.path.join(TESTS, "chaos")
sys.path[:0] = [E2E, SEIZED, CHAOS]

import case  # noqa: E402 (needs the path)
import privacy  # noqa: E402


class Results:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.faults = []
        self.lock = threading.Lock()

    def add(self, name, verdict, seconds, reason="", tail=(), count=1,
            figures=()):
        with self.lock:
            word = {"ok": "ok", "failed": "FAILED"}.get(verdict, verdict)
            print(f"{name:<52} {word:<7} {seconds:6.1f} s", flush=True)
            for figure in figures:
                print(f"    {figure}", flush=True)
            if verdict == "ok":
                self.passed += count
                return
            if verdict == "skipped":
                self.skipped += 1
            else:
                self.failed += 1
            rows = [f"    {row}" for row in
                    [*reason.strip().splitlines(), *tail]]
            print("\n".join(rows), flush=True)
            if verdict == "failed":
                self.faults += [f"FAILED {name}", *rows]

    def say(self):
        """Once more what failed: thousands of rows may stand above it."""
        if self.faults:
            print("\n".join(self.faults))
        if self.skipped:
            print(f"({self.skipped} skipped)")
        print(f"{self.passed} passed, {self.failed} failed")


# suites of meson


def meson_names(build, wanted):
    """Tests of our suites, as meson knows them, and their suites."""
    listed = subprocess.run(
        ["meson", "introspect", "--tests", build], capture_output=True,
        text=True, check=False, stdin=subprocess.DEVNULL)
    if listed.returncode:
        raise RuntimeError(f"no build in {build}: {listed.stderr}")
    found = {}
    for test in json.loads(listed.stdout):
        suite = test["suite"][0].split(":")[-1]
        if suite in SUITES and wanted(f"{suite}/{test['name']}", suite):
            found[test["name"]] = suite
    return found


def meson_tests(results, wanted):
    """Run them all; meson knows how, and how long each may take."""
    build = case.build_dir()
    names = meson_names(build, wanted)
    if not names:
        return
    log = os.path.join(build, "meson-logs", "run.json")
    if os.path.exists(log):
        os.remove(log)
    done = subprocess.run(
        ["meson", "test", "-C", build, "--no-rebuild", "--logbase", "run",
         # most of them wait most of the time
         "--num-processes", str(2 * (os.cpu_count() or 1)),
         "--timeout-multiplier", str(case.SLOW), *names],
        capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL)
    seen = 0
    with open(log, encoding="utf-8") as f:
        for row in f:
            seen += 1
            meson_result(json.loads(row), names, results)
    if seen != len(names) or (done.returncode and not results.failed):
        results.add("meson test", "failed", 0, done.stdout[-500:])


def meson_result(test, suites, results):
    """One program; each of its cmocka cases counts."""
    name = re.split(":| / ", test["name"])[-1]
    name = f"{suites[name]}/{name}"
    text = (test.get("stdout") or "") + (test.get("stderr") or "")
    cases = dict(reversed(c) for c in re.findall(
        r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\w+)$", text, re.M))
    bad = sorted(c for c, verdict in cases.items() if verdict == "FAILED")
    good = sum(verdict == "OK" for verdict in cases.values())
    fine = test["result"] in ("OK", "EXPECTEDFAIL") and not bad
    tail = text.splitlines()[-15:]
    if fine:
        results.add(name + (f" ({good} cases)" if good else ""), "ok",
                    test["duration"], count=max(1, good))
        return
    results.passed += good
    if test["result"] == "SKIP":
        results.add(name, "skipped", test["duration"])
        return
    for each in bad or [test["result"]]:
        results.add(f"{name}: {each}", "failed", test["duration"],
                    tail=tail)


# the console: its types, its parts without a browser, and a walk through it


CONSOLE_CHECKS = (("console: types", "check"), ("console: parts", "test"),
                  ("console: walk", "walk"))
CONSOLE_SECONDS = 600


def console_jobs(results, wanted):
    return [Job(name, CONSOLE_SECONDS,
                functools.partial(console_test, results, name, script))
            for name, script in CONSOLE_CHECKS if wanted(name, "console")]


def console_test(results, name, script):
    started = time.monotonic()
    try:
        done = subprocess.run(
            ["npm", "run", "--silent", script],
            cwd=os.path.join(ROOT, "console"), timeout=CONSOLE_SECONDS,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False)
        said, code = done.stdout + done.stderr, done.returncode
    except (OSError, subprocess.TimeoutExpired) as err:
        said, code = str(err), -1
    # how the runner of Node.js ends: "# pass 12", "# fail 0"
    good = sum(map(int, re.findall(r"^\S+ pass (\d+)$", said, re.M)))
    bad = sum(map(int, re.findall(r"^\S+ fail (\d+)$", said, re.M)))
    verdict = "failed" if code or bad else "ok"
    # "error: |-" says it in the rows below
    wrong = re.findall(r"^\s*(?:not ok.*|error.*(?:\n {4,}.*){0,2}|"
                       r".* - error TS.*)", said, re.M)
    results.add(name + (f" ({good} cases)" if good else ""), verdict,
                time.monotonic() - started, "\n".join(wrong[:12]),
                said.splitlines()[-15:], count=max(1, good))


# end-to-end


def has_browser(module):
    """Do its tests start a browser?"""
    return getattr(vars(module).get("Browser"), "__module__", "") == "browser"


def discover():
    """Every function marked with @test in e2e/test_*.py, seized/, chaos/."""
    found = []
    for folder in (E2E, SEIZED, CHAOS):
        suite = os.path.basename(folder)
        for path in sorted(glob.glob(os.path.join(folder, "test_*.py"))):
            module = importlib.import_module(
                os.path.splitext(os.path.basename(path))[0])
            found += [(f"{module.__name__}.{name}",
                       dict(thing.e2e, suite=suite,
                            page=hasattr(module, "OF_THE_PAGE"),
                            calm=thing.e2e["calm"] or has_browser(module)))
                      for name, thing in vars(module).items()
                      if hasattr(thing, "e2e") and
                      thing.__module__ == module.__name__]
    return found


def end(child):
    """Stop a test's process and everything it started, for certain."""
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGSTOP)
        case.kill_below(child.pid)
        child.kill()
        child.wait()


def last_rows(path, n=6):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            rows = f.read().splitlines()[-n:]
    except OSError:
        return []
    base = os.path.basename(path)
    return [f"{base}: {row[:200]}" for row in rows]


def e2e_test(name, options, top, results, evidence):
    # sockets stand in it, whose paths may have 107 characters at most
    folder = tempfile.mkdtemp(prefix=name[:24] + ".", dir=top)
    started = time.monotonic()
    own_log = os.path.join(folder, "test.log")
    with open(own_log, "wb") as log:
        child = subprocess.Popen(
            [sys.executable, os.path.join(E2E, "one.py"), name, folder],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
            start_new_session=True)
    try:
        child.wait(options["seconds"] * case.SLOW)
    except subprocess.TimeoutExpired:
        pass
    late = child.poll() is None
    if late:
        end(child)
    seconds = time.monotonic() - started
    try:
        with open(os.path.join(folder, "result.json"),
                  encoding="utf-8") as f:
            result = json.load(f)
    except (OSError, ValueError):
        result = {"verdict": "failed", "planted": [], "said": [],
                  "figures": [], "reason": "the test's process died"}
    if late:
        result["verdict"] = "failed"
        result["reason"] = (f"not done after {options['seconds']} s: "
                            + result["reason"])
    evidence.append(privacy.Evidence(name, result["planted"],
                                     result["said"]))
    tail = []
    if result["verdict"] == "failed":
        for path in [own_log, *(p for p in result["said"]
                                if p.endswith(".log"))]:
            tail += last_rows(path)
        if os.environ.get("KEEP"):
            tail.append(f"kept: {folder}")
    results.add(f"{options['suite']}/{name}", result["verdict"], seconds,
                result["reason"], tail, figures=result["figures"])
    if result["verdict"] != "failed" or not os.environ.get("KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


class Job:
    """Something that takes at most so long."""

    def __init__(self, name, seconds, run):
        self.name, self.seconds, self.run = name, seconds, run


def jobs_run(jobs, at_once, results):
    """Run them all, the longest first."""
    queue = sorted(jobs, key=lambda job: -job.seconds)
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not queue:
                    return
                job = queue.pop(0)
            try:
                job.run()
            except Exception:  # no test may be lost without a word
                results.add(job.name, "failed", 0, traceback.format_exc())

    workers = [threading.Thread(target=work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def e2e_jobs(tests, top, results, evidence):
    return [Job(f"{about['suite']}/{name}", about["seconds"],
                functools.partial(e2e_test, name, about, top, results,
                                  evidence))
            for name, about in tests]


def all_jobs(e2e, at_once, top, results, wanted):
    """A browser takes a processor for itself, and sound that is late is heard:
    those tests come apart, not more of them at one time than there are
    processors."""
    evidence = []
    hasty = [t for t in e2e if not t[1]["calm"]]
    calm = [t for t in e2e if t[1]["calm"]]
    jobs_run(e2e_jobs(hasty, top, results, evidence), at_once, results)
    jobs_run(e2e_jobs(calm, top, results, evidence) +
             console_jobs(results, wanted),
             max(1, min(at_once, os.cpu_count())), results)
    return evidence


def privacy_check(evidence, top, results):
    started = time.monotonic()
    found = privacy.leaks(evidence)
    blind = privacy.self_test(evidence, top)
    reason = "\n".join(found[:20] + blind)
    results.add("e2e/privacy: no planted number in any log or listing",
                "failed" if reason else "ok", time.monotonic() - started,
                reason)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], usage=__doc__.split("\n")[2][7:])
    parser.add_argument("--long", action="store_true",
                        help="also those that take minutes")
    parser.add_argument("--list", action="store_true",
                        help="say what there is and stop")
    parser.add_argument("--jobs", type=int, default=6,
                        help="end-to-end tests at one time (6)")
    parser.add_argument("--without", action="append", default=[],
                        metavar="SUITE", help="leave this suite out; page: "
                        "those of e2e that are about what the page does")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()

    def wanted(name, suite):
        if suite in LONG_SUITES and not options.long:
            return False
        if suite in options.without:
            return False
        return not options.names or any(
            n == suite or n in name for n in options.names)

    e2e = [(name, about) for name, about in discover()
           if wanted(f"{about['suite']}/{name}", about["suite"])
           and (options.long or not about["long"])
           and not (about["page"] and "page" in options.without)]
    if options.list:
        print("\n".join(f"{about['suite']}/{name}" for name, about in e2e))
        return 0
    missing = [p for p in PROGRAMS if not os.access(case.program(p), os.X_OK)]
    if missing:
        print(f"not built: {', '.join(missing)} in {case.build_dir()}; "
              "see make")
        print("0 passed, 1 failed")
        return 1

    results = Results()
    case.adopt_orphans()
    top = tempfile.mkdtemp(prefix="ringback-e2e-")
    try:
        meson_tests(results, wanted)
        evidence = all_jobs(e2e, options.jobs, top, results, wanted)
        if e2e:
            privacy_check(evidence, top, results)
    finally:
        case.kill_below(os.getpid())
        if os.environ.get("KEEP") and results.failed:
            print(f"kept: {top}")
        else:
            shutil.rmtree(top, ignore_errors=True)
    results.say()
    return 1 if results.failed or not results.passed else 0


if __name__ == "__main__":
    sys.exit(main())
