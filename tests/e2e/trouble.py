# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes wrong below a line: its disk and its clock (tests/trouble)."""
import contextlib
import os
import struct

from case import build_dir

ROW = struct.Struct("qII")  # struct trouble

DAY_MS = 24 * 3600 * 1000


class Trouble:
    """To be made before the line runs; nothing is wrong at first."""

    def __init__(self, t, line):
        self.line = line
        self.path = t.path(f"{line.name}.trouble")
        self.now = {"clock_ms": 0, "sync_ms": 0, "read_only": 0}
        with open(self.path, "wb") as f:
            f.write(ROW.pack(0, 0, 0))
        line.environment |= {
            "TROUBLE_FILE": self.path,
            "LD_PRELOAD": os.path.join(build_dir(), "tests", "trouble",
                                       "libtrouble.so")}

    def set(self, **what):
        """In one write: who looks sees all of it or nothing."""
        self.now |= what
        fd = os.open(self.path, os.O_WRONLY)
        try:
            os.pwrite(fd, ROW.pack(*self.now.values()), 0)
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def on(self, **what):
        self.set(**what)
        yield
        self.set(**dict.fromkeys(what, 0))
