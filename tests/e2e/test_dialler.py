# SPDX-License-Identifier: AGPL-3.0-or-later
"""The key to callers' numbers is in memory alone: it outlives a crash of line or
keeper, not a loss of power. Then promises wait, and are shown to wait, until a
coordinator's page brings the numbers back."""
import base64
import os
import re
import signal

from api import Api
from case import test
from cast import phone
from line import Line
import seal
from sealed_numbers import made, rows
from test_promises import owe
from test_vault import b64, head

KEEPER, LINE = "ringback", "ringback-line"


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def engaged(s):
    return s.rings().refuses(486)


class House:
    """A line that owes a ring to somebody at home, and Ana, off duty."""

    def __init__(self, t, **environment):
        self.t, self.number = t, t.number()
        self.home, self.ana = phone(t, engaged, "home"), phone(t)
        self.line = Line(t, trunk=False)
        self.line.environment.update(environment)
        self.line.steady = False
        target = re.sub(r"sip:.*@", "sip:", self.home.uri).partition(";")[0]
        self.line.command("trunk", "add", "peer", "--from", "127.0.0.1/32",
                          "--to", target)
        self.line.person("Ana", self.ana.uri, on=False)

    def owes(self):
        """From now on; the number is nowhere but sealed."""
        owe(self.line, 1, number=self.number)
        self.line.run()
        self.t.until(lambda: rows(self.line, "SELECT 1 FROM promise "
                                  "WHERE dialler > 0"), "it is sealed")
        self.t.until(lambda: not self.spoken_of(),
                     lambda: f"the number is in {self.spoken_of()}")
        return self

    def spoken_of(self):
        """Files of the data folder that have the number, in whatever form."""
        plain = self.number.encode()
        forms = [plain, plain.hex().encode(), self.number.encode("utf-16-le"),
                 self.number.encode("utf-16-be")]
        for i in range(3):
            coded = base64.b64encode(b"x" * i + plain)
            forms.append(coded[4 if i else 0:len(coded) // 4 * 4 - 4])
        found = []
        for folder, _, names in os.walk(self.line.data):
            for path in (os.path.join(folder, name) for name in names):
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as f:
                    data = f.read()
                if any(form in data for form in forms):
                    found.append(path)
        return found

    def kill_line(self):
        before = self.line.processes()[LINE]
        os.kill(before, signal.SIGKILL)
        self.t.until(lambda: self.line.processes().get(LINE)
                     not in (None, before), "the line comes back", 20)
        self.line.up(20)

    def kill_keeper(self):
        self.line.keeper.kill()
        self.line.keeper.wait()

    def power_fails(self):
        """Everything at once, and it starts again."""
        self.kill_keeper()
        for pid in self.line.processes().values():
            os.kill(pid, signal.SIGKILL)
        self.t.until(lambda: not self.line.processes(), "all have ended")
        self.line.run()

    def said(self, text):
        with open(self.line.log, encoding="utf-8", errors="replace") as f:
            return text in f.read()

    def waiting(self):
        return self.line.status()["numbers"]["waiting"]

    def is_rung(self):
        """Once somebody is there: at the number that they confirmed."""
        self.t.equal(self.waiting(), 0, "numbers that wait")
        self.line.command("person", "on", "Ana")
        self.home.saw("INVITE")
        invite = self.home.received("INVITE")[0]
        self.t.equal(invite.first.partition("@")[0],
                     f"INVITE sip:{self.number}", "who is rung")
        self.ana.done()
        self.t.equal(self.spoken_of(), [], "files with the number")


@test(seconds=120)
def line_is_killed(t):
    """The keeper gives the next one the same key."""
    house = House(t).owes()
    house.kill_line()
    house.is_rung()
    t.equal(len(rows(house.line, "SELECT id FROM dialler")), 1, "keys")


@test(seconds=120)
def keeper_and_then_line_are_killed(t):
    """The next keeper has it from the line."""
    house = House(t).owes()
    house.kill_keeper()
    house.line.start()
    t.until(lambda: house.said("the key to callers' numbers is of the line"),
            "the keeper has the key")
    house.kill_line()
    house.is_rung()
    t.equal(len(rows(house.line, "SELECT id FROM dialler")), 1, "keys")


@test(seconds=180)
def line_that_does_not_answer_is_asked_again(t):
    """Until it gives its key: the next line has it all the same."""
    house = House(t).owes()
    house.kill_keeper()
    line = house.line.processes()[LINE]
    os.kill(line, signal.SIGSTOP)
    try:
        house.line.start()
        t.until(lambda: house.said("does not give us the key"),
                "the keeper goes on without the key", 40)
    finally:
        os.kill(line, signal.SIGCONT)
    t.until(lambda: house.said("the key to callers' numbers is of the line"),
            "the keeper has the key", 40)
    t.equal(house.line.processes()[LINE], line, "the line")
    house.kill_line()
    house.is_rung()
    t.equal(len(rows(house.line, "SELECT id FROM dialler")), 1, "keys")


@test(seconds=120)
def power_fails_with_a_credential(t):
    """It is rung without anybody."""
    folder = t.path("credentials")
    os.mkdir(folder, 0o700)
    with open(os.path.join(folder, "ringback-dialler"), "wb") as f:
        f.write(os.urandom(48))
    house = House(t, CREDENTIALS_DIRECTORY=folder).owes()
    house.power_fails()
    house.is_rung()
    t.equal(len(rows(house.line, "SELECT id FROM dialler")), 1, "keys")


class Coordinator:
    """Eva's page, with a key of her own."""

    def __init__(self, t, line):
        self.t, self.line = t, line
        self.api = Api(t, line).sign_up("Eva", "coordinator")
        self.private = os.urandom(seal.KEY)
        self.api.post("/vault", {
            "public": b64(seal.public(self.private)),
            "wrapped": b64(head(b"P") + os.urandom(72)),
            "proof": self.api.proof})
        t.until(self.epochs, "something is granted to her")

    def is_served(self):
        """The page's process is back, and has the line."""
        return self.api.reached() and self.api.ask(
            "POST", "/promises/1/ring", {}).status != 503

    def epochs(self):
        return {e["epoch"]: decoded(e["sealed"])
                for e in self.api.get("/vault")["epochs"] if e["sealed"]}

    def sealed_anew(self, number, dialler):
        """As her page does: opened, and sealed to the new key."""
        key = seal.opened(self.epochs()[number["epoch"]],
                          self.api.me["person"], self.private)
        plain = seal.opened(decoded(number["sealed"]), number["id"], key)
        return b64(made(plain.decode(), number["id"], dialler["id"],
                        decoded(dialler["public"])))


def waits_visibly(t, house, api):
    t.equal(house.waiting(), 1, "numbers that wait")
    t.check("1 callers cannot be rung back" in house.line.command("status"),
            "the status in words")
    t.equal([(p["state"], p["has_number"], p["number"])
             for p in house.line.json("promises")],
            [("open", True, "waits")], "promises")
    t.equal([(p["has_number"], p["number"])
             for p in api.get("/promises")["promises"]],
            [(True, "waits")], "promises, at the page")
    said = house.line.command("promise", "ring", "1", wanted=None)
    t.check(said.returncode != 0 and "coordinator" in said.stderr,
            said.stderr)
    t.equal(api.post("/promises/1/ring", wanted=409)["error"],
            "number_waits", "rung by hand")


@test(seconds=180)
def power_fails(t):
    house = House(t)
    house.line.run()
    eva = Coordinator(t, house.line)
    house.line.stop()
    house.owes()
    t.until(eva.is_served, "the page is served again", 20)
    old = eva.api.get("/vault/numbers")
    t.equal(old["numbers"], [], "what waits")
    house.power_fails()
    t.until(eva.is_served, "the page is served again", 20)

    waits_visibly(t, house, eva.api)
    house.line.command("person", "on", "Ana")
    t.until(lambda: house.line.status()["on_duty"] == 1, "Ana is on duty")
    waits_visibly(t, house, eva.api)
    t.equal(len(house.ana.received("INVITE")), 0, "rings")

    asked = eva.api.get("/vault/numbers")
    t.equal([(n["kind"], n["id"]) for n in asked["numbers"]],
            [("promise", 1)], "what waits")
    number, = asked["numbers"]
    fresh = eva.sealed_anew(number, asked["dialler"])
    posted = [{"kind": "promise", "id": 1, "sealed": fresh}]
    eva.api.post("/vault/numbers", {"dialler": old["dialler"]["id"],
                                    "numbers": posted}, 409)
    t.equal(eva.api.post("/vault/numbers", {
        "dialler": asked["dialler"]["id"], "numbers": posted}),
        {"taken": 1}, "taken")
    t.until(lambda: not eva.api.get("/vault/numbers")["numbers"],
            "nothing waits any more")
    house.is_rung()
    t.equal([(r["what"], r["person"], r["call"])
             for r in house.line.json("audit")
             if r["what"] == "number_resealed"],
            [("number_resealed", eva.api.me["person"], 1)], "on record")
