# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever is made in folders, however short it is there (inotify)."""
import ctypes
import os
import struct

CREATE, MOVED_TO, ISDIR, OVERFLOW = 0x100, 0x80, 0x40000000, 0x4000
HEAD = struct.Struct("iIII")


class Watch:
    """Of folders, and of folders that are made in them."""

    def __init__(self, *folders):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.folders = {}
        self.made = []
        for folder in folders:
            self.add(folder)

    def add(self, folder):
        n = self.libc.inotify_add_watch(self.fd, folder.encode(),
                                        CREATE | MOVED_TO)
        if n < 0:
            raise OSError(ctypes.get_errno(), folder)
        self.folders[n] = folder
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                self.add(entry.path)

    def names(self):
        """Paths of all that was made so far."""
        while True:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return self.made
            while data:
                n, mask, _, length = HEAD.unpack_from(data)
                name = data[HEAD.size:HEAD.size + length].rstrip(b"\0")
                data = data[HEAD.size + length:]
                self.noted(n, mask, name.decode())

    def noted(self, n, mask, name):
        if mask & OVERFLOW:
            raise OSError("too much was made at once")
        if n not in self.folders or not name:
            return
        path = os.path.join(self.folders[n], name)
        self.made.append(path)
        if mask & ISDIR and os.path.isdir(path):
            self.add(path)
