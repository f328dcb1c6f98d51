# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept too long goes for good: rows, keys, and what a colleague's page
may still have of them; and nobody's call for help goes with it."""
import os
import signal
import subprocess

from api import Api
from case import program, test
from kept import (all_of, call, draft, mark, message, note, nothing_of,
                  old_epoch, run)
from line import Line
from test_keep import messages
from test_promises import owe
from test_vault import b64, head, key_post


def dropped(line):
    return [epoch for epoch, in run(line, "SELECT id FROM epoch WHERE dropped"
                                    " ORDER BY id")]


def by_line(line):
    return {r["line"]: r for r in line.json("retention")}


def promised(line, number, months_ago):
    """Its promise was made so long ago."""
    run(line, "UPDATE promise SET made_at = CAST(strftime('%s', 'now', ?) AS"
        " INTEGER) * 1000 WHERE call = ?", f"-{months_ago} months", number)


@test()
def what_is_due_goes(t):
    """By command, on a line that does not run; nothing else goes."""
    line = Line(t)
    line.command("person", "add", "Ana")
    for number, months in ((1, 30), (2, 20), (3, 1)):
        call(line, number, months_ago=months)
    old, keys = old_epoch(line, 13)
    kept, other_keys = old_epoch(line, 12)
    gone = [note(line, 2, old), note(line, 3, old, n=300),
            draft(line, 2, 1, days_ago=31), note(line, 1),
            mark(line, 1, old, due=-2), mark(line, 2, old, due=2)]
    stays = [note(line, 2, kept), note(line, 3), draft(line, 3, 1, 29),
             mark(line, 3, kept, due=-2),
             *other_keys]
    row = by_line(line)["main"]
    t.equal((row["keep_notes"], row["keep_calls"], row["overdue"],
             row["alarm"]), (12, 24, True, True), "before")
    t.check(row["oldest"] < row["due"], f"times: {row}")
    said = line.command("status")
    t.check("ringback retention --now" in said, said)
    t.equal(line.status()["overdue"], ["main"], "status")
    all_of(t, line, *gone, *keys, *stays)

    said = line.command("retention", "--now")
    t.check("main" in said and "--now" not in said, said)
    nothing_of(t, line, *gone, *keys)
    all_of(t, line, *stays)
    t.equal(dropped(line), [old], "epochs that are dropped")
    t.equal([c["id"] for c in line.calls()], [3, 2], "calls")
    t.equal(run(line, "SELECT call FROM mark ORDER BY call"), [(2,), (3,)],
            "marks: what can be opened, or means something today, is shown")
    t.equal(by_line(line)["main"]["alarm"], False, "afterwards")
    t.equal(line.status()["overdue"], [], "status")
    t.check("retention" not in line.command("status"), "status in words")
    line.command("audit", "verify")


@test()
def by_itself(t):
    """The running line's page process does it, and tells its pages; the
    answer of a page that still has an old key is refused."""
    line = Line(t)
    call(line, 1)
    line.run()
    eva = Api(t, line).sign_up("Eva", "coordinator")
    ana = Api(t, line).sign_up("Ana")
    for who in (eva, ana):
        key_post(who)
    ana.get("/retention", 403)
    rows = eva.get("/retention")["lines"]
    t.equal([(r["line"], r["keep_notes"], r["keep_calls"],
              r["keep_messages"], r["overdue"], r["held"], r["messages"],
              r["alarm"]) for r in rows],
            [("main", 12, 24, 90, False, 0, 0, False)], "retention")
    t.check(rows[0]["oldest"] and rows[0]["oldest"] < rows[0]["due"], rows)

    # Ana's page holds an old key that Eva's has not
    old, keys = old_epoch(line, 14)
    gone = note(line, 1, old)
    person = ana.me["person"]
    run(line, "UPDATE epoch_grant SET person = ? WHERE epoch = ? AND person ="
        " 77", person, old)
    wanting = [g for g in ana.get("/vault/wanting")["grants"]
               if g["epoch"] == str(old) or g["epoch"] == old]
    t.equal([g["name"] for g in wanting], ["Eva"], "who wants it")
    t.equal(eva.get("/retention")["lines"][0]["alarm"], True, "an alarm")
    gift = {"epoch": wanting[0]["epoch"], "person": wanting[0]["person"],
            "public": wanting[0]["public"],
            "sealed": b64(head(b"E", old) + os.urandom(184))}

    os.kill(line.processes()["ringback-web"], signal.SIGKILL)
    line.steady = False
    nothing_of(t, line, gone, *keys)
    t.until(lambda: "ringback-web" in line.processes(), "it is back")
    t.until(ana.reached, "it answers")
    ana.post("/vault/grants", gift, 403)  # hers is gone, too
    t.check(gift["epoch"] not in [e["epoch"] for e in
                                  ana.get("/vault")["epochs"]], "vault")
    t.equal(run(line, "SELECT count(*) FROM epoch_grant WHERE epoch = ?",
                old), [(0,)], "grants")
    t.equal(eva.get("/retention")["lines"][0]["alarm"], False, "no alarm")


@test()
def not_by_a_wrong_clock(t):
    """A clock far ahead of the last look deletes nothing, and says so, until
    somebody says that it is right. As long as it is ahead, the looks of the
    store are as far behind: the one is tried by the other."""
    line = Line(t)
    call(line, 1)
    old, keys = old_epoch(line, 14)
    gone = note(line, 1, old)
    run(line, "UPDATE looked SET day = day - 400")
    line.run()
    eva = Api(t, line).sign_up("Eva", "coordinator")
    t.until(lambda: "nothing is deleted by itself" in open(
        line.log, encoding="utf-8", errors="replace").read(), "the log")
    row, = eva.get("/retention")["lines"]
    t.equal((row["clock_doubted"], row["alarm"], row["overdue"]),
            (True, True, False), "the page")
    said = line.command("status")
    t.check("The clock says" in said and "deleted by itself" in said and
            "if it is right:\nringback retention --now" in said, said)
    t.equal(line.status()["overdue"], ["main"], "status")
    row = by_line(line)["main"]
    t.check(row["clock_doubted"] and row["looked"], row)
    all_of(t, line, gone, *keys)
    t.equal(dropped(line), [], "dropped")

    line.command("retention", "--now")
    nothing_of(t, line, gone, *keys)
    t.equal(dropped(line), [old], "dropped")
    t.equal(line.status()["overdue"], [], "status")
    t.equal(eva.get("/retention")["lines"][0]["alarm"], False, "no alarm")


@test()
def an_older_store_knows_when_it_was_used(t):
    """It has no look on record: the newest thing that it has stands for it."""
    line = Line(t)
    run(line, "DELETE FROM audit")
    for number, months, doubted in ((1, 4, True), (2, 0, False)):
        call(line, number, months_ago=months)
        run(line, "DROP TABLE looked")
        for column in ("certificate", "srtp"):  # came later
            run(line, f"ALTER TABLE trunk DROP COLUMN {column}")
        run(line, "PRAGMA user_version = 16")
        row = by_line(line)["main"]
        t.equal(row["clock_doubted"], doubted, f"{months} months")


@test()
def what_is_owed_stays(t):
    """With its message and the keys of its time: an alarm, until somebody has
    seen to it. What was written goes all the same."""
    line = Line(t)
    old, keys = old_epoch(line, 14)
    older, older_keys = old_epoch(line, 18)
    call(line, 2)
    gone = note(line, 2, old)
    owe(line, 1, kind="message")
    promised(line, 1, 15)
    spoken = message(line, 1)
    line.command("retention", "--now")
    nothing_of(t, line, gone, *older_keys)
    all_of(t, line, *keys, *spoken)
    t.equal(dropped(line), [older], "dropped")
    row = by_line(line)["main"]
    t.equal((row["held"], row["messages"], row["overdue"]), (1, 1, True),
            "alarms")
    line.run()
    t.until(lambda: "open for longer than" in open(
        line.log, encoding="utf-8", errors="replace").read(), "the log")
    said = line.command("status")
    t.check("keep_notes" in said and "keep_messages" in said, said)
    t.equal([p["state"] for p in line.json("promises")], ["open"], "open")
    t.equal(messages(line), ["1.sealed"], "messages")

    line.command("promise", "close", "1", "--reason", "test")
    t.until(lambda: not messages(line), "the message goes")
    said = line.last_words(1000)
    t.check("could not be deleted" not in said, said)
    line.command("retention", "--now")
    nothing_of(t, line, *keys, *spoken)
    t.equal(dropped(line), [old, older], "dropped")
    t.equal(line.status()["overdue"], [], "status")


@test()
def per_line_and_kind(t):
    """As the configuration says; what it cannot say is refused."""
    line = Line(t)
    line.options(keep_notes=2, keep_calls=3, keep_messages=4)
    old, keys = old_epoch(line, 3)
    kept, other_keys = old_epoch(line, 2)
    call(line, 1, months_ago=5)
    call(line, 2, months_ago=2)
    line.command("retention", "--now")
    t.equal(dropped(line), [old], "dropped")
    nothing_of(t, line, *keys)
    all_of(t, line, *other_keys)
    t.equal([c["id"] for c in line.calls()], [2], "calls")
    row = by_line(line)["main"]
    t.equal((row["keep_notes"], row["keep_calls"], row["keep_messages"]),
            (2, 3, 4), "options")

    for i, (options, said) in enumerate((
            ({"keep_notes": 0}, "from 1 to 120"),
            ({"keep_notes": "for ever"}, "from 1 to 120"),
            ({"keep_calls": 121}, "from 1 to 120"),
            ({"keep_messages": 366}, "from 1 to 365"),
            ({"keep_notes": 30}, "at least as many months"))):
        wrong = Line(t, f"wrong{i}", trunk=False)
        wrong.options(**options)
        done = wrong.command("retention", wanted=None)
        t.equal(done.returncode, 1, f"{options}: {done.stderr}")
        t.check(said in done.stderr, f"{options}: {done.stderr}")


@test(seconds=120)
def killed_while_it_deletes(t):
    """Asked again, it finishes; whatever is left is whole."""
    line = Line(t)
    for number in range(1, 400):
        call(line, number, months_ago=30)
    call(line, 1000)
    epochs = [old_epoch(line, months) for months in range(13, 25)]
    gone = [note(line, 1000, epoch) for epoch, _ in epochs]
    keys = [key for _, grants in epochs for key in grants]
    for at in (len(epochs) - 1, len(epochs) // 2, 1):
        with open(line.listings, "a", encoding="utf-8") as said:
            command = subprocess.Popen(
                [program("ringback"), "retention", "--now", "--data",
                 line.data], stdin=subprocess.DEVNULL, stdout=said,
                stderr=said)
        t.until(lambda: command.poll() is not None or
                len(dropped(line)) >= len(epochs) - at, "so many are gone",
                60)
        command.kill()
        t.until(lambda: command.poll() is not None, "it ends")
        # an epoch that is dropped has nothing left
        t.equal(run(line, "SELECT count(*) FROM epoch e WHERE dropped AND"
                    " (EXISTS (SELECT 1 FROM epoch_grant WHERE epoch = e.id)"
                    " OR EXISTS (SELECT 1 FROM note WHERE epoch = e.id))"),
                [(0,)], "halves")
    line.command("retention", "--now", seconds=60)
    t.equal([c["id"] for c in line.calls()], [1000], "calls")
    t.equal(len(dropped(line)), len(epochs), "dropped")
    nothing_of(t, line, *gone, *keys)
