# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ringback's own test phone and test caller, as commands."""
from case import Failed, program


class Command:
    """`ringback phone` or `ringback call`, until it ends."""

    def __init__(self, case, name, argv):
        self.case, self.name = case, name
        self.log = case.path(f"{name}.log")
        self.process = case.spawn([program("ringback"), *argv],
                                  f"{name}.log")

    def words(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def done(self, code=0, seconds=30):
        self.case.until(lambda: self.process.poll() is not None,
                        f"{self.name} ends", seconds)
        if code is not None and self.process.returncode != code:
            raise Failed(f"{self.name} ended with {self.process.returncode}"
                         f", not {code}: {self.words()[-300:]}")
        return self


class Phone(Command):
    """A counsellor's phone."""

    def __init__(self, case, name, host="127.0.0.1", wav=None, record=None,
                 after=None, talk=None, calls=None, answer=None, tcp=False,
                 port=None, keys=None, show_caller=False):
        self.port = port or case.port()
        self.user = case.number()
        bracketed = f"[{host}]" if ":" in host else host
        self.uri = f"sip:{self.user}@{bracketed}:{self.port}" + (
            ";transport=tcp" if tcp else "")
        argv = ["phone", "--listen", f"{bracketed}:{self.port}",
                "--transport", "tcp" if tcp else "udp"]
        for option, value in (("--wav", wav), ("--record", record),
                              ("--after", after), ("--talk", talk),
                              ("--calls", calls), ("--answer", answer),
                              ("--keys", keys)):
            if value is not None:
                argv += [option, str(value)]
        if show_caller:
            argv.append("--show-caller")
        super().__init__(case, name, argv)
        table = "/proc/net/" + ("tcp" if tcp else "udp") + (
            "6" if ":" in host else "")
        case.until(lambda: self.listens(table), f"{name} listens")

    def listens(self, table):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended at once: {self.words()[-300:]}")
        with open(table, encoding="ascii") as f:
            return any(row.split()[1].endswith(f":{self.port:04X}")
                       for row in f.readlines()[1:])


class Call(Command):
    """A caller."""

    def __init__(self, case, name, line, wav=None, record=None, dtmf=None,
                 seconds=None, tcp=False, codec=None, user=None,
                 dialled=None, keys=None):
        self.user = user or case.number()
        self.dialled = dialled or case.number()
        argv = ["call", f"sip:{self.dialled}@{line.address}",
                "--from", self.user,
                "--transport", "tcp" if tcp else "udp"]
        for option, value in (("--wav", wav), ("--record", record),
                              ("--dtmf", dtmf), ("--keys", keys),
                              ("--for", seconds),
                              ("--codec", codec)):
            if value is not None:
                argv += [option, str(value)]
        super().__init__(case, name, argv)
