# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellors' page, as it is served: which one it is."""
import os
import re
import subprocess

from case import SLOW, program, test
from line import Line

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def recipe(t, page):
    """What docs/console.md has people type, in an empty folder."""
    with open(os.path.join(ROOT, "docs", "console.md"),
              encoding="utf-8") as f:
        script, = re.findall(r"^```sh\n(.*?)^```", f.read(), re.S | re.M)
    script, n = re.subn(r"^page=.*$", f"page={page}", script, flags=re.M)
    t.equal(n, 1, "places for an address")
    folder = t.path("served")
    os.mkdir(folder)
    done = subprocess.run(["sh", "-euc", script], cwd=folder, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60 * SLOW)
    t.equal((done.returncode, done.stderr), (0, ""), "the recipe")
    return done.stdout.split()[0]


@test()
def the_page_is_the_published_one(t):
    """From outside, as built, and as the command line says it."""
    line = Line(t).run()
    served = recipe(t, f"http://127.0.0.1:{line.http}")
    with open(os.path.join(os.path.dirname(os.path.dirname(
            program("ringback"))), "console", "console.hash"),
            encoding="utf-8") as f:
        t.equal(f.read().strip(), served, "console.hash")
    for word in ("version", "--version"):
        said = subprocess.run([program("ringback"), word], check=True,
                              capture_output=True, text=True).stdout
        page, = re.findall(r"^page +(.*)$", said, re.M)
        t.equal(page.replace(" ", ""), served, word)
        t.check(re.fullmatch(r"(?:[0-9a-f]{4} ?){16}", page), "groups")
