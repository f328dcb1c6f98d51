# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is owed, and what people do about it, by command."""
import array
import math
import os
import sqlite3
import time
import wave

from case import test
from dialogue import menu_line
from line import Line
from phone import Call
from sealed import LID, SEALED
import sealed_numbers

SECOND = 8000  # samples


def owe(line, call, number="", hours=1, kind="ring_back", state="open",
        on="main"):
    """Put a call and its promise on record, due in so many hours. The number
    stands there as an older Ringback left it: in the clear, until a line starts
    and seals it."""
    now = int(time.time() * 1000)
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    with store:
        store.execute(
            "INSERT INTO call (id, line, language, state, outcome, reason,"
            " arrived_at, wait_ms, talk_ms, counsellor)"
            " VALUES (?, ?, 'en', 'promised', '', '', ?, 0, 0, 0)",
            (call, on, now))
        store.execute(
            "INSERT INTO promise VALUES (?, ?, ?, 'none', 'any', 'withheld',"
            " 'owner', 0, 0, NULL, NULL, ?, ?, 0, 0, 0, 0, '')",
            (call, kind, state, now, now + int(hours * 3600000)))
        if number:
            store.execute("DROP TRIGGER IF EXISTS promise_clear_no_more")
            store.execute("INSERT INTO promise_clear VALUES (?, ?)",
                          (call, number))
    store.close()


@test()
def listed_by_due_time(t):
    """Never with a number, which the record holds."""
    line = Line(t)
    number = t.number()
    owe(line, 1, hours=2)
    sealed_numbers.put(line, 1, number)
    owe(line, 2, kind="message", hours=-1)
    owe(line, 3, kind="message", hours=-5, state="kept")
    rows = line.json("promises")
    t.equal([(p["id"], p["kind"], p["owner"], p["state"], p["attempts"],
              p["overdue"], p["has_number"]) for p in rows],
            [(2, "message", None, "open", 0, True, False),
             (1, "ring_back", None, "open", 0, False, True)], "promises")
    t.equal([p["id"] for p in line.json("promises", "--all")], [3, 2, 1],
            "all promises")
    t.equal({c["id"]: c["promise"] for c in line.calls()},
            {1: "ring_back", 2: "message", 3: "message"}, "calls")
    t.equal(line.status()["promises"], {"open": 2, "overdue": 1}, "status")
    for said in (line.command("promises"), line.command("calls"),
                 line.command("status")):
        t.check(number not in said, "a number is shown")
    t.check("coordinator" in line.command("promises"), "the owner")
    t.check("2 promises open, 1 of them overdue." in line.command("status"),
            "the status in words")


@test()
def nothing_is_done_without_a_line(t):
    """Said with what to do; and what is wrong is told before."""
    line = Line(t)
    line.person("Ana", f"sip:{t.number()}@127.0.0.1:5099", on=False)
    owe(line, 1)
    for argv, code, said in (
            (("ring", "1"), 1, "ringback run"),
            (("take", "1", "--person", "Ana"), 1, "ringback run"),
            (("take", "1", "--person", "Bob"), 1, "ringback person list"),
            (("close", "1", "--reason", "test"), 1, "ringback run"),
            (("close", "1", "--reason", "unsave"), 2, '"unsafe"?'),
            (("snooze", "1"), 2, "--minutes is missing"),
            (("listen", "1", "--wav", "x.wav"), 1, "no message of call 1"),
            (("rnig", "1"), 2, '"ring"?')):
        done = line.command("promise", *argv, wanted=None)
        t.equal(done.returncode, code, f"exit code of {argv}")
        t.check(said in done.stderr, f"{argv}: {done.stderr}")
    t.check(not os.path.exists(t.path("x.wav")), "half a copy is left")
    t.equal([p["state"] for p in line.json("promises")], ["open"], "state")


def voice(path, seconds=20):
    """Something that is loud and less loud, as voices are and tones not."""
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(SECOND)
        w.writeframes(array.array("h", (
            int(9000 * math.sin(i * 0.45) *
                (0.05 + math.sin(i * math.pi / 3000) ** 2))
            for i in range(seconds * SECOND))).tobytes())
    return path


def leaves_message(t, line):
    """A caller who leaves a message, and its file."""
    one = Call(t, "caller", line, wav=voice(t.path("voice.wav")),
               user="anonymous")
    path = os.path.join(line.data, "messages", "1.sealed")
    t.until(lambda: os.path.exists(path) and os.path.getsize(path) >
            LID + 6 * SEALED, "three seconds of it are written", 20)
    return one, path


def promise(line, *argv, wanted=0):
    return line.command("promise", *argv, wanted=wanted)


@test()
def seen_to_on_a_running_line(t):
    """Taken, put off, heard, closed: each is on record at once."""
    line = menu_line(t)
    line.person("Ana", f"sip:{t.number()}@127.0.0.1:5099", on=False)
    line.run()
    one, path = leaves_message(t, line)
    done = promise(line, "close", "1", "--reason", "test", wanted=None)
    t.equal(done.returncode, 1, "closing it while the caller speaks")
    t.check("on the line" in done.stderr, done.stderr)
    one.process.terminate()
    one.done(code=None)
    line.idle()
    before = t.until(lambda: next((p for p in line.json("promises")
                                   if p["state"] == "open"), None),
                     "a promise is open")
    call = str(before["id"])

    done = promise(line, "take", call, "--person", "Ana", wanted=None)
    t.check("off duty" in done.stderr, done.stderr)
    line.command("person", "on", "Ana")
    promise(line, "take", call, "--person", "Ana")
    t.equal(line.json("promises")[0]["owner"], "Ana", "owner")
    for n in range(3):
        promise(line, "snooze", call, "--minutes", "10")
    t.check(line.json("promises")[0]["due_at"] > before["due_at"], "due")
    promise(line, "snooze", call, "--minutes", "10", wanted=1)
    done = promise(line, "ring", call, wanted=None)
    t.check("no number" in done.stderr, done.stderr)
    done = promise(line, "listen", call, "--wav", t.path("heard.wav"),
                   wanted=None)
    t.check("shares of the recovery key" in done.stderr, done.stderr)
    t.equal(line.opened(call, line.shares[:1]), None, "opened by one share")
    heard = line.opened(call)
    with wave.open(heard) as w:
        t.check(w.getnframes() >= 3 * SECOND, f"{w.getnframes()} samples")
    t.equal(os.stat(heard).st_mode & 0o777, 0o600, "its mode")
    t.check(os.path.getsize(path) % SEALED == LID, "the file is whole")

    promise(line, "close", call, "--reason", "duplicate")
    t.equal(line.json("promises"), [], "open promises")
    t.equal(line.json("promises", "--all")[0]["reason"], "duplicate",
            "reason of the promise")
    line.outcome(outcome="closed", promise="message")
    promise(line, "keep", call, wanted=1)
