# SPDX-License-Identifier: AGPL-3.0-or-later
"""The HTTP API, asked without a browser; every answer is held against
docs/openapi.json as the server hands it out."""
import base64
import http.client
import json
import os
import socket

import jsonschema

from case import SLOW, Failed
from counsellor import invite

BASE = "/api/v1"


def text(n):
    """n random bytes as the API writes them."""
    return base64.urlsafe_b64encode(os.urandom(n)).decode().rstrip("=")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.raw = response.read()

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def error(self):
        return self.json["error"]


class Api:
    """One browser, as the server sees it."""

    def __init__(self, case, line, tls=None):
        self.case, self.line, self.tls = case, line, tls
        scheme = "https" if tls else "http"
        self.origin = f"{scheme}://127.0.0.1:{line.http}"
        self.cookie = None
        case.until(self.reached, "the page's process listens")
        self.described = self.ask("GET", "/openapi.json", check=False).json

    def reached(self):
        try:
            socket.create_connection(("127.0.0.1", self.line.http)).close()
            return True
        except OSError:
            return False

    def connect(self):
        if self.tls:
            return http.client.HTTPSConnection(
                "127.0.0.1", self.line.http, timeout=20 * SLOW,
                context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.line.http,
                                          timeout=20 * SLOW)

    def headers(self, method, more):
        headers = {"Origin": self.origin}
        if method == "POST":
            headers.update({"Content-Type": "application/json",
                            "X-Ringback": "1"})
        if self.cookie:
            headers["Cookie"] = self.cookie
        headers.update(more or {})
        return {k: v for k, v in headers.items() if v is not None}

    def raw(self, method, path, body=None, headers=None):
        """Any path, any body, any header (None takes one away)."""
        connection = self.connect()
        try:
            connection.request(method, path, body,
                               self.headers(method, headers))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None, check=True):
        """As the console does; the answer must be as it is described."""
        sent = None if body is None else json.dumps(body)
        answer = self.raw(method, BASE + path, sent, headers)
        if check:
            self.held(method, path, answer)
        cookie = answer.headers.get("set-cookie")
        if cookie:
            self.cookie = cookie.partition(";")[0]
        return answer

    def get(self, path, wanted=200):
        return self.wants("GET", path, None, wanted)

    def post(self, path, body=None, wanted=200):
        return self.wants("POST", path, body or {}, wanted)

    def wants(self, method, path, body, wanted):
        answer = self.ask(method, path, body)
        if answer.status != wanted:
            raise Failed(f"{method} {path}: {answer.status}, should be "
                         f"{wanted}: {answer.raw[:300]}")
        return answer.json

    # what is described

    def schema(self, schema):
        """Validator of one of the description's schemas."""
        whole = dict(schema)
        whole["components"] = self.described["components"]
        return jsonschema.Draft202012Validator(whole)

    def operation(self, method, path):
        parts = path.partition("?")[0].strip("/").split("/")
        for known, row in self.described["paths"].items():
            names = known[len(BASE):].strip("/").split("/")
            if len(names) == len(parts) and method.lower() in row and all(
                    a == b or (a[0] == "{" and b.isdigit())
                    for a, b in zip(names, parts)):
                return row[method.lower()]
        raise Failed(f"{method} {path} is not described")

    def held(self, method, path, answer):
        rows = self.operation(method, path)["responses"]
        row = rows.get(str(answer.status))
        if not row:
            raise Failed(f"{method} {path}: a {answer.status} is not "
                         f"described: {answer.raw[:300]}")
        if "$ref" in row:
            row = self.described["components"]["responses"][
                row["$ref"].rpartition("/")[2]]
        kind = answer.headers["content-type"]
        if kind not in row["content"]:
            raise Failed(f"{method} {path}: {kind} is not described")
        if kind == "application/json":
            self.valid(row["content"][kind]["schema"], answer.json,
                       f"{method} {path}")

    def valid(self, schema, what, name):
        for wrong in self.schema(schema).iter_errors(what):
            raise Failed(f"{name} is not as described: {wrong.message} in "
                         f"{'/'.join(map(str, wrong.path))}")

    # people

    def sign_up(self, name="Ana", *roles):
        return self.let_in(
            invite(self.line, name, *roles).partition("#invite=")[2])

    def let_in(self, token):
        self.proof = self.case.plant(text(32))
        self.me = self.post("/invitation/accept", {
            "token": token, "salt": text(16), "opslimit": 3,
            "memlimit": 67108864, "proof": self.proof})
        self.case.plant(self.cookie.partition("=")[2])
        return self

    def events(self):
        return Events(self)


class Events:
    """The stream of events of one page."""

    EVENTS = {"state": "State", "quality": "Quality", "line": "LineUp",
              "board": "Empty", "alarms": "Empty", "promises": "Empty", "me": "Empty",
              "vault": "Empty", "marks": "Empty", "signed_out": "Empty",
              "superseded": "Empty"}

    def __init__(self, api):
        self.api = api
        self.connection = api.connect()
        self.connection.request("GET", BASE + "/events", None,
                                api.headers("GET", None))
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.headers = self.response.headers

    def next(self, seconds=10):
        """(name, data) of the next event; None at the end."""
        self.connection.sock.settimeout(seconds * SLOW)
        name = None
        while True:
            try:
                row = self.response.fp and self.response.readline()
            except (socket.timeout, TimeoutError):
                raise Failed(f"no event within {seconds} s") from None
            except (OSError, http.client.HTTPException):
                return None
            if not row:
                return None
            key, _, value = row.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                data = json.loads(value)
                self.api.valid({"$ref": "#/components/schemas/" +
                                self.EVENTS[name]}, data, f"event {name}")
                return name, data

    def until(self, name, condition=lambda data: True, seconds=10):
        """The next event of this name that is as wanted; its data."""
        while True:
            got = self.next(seconds)
            if not got:
                raise Failed(f"the stream ended before a fitting {name}")
            if got[0] == name and condition(got[1]):
                return got[1]

    def close(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.response.close()
        self.connection.close()
