# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same programs and page, with sealing switched off: see plain/."""
import os
import shutil
import subprocess

from case import SLOW, build_dir

PLAIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plain")
PROGRAMS = ("ringback", "ringback-line", "ringback-media", "ringback-web")


def laid_out(t):
    """A build folder for this test alone, which is used from now on."""
    real, plain = build_dir(), t.path("plain")
    copies = os.path.join(plain, "copies")
    os.makedirs(os.path.join(plain, "bin"))
    os.makedirs(os.path.join(copies, "bin"))
    for name in PROGRAMS:
        shutil.copy(os.path.join(real, "bin", name),
                    os.path.join(copies, "bin", name))
    with open(os.path.join(plain, "bin", "ringback"), "w",
              encoding="utf-8") as f:
        f.write("#!/bin/sh\nLD_PRELOAD="
                f"{os.path.join(real, 'tests', 'seized', 'libplain.so')} "
                f'exec {os.path.join(copies, "bin", "ringback")} "$@"\n')
    os.chmod(f.name, 0o755)
    for folder in (plain, copies):
        os.symlink(os.path.join(real, "prompts"),
                   os.path.join(folder, "prompts"))
    os.symlink(os.path.join(real, "tests"), os.path.join(plain, "tests"))
    # its path must be one below where it is made
    subprocess.run(["node", os.path.join(PLAIN, "console.mjs"), "console"],
                   cwd=copies, check=True, stdin=subprocess.DEVNULL,
                   timeout=60 * SLOW)
    os.environ["BUILD"] = plain
