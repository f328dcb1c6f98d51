# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/threat-model.md says what is so: each column of the store has a row
there, each test that it names exists."""
import glob
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
    if suite == "unit":
        return os.path.exists(os.path.join(ROOT, "tests", suite,
                                           f"{rest}.c"))
    module, _, function = rest.partition(".")
    path = os.path.join(ROOT, "tests", suite, f"{module}.py")
    if not os.path.exists(path):
        return False
    with open(path, encoding="utf-8") as f:
        return re.search(rf"^@test\([^)]*\)\ndef {function}\(t\):", f.read(),
                         re.M) is not None


@test()
def each_promise_has_a_test(t):
    rows = table("What is promised, and the test that shows it")
    t.check(len(rows) > 10, f"{len(rows)} promises")
    for promise, tests in rows:
        named = re.findall(r"`([^`]+)`", tests)
        t.check(named, f"no test: {promise}")
        t.equal([n for n in named if n not in OWN and not exists(n)], [],
                f"tests that are not there: {promise}")
    t.check(not exists("e2e/test_keep.nobody_wrote_this"), "it can fail")
    t.check(glob.glob(os.path.join(build_dir(), "tests", "unit", "test-*")),
            "unit tests are built")
