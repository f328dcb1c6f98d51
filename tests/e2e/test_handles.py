# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who called cannot be found out from a line's files, whatever in them is
taken for a key (bench/attack.h)."""
import os
import subprocess

from case import SLOW, build_dir, test
from line import Line
from phone import Call

CALLERS = 12  # more than it takes to know 20 bits again
FOUND = 3


def files_of(line):
    """Files with all that a line has left, and its log."""
    found = [line.log]
    for top, _, names in os.walk(line.data):
        found += [os.path.join(top, name) for name in names]
    return [path for path in found if os.path.isfile(path)]


def attack(t, files, numbers):
    done = subprocess.run(
        [os.path.join(build_dir(), "bench", "handles"), *files],
        input="\n".join(numbers), capture_output=True, text=True,
        timeout=80 * SLOW, check=False)
    t.check(done.returncode in (0, FOUND), f"the attack: {done.stderr}")
    return done.returncode == FOUND, done.stdout


@test(120)
def no_key_in_any_file(t):
    line = Line(t)
    line.run()
    numbers = [t.number() for _ in range(CALLERS)]
    calls = [Call(t, f"caller{n}", line, user=number, seconds=2)
             for n, number in enumerate(numbers)]
    for one in calls:
        one.done()
    line.ended(CALLERS)
    files = files_of(line)
    t.check(any(path.endswith("store.db") for path in files), f"{files}")
    found, said = attack(t, files, numbers)
    print(said)
    t.check(not found, said)

    # it would be found: a hash that needs no key, of all who called
    planted = t.path("planted")
    with open(planted, "wb") as f:
        for number in numbers:
            f.write(subprocess.run(
                ["b2sum", "--length=256"], input=number.encode(), check=True,
                capture_output=True, timeout=20 * SLOW).stdout)
    found, said = attack(t, [*files, planted], numbers)
    t.check(found and "BLAKE2b without a key" in said, said)
