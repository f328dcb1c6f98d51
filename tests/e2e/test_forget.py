# SPDX-License-Identifier: AGPL-3.0-or-later
"""`ringback forget`: nothing of a call is left, wherever one looks."""
import os
import signal
import subprocess

from api import Api
from case import SLOW, program, test
from cast import phone
from dialogue import Caller
from kept import (all_of, call, draft, mark, message, note, nothing_of,
                  run)
from line import Line
from test_keep import messages, speaks
from test_promises import owe
from test_ring_back import invited, rings_back


def forgotten(line):
    """Rows of the audit log about it."""
    return [(r["call"], r["detail"]) for r in line.json("audit")
            if r["what"] == "case_forgotten"]


def a_case(t, line, number):
    """A promise that is open, with a message, two notes and a draft: what is
    searched for later."""
    owe(line, number, kind="message")
    run(line, "INSERT INTO attempt VALUES (?, 1, 1, 'busy', 0)", number)
    t.check(run(line, "SELECT 1 FROM person WHERE id = 1"), "somebody")
    return [note(line, number), note(line, number, n=300),
            draft(line, number, 1), mark(line, number),
            *message(line, number)]


def with_ana(t, **options):
    line = Line(t, **options)
    line.command("person", "add", "Ana")
    return line


COUNTS = "2 notes, 1 drafts, 1 attempts, 1 promises, 1 marks"


@test()
def without_a_line(t):
    """Asked first; then rows, free pages and the message are gone."""
    line = with_ana(t)
    gone, stays = a_case(t, line, 1), a_case(t, line, 2)
    done = line.command("forget", "1", wanted=None)
    t.equal(done.returncode, 1, "unasked")
    t.check("nothing was deleted" in done.stderr and
            "still owed" in done.stdout and "message" in done.stdout,
            done.stdout + done.stderr)
    done = subprocess.run(
        [program("ringback"), "forget", "1", "--data", line.data],
        input="no\n", capture_output=True, text=True, timeout=20 * SLOW,
        check=False)
    t.equal(done.returncode, 1, "refused")
    all_of(t, line, *gone)
    said = line.command("forget", "1", "--yes")
    t.check("Backups" in said, said)
    nothing_of(t, line, *gone)
    all_of(t, line, *stays)
    t.equal(messages(line), ["2.sealed"], "messages")
    t.equal([p["id"] for p in line.json("promises")], [2], "promises")
    t.equal(forgotten(line), [(1, COUNTS)], "on record")
    line.command("audit", "verify")

    for word, code, said in (("1", 1, "nothing is kept"),
                             ("99", 1, "nothing is kept"),
                             ("0", 2, "CALL is a number"),
                             ("one", 2, "CALL is a number"),
                             ("-1", 2, ""),
                             ("99999999999999999999", 2, "is a number")):
        done = line.command("forget", word, "--yes", wanted=None)
        t.equal(done.returncode, code, f"forget {word}: {done.stderr}")
        t.check(said in done.stderr, done.stderr)
    t.equal(forgotten(line), [(1, COUNTS)], "on record once")
    done = subprocess.run(
        [program("ringback"), "forget", "2", "--data", line.data],
        input="yes\n", capture_output=True, text=True, timeout=20 * SLOW,
        check=False)
    t.equal(done.returncode, 0, done.stderr)
    nothing_of(t, line, *stays)


@test()
def with_a_line(t):
    """What is owed ends there, and its number is not given again."""
    line = with_ana(t, trunk=False)
    gone, stays = a_case(t, line, 7), a_case(t, line, 3)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32",
                 "--to", f"sip:127.0.0.1:{t.port()}")
    number = t.number()
    owe(line, 5, number=number, hours=2)
    call(line, 6)
    talked = note(line, 6)
    line.run()
    t.equal(sorted(p["id"] for p in line.json("promises")), [3, 5, 7],
            "open")

    # a talk, and a number that is to be rung
    line.command("forget", "6", "--yes")
    nothing_of(t, line, talked)
    line.command("forget", "5", "--yes")
    nothing_of(t, line, number.encode())
    t.equal(sorted(p["id"] for p in line.json("promises", "--all")), [3, 7],
            "promises")
    t.equal(forgotten(line), [
        (6, "1 notes, 0 drafts, 0 attempts, 0 promises, 0 marks"),
        (5, "0 notes, 0 drafts, 0 attempts, 1 promises, 0 marks")], "on record")

    line.command("forget", "7", "--yes")
    nothing_of(t, line, *gone)
    all_of(t, line, *stays)
    t.equal([p["id"] for p in line.json("promises", "--all")], [3],
            "promises")
    t.equal([c["id"] for c in line.calls()], [3], "calls")
    t.equal(forgotten(line)[2:], [(7, COUNTS)], "on record")
    done = line.command("promise", "close", "7", "--reason", "test",
                        wanted=None)
    t.check("no open promise" in done.stderr, done.stderr)
    done = line.command("forget", "7", "--yes", wanted=None)
    t.check(done.returncode == 1 and "nothing is kept" in done.stderr,
            done.stderr)
    line.stop()

    # nor after a restart, when it was the highest
    line.pids = {}
    line.run()
    one = Caller(t, line)
    t.until(lambda: [c["id"] for c in line.calls()] == [8, 3], "call 8")
    one.hang_up()
    line.command("promise", "close", "3", "--reason", "test")


@test()
def not_who_is_on_the_line(t):
    """Until they have hung up; then also of a line whose call has just
    ended."""
    line, one, _ = speaks(t)
    done = line.command("forget", "1", "--yes", wanted=None)
    t.check(done.returncode == 1 and "on the line" in done.stderr,
            done.stderr)
    t.equal(messages(line), ["1.sealed"], "it goes on")
    one.hang_up()
    t.until(lambda: [p["state"] for p in line.json("promises")] == ["open"],
            "the promise is open")
    line.command("forget", "1", "--yes")
    t.equal((line.calls(), line.json("promises", "--all"), messages(line)),
            ([], [], []), "what is left")


@test()
def not_who_is_being_rung(t):
    """Once nobody rings any more, the number goes with all of it."""
    number = t.number()
    home = phone(t, lambda s: s.rings().go().refuses(486), "home")
    ana = phone(t)
    line = rings_back(t, home, ana, number=number)
    invited(t, home, number)
    done = line.command("forget", "1", "--yes", wanted=None)
    t.check(done.returncode == 1 and "being rung back" in done.stderr,
            done.stderr)
    t.equal(len(line.json("promises")), 1, "promises")
    home.go()
    home.done()
    ana.done()
    t.until(lambda: line.command("forget", "1", "--yes",
                                 wanted=None).returncode == 0,
            "it can be forgotten")
    t.equal((line.calls(), line.json("promises", "--all")), ([], []),
            "what is left")
    nothing_of(t, line, number.encode())
    t.equal(forgotten(line), [
        (1, "0 notes, 0 drafts, 1 attempts, 1 promises, 0 marks")],
        "on record")


@test()
def by_a_coordinator(t):
    """Of their own line; whoever answers it may not."""
    line = with_ana(t)
    gone = a_case(t, line, 1)
    call(line, 2)
    line.run()
    ben = Api(t, line).sign_up("Ben")
    eva = Api(t, line).sign_up("Eva", "coordinator")
    ben.post("/calls/1/forget", {}, 403)
    eva.post("/calls/99/forget", {}, 404)
    eva.post("/calls/1/forget", {"why": "because"}, 400)
    page = eva.events()
    eva.post("/calls/1/forget", {})
    page.until("promises")
    eva.post("/calls/1/forget", {}, 404)
    nothing_of(t, line, *gone)
    t.equal([c["call"] for c in eva.get("/calls")["calls"]], [2], "calls")
    eva.get("/calls/1/notes", 404)
    rows = [r for r in line.json("audit") if r["what"] == "case_forgotten"]
    t.equal([(r["person"], r["call"], r["detail"]) for r in rows],
            [(eva.me["person"], 1, COUNTS)], "on record")


@test()
def what_a_crash_left_is_finished(t):
    """Rows gone and the message not, or half wiped."""
    line = with_ana(t)
    gone = [*message(line, 1), *message(line, 2)]
    os.makedirs(os.path.join(line.data, "gone"), 0o700)
    os.rename(os.path.join(line.data, "messages", "2.sealed"),
              os.path.join(line.data, "gone", "0"))
    all_of(t, line, *gone)
    line.command("forget", "1", "--yes")
    nothing_of(t, line, *gone)
    t.equal(messages(line), [], "messages")

    gone = message(line, 3)
    os.rename(os.path.join(line.data, "messages", "3.sealed"),
              os.path.join(line.data, "gone", "0"))
    line.run()
    nothing_of(t, line, *gone)


@test()
def the_message_goes_whatever_fails(t):
    """The rows are gone, marks cannot be read: that is told, but nobody hears
    a message that was left over, nor has the line to start again for that."""
    line = with_ana(t)
    line.run()
    call(line, 1)
    gone = [note(line, 1), *message(line, 1)]
    run(line, "ALTER TABLE mark RENAME COLUMN made_day TO somewhere_else")
    done = line.command("forget", "1", "--yes", wanted=None)
    t.check(done.returncode == 1 and done.stderr, done.stdout + done.stderr)
    nothing_of(t, line, *gone)
    t.equal(messages(line), [], "messages")
    run(line, "ALTER TABLE mark RENAME COLUMN somewhere_else TO made_day")
    t.equal(forgotten(line), [
        (1, "1 notes, 0 drafts, 0 attempts, 0 promises, 0 marks")],
        "on record")


def asked(line, number):
    with open(line.listings, "a", encoding="utf-8") as said:
        return subprocess.Popen(
            [program("ringback"), "forget", str(number), "--yes", "--data",
             line.data], stdin=subprocess.DEVNULL, stdout=said, stderr=said)


@test(seconds=180)
def killed_while_it_forgets(t):
    """Whoever dies, and whenever: asked again, it is gone."""
    line = with_ana(t)
    gone = {n: a_case(t, line, n) for n in range(1, 7)}
    line.run()
    line.steady = False
    for number, bodies in gone.items():
        command = asked(line, number)
        # at another moment each time: as soon as this much of it has begun
        seen = {1: lambda: True,
                2: lambda: not run(line, "SELECT 1 FROM promise WHERE call"
                                   " = 2 AND state = 'open'"),
                3: lambda: not run(line, "SELECT 1 FROM note WHERE call = 3"),
                4: lambda: "4.sealed" not in messages(line),
                5: lambda: command.poll() is not None,
                6: lambda: True}[number]
        t.until(seen, f"call {number} is being forgotten", 20)
        if number == 6:
            command.kill()
        else:
            os.kill(t.until(lambda: line.processes().get("ringback-line"),
                            "the line runs"), signal.SIGKILL)
        t.until(lambda: command.poll() is not None, "the command ends", 30)
        line.up()
        again = line.command("forget", str(number), "--yes", wanted=None)
        t.check(again.returncode == 0 or "nothing is kept" in again.stderr,
                again.stderr)
        nothing_of(t, line, *bodies)
        t.check(len([r for r in forgotten(line) if r[0] == number]) == 1,
                f"on record: {forgotten(line)}")
    t.equal((line.calls(), line.json("promises", "--all"), messages(line)),
            ([], [], []), "what is left")
    line.command("audit", "verify")
