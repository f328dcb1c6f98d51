# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/threat-model.md says what is so: each column of the store has a row
there, each test that it names exists."""
import glob
import importlib
import os
import re
import sqlite3

from case import build_dir, test
from line import Line

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
OWN = ("e2e/privacy",)  # of tests/run.py itself


def page():
    path = os.path.join(ROOT, "docs", "threat-model.md")
    with open(path, encoding="utf-8") as f:
        return f.read()


def table(heading):
    """Cells of the rows below a heading, without the table's own head."""
    part = page().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [row for row in part.splitlines() if row.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")]
            for row in rows[1:]]


def columns_of(path):
    store = sqlite3.connect(path)
    found = set()
    for name, in store.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        found |= {f"{name}.{row[1]}"
                  for row in store.execute(f"PRAGMA table_info({name})")}
    store.close()
    return found


@test()
def each_column_is_explained(t):
    line = Line(t, sealing=False)
    real = columns_of(os.path.join(line.data, "store.db"))
    t.check("call.arrived_at" in real and "note.sealed" in real, "columns")
    rows = table("Columns of the store")
    told = [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]
    t.equal(sorted(real - set(told)), [],
            "columns that docs/threat-model.md does not tell of")
    t.equal(sorted(set(told) - real), [],
            "columns of docs/threat-model.md that are not there")
    t.equal(sorted(name for name in told if told.count(name) > 1), [],
            "columns told of twice")
    for row in rows:
        t.check(len(row) == 3 and all(len(cell) > 3 for cell in row[1:]),
                f"why, and what it tells: {row}")


def exists(name):
    suite, _, rest = name.partition("/")
    if suite in ("unit", "fuzz"):
        return os.path.exists(os.path.join(ROOT, "tests", suite,
                                           f"{rest}.c"))
    module, _, function = rest.partition(".")
    if not os.path.exists(os.path.join(ROOT, "tests", suite, f"{module}.py")):
        return False
    found = [name for name, thing in
             vars(importlib.import_module(module)).items()
             if hasattr(thing, "e2e") and thing.__module__ == module]
    return function in found if function else bool(found)


def tests_are_there(t, heading, least):
    rows = table(heading)
    t.check(len(rows) > least, f"{len(rows)} rows below {heading}")
    for what, *_, tests in rows:
        named = re.findall(r"`([^`]+)`", tests)
        t.check(named, f"no test: {what}")
        t.equal([n for n in named if n not in OWN and not exists(n)], [],
                f"tests that are not there: {what}")


@test()
def each_promise_has_a_test(t):
    tests_are_there(t, "What is promised, and the test that shows it", 10)
    t.check(not exists("e2e/test_keep.nobody_wrote_this"), "it can fail")
    t.check(glob.glob(os.path.join(build_dir(), "tests", "unit", "test-*")),
            "unit tests are built")


@test()
def each_attack_has_a_test(t):
    tests_are_there(t, "Attacks that have hit others", 28)


@test()
def what_is_for_the_operator_is_said(t):
    """No program of ours can turn off a helper in the kernel."""
    with open(os.path.join(ROOT, "SECURITY.md"), encoding="utf-8") as f:
        told = f.read().partition("## For who runs a line")[2]
    for what in ("nf_conntrack_sip", "may_ring", "TLS", "encryption"):
        t.check(what in told, f"SECURITY.md does not tell of {what}")
