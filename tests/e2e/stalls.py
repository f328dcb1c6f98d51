# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long this machine itself had no time for anybody: what is measured
meanwhile is not blamed on the line."""
import threading
import time

# a gap in the sound (s), beyond what this machine itself stalls
GAP = 0.060
HICCUP = 0.250   # once in a while another process is the machine's favourite


class Stalls(threading.Thread):
    """Looks from now on to the end of the test; times are time.monotonic()."""

    def __init__(self):
        super().__init__(daemon=True)
        self.rows = []   # (when, how long)
        self.start()

    def run(self):
        before = time.monotonic()
        while True:
            time.sleep(0.01)
            now = time.monotonic()
            if now - before > 0.015:
                self.rows.append((now, now - before - 0.01))
            before = now

    def within(self, since, until):
        """Seconds, all together."""
        return sum(long for at, long in self.rows
                   if since < at < until + 0.1)
