# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counsellors who answer in a browser: through the console as people do, or
through the API alone. Both have the same verbs, so that tests can use either.
"""
import os

from browser import FOLDER
from case import Failed, Skipped


def invite(line, name, role=None):
    """A new person without a phone, and the link that lets them in."""
    if line.command("person", "invite", "--help", wanted=None).returncode:
        raise Skipped("this build cannot invite anybody yet")
    line.command("person", "add", name)
    said = line.command("person", "invite", name,
                        *(("--role", role) if role else ()))
    for word in said.split():
        if "#invite=" in word:
            return word
    raise Failed(f"`ringback person invite` prints no link: {said}")


def origin(line):
    return f"http://127.0.0.1:{line.http}"


class Bare:
    """Through the API alone, without the console."""

    def __init__(self, case, browser, line, name="Ana", link=None):
        self.case, self.line, self.name = case, line, name
        self.link = link or invite(line, name)
        self.page = browser.page(name)
        self.page.goto(origin(line) + "/")
        with open(os.path.join(FOLDER, "counsellor.js"),
                  encoding="utf-8") as f:
            self.page.evaluate(f.read())
        token = self.link.partition("#invite=")[2]
        self.me = self.page.evaluate(f"counsellor.signUp({token!r})", 20)
        self.page.evaluate("counsellor.listen()", 20)

    def do(self, script, seconds=10):
        return self.page.evaluate(f"counsellor.{script}", seconds)

    def duty(self, on=True):
        self.do("ask('/me/duty', {on: %s})" % ("true" if on else "false"))
        self.becomes("free" if on else "off")
        return self

    def state(self):
        return self.do("state")

    def becomes(self, *states, seconds=10):
        """Wait for one of these states; returns all that is known of it."""
        def look():
            got = self.state()
            return got if got and got["state"] in states else None
        return self.case.until(
            look, lambda: f"{self.name} becomes {' or '.join(states)}: "
            f"{self.state()} {self.do('errors')}", seconds)

    def rung(self, seconds=10):
        return self.becomes("ringing", seconds=seconds)

    def accept(self):
        """Returns how many ms it took until the talk."""
        got = self.do("accept()", 20)
        self.case.equal(got["state"], "talking", "state after accepting")
        return got["ms"]

    def decline(self):
        self.do("decline()")

    def hang_up(self):
        self.do("hangUp()")

    def hold(self, on):
        self.do(f"hold({'true' if on else 'false'})")

    def key(self, key):
        self.do(f"key('{key}')")

    def ready(self):
        self.do("ask('/me/ready', {})")
        self.becomes("free")

    def hears(self, seconds=1.0):
        """Sound with energy arrives for so long, and goes out."""
        first = self.media()
        energy, heard = first["in"]["energy"], first["in"]["seconds"]

        def look():
            now = self.media()["in"]
            return now["energy"] > energy and \
                now["seconds"] >= heard + seconds
        self.case.until(look, lambda: f"{self.name} hears: {self.media()}",
                        seconds + 10)

    def media(self):
        got = self.case.until(
            lambda: (m := self.page.media()) and m["in"].get("energy")
            is not None and m, lambda: f"{self.name} has sound: "
            f"{self.page.media()}")
        return got


# what the console calls things; see console/src/words
ENGLISH = {
    "passphrase": "Passphrase", "again": "The same once more",
    "keep": "Keep this passphrase", "who": "Your name", "in": "Sign in",
    "out": "Sign out", "on": "Go on duty", "off": "Go off duty",
    "is_on": "You are on duty", "is_off": "You are off duty",
    "tone": "Play a tone", "heard": "Yes, I heard it",
    "we_hear": "We hear you.", "skip_check": "Skip the check today",
    "ring": "Somebody is calling", "accept": "Accept", "skip": "Skip",
    "talk": "You are talking", "hang_up": "Hang up", "hold": "Hold",
    "resume": "Back to the caller", "mute": "Mute",
    "unmute": "Speak again", "keys": "Keys", "key": "Press %s",
    "over": "The call is over", "ready": "Ready now",
    "helped": "I could help", "noted": "Noted. Thank you.",
}
SPANISH = {
    "passphrase": "Frase de contraseña", "again": "La misma otra vez",
    "keep": "Guardar esta frase", "who": "Su nombre", "in": "Entrar",
    "out": "Salir", "on": "Empezar el turno", "off": "Terminar el turno",
    "is_on": "Está de turno", "is_off": "No está de turno",
    "tone": "Reproducir un tono", "heard": "Sí, lo he oído",
    "skip_check": "Saltar la prueba hoy",
    "ring": "Alguien llama", "accept": "Atender", "skip": "Pasar",
    "talk": "Está hablando", "hang_up": "Colgar",
    "over": "La llamada terminó", "ready": "Ya puedo atender",
}
PASSPHRASE = "quiet lamp under seven stairs"


class Console:
    """Through the console, as people do."""

    words = {"en": ENGLISH, "es": SPANISH}

    def __init__(self, case, browser, line, name="Ana", link=None,
                 locale="en-GB", **options):
        self.case, self.line, self.name = case, line, name
        self.link = link or invite(line, name)
        self.says = self.words[locale[:2]]
        self.page = browser.page(name, locale=locale, **options)

    def sign_up(self):
        """By the link, choosing a passphrase."""
        self.page.goto(self.link)
        self.page.wait("heading", self.name, 20)
        for label in ("passphrase", "again"):
            self.page.fill(self.says[label], PASSPHRASE, exact=True)
        self.press("keep")
        self.page.wait("heading", self.says["is_off"], 30)
        return self

    def sign_in(self):
        self.page.fill(self.says["who"], self.name)
        self.page.fill(self.says["passphrase"], PASSPHRASE, exact=True)
        self.press("in")
        self.page.wait("heading", self.says["is_off"], 30)

    def press(self, what, seconds=10):
        self.page.click("button", self.says[what], exact=True,
                        seconds=seconds)

    def sees(self, what, seconds=10):
        self.page.wait("heading", self.says[what], seconds, exact=True)

    def duty(self):
        """Without the sound check, which has a test of its own."""
        self.press("on")
        self.press("skip_check")
        self.sees("is_on")
        return self

    def rung(self, seconds=10):
        self.page.wait("button", self.says["accept"], seconds, exact=True)

    def accept(self):
        self.press("accept")
        self.sees("talk")

    def decline(self):
        self.press("skip")

    def hang_up(self):
        self.press("hang_up")

    def ready(self):
        self.press("ready")
        self.page.gone("button", self.says["ready"])

    def stops_ringing(self, seconds=10):
        self.page.gone("button", self.says["accept"], seconds)

    hears = Bare.hears
    media = Bare.media
