# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: what is in them, for whom, and how a line comes back."""
import os
import re
import shutil
import stat
import subprocess

from api import Api
from backup import (BACKUP, KEYRING, Keys, Sealed, b64, backup, database, raw,
                    recovery, restored, with_shares)
from backup import sealed as sealing
from case import SLOW, program, test
from cast import answers, caller, phone
from line import Line
import seal
import sealed
from test_promises import owe
from test_vault import forms

NOTE = "Quitte im Nebel, seit Montag"
# long enough that no random bytes look like it
NAME = "Ottilie Quittenbaum-Nebelhorn"
JUMP = 1000000


def one_share(t, **options):
    """A line whose recovery key is one share, which a test can use alone."""
    line = Line(t, sealing=False, **options)
    made = line.command("recovery", "make", "--shares", "1", "--need", "1")
    words = made.partition("---- Share 1")[2]
    line.shares = [" ".join(word for i, word in zip(
        words.split(), words.split()[1:]) if i.rstrip(".").isdigit()
        and i.endswith("."))]
    return line


def folder(t, name="away"):
    os.makedirs(t.path(name), exist_ok=True)
    return t.path(name)


def store_of(t, path, private):
    files = Sealed(path).opened(private)
    return files, database(files["store.db"], t.path("looked-at.db"))


@test(seconds=120)
def all_of_it_comes_back(t):
    """Notes, a message, promises and people; and nothing of it is to be seen
    in what is kept."""
    line = one_share(t)
    key = recovery(line)
    user = t.number()
    line.person(NAME, f"sip:{user}@127.0.0.1:5099", on=False)
    owe(line, 1)
    owe(line, 2, kind="message")
    line.run()
    ana = Keys(Api(t, line).sign_up("Ana", "coordinator"))
    epoch = ana.writes(1, NOTE)
    t.equal(ana.reads(1), [NOTE], "the note before")
    sound = bytes(range(256)) * 100
    message = sealed.put(line, 2, sound)
    sealed.put(line, 9, sound)  # of a call that is not on record (yet)
    path = backup(line, folder(t))
    keyring = t.path("away", "keyring")
    for one in (path, keyring):
        t.equal(stat.S_IMODE(os.stat(one).st_mode), 0o600, "mode")
    t.equal(sorted(os.listdir(folder(t))),
            sorted(["keyring", os.path.basename(path)]), "files")

    # what is in it
    files, db = store_of(t, path, key)
    t.equal(sorted(files), ["messages/2.sealed", "ringback.conf",
                            "store.db"], "files of a backup")
    with open(message, "rb") as f:
        t.equal(files["messages/2.sealed"], f.read(), "the message")
    with open(line.config, "rb") as f:
        t.equal(files["ringback.conf"], f.read(), "the configuration")
    t.equal(db.execute("PRAGMA integrity_check").fetchone(), ("ok",),
            "the store")
    t.equal([db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
             for table in ("person", "promise", "note", "epoch_grant",
                           "session", "invitation", "binding")],
            [2, 2, 1, 0, 0, 0, 0], "rows")
    grants = Sealed(keyring).opened(key)
    t.equal(list(grants), ["grants"], "files of a keyring")
    t.equal((Sealed(path).kind, Sealed(keyring).kind), (BACKUP, KEYRING),
            "kinds")
    t.equal(Sealed(path).house, Sealed(keyring).house, "house")
    rows = [grants["grants"][i:i + 244]
            for i in range(0, len(grants["grants"]), 244)]
    t.check(len(rows) >= 4, "grants")
    for row in rows:
        t.check(row[44:76] not in files["store.db"],
                "a grant is in the backup")

    # what is not to be seen in it
    t.check(user.encode() in files["store.db"] and
            NAME.encode() in files["store.db"], "the search finds what is there")
    for one in (path, keyring):
        for said in (user, NAME, NOTE, ana.private, sound[:64],
                     "ringback.conf"):
            for form in forms(said):
                t.check(form not in Sealed(one).bytes, f"{said} in {one}")

    # elsewhere
    line.stop()
    done = restored(line, path, t.path("elsewhere"))
    t.check("with 1 open message." in done.stdout, done.stdout)
    t.equal(sorted(os.listdir(line.data)),
            ["messages", "ringback.conf", "store.db"], "the new folder")
    t.equal(stat.S_IMODE(os.stat(line.data).st_mode), 0o700, "its mode")
    line.run()
    ana.api.get("/me", 401)
    ana.signs_in(t, line)
    t.equal(ana.reads(1), [NOTE], "the note")
    t.check(max(ana.epochs()) > epoch + JUMP, f"epochs: {ana.epochs()}")
    later = ana.writes(1, NOTE + ".")
    t.check(later > epoch + JUMP, f"a new note is sealed to {later}")
    t.equal(ana.reads(1), [NOTE, NOTE + "."], "both notes")
    t.equal([(p["call"], p["kind"], p["has_message"])
             for p in ana.api.get("/promises")["promises"]],
            [(1, "ring_back", False), (2, "message", True)], "promises")
    got = ana.api.ask("GET", "/promises/2/message").raw
    (part,) = sealed.opened(got, 2, *both(ana.epochs()[
        int.from_bytes(got[8:16], "big")]))
    t.equal(part[1], sound, "what was said")
    t.check(line.opened(2), "the message, with the recovery key")
    t.equal([p["name"] for p in line.json("person", "list")],
            ["Ana", NAME], "people")
    words = [row["what"] for row in line.json("audit")]
    t.check("backup_made" not in words and "backup_restored" in words,
            f"audit: {words}")
    t.check("as it was written" in line.command("audit", "verify"), "chain")
    line.quiet = False


def brought_back(who, found, wanted):
    """What the page of a coordinator does with numbers that wait."""
    to, epochs, numbers = found["dialler"], who.epochs(), []
    for one in found["numbers"]:
        subject = int(one["id"]) | (1 << 63 if one["kind"] == "phone" else 0)
        plain = seal.opened(raw(one["sealed"]), subject,
                            epochs[int(one["epoch"])])
        wanted[one["kind"]](plain.decode())
        numbers.append({"kind": one["kind"], "id": one["id"], "sealed": b64(
            sealing(b"D", to["id"], subject, raw(to["public"]), plain, 64))})
    return who.api.post("/vault/numbers", {"dialler": to["id"],
                                           "numbers": numbers})["taken"]


@test(seconds=120)
def numbers_wait(t):
    """The key that they are rung with was in the memory of the line that is
    lost: they wait, and the page of a coordinator brings them back."""
    line = one_share(t)
    key = recovery(line)
    owed, own = t.number(), t.number()
    owe(line, 1, number=owed)
    line.run()
    ana = Keys(Api(t, line).sign_up("Ana", "coordinator"))
    # the caller was there before she was
    done = with_shares(line, "recovery", "grant", "Ana")
    t.equal(done.returncode, 0, done.stderr)
    line.command("person", "add", "Zoe", "--phone", own)
    t.until(lambda: not any(line.status()["telephones"].values()),
            "her telephone is sealed")

    def promises():
        return [p["number"] for p in ana.api.get("/promises")["promises"]]

    t.until(lambda: promises() == ["ready"], "what is owed is sealed")
    path = backup(line, folder(t))
    files, db = store_of(t, path, key)
    db.close()
    for number in (owed, own):
        t.check(number.encode() not in files["store.db"], "a number")
    line.stop()

    restored(line, path, t.path("elsewhere"))
    line.run()
    t.equal(line.status()["telephones"]["waiting"], 1, "waiting")
    ana.signs_in(t, line)
    t.equal(promises(), ["waits"], "what is owed")
    found = ana.api.get("/vault/numbers")
    t.equal(brought_back(ana, found, {
        "promise": lambda plain: t.check(owed in plain, "the caller's"),
        "phone": lambda plain: t.check(own in plain, "Zoe's")}), 2, "taken")
    t.until(lambda: promises() == ["ready"] and
            not line.status()["telephones"]["waiting"],
            "the line has both numbers again")
    line.quiet = False


def both(private):
    """Public and private key."""
    return seal.public(private), private


@test(seconds=120)
def without_the_keyring(t):
    """Nobody opens what was sealed before, until it is found again; and who
    has lost their passphrase gets it by the recovery key."""
    line = Line(t)
    owe(line, 1)
    line.run()
    ana = Keys(Api(t, line).sign_up("Ana"))
    ana.writes(1, NOTE)
    path = backup(line, folder(t))
    line.stop()
    shutil.move(t.path("away", "keyring"), t.path("found"))

    done = restored(line, path, t.path("elsewhere"))
    t.check("no keyring" in done.stderr, done.stderr)
    line.run()
    ana.signs_in(t, line)
    t.equal(ana.reads(1), [None], "a note without its key")
    done = with_shares(line, "recovery", "grant", "Ana")
    t.check("no more" in done.stdout, done.stdout + done.stderr)
    t.equal(ana.reads(1), [None], "nor does the recovery key help")
    done = with_shares(line, "recovery", "grant", "Ana", "--keyring",
                       t.path("found"))
    t.equal(done.returncode, 0, done.stderr)
    t.equal(ana.reads(1), [NOTE], "with the keyring")

    # another passphrase, another key
    link = line.command("person", "invite", "Ana")
    again = Keys(Api(t, line).let_in(
        link.partition("#invite=")[2].split()[0]))
    t.equal(again.reads(1), [None], "with another key of hers")
    done = with_shares(line, "recovery", "grant", "Ana", shares=[])
    t.equal((done.returncode, "type their words" in done.stderr), (1, True),
            done.stderr)
    done = with_shares(line, "recovery", "grant", "Bob")
    t.equal((done.returncode, "nobody of that name" in done.stderr),
            (1, True), done.stderr)
    done = with_shares(line, "recovery", "grant", "Ana")
    t.equal(done.returncode, 0, done.stderr)
    t.equal(again.reads(1), [NOTE], "by the recovery key")
    # with the keyring she got what was sealed before she came, too
    whats = [row["what"] for row in line.json("audit")]
    t.equal(whats.count("keys_recovered"), 2, "on record")
    line.quiet = False


@test(seconds=90)
def while_somebody_talks(t):
    """The talk goes on; the backup knows of it, and a line that comes back
    from it has it on record as one."""
    ana = phone(t, answers)
    line = one_share(t)
    key = recovery(line)
    line.person("Ana", ana.uri)
    line.run()
    one = caller(t, line)
    ana.saw("ACK")
    line.talking(1)
    path = backup(line, folder(t))
    _, db = store_of(t, path, key)
    t.equal(db.execute("SELECT state, outcome FROM call").fetchall(),
            [("talking", "")], "the call in the backup")
    db.close()
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked")
    after = backup(line, folder(t))
    _, db = store_of(t, after, key)
    t.equal(db.execute("SELECT outcome FROM call").fetchall(),
            [("talked",)], "the call in the next backup")
    db.close()
    line.stop()

    line.pids = {}
    restored(line, path, t.path("elsewhere"))
    line.run()
    line.outcome(outcome="talked")


@test()
def nothing_by_mistake(t):
    """What is wrong is said in plain words, and nothing is made or lost."""
    line = Line(t)
    path = backup(line, folder(t))
    with open(path, "rb") as f:
        whole = f.read()
    with open(t.path("away", "keyring"), "rb") as f:
        ring = f.read()

    other = Line(t, "other")
    done = other.command("backup", folder(t), wanted=None)
    t.equal(done.returncode, 1, "into the folder of another line")
    t.check("a folder of its own" in done.stderr, done.stderr)
    with open(t.path("away", "keyring"), "rb") as f:
        t.equal(f.read() == ring, True, "the keyring is as it was")
    done = line.command("backup", line.data, wanted=None)
    t.check("data folder itself" in done.stderr, done.stderr)
    done = line.command("backup", t.path("nowhere"), wanted=None)
    t.equal((done.returncode, "no such file or folder" in done.stderr),
            (1, True), done.stderr)
    without = Line(t, "without", sealing=False)
    done = without.command("backup", folder(t, "b"), wanted=None)
    t.equal((done.returncode, "recovery make" in done.stderr), (1, True),
            done.stderr)
    t.equal(os.listdir(folder(t, "b")), [], "nothing was left")

    for bad, said in ((whole[:-1], "cut off"), (whole[:5000], "cut off"),
                      (whole[:90], "no backup"), (b"", "no backup"),
                      (whole[:9000] + b"\0" + whole[9001:], "damaged"),
                      (whole[:15] + b"\2" + whole[16:], "newer Ringback"),
                      (ring, "is a keyring")):
        with open(t.path("away", "bad"), "wb") as f:
            f.write(bad)
        done = with_shares(line, "restore", t.path("away", "bad"),
                           data=t.path("new"))
        t.equal(done.returncode, 1, f"{said}: {done.stdout}")
        t.check(said in done.stderr, f"{said}? {done.stderr}")
        t.check(not os.path.exists(t.path("new")), f"{said}: a folder")

    for shares, said in (([], "type their words"), (line.shares[:1], "more"),
                         (other.shares, "another recovery key"),
                         (line.shares[:1] * 2, "typed twice")):
        done = with_shares(line, "restore", path, data=t.path("new"),
                           shares=shares)
        t.equal((done.returncode, said in done.stderr), (1, True),
                f"{said}? {done.stderr}")
        t.check(not os.path.exists(t.path("new")), f"{said}: a folder")

    before = os.listdir(line.data)
    done = with_shares(line, "restore", path)
    t.equal((done.returncode, "is not empty" in done.stderr), (1, True),
            done.stderr)
    t.equal(os.listdir(line.data), before, "the data folder")
    foreign = backup(other, folder(t, "c"))
    done = with_shares(line, "restore", path, "--keyring",
                       os.path.join(os.path.dirname(foreign), "keyring"),
                       data=t.path("new"))
    t.equal((done.returncode, "another installation" in done.stderr),
            (1, True), done.stderr)


def has_locked(process, path):
    """It waits for shares by now."""
    if not os.path.isdir(path):
        return False
    with open("/proc/locks", encoding="ascii") as f:
        return re.search(rf" WRITE +{process.pid} +\S+:{os.stat(path).st_ino} ",
                         f.read()) is not None


@test()
def one_restore_at_a_time(t):
    """Who comes second is told at once; what somebody else puts into the folder
    is left alone."""
    line = Line(t)
    path = backup(line, folder(t))
    for name, wanted in (("a", "Restored"), ("b", "not empty any more")):
        to = t.path(name)
        with subprocess.Popen(
                [program("ringback"), "restore", path, "--data", to],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True) as slow:
            try:
                t.until(lambda: has_locked(slow, to), "it has the folder", 20)
                done = with_shares(line, "restore", path, data=to)
                t.equal((done.returncode, "another restore" in done.stderr),
                        (1, True), done.stderr)
                t.equal(os.listdir(to), [], "what is there")
                if name == "b":
                    with open(os.path.join(to, "own"), "wb"):
                        pass
                said, _ = slow.communicate("\n\n".join(line.shares),
                                           timeout=60 * SLOW)
            finally:
                slow.kill()
        t.equal((slow.returncode, wanted in said),
                (0 if name == "a" else 1, True), said)
    t.equal(os.listdir(to), ["own"], "what is there")
    done = with_shares(line, "restore", path, data=t.path("a"))
    t.equal((done.returncode, "is not empty" in done.stderr), (1, True),
            done.stderr)
