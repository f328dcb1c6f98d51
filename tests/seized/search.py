# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks for canaries in everything that stays behind: see find.c."""
import os
import subprocess
import tempfile

from case import SLOW, Failed, build_dir

SHARED = {"/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir()}


class Hit:
    def __init__(self, canary, way, place, offset):
        self.kind, self.way = canary.kind, way
        self.place, self.offset = place, offset

    def __str__(self):
        return f"{self.kind} ({self.way}) in {self.place} at {self.offset}"


class Search:
    """For some canaries, in one place after the other."""

    def __init__(self, folder, canaries):
        self.program = os.path.join(build_dir(), "tests", "seized", "find")
        self.needles = os.path.join(folder, "needles")
        self.names = {}
        self.bytes = 0
        rows = {}
        for canary in canaries:
            for way, needle in canary.needles:
                rows.setdefault(needle, (canary, way))
        with open(self.needles, "w", encoding="ascii") as f:
            for i, (needle, name) in enumerate(rows.items()):
                f.write(needle.hex() + "\n")
                self.names[i] = name

    def places(self, places, must=True):
        """Hits in files and processes. must: each can be read."""
        hits = []
        places = [str(place) for place in places]
        for i in range(0, len(places), 500):
            hits += self.some(places[i:i + 500], must)
        return hits

    def some(self, places, must):
        done = subprocess.run(
            [self.program, self.needles, *places], capture_output=True,
            text=True, errors="surrogateescape", check=False,
            stdin=subprocess.DEVNULL, timeout=120 * SLOW)
        if done.returncode:
            raise Failed(f"the search ended with {done.returncode}: "
                         f"{done.stderr}")
        hits = []
        for row in done.stdout.splitlines():
            word, _, rest = row.partition(" ")
            if word == "hit":
                number, offset, place = rest.split(" ", 2)
                hits.append(Hit(*self.names[int(number)], place,
                                int(offset)))
            elif word == "searched":
                self.bytes += int(rest)
            elif must:
                raise Failed(f"{rest} cannot be searched")
        return hits

    def memory(self, pids):
        return self.places(pids)

    def folder(self, top):
        """Every file, and what the files are called."""
        files = files_in(top)
        return self.places(files) + self.text("\n".join(files),
                                              f"names of files in {top}")

    def text(self, text, called):
        path = self.needles + ".text"
        with open(path, "w", encoding="utf-8",
                  errors="surrogateescape") as f:
            f.write(text)
        hits = self.places([path])
        os.unlink(path)
        for hit in hits:
            hit.place = called
        return hits

    def shared(self, since, but):
        """What anybody on the machine has left in folders for all, since then;
        other people's come and go meanwhile."""
        return self.places([path for top in SHARED
                            for path in files_in(top, but, since)], must=False)

    def open_files(self, pids):
        """Files that have no name any more, and are still held."""
        return self.places([path for pid in pids for fd in
                            os.listdir(f"/proc/{pid}/fd")
                            if nameless(path := f"/proc/{pid}/fd/{fd}")])


def nameless(path):
    try:
        return os.readlink(path).endswith(" (deleted)") and \
            os.path.isfile(path)
    except OSError:
        return False


def files_in(top, but=(), since=0):
    """Files below a folder, changed since then; links are not followed, and
    what goes away meanwhile is nobody's."""
    found, folders = [], [top]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders += [entry.path] * (entry.path not in but)
            elif entry.is_file(follow_symlinks=False) and \
                    newer(entry, since):
                found.append(entry.path)
    return found


def newer(entry, since):
    try:
        return not since or \
            entry.stat(follow_symlinks=False).st_mtime >= since
    except OSError:
        return False
