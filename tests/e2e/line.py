# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Ringback line under test, worked only through its own commands."""
import json
import os
import re
import signal
import subprocess

from case import SLOW, Failed, descendants, program


class Line:
    """One data folder, and the line that runs in it."""

    def __init__(self, case, name="line", host="127.0.0.1", also=None,
                 trunk=True, sealing=True, **options):
        self.case, self.host = case, host
        self.data = case.path(name)
        self.log = case.path(f"{name}.log")
        self.listings = case.path(f"{name}.listings")
        case.said += [self.log, self.listings]
        case.lines.append(self)
        self.name = name
        self.port = case.port()
        self.http = case.port()
        self.low, self.high = case.ports.media()
        self.keeper = None
        self.environment = {}  # beside the test's own
        self.steady = True   # no process may have been restarted
        self.quiet = True    # no call may be left at the end of the test
        self.pids = {}
        bracketed = f"[{host}]" if ":" in host else host
        self.address = f"{bracketed}:{self.port}"
        self.command("init", "--name", "Test", "--sip", self.address,
                     "--http", f"127.0.0.1:{self.http}",
                     "--media", f"{bracketed}:{self.low}-{self.high}")
        if also:
            options["sip"] = [self.address, f"{also}:{self.port}"]
            options["media"] = [f"{h}:{self.low}-{self.high}"
                                for h in (bracketed, also)]
        # tests call as nobody does; test_flood.py has what operators have
        self.options(**{"short_call_seconds": 1, "calls_a_minute": 0,
                        "most_waiting": 0,
                        "ring_backs_an_hour": 0,
                        "ring_backs_a_day": 0} | options)
        self.shares = self.recovery_key() if sealing else []
        if trunk:
            self.command("trunk", "add", "peer", "--from",
                         "::1/128" if ":" in host else "127.0.0.1/32")

    # commands

    def command(self, *argv, wanted=0, seconds=20):
        """Run `ringback ARGV --data DIR`; returns what it printed."""
        done = subprocess.run(
            [program("ringback"), *argv, "--data", self.data],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=seconds * SLOW, cwd=self.case.folder, check=False)
        # what a command complains of may be read by anybody, too
        with open(self.listings, "a", encoding="utf-8") as f:
            f.write(done.stdout + done.stderr)
        if wanted is not None and done.returncode != wanted:
            raise Failed(f"ringback {' '.join(argv[:2])} ended with "
                         f"{done.returncode}: {done.stderr.strip()}")
        return done.stdout if wanted is not None else done

    def recovery_key(self):
        """Make it, so that messages can be sealed; two of the shares that are
        printed. Nothing may repeat their words."""
        done = subprocess.run(
            [program("ringback"), "recovery", "make", "--data", self.data],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=20 * SLOW, check=False)
        if done.returncode:
            raise Failed(f"no recovery key: {done.stderr.strip()}")
        shares = [" ".join(re.findall(r"\d+\. ([a-z]+)", text))
                  for text in done.stdout.split("---- Share ")[1:]]
        self.case.planted += [" ".join(words.split()[:3]) for words in shares]
        return shares[:2]

    def opened(self, call, shares=None):
        """What was said in a message, opened with the recovery key: a WAV file
        that may be deleted; None: it does not open (yet)."""
        path = self.case.path(f"{self.name}-opened.wav")
        if os.path.exists(path):
            os.unlink(path)
        done = subprocess.run(
            [program("ringback"), "promise", "listen", str(call), "--wav",
             path, "--data", self.data],
            input="\n\n".join(self.shares if shares is None else shares),
            capture_output=True, text=True, timeout=20 * SLOW, check=False)
        with open(self.listings, "a", encoding="utf-8") as f:
            f.write(done.stdout + done.stderr)
        return path if done.returncode == 0 else None

    def json(self, *argv):
        return json.loads(self.command(*argv, "--json"))

    def status(self):
        return self.json("status")

    def calls(self):
        """Calls on record, newest first."""
        return self.json("calls")

    def person(self, name, uri, *options, on=True):
        self.command("person", "add", name, "--phone", uri, *options,
                     *(["--on"] if on else []))

    # configuration

    @property
    def config(self):
        return os.path.join(self.data, "ringback.conf")

    def options(self, **options):
        """Set options: numbers as they are, texts quoted, lists in {}."""
        def value(v):
            if isinstance(v, (list, tuple)):
                return "{" + ", ".join(value(x) for x in v) + "}"
            return f'"{v}"' if isinstance(v, str) else str(v)

        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        for name, v in options.items():
            row = f"{name} = {value(v)}"
            text, n = re.subn(rf"^#?\s*{name}\s*=.*$", row, text, count=1,
                              flags=re.M)
            if not n:
                text += f"\n{row}\n"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)

    # running

    def start(self):
        """Start the keeper without waiting for anything."""
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "abort_on_error=0:detect_leaks=1")
        env.update(self.environment)
        self.keeper = self.case.spawn(
            [program("ringback"), "run", "--data", self.data],
            f"{self.name}.log", env=env)
        return self

    def run(self):
        """Start, and wait until it takes calls."""
        self.start()
        self.up()
        self.case.until(lambda: "ringback-web" in self.processes(),
                        "the page's process runs")
        self.pids = self.processes()
        return self

    def up(self, seconds=15):
        try:
            self.command("status", "--wait", str(int(seconds * SLOW)),
                         seconds=seconds + 10)
        except Failed as err:
            raise Failed(f"{err} ({self.last_words()})") from None

    def processes(self):
        return {p["name"]: p["pid"] for p in self.status()["processes"]}

    def stop(self, seconds=15, code=0):
        """SIGTERM to the keeper ends all; nothing stays."""
        below = descendants(self.keeper.pid)
        self.keeper.send_signal(signal.SIGTERM)
        self.case.until(lambda: self.keeper.poll() is not None,
                        "the keeper ends on SIGTERM", seconds)
        if code is not None:
            self.case.equal(self.keeper.returncode, code,
                            "the keeper's exit code")
        self.case.equal("and was killed" in self.last_words(),
                        self.keeper.returncode == 1,
                        "the keeper says that it had to kill")
        self.case.until(
            lambda: not [p for p in below if os.path.exists(f"/proc/{p}")
                         and not gone(p)],
            "every process of the line ends", seconds)
        self.case.equal(self.open_ports((self.port, self.http)), [],
                        "ports still open")
        self.keeper = None

    def open_ports(self, others=()):
        """Media ports, and these others, that somebody has bound."""
        found = set()
        for table in ("udp", "udp6", "tcp", "tcp6"):
            with open(f"/proc/net/{table}", encoding="ascii") as f:
                for row in f.readlines()[1:]:
                    fields = row.split()
                    port = int(fields[1].rpartition(":")[2], 16)
                    # 07: bound (UDP), 0A: listening (TCP)
                    if fields[3] in ("07", "0A") and (
                            self.low <= port <= self.high or port in others):
                        found.add(port)
        return sorted(found)

    # what became of the calls

    def ended(self, n=1, seconds=10):
        """Wait until n calls are on record and all have ended."""
        def look():
            calls = self.calls()
            return calls if len(calls) >= n and all(
                c["outcome"] for c in calls) else None
        return self.case.until(look, f"{n} calls on record have ended",
                               seconds)

    def outcome(self, **wanted):
        """The newest call's end, compared field by field."""
        call = self.ended()[0]
        for field, value in wanted.items():
            self.case.equal(call.get(field), value,
                            f"{field} of the call on record")
        return call

    def waiting(self, n=1):
        self.case.until(lambda: self.status()["calls"]["waiting"] == n,
                        f"{n} callers wait")

    def talking(self, n=1):
        self.case.until(lambda: self.status()["calls"]["talking"] == n,
                        f"{n} callers talk")

    def idle(self):
        """No call is left, and no port of one."""
        def look():
            calls = self.status()["calls"]
            return not any(v for v in calls.values()
                           if isinstance(v, int)) and not self.open_ports()
        self.case.until(look, lambda: "no call and no media port is left: "
                        f"{self.status()['calls']}, {self.open_ports()}", 12)

    def has_agreed(self):
        """Is no leg between our ACK and the end of its SDP's check?"""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                log = f.read()
        except FileNotFoundError:
            return True
        return log.count("--> agreeing") == log.count(": agreeing --")

    def last_words(self, n=5):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                return " | ".join(f.read().splitlines()[-n:])
        except FileNotFoundError:
            return ""

    def finish(self):
        """At the end of a test: nothing left over, nothing restarted."""
        if self.keeper and self.keeper.poll() is None:
            if self.quiet:
                self.idle()
            if self.steady and self.pids:
                self.case.equal(self.processes(), self.pids,
                                "processes (somebody died)")
            # for the privacy check
            for listing in (("calls",), ("promises", "--all"),
                            ("trunk", "list"), ("person", "list"),
                            ("status",), ("audit",)):
                self.command(*listing, "--json")
                self.command(*listing)
            self.stop()


def gone(pid):
    """Dead and not yet buried counts as gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii",
                  errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
