#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run Ringback's tests and count them.

Usage: tests/run.py [--long] [--list] [--jobs N] [NAME ...]

NAME is a suite (unit, sim, e2e), a module (test_hangup), a test
(test_hangup.cancel), or a part of a test's name. Without any, all run;
--long adds those that take minutes. BUILD is the build folder (build),
KEEP=1 leaves the folders of failed tests behind and says where they are.

Prints one line for each test, and at the end "N passed, N failed". The exit
code is 0 if none failed.
"""
import argparse
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

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
E2E = os.path.join(TESTS, "e2e")
sys.path.insert(0, E2E)

import case  # noqa: E402 (needs the path)
import privacy  # noqa: E402


class Results:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def add(self, name, verdict, seconds, reason="", tail=()):
        with self.lock:
            word = {"ok": "ok", "failed": "FAILED"}.get(verdict, verdict)
            print(f"{name:<52} {word:<7} {seconds:6.1f} s", flush=True)
            if verdict == "ok":
                self.passed += 1
                return
            if verdict == "skipped":
                self.skipped += 1
            else:
                self.failed += 1
            for row in [*reason.strip().splitlines(), *tail]:
                print(f"    {row}", flush=True)


# suites of meson


def meson_suite(suite, results, wanted):
    """One line for each program; cmocka's cases are counted one by one."""
    build = case.build_dir()
    started = time.monotonic()
    listed = subprocess.run(
        ["meson", "introspect", "--tests", build], capture_output=True,
        text=True, check=False)
    if listed.returncode:
        results.add(suite, "failed", 0, listed.stderr or listed.stdout)
        return
    tests = [t for t in json.loads(listed.stdout)
             if any(s.split(":")[-1] == suite for s in t["suite"])]
    if not tests:
        results.add(suite, "failed", time.monotonic() - started,
                    f"the build folder has no tests of suite {suite}")
    for test in sorted(tests, key=lambda t: t["name"]):
        name = f"{suite}/{test['name']}"
        if wanted(name, suite):
            meson_test(test, name, results)


def meson_test(test, name, results):
    started = time.monotonic()
    env = {**os.environ, **test["env"]}
    try:
        done = subprocess.run(
            test["cmd"], env=env, stdin=subprocess.DEVNULL,
            capture_output=True, cwd=test.get("workdir") or case.build_dir(),
            timeout=test["timeout"] * max(1, case.SLOW), check=False)
        text = (done.stdout + done.stderr).decode(errors="replace")
        code = done.returncode
    except subprocess.TimeoutExpired as late:
        text = ((late.stdout or b"") + (late.stderr or b"")).decode(
            errors="replace")
        code = "no end in time"
    seconds = time.monotonic() - started
    cases = re.findall(r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\w+)$", text, re.M)
    bad = {n for verdict, n in cases if verdict != "OK"}
    good = {n for verdict, n in cases} - bad
    tail = text.splitlines()[-15:]
    for case_name in sorted(bad):
        results.add(f"{name}.{case_name}", "failed", seconds, tail=tail)
    if code and not bad:
        results.add(name, "failed", seconds, f"ended with {code}", tail)
    elif not bad:
        results.add(f"{name}" + (f" ({len(good)} cases)" if good else ""),
                    "ok", seconds)
    # the program's own line counted as one
    if good:
        with results.lock:
            results.passed += len(good) - (0 if bad or code else 1)


# end-to-end


def discover():
    """Every function marked with @test in e2e/test_*.py."""
    found = []
    for path in sorted(glob.glob(os.path.join(E2E, "test_*.py"))):
        module = importlib.import_module(
            os.path.splitext(os.path.basename(path))[0])
        for name, thing in vars(module).items():
            if hasattr(thing, "e2e") and \
                    thing.__module__ == module.__name__:
                found.append((f"{module.__name__}.{name}", thing.e2e))
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
    folder = os.path.join(top, name)
    os.mkdir(folder)
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
                  "reason": "the test's process died"}
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
    results.add(f"e2e/{name}", result["verdict"], seconds,
                result["reason"], tail)
    if result["verdict"] != "failed" or not os.environ.get("KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


def e2e_suite(tests, jobs, top, results):
    evidence = []
    queue = sorted(tests, key=lambda t: -t[1]["seconds"])
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not queue:
                    return
                name, options = queue.pop(0)
            e2e_test(name, options, top, results, evidence)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
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
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()

    def wanted(name, suite):
        return not options.names or any(
            n == suite or n in name for n in options.names)

    e2e = [(name, about) for name, about in discover()
           if wanted(f"e2e/{name}", "e2e")
           and (options.long or not about["long"])]
    if options.list:
        print("\n".join(f"e2e/{name}" for name, _ in e2e))
        return 0

    results = Results()
    case.adopt_orphans()
    top = tempfile.mkdtemp(prefix="ringback-e2e-")
    try:
        for suite in ("unit", "sim"):
            if not options.names or any(
                    n.split("/")[0] == suite for n in options.names):
                meson_suite(suite, results, wanted)
        if e2e:
            evidence = e2e_suite(e2e, options.jobs, top, results)
            privacy_check(evidence, top, results)
    finally:
        case.kill_below(os.getpid())
        if os.environ.get("KEEP") and os.listdir(top):
            print(f"kept: {top}")
        else:
            shutil.rmtree(top, ignore_errors=True)
    if results.skipped:
        print(f"({results.skipped} skipped)")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed or not results.passed else 0


if __name__ == "__main__":
    sys.exit(main())
