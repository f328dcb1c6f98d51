# SPDX-License-Identifier: AGPL-3.0-or-later
"""What ringback-web answers: as described, to whom it may, and to nobody's
harm."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from contextlib import closing

from api import BASE, Api
from case import SLOW, Skipped, program, test
from line import Line
import sealed
from test_promises import owe


def running(t, **options):
    return Line(t, **options).run()


@test()
def every_route_is_described(t):
    """And nothing is described that is not there."""
    api = Api(t, running(t))
    said = subprocess.run([program("ringback-web"), "--routes"],
                          capture_output=True, text=True, check=True).stdout
    described = {f"{method.upper()} {path}"
                 for path, row in api.described["paths"].items()
                 for method in row}
    t.equal(described, set(said.split("\n")) - {""}, "routes")


@test()
def answers_are_as_described(t):
    """A counsellor and a coordinator ask for all there is."""
    line = Line(t)
    number = t.number()
    owe(line, 1, number=number)
    owe(line, 2, kind="message", hours=-1)
    folder = os.path.join(line.data, "messages")
    os.makedirs(folder, 0o700, exist_ok=True)
    line.run()
    ana = Api(t, line).sign_up("Ana")
    t.equal(ana.me["name"], "Ana", "who I am")
    t.equal(ana.get("/me"), ana.me, "Me, asked again")
    t.equal(ana.post("/me/duty", {"on": True})["on_duty"], True, "on duty")
    page = ana.events()
    page.until("state", lambda s: s["state"] == "free")
    ana.post("/me/heartbeat", {"visible": True})
    t.check(ana.get("/sessions")["sessions"][0]["here"], "this session")
    rows = t.until(lambda: [p for p in [ana.get("/promises")["promises"]]
                            if p[-1]["has_number"]],
                   "the line seals what it finds")[0]
    t.equal([(p["call"], p["has_number"], p["number"]) for p in rows],
            [(2, False, "none"), (1, True, "ready")], "promises")
    t.check(number not in json.dumps(rows), "a number is shown")
    board = ana.get("/board")
    t.equal([p["name"] for p in board["people"]], ["Ana"], "people")
    t.check(abs(board["now"] - time.time() * 1000) < 5000, "now")

    ana.post("/promises/1/take")
    ana.post("/promises/1/snooze", {"minutes": 10})
    t.equal(ana.get("/promises")["promises"][1]["owner_name"], "Ana", "owner")
    t.equal(ana.post("/promises/2/ring", wanted=409)["error"], "no_number",
            "ringing without a number")
    ana.post("/promises/2/close", {"reason": "test"})
    ana.post("/promises/2/close", {"reason": "test"}, 404)
    ana.post("/promises/1/close", {"reason": "why not"}, 400)
    ana.post("/promises/1/snooze", {"minutes": 1441}, 400)
    ana.get("/promises/1/message", 404)
    ana.post("/promises/7/keep", None, 404)
    ana.post("/rings/77/accept", None, 404)
    ana.post("/rings/77/sound", {"sdp": "v=0\r\n"}, 404)
    ana.post("/talk/77/hang-up", None, 404)
    ana.post("/talk/77/hold", {"on": True}, 404)
    ana.post("/talk/77/key", {"key": "12"}, 400)
    for verb in ("consult-end", "three", "hand-over", "third-end"):
        ana.post(f"/talk/77/{verb}", None, 404)
    ana.post("/talk/77/consult", {"person": 0}, 404)
    ana.post("/talk/77/consult", {"person": -1}, 400)
    ana.post("/talk/77/consult", {"person": 1 << 32}, 400)
    ana.post("/talk/77/third", {"third": 0}, 404)
    ana.post("/talk/77/third", {"third": "+49301234"}, 400)
    ana.post("/talk/77/number", {"reason": "emergency"}, 403)
    ana.post("/talk/77/number", {"reason": "curious"}, 400)
    ana.post("/calls/1/outcome", {"outcome": "helped"}, 404)
    t.equal(ana.get("/colleagues")["people"], [], "nobody else is on duty")

    eva = Api(t, line).sign_up("Eva", "coordinator")
    t.equal([(p["name"], p["state"])
             for p in eva.get("/colleagues")["people"]], [("Ana", "free")],
            "who else is on duty")
    eva.post("/calls/1/listen", {"sdp": "v=0\r\n"}, 404)
    eva.post("/calls/1/listen", {"sdp": ""}, 400)
    eva.post("/me/listen-end", None, 404)
    eva.post("/me/whisper", {"on": True}, 404)
    t.equal(eva.get("/lines")["lines"],
            [{"name": "main", "kind": "ordinary", "languages": ["en"]}],
            "lines")
    t.equal([c["call"] for c in eva.get("/calls?limit=1")["calls"]], [2],
            "newest call")
    eva.post("/calls/1/outcome", {"outcome": "helped"})
    eva.post("/calls/1/outcome", {"outcome": "eaten"}, 400)
    t.equal([c["result"] for c in eva.get("/calls")["calls"]],
            [None, "helped"], "results")
    people = {p["name"]: p["person"] for p in eva.get("/people")["people"]}
    new = eva.post("/people", {"name": "Ida", "languages": ["en"]})["person"]
    t.plant(eva.post(f"/people/{new}/invite")["token"])
    eva.post(f"/people/{new}/duty", {"on": False})
    eva.post(f"/people/{new}/remove")
    eva.post("/people", {"name": "Ana"}, 409)
    t.check(people["Ana"] != people["Eva"], "people")


@test()
def a_message_is_heard(t):
    """As it is sealed, and no cache keeps it; by those of its line alone."""
    line = Line(t)
    owe(line, 1, kind="message")
    path = sealed.put(line, 1, bytes(8000))
    line.run()
    ana = Api(t, line).sign_up("Ana")
    if not ana.get("/promises")["promises"][0]["has_message"]:
        t.check(False, "the message is not seen")
    answer = ana.ask("GET", "/promises/1/message")
    t.equal(answer.status, 200, "status")
    t.equal(answer.headers["content-type"], "application/octet-stream",
            "type")
    t.equal(answer.headers["cache-control"], "no-store", "cache")
    with open(path, "rb") as f:
        t.check(answer.raw == f.read(), "what came is another")


@test()
def nobody_else_may(t):
    """Without a session nothing but the way in; without a role no more than
    it allows."""
    line = running(t)
    stranger = Api(t, line)
    n = 0
    for path, row in stranger.described["paths"].items():
        for method, operation in row.items():
            if operation.get("security") == []:
                continue
            n += 1
            path = re.sub(r"{\w+}", "1", path)
            got = stranger.ask(method.upper(), path[len(BASE):],
                               {} if method == "post" else None)
            t.equal((got.status, got.error), (401, "signed_out"), path)
    t.check(n > 25, f"only {n} operations need a session")

    ana = Api(t, line).sign_up("Ana")
    for path in ("/people", "/calls", "/lines"):
        t.equal(ana.get(path, 403)["error"], "not_allowed", path)
    ana.post("/calls/1/listen", {"sdp": "v=0\r\n"}, 403)
    ana.post("/me/whisper", {"on": True}, 403)
    ida = Api(t, line).sign_up("Ida", "trainee")
    ida.post("/me/whisper", {"on": True}, 403)
    ida.post("/calls/1/listen", {"sdp": "v=0\r\n"}, 404)
    ana.cookie = ana.cookie[:-2] + "AA"
    ana.get("/me", 401)


@test()
def other_pages_cannot_ask(t):
    """A form of another page has no header of ours, and another origin."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    path, body = BASE + "/me/heartbeat", '{"visible": true}'

    def asked(**headers):
        return ana.raw("POST", path, body,
                       {k.replace("_", "-"): v for k, v in headers.items()})
    t.equal(asked().status, 200, "as the console does")
    t.equal(asked(Origin=None).status, 200, "without an origin")
    t.equal(asked(Origin=f"http://localhost:{line.http}").status, 200,
            "this machine by name")
    for wrong in ("https://evil.example", "null", ana.origin + "0",
                  "http://localhost:1", "http://127.0.0.1"):
        got = asked(Origin=wrong)
        t.equal((got.status, got.error), (403, "origin"), wrong)
    t.equal(asked(X_Ringback=None).error, "header", "without our header")
    t.equal(asked(X_Ringback="0").status, 403, "another value")
    for wrong in ("text/plain", "application/x-www-form-urlencoded", None,
                  "multipart/form-data", "application/jsonp"):
        got = asked(Content_Type=wrong)
        t.equal((got.status, got.error), (415, "type"), wrong)
    t.equal(asked(Content_Type="application/json; charset=utf-8").status,
            200, "with a character set")
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        again = ana.ask("POST", "/sign-out", {})
        t.check(attribute in again.headers["set-cookie"], attribute)


@test()
def what_is_wrong_is_refused(t):
    """With the fitting status, and the server goes on."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    beat = BASE + "/me/heartbeat"
    for body in ("", "[]", "{", '{"visible": 1}', '{"visible": true, "x": 1}',
                 '{"visible": true, "visible": true}', '{"visible": "\xff"}',
                 "[" * 5000, '{"visible": true} {}'):
        got = ana.raw("POST", beat, body.encode("latin-1"))
        t.equal((got.status, got.error), (400, "invalid"), body[:40])
    t.equal(ana.raw("POST", beat, b"[" * 70000).status, 413, "long body")
    with closing(ana.connect()) as connection:
        connection.putrequest("POST", beat)
        connection.putheader("Content-Length", "4294967297")
        connection.endheaders()
        t.equal(connection.getresponse().status, 413, "a huge promise")
    with closing(ana.connect()) as connection:
        connection.request("POST", beat, iter([b" " * 40000] * 3),
                           ana.headers("POST", None), encode_chunked=True)
        t.equal(connection.getresponse().status, 413, "long, in chunks")
    for method, path, allow in (
            ("GET", beat, "POST"), ("PUT", beat, "POST"),
            ("DELETE", BASE + "/me", "GET, HEAD"),
            ("OPTIONS", BASE + "/people", "GET, HEAD, POST"),
            ("POST", BASE + "/board", "GET, HEAD"), ("POST", "/", "GET, HEAD"),
            ("TRACE", "/", "GET, HEAD")):
        got = ana.raw(method, path)
        t.equal((got.status, got.headers["allow"]), (405, allow),
                f"{method} {path}")
    for path in (BASE, BASE + "/", "/api", "/api/v2/me", BASE + "/me/",
                 BASE + "/promises/0/take", BASE + "/promises/01/message",
                 BASE + "/promises/-1/message", "/../ringback.conf",
                 BASE + "/promises/18446744073709551616/message",
                 "/%2e%2e/ringback.conf", "/console/index.html"):
        t.equal(ana.raw("GET", path).status, 404, path)
    for query in ("?x=1", "?limit=1&limit=2", "?limit=3"):
        t.equal(ana.raw("GET", BASE + "/me" + query).status, 400, query)
    t.equal(ana.get("/me")["name"], "Ana", "it goes on")


@test()
def every_answer_is_guarded(t):
    """Headers that keep a browser from using an answer for anything else."""
    api = Api(t, running(t))
    for method, path in (("GET", "/"), ("GET", BASE + "/me"),
                         ("GET", "/nothing"), ("PUT", BASE + "/me"),
                         ("GET", BASE + "/openapi.json")):
        got = api.raw(method, path).headers
        policy = got["content-security-policy"]
        t.check(policy.startswith("default-src 'none';"), policy)
        t.check("frame-ancestors 'none'" in policy, policy)
        t.check("unsafe-inline" not in policy, policy)
        t.check("'unsafe-eval'" not in policy, policy)
        t.equal(got["x-content-type-options"], "nosniff", path)
        t.equal(got["referrer-policy"], "no-referrer", path)
        t.check("microphone=(self)" in got["permissions-policy"], path)
        t.check("server" not in got, path)
        t.equal(got["cache-control"],
                "no-cache" if path == "/" else "no-store", path)
        t.check("strict-transport-security" not in got, "HSTS without TLS")


@test()
def the_page_is_served(t):
    """Each file as what it is; what has not changed is not sent again."""
    api = Api(t, running(t))
    page = api.raw("GET", "/")
    t.equal(page.headers["content-type"], "text/html; charset=utf-8", "type")
    t.equal(api.raw("GET", "/index.html").raw, page.raw, "by its name")
    files = re.findall(r'(?:src|href)="([^"]+)"', page.raw.decode())
    t.check(len(files) >= 3, files)
    for name in files:
        t.equal(api.raw("GET", "/" + name.lstrip("/")).status, 200, name)
    again = api.raw("GET", "/", None, {"If-None-Match": page.headers["etag"]})
    t.equal((again.status, again.raw), (304, b""), "not changed")
    t.equal(api.raw("GET", "/", None, {"If-None-Match": '"x"'}).status, 200,
            "changed")
    head = api.raw("HEAD", "/")
    t.equal((head.status, head.raw), (200, b""), "HEAD")


def present(line, api):
    return {p["name"]: p["browser"]
            for p in api.get("/board")["people"]}.get("Ana")


@test()
def who_has_a_page_is_present(t):
    """At once with the page, three seconds after it was closed no more; a
    page that reloads stays."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    t.equal(present(line, ana), False, "present without a page")
    page = ana.events()
    t.equal(page.headers["Content-Type"], "text/event-stream", "type")
    t.equal(page.until("state")["state"], "off", "state")
    ana.post("/me/duty", {"on": True})
    page.until("state", lambda s: s["state"] == "free" and s["on_duty"])
    page.until("me")
    t.equal(present(line, ana), True, "present")

    page.close()
    page = ana.events()
    t.equal(page.until("state")["state"], "free", "state after a reload")
    other = ana.events()
    page.close()
    time.sleep(4)
    t.equal(present(line, ana), True, "present by the other page")
    start = time.monotonic()
    other.close()
    t.until(lambda: present(line, ana) is False, "gone", 6)
    t.check(time.monotonic() - start > 2, "gone without any grace")


@test(seconds=90)
def a_page_without_a_heartbeat_is_gone(t):
    """Twenty seconds after the last one; and there again with the next."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    page = ana.events()
    page.until("state")
    start = time.monotonic()
    ana.post("/me/heartbeat", {"visible": True})
    t.until(lambda: present(line, ana) is False, "not present", 30)
    t.check(time.monotonic() - start > 19, "gone too early")
    ana.post("/me/heartbeat", {"visible": False})
    t.until(lambda: present(line, ana), "present again")
    page.until("state")


@test()
def the_line_goes_and_comes(t):
    """Pages hear of it; whoever was present is so for the new line too."""
    line = running(t)
    line.steady = False
    ana = Api(t, line).sign_up("Ana")
    ana.post("/me/duty", {"on": True})
    page = ana.events()
    page.until("line", lambda s: s["up"])
    page.until("state", lambda s: s["state"] == "free")
    os.kill(line.processes()["ringback-line"], signal.SIGKILL)
    page.until("line", lambda s: not s["up"])
    t.equal(ana.get("/me")["name"], "Ana", "what needs no line goes on")
    page.until("line", lambda s: s["up"], 20)
    page.until("state", lambda s: s["state"] == "free")
    t.equal(present(line, ana), True, "present for the new line")


@test()
def signed_out_elsewhere(t):
    """The page hears of it, and its stream ends."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    page = ana.events()
    page.until("state")
    mine = ana.get("/sessions")["sessions"][0]["id"]
    ana.post(f"/sessions/{mine}/revoke")
    page.until("signed_out")
    t.equal(page.next(), None, "after the end")
    ana.get("/me", 401)


@test()
def not_too_many_pages(t):
    """Of one session: the oldest is told, and goes; it is never the others, nor
    those of another session. Of one person there is an end to it."""
    line = running(t)
    ana = Api(t, line).sign_up("Ana")
    other = Api(t, line)
    other.post("/sign-in", {"name": "Ana", "proof": ana.proof})
    t.plant(other.cookie.partition("=")[2])
    elsewhere = other.events()
    t.equal(elsewhere.next()[0], "line", "first news elsewhere")
    pages = [ana.events() for _ in range(8)]
    t.equal([p.status for p in pages], [200] * 8, "eight pages")
    for page in pages[:2]:
        page.until("superseded")
        t.equal(page.next(), None, "the oldest ends")
    ana.post("/me/duty", {"on": True})
    for page in (*pages[2:], elsewhere):
        page.until("state", lambda s: s["state"] != "off")
    more = []
    for _ in range(3):
        one = Api(t, line)
        one.post("/sign-in", {"name": "Ana", "proof": ana.proof})
        t.plant(one.cookie.partition("=")[2])
        more += [one.events() for _ in range(6)]
    # with the six and the one
    t.equal([page.status for page in more], [200] * 17 + [429],
            "24 of one person")
    t.equal(one.get("/events", 429)["error"], "too_many_pages", "beyond")
    for page in (*pages[2:], elsewhere, *more):
        if page.status == 200:
            page.close()


@test()
def promises_that_change_elsewhere(t):
    """The page hears of them, whoever changes them."""
    line = Line(t)
    owe(line, 1)
    line.run()
    ana = Api(t, line).sign_up("Ana")
    page = ana.events()

    def owed(**wanted):
        """At an event, not later, these are so."""
        page.until("promises", lambda _: [
            {k: p[k] for k in wanted}
            for p in ana.get("/promises")["promises"]] == (
                [wanted] if wanted else []))
    owed(owner_name=None)
    ana.post("/me/duty", {"on": True})
    due = ana.get("/promises")["promises"][0]["due_at"]
    line.command("promise", "take", "1", "--person", "Ana")
    owed(owner_name="Ana", due_at=due)
    line.command("promise", "snooze", "1", "--minutes", "5")
    page.until("promises", lambda _: ana.get("/promises")["promises"][0]
               ["due_at"] > due)
    line.command("promise", "close", "1", "--reason", "test")
    owed()


def own_address():
    """One of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
            return one.getsockname()[0]
        except OSError:
            raise Skipped("this machine has no address but loopback") from None


def lives(peer):
    """Does the server keep this connection?"""
    peer.settimeout(0.3 * SLOW)
    try:
        return peer.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


@test()
def not_too_many_connections(t):
    """Of one address, unless a proxy on this machine brings them."""
    line = Line(t)
    address = own_address()
    certificate(line, address)
    line.options(http=f"{address}:{line.http}")
    line.run()

    def connect():
        return socket.create_connection((address, line.http))
    t.until(lambda: closes(connect), "the page's process listens")
    some = [connect() for _ in range(64)]
    t.check(lives(some[-1]), "the 64th connection")
    with closing(connect()) as beyond:
        t.check(not lives(beyond), "a 65th connection is kept")
    some.pop().close()

    def again():
        with closing(connect()) as one:
            return lives(one)
    t.until(again, "one more again")
    for one in some:
        one.close()


def closes(connect):
    try:
        connect().close()
        return True
    except OSError:
        return False


@test(seconds=90)
def slow_peers_are_cut(t):
    """Whoever does not get a request said in ten seconds; the others are
    not kept waiting meanwhile."""
    line = running(t)
    api = Api(t, line)
    slow = []
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
                 b"POST " + BASE.encode() + b"/sign-in HTTP/1.1\r\nHost: x\r\n"
                 b"Content-Type: application/json\r\nX-Ringback: 1\r\n"
                 b"Content-Length: 1000\r\n\r\n{"):
        peer = socket.create_connection(("127.0.0.1", line.http))
        peer.sendall(sent)
        slow.append(peer)
    start = time.monotonic()
    open_ = list(slow)
    while open_ and time.monotonic() - start < 40 * SLOW:
        t.equal(api.raw("GET", "/").status, 200, "others")
        for peer in list(open_):
            peer.settimeout(0.5)
            try:
                peer.sendall(b"a")
                if not peer.recv(100):
                    open_.remove(peer)
            except TimeoutError:
                pass
            except OSError:
                open_.remove(peer)
    t.equal(len(open_), 0, "slow peers still there")
    t.check(time.monotonic() - start > 8, "cut too early")


@test()
def no_room_is_said_before_the_start(t):
    """Another program has the port: the line runs all the same, and the log
    says what to do; once it is free, the page is there."""
    line = Line(t)
    line.steady = False
    other = socket.create_server(("127.0.0.1", line.http))
    line.start()
    line.up()
    t.until(lambda: "See option http" in open(line.log).read(), "it is said")
    t.equal(line.status()["state"], "open", "the line")
    other.close()
    t.until(lambda: line.command("status") and reached(line), "the page", 40)


def reached(line):
    try:
        socket.create_connection(("127.0.0.1", line.http)).close()
        return True
    except OSError:
        return False


def certificate(line, address="127.0.0.1"):
    """TLS for a line, by a certificate of its own."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         f"/CN={address}", "-addext", f"subjectAltName=IP:{address}",
         "-keyout", os.path.join(line.data, "key.pem"),
         "-out", os.path.join(line.data, "cert.pem")],
        check=True, capture_output=True)
    line.options(http_certificate="cert.pem", http_key="key.pem")


@test()
def by_tls(t):
    """With a certificate: only TLS from 1.2 on, and cookies and headers that
    keep browsers to it."""
    line = Line(t)
    certificate(line)
    line.run()
    trust = ssl.create_default_context(
        cafile=os.path.join(line.data, "cert.pem"))
    ana = Api(t, line, tls=trust).sign_up("Ana")
    t.check(ana.cookie.startswith("__Host-ringback="), "the cookie's name")
    got = ana.ask("POST", "/sign-out", {}).headers
    t.check("Secure" in got["set-cookie"], "the cookie is Secure")
    t.check("max-age" in got["strict-transport-security"], "HSTS")
    page = Api(t, line, tls=trust).sign_up("Eva").events()
    page.until("state")
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with socket.create_connection(("127.0.0.1", line.http)) as peer, \
                old.wrap_socket(peer):
            t.check(False, "TLS 1.1 is spoken")
    except ssl.SSLError:
        pass


@test()
def the_process_dies_and_comes_back(t):
    """Sessions outlive it; calls never notice."""
    line = running(t)
    line.steady = False
    ana = Api(t, line).sign_up("Ana")
    page = ana.events()
    page.until("state")
    before = line.processes()
    os.kill(before["ringback-web"], signal.SIGKILL)
    while page.next():
        pass  # what was told before; then it ends
    t.until(lambda: line.processes().get("ringback-web") not in
            (None, before["ringback-web"]) and reached(line), "a new one", 20)
    t.equal(line.processes()["ringback-line"], before["ringback-line"],
            "the line")
    t.equal(ana.get("/me")["name"], "Ana", "still signed in")
    ana.events().until("state")


@test()
def requests_of_two_readings(t):
    """Where a proxy may see the end of a request elsewhere than we do, the
    connection ends, without an answer to it or to what stands behind it."""
    line = Line(t, sealing=False).run()
    post = ("POST /api/v1/me HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\n")
    behind = "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def codes(text):
        with socket.create_connection(("127.0.0.1", line.http)) as s:
            s.settimeout(15 * SLOW)
            s.sendall(text.encode())
            said = b""
            try:
                while part := s.recv(65536):
                    said += part
                    if len(re.findall(rb"HTTP/1.1 \d", said)) == 2:
                        break
            except ConnectionError:
                pass
        return re.findall(rb"HTTP/1.1 (\d+)", said)
    for rows in ("Content-Length: 0\r\nContent-Length: 40\r\n",
                 "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                 "Transfer-Encoding: chunked\r\n"
                 "Transfer-Encoding: chunked\r\n",
                 "Host: elsewhere\r\nContent-Length: 0\r\n",
                 "Content-Length : 4\r\n"):
        t.check(set(codes(post + rows + "\r\n0\r\n\r\n" + behind))
                <= {b"400"}, f"answers to {rows!r}")
    t.equal(len(codes(post + "Content-Length: 2\r\n\r\n{}" + behind)), 2,
            "answers to two requests in a row")
