# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether anything of one side of a talk reaches the other: numbers, names and
addresses that are searched for however they are written."""
import base64
import binascii
import re
import threading
import urllib.parse

from api import BASE, Api

TAIL = 6    # of a number: enough to ring somebody up in a small town
SURE = 9    # so many digits are no accident, wherever they stand

RUN = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
BETWEEN = re.compile(rb"(?<=\d)[ \-./()\xa0]+(?=\d)")
ALONE = re.compile(rb"(?<![A-Za-z0-9])(\d{%d,8})(?![A-Za-z0-9])" % TAIL)


def decoded(text):
    """Whatever in it may be base64, of either alphabet, undone."""
    found = []
    for run in set(RUN.findall(text)):
        run = run.translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            part = run[shift:]
            part = part[:-1] if len(part) % 4 == 1 else part
            part += b"=" * (-len(part) % 4)
            try:
                found.append(base64.b64decode(part))
            except binascii.Error:
                pass
    return b"\n".join(found)


class Text:
    """What somebody was told, read in every way we can think of."""

    def __init__(self, where, said):
        self.where = where
        said = said if isinstance(said, bytes) else said.encode()
        plain = urllib.parse.unquote_to_bytes(said)
        views = [said, plain, decoded(said), decoded(plain)]
        self.views = [v for v in views if v]
        self.joined = [BETWEEN.sub(b"", v) for v in self.views]
        self.lower = [v.lower() for v in self.views]

    def has(self, secret):
        """A number (digits, perhaps with a +), its last digits, or a name."""
        digits = secret.lstrip("+").encode()
        if not digits.isdigit():
            return any(secret.lower().encode() in v for v in self.lower)
        if any(digits[-SURE:] in v for v in self.joined):
            return True
        return any(digits.endswith(m) for v in self.views + self.joined
                   for m in ALONE.findall(v))

    def around(self, secret):
        """For a failure's text."""
        at = self.views[0].find(secret[-TAIL:].encode())
        return self.views[0][max(at - 60, 0):at + 60] if at >= 0 \
            else self.views[0][:80]


def found(texts, secrets):
    """(text, secret) of all that is there and should not be."""
    return [(text, secret) for text in texts for secret in secrets
            if text.has(secret)]


class Watched(Api):
    """An Api that remembers all that it was told."""

    def __init__(self, case, line, who):
        self.who, self.heard, self.told = who, [], b""
        super().__init__(case, line)

    def raw(self, method, path, body=None, headers=None):
        answer = super().raw(method, path, body, headers)
        head = "\n".join(f"{k}: {v}" for k, v in answer.headers.items())
        self.heard.append(Text(f"{self.who}: {method} {path}",
                               head.encode() + b"\n\n" + answer.raw))
        return answer

    def enter(self, role=None):
        """As a new person of this role."""
        self.sign_up(self.who, *([role] if role else []))
        return self.listen()

    def enter_by(self, link):
        """As somebody who is there already."""
        self.let_in(link.partition("#invite=")[2])
        return self.listen()

    def listen(self):
        self.link = self.connect()
        self.link.request("GET", BASE + "/events", None,
                          self.headers("GET", None))
        stream = self.link.getresponse()
        self.case.equal(stream.status, 200, "events")
        self.ear = threading.Thread(target=self.hear, args=(stream,),
                                    daemon=True)
        self.ear.start()
        return self

    def hear(self, stream):
        try:
            while row := stream.fp.readline():
                self.told += row
        except (OSError, ValueError, AttributeError):
            pass

    def states(self):
        """All that was said of oneself, as text."""
        return re.findall(rb"event: state\ndata: (.*)\n", self.told)

    def everything(self):
        return [*self.heard, Text(f"{self.who}: events", self.told)]

    # every route there is

    def paths(self, method, ids):
        """(path, schema of its body) with these numbers in it: the kind of
        number, as the description calls it, to a list."""
        for pattern, row in self.described["paths"].items():
            if method not in row or pattern.endswith("/events"):
                continue
            kind = re.search(r"{(\w+)}", pattern)
            body = row[method].get("requestBody", {}).get("content", {}).get(
                "application/json", {}).get("schema", {})
            for n in ids.get(kind.group(1), [1]) if kind else [None]:
                yield pattern.removeprefix(BASE).replace(
                    kind.group() if kind else "{}", str(n)), body

    def look(self, **ids):
        """Ask for all that can be asked for."""
        n = 0
        for path, _ in self.paths("get", ids):
            self.ask("GET", path, check=False)
            n += 1
        return n

    def act(self, **ids):
        """Do all that can be done, what ends everything last."""
        last = ("/sign-out", "/revoke", "/remove")
        todo = sorted(self.paths("post", ids),
                      key=lambda row: (row[0].endswith(last),
                                       row[0] == last[0]))
        for path, schema in todo:
            self.ask("POST", path, self.sample(schema), check=False)
        return len(todo)

    def sample(self, schema):
        """Something that fits."""
        if "$ref" in schema:
            schema = self.described["components"]["schemas"][
                schema["$ref"].rpartition("/")[2]]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object":
            return {k: self.sample(v)
                    for k, v in schema.get("properties", {}).items()}
        return {"string": "1", "integer": 1, "boolean": True,
                "array": []}[kind]


class Watch:
    """A counsellor, a trainee and a coordinator at their pages, who look at
    everything; and the two sides of the talks, with what each may not learn
    of the other."""

    def __init__(self, t, line):
        self.t, self.line = t, line
        self.pages = [Watched(t, line, who).enter(role)
                      for who, role in (("Cora", None), ("Tia", "trainee"),
                                        ("Eva", "coordinator"))]
        self.callers = []      # secrets of theirs
        self.counsellors = []
        self.people = []       # names that callers may not learn
        self.to_callers = []   # Texts
        self.to_counsellors = []
        self.others = []       # told to whoever may know nothing of either

    def caller(self, *secrets):
        self.callers += secrets

    def counsellor(self, *secrets):
        self.counsellors += secrets

    def look(self, **ids):
        """Everybody asks for everything, now."""
        for page in self.pages:
            self.t.check(page.look(**ids) > 8, "routes to be asked for")

    def telephone(self, name, side, received, sent):
        """The messages of a telephone. What it said of itself must be found
        in what it sent, or nothing could be found at all."""
        own = self.callers if side == "caller" else self.counsellors
        texts = self.to_callers if side == "caller" else self.to_counsellors
        t = Text(f"{name} sent", sent)
        self.t.check(any(t.has(secret) for secret in own),
                     f"nothing of {name} is found in what it sent itself")
        self.t.check("SIP/2.0" in received, f"{name} was sent nothing")
        texts.append(Text(f"{name} received", received))

    def sipp(self, one, side):
        self.telephone(one.name, side, "\n".join(one.texts()),
                       "\n".join(one.texts(sent=True)))

    def baresip(self, one, side):
        self.telephone(one.name, side, "\n".join(one.texts()),
                       "\n".join(one.texts(sent=True)))

    def said(self):
        """What Ringback wrote, to whoever reads logs and listings."""
        for listing in (("calls",), ("promises", "--all"), ("person", "list"),
                        ("trunk", "list"), ("status",), ("audit",)):
            self.line.command(*listing)
            self.line.command(*listing, "--json")
        for path in (self.line.log, self.line.listings):
            with open(path, "rb") as f:
                yield Text(path.rpartition("/")[2], f.read())

    def told(self):
        """What the pages were told."""
        return [text for page in self.pages for text in page.everything()]

    def nothing_crossed(self, **ids):
        """Everybody does everything that can be done, and then all that was
        ever said is searched."""
        self.look(**ids)
        for page in self.pages:
            self.t.check(page.act(**ids) > 20, "routes to be acted on")
        both = self.callers + self.counsellors
        bad = found([*self.told(), *self.said(), *self.others], both)
        bad += found(self.to_callers, self.counsellors + self.people)
        bad += found(self.to_counsellors, self.callers)
        self.t.check(not bad, "; ".join(
            f"{text.where} has {secret!r}: {text.around(secret)}"
            for text, secret in bad[:4]))
