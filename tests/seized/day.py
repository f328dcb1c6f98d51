# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happens on a line on one day, everything in it a planted secret."""
import hashlib
import json
import os
import signal
import sqlite3
import subprocess

import counsellor
from baresip import Baresip
from browser import Browser
from canary import Key, Number, Text, Voice, Word, Words
from case import SLOW, program
from cast import caller, connects
from console_api import code_of
from dialogue import Caller
from line import Line, gone
from sealed import CHUNK, LID, SEALED
from opening import Sealed, stretched
from search import Search
from spoken import Ear, recordings
from test_promises import SECOND
from test_vault import rows, words_of
import seal

VOICE_S = 4
PURPOSE = b"ringback dialler key"  # src/seal/held.c


class Speaker(Caller):
    """Calls at once, and says what is in a WAV file."""

    def __init__(self, t, line, wav, name, user):
        Baresip.__init__(self, t, name, wav=wav, user=user)
        self.dial(f"sip:{t.number()}@{line.address}")
        self.talks()
        t.until(self.has_recording, f"{name} hears anything")
        self.ear = Ear(self.recording())
        self.n = 0


def digits(number):
    """As SIP writes it, "tel:" and "+" apart."""
    return number.rpartition(b":")[2].lstrip(b"+")


class Day:
    """A line, and who works there: Ana at a page, Bob with a telephone of his
    own. Every method is a part of the day; its end is awaited."""

    def __init__(self, t, opening=Sealed):
        self.t, self.opening = t, opening
        self.canaries = {}
        self.n = 0           # callers so far
        self.last = None     # of them
        self.checked = False
        self.ana_name = self.word("name").text
        counsellor.PASSPHRASE = f"quiet lamp {self.word('passphrase').text}"
        home = self.number("number rung back").text
        self.home = Baresip(t, "home", user=home, answers=True,
                            wav=self.spoken_by(self.voice("talk"), "home"))
        self.boot_credential()
        self.line = Line(t, trunk=False, sealing=False, tells="nothing",
                         ring_seconds=300, prompts=recordings(t))
        self.line.command("trunk", "add", "peer", "--from", "127.0.0.1/32",
                          "--to", f"sip:127.0.0.1:{self.home.port}")
        said = self.line.command("recovery", "make", "--shares", "1",
                                 "--need", "1")
        self.words = words_of(said)
        self.plant(Words("words of a share", self.words))
        self.line.shares = [" ".join(self.words)]
        self.line.command("person", "add", "Bob", "--phone",
                          self.number("own telephone").text)
        self.line.steady = False
        self.backups = t.path("backups")
        self.line.run()
        self.ports = t.ports.next

    # canaries

    def plant(self, canary):
        self.canaries.setdefault(canary.kind, []).append(canary)
        if hasattr(canary, "text") and canary.kind != "name":
            self.t.plant(canary.text)  # no log and no listing says it
        return canary

    def word(self, kind):
        return self.plant(Word(kind))

    def number(self, kind):
        return self.plant(Number(kind))

    def voice(self, kind):
        return self.plant(Voice(kind, VOICE_S))

    def all(self, *but):
        return [c for kind, some in self.canaries.items() if kind not in but
                for c in some]

    def one(self, kind):
        return self.canaries[kind][0]

    def boot_credential(self):
        """Whoever starts the machine has it (systemd); the key to numbers that
        are to be dialled is made of it."""
        folder, secret = self.t.path("credentials"), os.urandom(48)
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "ringback-dialler"), "wb") as f:
            f.write(secret)
        os.environ["CREDENTIALS_DIRECTORY"] = folder
        self.dialler = hashlib.blake2b(secret, digest_size=32,
                                       key=PURPOSE).digest()
        self.plant(Key("boot credential", secret))
        self.plant(Key("dialler's key", self.dialler))

    # callers

    def calls(self, user, voice=None, name="caller"):
        """Somebody who calls and speaks, or listens only."""
        name = self.next_caller(name)
        wav = self.spoken_by(voice or Voice("nobody's", 1), name)
        self.last = Speaker(self.t, self.line, wav, name, user)
        return self.last

    def next_caller(self, name):
        """The ones before have gone, and need their ports no more."""
        self.n += 1
        if self.last:
            self.last.process.kill()
            self.last.process.wait()
        self.last = None
        self.t.ports.next = self.ports
        return f"{name}{self.n}"

    def spoken_by(self, voice, name):
        return voice.write(self.t.path(f"{name}.wav"))

    def promise(self, n):
        """n are on record, of callers who have left."""
        def look():
            got = self.line.json("promises")
            return len(got) == n and all(p["state"] in ("open", "due")
                                         for p in got)
        self.t.until(look, lambda: f"{n} promises are owed: "
                     f"{self.line.json('promises')}", 20)

    def known_caller(self, number=None):
        """Leaves a message, and the number that the trunk tells."""
        before = len(self.line.json("promises"))
        number = number or self.number("number of a caller").text
        one = self.calls(number, self.voice("message"))
        self.speaks(one)
        one.press("1")
        one.hears_at_last("number_is")
        one.press("1")
        one.hears_at_last("ask_words")
        one.hang_up()
        self.promise(before + 1)

    def messages(self):
        folder = os.path.join(self.line.data, "messages")
        return {os.path.join(folder, name) for name in os.listdir(folder)} \
            if os.path.isdir(folder) else set()

    def speaks(self, one, seconds=2.5):
        """Waits for the tone; so much of a new message is on disk then."""
        least = LID + int(seconds * SECOND / CHUNK + 1) * SEALED
        before = self.messages()
        one.hears_at_last("nobody")
        one.press("2")
        self.t.until(lambda: any(os.path.getsize(path) >= least
                                 for path in self.messages() - before),
                     "a message is spoken", 20)

    def typing_caller(self):
        """Withholds the number, and types it."""
        before = len(self.line.json("promises"))
        one = self.calls("anonymous")
        one.hears_at_last("nobody")
        one.press("1")
        one.hears_at_last("type_number")
        one.press(self.number("number typed").text + "#")
        one.hears_at_last("number_is", seconds=30)
        one.press("1")
        one.hears_at_last("ask_words")
        one.hang_up()
        self.promise(before + 1)

    def headers(self):
        """Says who it is wherever SIP has a place for it."""
        asserted, contact = self.number("asserted"), self.number("contact")
        number, shown = self.number("from"), self.word("display name")
        also, agent = self.word("display name"), self.word("other headers")

        def steps(s):
            s.user, s.name, s.contact = (number.text, f'"{shown.text}" ',
                                         contact.text)
            return connects(s, extra=(
                f'P-Asserted-Identity: "{also.text}" '
                f"<sip:+{asserted.text}@caller.example>",
                f"Remote-Party-ID: <sip:{contact.text}@caller.example>",
                f"Diversion: <sip:{number.text}@caller.example>",
                f"User-Agent: {agent.text}", f"Subject: {agent.text}",
                f"X-Caller: {agent.text}")).go().bye().recv(200)
        self.last = one = caller(self.t, self.line, steps,
                                 name=self.next_caller("headers"))
        one.saw(200)
        one.go()
        one.done()

    # Ana

    def arrives(self):
        self.browser = Browser(self.t)
        self.ana = counsellor.Console(self.t, self.browser, self.line,
                                      self.ana_name).sign_up()

    def second_factor(self):
        """One-time codes, whose secret the server must read to check them."""
        api = "/api/v1/me/totp/"
        status, said = self.ana.page.api(api + "begin", {})
        self.t.equal(status, 200, "codes are begun")
        secret = json.loads(said)["secret"]
        self.plant(Text("second factor", secret))
        status, said = self.ana.page.api(api + "confirm",
                                         {"code": code_of(secret)})
        self.t.equal(status, 200, f"codes are confirmed: {said}")

    def on_duty(self):
        """The sound check is asked for once a day."""
        self.ana.page.evaluate("location.hash = '#/'")
        if self.checked:
            self.ana.press("on")
            self.ana.sees("is_on")
        else:
            self.ana.duty()
        self.checked = True

    def talk(self):
        """With a caller who is in the queue."""
        self.on_duty()
        one = self.calls(self.number("number in a talk").text,
                         self.voice("talk"), "talker")
        self.ana.rung(20)
        self.ana.accept()
        self.ana.hears()
        self.care_plan()
        self.ana.hang_up()
        one.ended()

    def care_plan(self):
        """Whom Ana talks with is to be known the next time."""
        offer = [e["data"] for e in self.ana.page.events()
                 if e["name"] == "state"][-1]
        offer = (json.loads(offer) if isinstance(offer, str)
                 else offer)["offer"]
        status, said = self.ana.page.api(f"/api/v1/talk/{offer}/mark", {
            "kind": "plan", "reason": "plan", "review_days": 30})
        self.t.equal(status, 200, f"a care plan: {said}")

    def ring_back(self):
        """Of the only caller whom we owe a call; then nothing of it is left,
        nor may be."""
        owed = self.line.json("promises")
        self.t.equal(owed, [], "promises before")
        self.known_caller(self.home.user)
        self.on_duty()
        self.ana.page.click("button", "Ring them back", seconds=20)
        self.home.talks()
        self.home.press("1")
        self.line.talking()
        self.ana.hears()
        self.ana.hang_up()
        self.t.until(lambda: not self.line.json("promises"),
                     "the promise is kept")
        self.off_duty()

    def off_duty(self):
        self.line.command("person", "off", self.ana_name)

    def note(self, call, kind):
        page = self.ana.page
        page.evaluate(f"location.hash = '#/call/{call}'")
        page.wait("heading", f"Notes of call {call}", 20)
        page.fill("Write a note", f"said: {self.word(kind).text}.",
                  seconds=30)
        page.click("button", "Keep this note")
        page.wait_text(f"{self.ana_name}, ", 20)
        return page

    def forget(self, call=2):
        """It had a note."""
        self.note(call, "forgotten")
        self.line.command("forget", str(call), "--yes")

    def notes(self, call=1):
        """One is kept, one is only begun."""
        page = self.note(call, "note")
        page.fill("Write a note", f"begun: {self.word('draft').text}",
                  seconds=30)
        page.wait_text("kept as a draft", 20)

    def backup(self):
        """While it runs, to another disk."""
        os.makedirs(self.backups, exist_ok=True)
        self.line.command("backup", self.backups, seconds=60)

    def listings(self):
        """All that can be listed, as anybody at the machine may."""
        for listing in (("calls",), ("promises", "--all"), ("trunk", "list"),
                        ("person", "list"), ("status",), ("audit",),
                        ("recovery", "show"), ("retention",)):
            self.line.command(*listing)
            self.line.command(*listing, "--json")

    # what goes wrong

    def kill(self, name, how):
        """A process dies, and comes back."""
        before = self.line.processes()[name]
        os.kill(before, how)
        self.t.until(lambda: self.line.processes().get(name)
                     not in (None, before), f"{name} comes back", 20)
        self.line.up()

    def crash(self, name, how):
        """While somebody leaves a message: they are on the line still, and hang
        up."""
        before = len(self.line.json("promises"))
        one = self.calls(self.number("from").text, self.voice("message"))
        self.speaks(one)
        self.kill(name, how)
        one.hang_up()
        self.promise(before + 1)
        one.process.kill()

    def power_loss(self):
        """All at once, the keeper first, or it would start them again."""
        pids = [self.line.keeper.pid, *self.line.processes().values()]
        for pid in dict.fromkeys(pids):
            os.kill(pid, signal.SIGKILL)
        self.line.keeper.wait()
        self.t.until(lambda: all(gone(pid) for pid in pids),
                     "every process is dead")

    def months_pass(self, months=14):
        """As if all had been so long ago that its notes are due to go."""
        days = months * 31
        store = sqlite3.connect(os.path.join(self.line.data, "store.db"))
        with store:
            store.execute("UPDATE epoch SET month = month - ?", (months,))
            store.execute("UPDATE note SET day = day - ?", (days,))
            ms = days * 86400000
            store.execute("UPDATE call SET arrived_at = arrived_at - ?", (ms,))
            store.execute("UPDATE promise SET made_at = made_at - ?,"
                          " due_at = due_at - ?", (ms, ms))
        store.close()
        self.line.command("retention", "--now")

    def n_notes(self):
        (n,), = rows(self.line, "SELECT count(*) FROM note")
        return n

    # what the keys are, known to those who hold them

    def keys(self):
        """Every key that must stay with its holder, as a canary."""
        self.t.equal(rows(self.line, "SELECT public FROM dialler"),
                     [(seal.public(self.dialler),)], "the dialler's key")
        self.recovery = seal.share(self.words)
        self.plant(Key("recovery key", self.recovery))
        (self.person, salt, opslimit, memlimit), = rows(
            self.line, "SELECT person, salt, opslimit, memlimit FROM account")
        (public, wrapped), = rows(
            self.line, "SELECT public, wrapped FROM identity")
        whole, proof, wrapping = stretched(counsellor.PASSPHRASE, salt,
                                           opslimit, memlimit)
        self.plant(Key("passphrase's key", whole))
        self.plant(Key("passphrase's key", wrapping))
        self.plant(Key("proof", proof))
        self.own = self.opening.unwrapped(wrapped, public, wrapping)
        self.t.equal(seal.public(self.own), public, "Ana's key")
        self.plant(Key("person's key", self.own))
        for epoch, public in rows(self.line, "SELECT id, public FROM epoch"):
            key = self.epoch(epoch)
            self.t.equal(seal.public(key), public, f"key of epoch {epoch}")
            self.plant(Key("epoch's key", key))

    def restored(self):
        """From the newest backup, by the recovery key: notes and messages open
        there as well. Returns how many messages."""
        name = max(n for n in os.listdir(self.backups)
                   if n.endswith(".backup"))
        data, self.line.data = self.line.data, self.t.path("restored")
        done = subprocess.run(
            [program("ringback"), "restore", os.path.join(self.backups, name),
             "--data", self.line.data], input=self.line.shares[0],
            capture_output=True, text=True, timeout=60 * SLOW, check=False)
        self.t.equal(done.returncode, 0, f"restored: {done.stderr}")
        self.notes_open()
        self.marks_open()
        self.numbers_open()
        n = self.messages_open()
        self.line.data = data
        return n

    def epoch(self, epoch, ana=False):
        """Its private key, by the recovery key or by Ana's."""
        person, key = (self.person, self.own) if ana else (0, self.recovery)
        (grant,), = rows(
            self.line, "SELECT sealed FROM epoch_grant WHERE epoch = ?"
            " AND person = ?", epoch, person)
        return self.opening.opened(grant, person, key)

    # the other way round

    def notes_open(self):
        """To Ana's key and to the recovery key; a draft to Ana's alone."""
        for canary, (call, epoch, sealed) in zip(
                self.canaries["note"], rows(
                    self.line, "SELECT call, epoch, sealed FROM note"
                    " ORDER BY id")):
            for ana in (False, True):
                said = self.opening.opened(sealed, call,
                                           self.epoch(epoch, ana))
                self.t.check(canary.text.encode() in said, "the note")
        for canary, (call, sealed) in zip(self.canaries["draft"], rows(
                self.line, "SELECT call, sealed FROM draft ORDER BY call")):
            said = self.opening.opened(sealed, call, self.own)
            self.t.check(canary.text.encode() in said, "the draft")
            if self.opening is Sealed:
                self.t.equal(self.opening.opened(sealed, call, self.recovery),
                             None, "the draft, by the recovery key")

    def marks_open(self):
        """Whose number it is, to Ana's key and to the recovery key."""
        marks = rows(self.line, "SELECT id, epoch, sealed FROM mark")
        told = {self.opening.opened(sealed, mark | 1 << 62,
                                    self.epoch(epoch, ana))
                for mark, epoch, sealed in marks for ana in (False, True)}
        numbers = {c.text.encode() for c in
                   self.canaries["number in a talk"]}
        self.t.equal(len(marks), len(numbers), "marks")
        self.t.equal({digits(n) for n in told}, numbers, "their numbers")

    def numbers_open(self):
        """Of callers to whom we owe something, and of Bob."""
        sealed = rows(self.line, "SELECT call, epoch, for_epoch, for_dialler"
                      " FROM promise WHERE epoch <> 0") + rows(
            self.line, "SELECT id + (1 << 63), phone_epoch, phone_for_epoch,"
            " phone_for_dialler FROM person WHERE phone_epoch <> 0")
        told = {self.opening.opened(number, subject % (1 << 64), key)
                for subject, epoch, *numbers in sealed
                for number, key in zip(numbers, (self.epoch(epoch),
                                                 self.dialler))}
        wanted = {c.text.encode() for kind in (
            "number of a caller", "number typed", "own telephone")
                  for c in self.canaries[kind]}
        self.t.equal({digits(n) for n in told}, wanted, "sealed numbers")

    def messages_open(self):
        """As they were spoken, each of them; returns how many."""
        calls = [p["call"] for p in self.line.json("promises")
                 if p["kind"] == "message"]
        search = Search(self.t.folder, self.canaries["message"])
        for call in calls:
            heard = self.line.opened(call)
            self.t.check(heard and search.places([heard]),
                         f"the message of call {call} is heard")
        return len(calls)
