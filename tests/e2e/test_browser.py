# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser of our tests sees what it should see, against a small page."""
import http.server
import json
import os
import threading

from browser import PHONE, Browser
from case import SLOW, Failed, descendants, test

PAGE = """<!doctype html><html lang="en"><title>Small</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/small.css"><script src="/small.js" defer></script>
<main><h1>Small page</h1>
<form><label>Name <input id="name" autocomplete="off"></label>
<button type="button" id="greet">Greet</button>
<button type="button" id="talk">Talk</button></form>
<p id="says" role="status"></p></main></html>"""

FAULTY = PAGE.replace('lang="en"', "").replace("Name <input", "<input")

STYLE = """body { background: white; color: black }
@media (prefers-color-scheme: dark) { body { background: black; color: white } }
"""

SCRIPT = """
const says = (t) => document.getElementById("says").textContent = t;
document.getElementById("greet").onclick = async () => {
	const name = document.getElementById("name").value;
	const r = await fetch("/greet", {method: "POST", body: name});
	says((await r.json()).greeting);
};
document.getElementById("talk").onclick = async () => {
	const a = new RTCPeerConnection(), b = new RTCPeerConnection();
	a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
	b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
	b.ontrack = (e) => {
		const sound = new Audio();
		sound.srcObject = e.streams[0];
		sound.play();
	};
	const mic = await navigator.mediaDevices.getUserMedia({audio: true});
	a.addTrack(mic.getTracks()[0], mic);
	await a.setLocalDescription(await a.createOffer());
	await b.setRemoteDescription(a.localDescription);
	await b.setLocalDescription(await b.createAnswer());
	await a.setRemoteDescription(b.localDescription);
	says("talking, notifications " + Notification.permission);
};
new EventSource("/events").addEventListener("news", (e) => says(e.data));
"""

CSP = "default-src 'self'; img-src data:; connect-src *"


class Handler(http.server.BaseHTTPRequestHandler):
    files = {"/": ("text/html", PAGE), "/faulty": ("text/html", FAULTY),
             "/small.css": ("text/css", STYLE),
             "/small.js": ("text/javascript", SCRIPT)}

    def answer(self, kind, text, code=200):
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CSP)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/events":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"event: news\ndata: an event\n\n")
            self.wfile.flush()
            self.server.over.wait()
        elif self.path in self.files:
            self.answer(*self.files[self.path])
        else:
            self.answer("text/plain", "not here", 404)

    def do_POST(self):
        name = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer("application/json",
                    json.dumps({"greeting": f"Hello {name}"}))

    def log_message(self, *_args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.over = threading.Event()
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


@test(seconds=90)
def works_a_page(t):
    """Roles, labels, keys, events, answers and requests elsewhere."""
    server = Server()
    browser = Browser(t)
    page = browser.page(locale="es-ES")
    t.equal(page.goto(server.origin), 200, "status of the page")
    page.wait_text("an event")
    page.fill("Name", "Ana")
    page.click("button", "Greet")
    page.wait_text("Hello Ana", exact=True)
    t.equal(page.title(), "Small", "title")
    t.equal(page.count("button"), 2, "buttons")
    t.equal(page.evaluate("navigator.language"), "es-ES", "language")
    page.press("Tab")
    t.equal(page.focused(), "BUTTON Talk", "what has the keyboard")
    t.equal(page.api("/greet", {"a": 1}), (200, '{"greeting": "Hello '
            '{\\"a\\":1}"}'), "an answer asked for by the test")
    t.check(any("Hello Ana" in a["body"] for a in page.answers()),
            "the body of an answer is kept")
    t.check(any(e["data"] == "an event" for e in page.events()),
            f"events are kept: {page.events()}")
    t.equal(page.strangers(server.origin), [], "requests elsewhere")
    t.equal(page.complaints(), [], "complaints")
    page.evaluate("fetch('http://127.0.0.1:1/x').catch(() => 0)")
    t.equal(page.strangers(server.origin), ["http://127.0.0.1:1/x"],
            "requests elsewhere")
    t.check(page.complaints(), "a request that failed is complained of")
    page.close()
    browser.close()
    server.shutdown()


@test(seconds=90)
def hears_sound(t):
    """The made-up microphone beeps, and what arrives has energy."""
    server = Server()
    page = Browser(t).page()
    page.goto(server.origin)
    t.equal(page.media(), None, "sound before any")
    page.click("button", "Talk")
    page.wait_text("talking, notifications granted")
    # the newer of both is the one that receives
    t.until(lambda: page.media()["in"].get("energy", 0) > 0,
            lambda: f"sound with energy arrives: {page.media()}", 20)
    t.check(page.media()["in"]["packets"] > 0, "packets arrive")


@test(seconds=90)
def finds_faults(t):
    """axe finds what is wrong, and nothing where nothing is."""
    server = Server()
    page = Browser(t).page(viewport=PHONE)
    page.goto(server.origin)
    page.accessible("the small page")
    page.scheme("dark")
    t.equal(page.evaluate("getComputedStyle(document.body).backgroundColor"),
            "rgb(0, 0, 0)", "background in the dark")
    page.accessible("the small page in the dark")
    page.screenshot(t.path("small.png"))
    with open(t.path("small.png"), "rb") as f:
        head = f.read(24)
    t.equal((head[1:4], int.from_bytes(head[16:20], "big")), (b"PNG", 375),
            "picture and its width")
    page.goto(server.origin + "/faulty")
    rules = [v["rule"] for v in page.axe()]
    for rule in ("html-has-lang", "label"):
        t.check(rule in rules, f"axe does not find {rule}: {rules}")


def fails(t, action, part):
    try:
        action()
    except Failed as failure:
        t.check(part in str(failure), f"another failure: {failure}")
        return str(failure)
    raise Failed(f"what should fail with '{part}' does not")


@test(seconds=120)
def dies_well(t):
    """Failures say what was on the page; nothing outlives a browser."""
    server = Server()
    browser, other = Browser(t, "one"), Browser(t, "two")
    page, second = browser.page(), browser.page()
    third = other.page()
    for one in (page, second, third):
        one.goto(server.origin)
    said = fails(t, lambda: page.click("button", "Away", seconds=1), "Away")
    t.check("Small page" in said, f"the page's text is not said: {said}")
    t.check(os.path.exists(t.path("one-1-failed.png")), "a picture is kept")
    fails(t, lambda: page.wait_text("never", seconds=1), "not seen")
    page.crash()
    fails(t, page.text, "crash")
    t.equal(second.title(), "Small", "title of the page beside it")
    below = descendants(browser.driver.pid)
    t.check(len(below) > 2, f"processes of a browser: {below}")
    browser.kill()
    t.until(lambda: not [p for p in below if running(p)],
            "every process of the killed browser ends", 10 * SLOW)
    fails(t, second.text, "")
    t.equal(third.title(), "Small", "title in the other browser")
    below = descendants(other.driver.pid)
    other.close()
    t.equal([p for p in below if running(p)], [], "processes left")


def running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii",
                  errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
