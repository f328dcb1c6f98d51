# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is done to the processes of a line: killed, two in the same moment, the
same twice, or stopped for a while."""
import os
import signal
import time

KEEPER, LINE, MEDIA, WEB = ("ringback", "ringback-line", "ringback-media",
                            "ringback-web")


class Blow:
    """kind: as it is summed up."""

    kind = "killed"

    def __init__(self, *victims):
        self.victims = victims

    def __str__(self):
        return f"{' and '.join(self.victims)} {self.kind}"

    def falls(self, line, _dice):
        """Strike; when it was over, and the processes before it."""
        before = line.processes()
        kill(line, [before[name] for name in self.victims],
             KEEPER in self.victims)
        return time.monotonic(), before

    def back(self, line, before):
        """Wait until they run again."""
        line.case.until(lambda: all(line.processes().get(name) not in
                                    (None, before[name])
                                    for name in self.victims),
                        f"{' and '.join(self.victims)} run again", 20)

    @property
    def loses_dialogs(self):
        """With both of them goes all that is known of a call but its
        record."""
        return {LINE, MEDIA} <= set(self.victims)


    @property
    def loses_numbers(self):
        """Who holds the key to what is sealed for the dialler: these two."""
        return {KEEPER, LINE} <= set(self.victims)


class Twice(Blow):
    """Again as soon as it is back, or a little later."""

    kind = "killed twice"

    def falls(self, line, dice):
        for wait in (0, dice.uniform(0, 0.6)):
            before = line.processes()
            time.sleep(wait)
            name, = self.victims
            kill(line, [before[name]], name == KEEPER)
            at = time.monotonic()
            if wait == 0:
                self.back(line, before)
        return at, before


class Hang(Blow):
    """Stands still, and goes on if nobody has ended it meanwhile."""

    kind = "hung"

    def falls(self, line, dice):
        before = line.processes()
        pids = [before[name] for name in self.victims]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(dice.uniform(0.1, 3))
        for pid in pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
        return time.monotonic(), before

    def back(self, line, _before):
        line.case.until(lambda: set(self.victims) <= set(line.processes()),
                        f"{' and '.join(self.victims)} run again", 20)


def kill(line, pids, keeper):
    """All at the same moment. Another keeper is started at once."""
    for pid in pids if len(pids) > 1 else ():
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    if keeper:
        line.keeper.wait()
        line.start()

