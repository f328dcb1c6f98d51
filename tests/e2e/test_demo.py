# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `make demo` promises: the link that it prints lets somebody in, one
button puts them on duty, and the next synthetic caller rings and talks."""
import os
import re
import signal
import socket
import subprocess

from browser import Browser
from case import Failed, build_dir, descendants, processes, test
from counsellor import Console

DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "tools", "demo.sh")


class Demo:
    """tools/demo.sh, in a folder of its own and on ports of its own."""

    def __init__(self, t, name="demo", **settings):
        self.case = t
        self.folder, self.log = t.path(name), t.path(f"{name}.log")
        os.mkdir(self.folder)
        t.said += [self.log,
                   os.path.join(self.folder, "demo-data", "line.log")]
        low, high = t.ports.media()
        env = dict(os.environ, BUILD=build_dir(), SIP_PORT=str(t.port()),
                   HTTP_PORT=str(t.port()), MEDIA_PORTS=f"{low}-{high}")
        env.update(settings)
        # as a terminal does: a group of its own, which Ctrl-C reaches
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["sh", DEMO], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.folder, env=env,
                start_new_session=True)
        t.children.append(self.process)

    def words(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def says(self, pattern, seconds=30):
        """Wait for words; returns those that the pattern is about."""
        def look():
            if self.process.poll() is not None:
                raise Failed(f"the demo has ended: {self.words()[-500:]}")
            return re.search(pattern, self.words())
        found = self.case.until(
            look, lambda: f"the demo says {pattern}: {self.words()[-500:]}",
            seconds)
        return found.group(found.lastindex or 0)

    def ends(self, code):
        self.case.until(lambda: self.process.poll() is not None,
                        "the demo ends", 30)
        self.case.equal(self.process.returncode, code,
                        "exit code of the demo")

    def interrupt(self):
        """Ctrl-C: all ends, and nothing stays but the folder."""
        t = self.case
        below = descendants(self.process.pid)
        t.check(len(below) >= 5, f"few processes run: {below}")
        os.killpg(self.process.pid, signal.SIGINT)
        self.ends(0)
        t.check("Stopping." in self.words(), "it says that it stops")
        t.until(lambda: not set(below) & {pid for pid, _ in processes()},
                "all that the demo started has ended")
        t.equal(os.listdir(self.folder), ["demo-data"], "what is left")


@test(seconds=240)
def a_caller_rings_in_the_browser(t):
    demo = Demo(t, CALLERS="0")
    link = demo.says(r"(http://\S+#invite=\S+)", 60)
    demo.says("Ctrl-C stops everything")
    you = Console(t, Browser(t), demo, "you", link).sign_up().duty()
    demo.says("You are on duty")
    you.rung(30)
    you.accept()
    you.hears(2)
    you.hang_up()
    you.sees("over")
    you.ready()
    you.rung(30)  # the next one
    you.accept()
    you.hears()
    demo.interrupt()


@test(seconds=60)
def a_port_that_is_taken(t):
    """Which one, and what to do, in plain words; nothing is left behind."""
    for name, kind in (("SIP_PORT", socket.SOCK_DGRAM),
                       ("HTTP_PORT", socket.SOCK_STREAM)):
        with socket.socket(socket.AF_INET, kind) as other:
            port = t.port()
            other.bind(("127.0.0.1", port))
            if kind == socket.SOCK_STREAM:
                other.listen()
            demo = Demo(t, name, **{name: str(port)})
            demo.ends(1)
        t.check(f"is another program using port {port}?" in demo.words()
                and f"make demo {name}=" in demo.words(), demo.words())
        t.equal(descendants(demo.process.pid), [], "what still runs")
