# SPDX-License-Identifier: AGPL-3.0-or-later
"""Headless Chromium with a made-up microphone, worked as a person would.

A Browser is a process of its own and can be killed; each Page in it has its
own cookies. Things on a page are named as a screen reader names them: by role
and name, label or text. A number of seconds is how long to wait for them.
"""
import itertools
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading

from case import SLOW, Failed, descendants, kill_below

FOLDER = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "browser")
CHROMIUM = "/usr/bin/chromium"
GRACE_S = 20    # beyond what the driver waits itself
START_S = 60    # several start at once on small machines
PERMISSIONS = ("microphone", "notifications")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 667}


class Browser:
    def __init__(self, case, name="browser"):
        self.case, self.name = case, name
        self.pages = []
        self.ids = itertools.count(1)
        self.answers = {}   # id -> queue of the one answer
        self.lock = threading.Lock()
        self.ended = False
        if not os.path.isdir(os.path.join(FOLDER, "node_modules")):
            raise Failed("tests/browser has no node_modules; please run "
                         "tools/install-deps.sh test")
        self.first = self.expect(0)
        self.start()
        self.version = self.result(self.first, "Chromium starts", START_S)

    # the driver

    def start(self):
        # beside our folder: the path of Chromium's socket must be short
        temporary = tempfile.mkdtemp(
            prefix="b", dir=os.path.dirname(self.case.folder))
        self.case.folders.append(temporary)
        with open(self.case.path(f"{self.name}.log"), "ab") as log:
            self.driver = subprocess.Popen(
                ["node", os.path.join(FOLDER, "driver.mjs"), CHROMIUM],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=self.case.folder, text=True, bufsize=1,
                env={**os.environ, "TMPDIR": temporary, "HOME": temporary})
        self.case.children.append(self.driver)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for row in self.driver.stdout:
            answer = json.loads(row)
            with self.lock:
                waiting = self.answers.pop(answer["id"], None)
            if waiting:
                waiting.put(answer)
        with self.lock:
            self.ended = True
            for waiting in self.answers.values():
                waiting.put({"error": "the browser's driver has ended"})

    def expect(self, number):
        waiting = queue.Queue(1)
        with self.lock:
            if self.ended:
                raise Failed(f"{self.name}: its driver has ended")
            self.answers[number] = waiting
        return waiting

    def result(self, waiting, what, seconds):
        try:
            answer = waiting.get(timeout=seconds * SLOW)
        except queue.Empty:
            raise Failed(f"{self.name}: {what}: no answer within "
                         f"{seconds} s") from None
        if "error" in answer:
            raise Failed(f"{self.name}: {what}: {answer['error']}")
        return answer["value"]

    def ask(self, verb, what, seconds, **arguments):
        """One request to the driver; raises Failed with what went wrong."""
        number = next(self.ids)
        waiting = self.expect(number)
        request = {"id": number, "do": verb,
                   "timeout_ms": int(seconds * SLOW * 1000), **arguments}
        try:
            self.driver.stdin.write(json.dumps(request) + "\n")
        except OSError as err:
            raise Failed(f"{self.name}: {what}: {err}") from None
        return self.result(waiting, what, seconds + GRACE_S)

    # what a test does

    def page(self, name=None, **options):
        page = Page(self, name or f"{self.name}-{len(self.pages) + 1}",
                    **options)
        self.pages.append(page)
        return page

    def kill(self):
        """As if the machine lost its power: nothing says good-bye."""
        kill_below(self.driver.pid)
        self.pages.clear()

    def freeze(self, on=True):
        """As a machine that sleeps: connections stay, nothing is said."""
        for pid in descendants(self.driver.pid):
            os.kill(pid, signal.SIGSTOP if on else signal.SIGCONT)

    def close(self):
        self.driver.stdin.close()
        try:
            self.driver.wait(GRACE_S * SLOW)
        except subprocess.TimeoutExpired:
            kill_below(self.driver.pid)
            self.driver.kill()
            raise Failed(f"{self.name} does not close") from None


class Page:
    def __init__(self, browser, name, locale="en-GB", scheme="light",
                 viewport=None, permissions=PERMISSIONS):
        self.browser, self.case, self.name = browser, browser.case, name
        browser.ask("page", f"page {name}", GRACE_S, page=name,
                    locale=locale, scheme=scheme,
                    viewport=viewport or DESK,
                    permissions=list(permissions))

    def do(self, verb, seconds=10, **arguments):
        what = " ".join([verb, *(str(arguments[k]) for k in (
            "url", "role", "name", "label", "text", "keys")
            if arguments.get(k) is not None)])
        try:
            return self.browser.ask(verb, f"{self.name}: {what}", seconds,
                                    page=self.name, **arguments)
        except Failed as failure:
            raise Failed(f"{failure}; {self.seen_last()}") from None

    def seen_last(self):
        """For people who look into a failure: what was on the page."""
        def ask(verb, **arguments):
            return self.browser.ask(verb, verb, 5, page=self.name,
                                    **arguments)
        try:
            path = self.case.path(f"{self.name}-failed.png")
            ask("screenshot", path=path)
            return f"{path} shows: {' / '.join(ask('text').splitlines())[:300]}"
        except Failed as failure:
            return f"nothing to see ({failure})"

    # going about

    def goto(self, url, seconds=20):
        """Returns the status of the answer."""
        return self.do("goto", seconds, url=url)

    def reload(self):
        return self.do("reload", 20)

    def click(self, role, name, exact=False, seconds=10):
        self.do("click", seconds, role=role, name=name, exact=exact)

    def fill(self, label, value, exact=False, seconds=10):
        self.do("fill", seconds, label=label, value=value, exact=exact)

    def select(self, label, value, seconds=10):
        self.do("select", seconds, label=label, value=value)

    def press(self, keys):
        """One key or chord: "Tab", "Control+a"."""
        self.do("press", keys=keys)

    def type(self, value):
        self.do("type", value=value)

    # looking

    def url(self):
        return self.do("url")

    def title(self):
        return self.do("title")

    def text(self):
        return self.do("text")

    def tree(self):
        """What a screen reader gets (YAML of roles and names)."""
        return self.do("tree")

    def wait_text(self, text, seconds=10, exact=False):
        self.do("wait", seconds, text=text, exact=exact)

    def wait(self, role, name=None, seconds=10, exact=False):
        self.do("wait", seconds, role=role, name=name, exact=exact)

    def count(self, role, name=None, exact=False):
        """How many of these can be seen now."""
        return self.do("count", role=role, name=name, exact=exact)

    def gone(self, role, name=None, seconds=10):
        self.case.until(lambda: not self.count(role, name),
                        lambda: f"{self.name}: {role} {name} goes away; "
                                + self.seen_last(), seconds)

    def evaluate(self, script, seconds=10):
        """Value of an expression in the page; promises are awaited."""
        return self.do("evaluate", seconds, script=script)

    def focused(self):
        """Tag and name of what has the keyboard."""
        return self.evaluate(
            "(e => `${e.tagName} ${e.getAttribute('aria-label') || "
            "e.textContent.trim()}`)(document.activeElement)")

    def media(self):
        """What the newest WebRTC connection sent and got; None without."""
        return self.do("media")

    def axe(self):
        """Violations of WCAG 2.2 AA and of axe's best practices."""
        return self.do("axe", 60)

    def accessible(self, where):
        found = self.axe()
        if found:
            raise Failed(f"{self.name}: axe on {where}: "
                         + "; ".join(f"{v['rule']} ({v['help']}): "
                                     f"{v['nodes'][0]}" for v in found[:4]))

    def screenshot(self, path):
        self.do("screenshot", 30, path=path)

    # the world around it

    def viewport(self, width, height):
        self.do("viewport", viewport={"width": width, "height": height})

    def scheme(self, scheme):
        """"light" or "dark"."""
        self.do("scheme", scheme=scheme)

    def offline(self, on=True):
        self.do("offline", on=on)

    def counters(self):
        """Documents, nodes and jsEventListeners that are held, rubbish
        apart."""
        return self.do("counters", 20)

    def api(self, path, body=None, method=None):
        """Ask the server as this page: (status, text of the answer)."""
        got = self.do("post", 20, url=path, body=body, method=method or (
            "GET" if body is None else "POST"))
        return got["status"], got["body"]

    def security_key(self):
        """One is plugged in, which answers at once."""
        self.do("securityKey")

    def crash(self):
        """Its process dies; the browser stays."""
        self.do("crash")
        self.browser.pages.remove(self)

    def close(self):
        self.do("close")
        self.browser.pages.remove(self)

    # what it asked for, got and complained of since it was made

    def requests(self):
        return self.do("seen", of="requests")

    def answers(self):
        return self.do("seen", of="answers")

    def events(self):
        """Server-sent ones: name, data, at (Unix ms)."""
        return self.do("seen", of="events")

    def complaints(self):
        """Errors of scripts, and errors and warnings on the console."""
        return self.do("seen", of="errors") + [
            row["text"] for row in self.do("seen", of="console")
            if row["type"] in ("error", "warning")]

    def strangers(self, origin):
        """Requests that went elsewhere."""
        here = (origin.rstrip("/") + "/", "data:", "blob:")
        return [r["url"] for r in self.requests()
                if not r["url"].startswith(here)]
