# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept for a promise is kept through anything, and not longer."""
import array
import os
import signal
import time
import wave

from case import SLOW, test
from cast import hangs_up, phone
from dialogue import VOICE, Caller, menu_line
from line import Line
from rtp import SAMPLES
from sealed import CHUNK, LID, SEALED
from test_promises import SECOND, owe
import wav


SPOKEN = ("greeting", "notice", "nobody", "offer_decline", "speak", "tone")


def messages(line):
    folder = os.path.join(line.data, "messages")
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def speaks(t, **options):
    """Nobody is on duty, and somebody speaks after the tone."""
    line = menu_line(t, dials=False, **options)
    line.run()
    one = Caller(t, line)
    one.hears(*SPOKEN)
    t.until(lambda: messages(line) == ["1.sealed"], "a message begins")
    path = os.path.join(line.data, "messages", "1.sealed")
    t.until(lambda: os.path.getsize(path) > LID + 4 * SEALED, "two seconds are spoken")
    return line, one, path


@test()
def who_has_left_a_message_waits_on(t):
    """And adds nothing to it, whatever they press or say: it is kept whole."""
    line, one, path = speaks(t)
    one.press("0")
    one.hears("hold")
    line.waiting()
    with open(path, "rb") as f:
        before = f.read()
    one.press("2")
    one.hears("kept_message")
    one.hears_at_last("hold")
    one.hang_up()
    t.until(lambda: [p["state"] for p in line.json("promises")] == ["open"],
            "the promise is open")
    with open(path, "rb") as f:
        t.check(f.read() == before, "the message is another")
    close(line)


def close(line):
    line.command("promise", "close", "1", "--reason", "reached")
    line.case.until(lambda: not messages(line), "the message is deleted")
    line.outcome(outcome="closed", reason="reached")


WINDOW = 64  # bytes


def everything(folder):
    """Whatever is in files there, by path."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    found[path] = f.read()
    return found


def pieces(path):
    """Pieces of a WAV file's sound, as samples and in both kinds of G.711."""
    with wave.open(path) as w:
        pcm = w.readframes(w.getnframes())
    samples = array.array("h", pcm)
    coded = [bytes(min(range(256), key=lambda b: abs(table[b] - s))
                   for s in samples[:SECOND])
             for table in SAMPLES.values()]
    cut = [text[i:i + WINDOW] for text in (pcm, *coded)
           for i in range(0, len(text) - WINDOW, 7 * WINDOW)]
    return [piece for piece in cut if len(set(piece)) > 12], coded


def seen(files, wanted):
    return sorted({path for path, text in files.items()
                   for piece in wanted if piece in text})


@test()
def nothing_is_kept_as_it_was_said(t):
    """Neither while it is spoken nor afterwards, in no file at all."""
    line, one, path = speaks(t)
    during = everything(line.data)
    one.hang_up()
    t.until(lambda: [p["state"] for p in line.json("promises")] == ["open"],
            "the promise is open")
    after = everything(line.data)
    t.check(path in during and path in after, "the message is looked at")
    heard = line.opened(1)
    t.check(wav.Sound(heard).heard(VOICE) > 1, "the caller's voice")
    wanted, coded = pieces(heard)
    t.check(coded and len(wanted) > 20, f"{len(wanted)} pieces")
    t.equal(seen(during, wanted) + seen(after, wanted), [], "files with sound")

    # they would be found
    with open(os.path.join(line.data, "plain"), "wb") as f:
        f.write(coded[0])
    t.equal(seen(everything(line.data), wanted), [f.name], "what was planted")
    os.unlink(f.name)
    t.check(seen({heard: everything(os.path.dirname(heard))[heard]}, wanted),
            "the opened message")
    close(line)


def voice_in(path):
    """Seconds."""
    return wav.Sound(path).heard(VOICE) if path else 0


@test()
def without_a_recovery_key(t):
    """No message is offered, which is said, until there is one."""
    line = menu_line(t, dials=False, sealing=False)
    line.run()
    said = line.command("status")
    t.check("ringback recovery make" in said, said)
    one = Caller(t, line)
    one.hears("greeting", "notice", "nobody")
    one.hang_up()
    line.idle()
    t.equal(messages(line), [], "messages")
    line.shares = line.recovery_key()
    two = Caller(t, line, name="two")
    two.hears(*SPOKEN)
    t.until(lambda: voice_in(line.opened(2)) > 2, "a message is left")
    two.hang_up()
    t.until(lambda: [p["state"] for p in line.json("promises")] == ["open"],
            "the promise is open")
    t.check("recovery key" not in line.command("status"), "the status")
    line.command("promise", "close", "2", "--reason", "test")


@test()
def a_message_ends_with_its_promise(t):
    line, one, _ = speaks(t)
    one.hang_up()
    t.until(lambda: [p["state"] for p in line.json("promises")] == ["open"],
            "the promise is open")
    t.equal(messages(line), ["1.sealed"], "messages")
    close(line)


@test()
def a_message_ends_with_its_talk(t):
    """However slowly the caller's telephone hangs up afterwards."""
    line, one, _ = speaks(t)
    one.press("0")
    one.hears("hold")
    ana = phone(t, hangs_up)
    line.person("Ana", ana.uri)
    line.talking()
    one.process.send_signal(signal.SIGSTOP)
    ana.go()
    ana.done()
    line.outcome(outcome="talked")
    time.sleep(0.5)  # what is on disk has long been told
    one.process.send_signal(signal.SIGCONT)
    line.idle()
    t.equal(messages(line), [], "messages")


@test()
def a_number_is_kept_with_a_message(t):
    """Of who has confirmed it, then speaks instead, and hangs up."""
    line = menu_line(t)
    line.run()
    one = Caller(t, line, user=t.number())
    one.hears_at_last("nobody")
    one.press("1")
    one.hears_at_last("number_right")
    one.press("1")
    one.hears_at_last("ask_words")
    one.press("0")
    one.hears_at_last("hold")
    one.press("2")
    one.hears_at_last("tone")
    time.sleep(2 * SLOW)
    one.hang_up()
    t.until(lambda: [p["has_number"] for p in line.json("promises")]
            == [True], "the number is on record")
    close(line)


@test()
def the_line_dies_while_somebody_speaks(t):
    """What was said until then is kept, and is owed: they are told so."""
    line, one, path = speaks(t)
    line.steady = False
    size = os.path.getsize(path)
    before = line.processes()["ringback-line"]
    os.kill(before, signal.SIGKILL)
    t.until(lambda: line.processes().get("ringback-line")
            not in (None, before), "the line comes back", 15)
    line.up()
    one.hears_at_last("kept_message")
    t.until(lambda: [(p["kind"], p["state"]) for p in line.json("promises")]
            == [("message", "open")], "the promise is open", 20)
    t.check(os.path.getsize(path) >= size, "the message is kept")
    close(line)
    one.process.kill()


@test()
def media_dies_while_somebody_speaks(t):
    line, one, path = speaks(t)
    line.steady = False
    before = line.processes()["ringback-media"]
    # the folder was changed last when the message was begun
    begun = os.stat(os.path.dirname(path)).st_mtime
    spoken = time.time() - begun
    os.kill(before, signal.SIGKILL)
    one.hears_at_last("kept_message")
    one.hang_up()
    t.until(lambda: [(p["kind"], p["state"]) for p in line.json("promises")]
            == [("message", "open")], "the promise is open")
    line.up()
    kept = (os.path.getsize(path) - LID) // SEALED * CHUNK / SECOND
    t.check(spoken - 0.5 - SLOW <= kept <= spoken + 0.5,
            f"{kept:.2f} s of {spoken:.2f} s are kept")
    close(line)


@test()
def strays_are_deleted_at_the_start(t):
    """A message of a call that is open stays, one of no such call goes;
    what is no message is none of our business."""
    line = Line(t)
    owe(line, 2, kind="message")
    folder = os.path.join(line.data, "messages")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for name in ("2.sealed", "3.sealed", "3.txt", "notes.wav"):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(b"RBS")
    line.run()
    t.equal(messages(line), ["2.sealed", "3.txt", "notes.wav"], "messages")
