# SPDX-License-Identifier: AGPL-3.0-or-later
"""`ringback upgrade` at noon: every process is replaced, and nobody who is on
the line notices; what does not start is not what runs in the end."""
import os
import shutil
import sqlite3
import stat
import subprocess
import threading
import time

from case import SLOW, build_dir, program, test
from cast import answers, caller, line_for, phone
from line import Line
from stalls import GAP, HICCUP, Stalls
from test_talk_goes_on import hear, talk
from ua import Ua

PROGRAMS = ("ringback", "ringback-media", "ringback-line", "ringback-web")
TRIES = 4

# what says which version it is, and ends when it is started
ENDS = '[ "$1" = --about ] && exec REAL --about\nexit 1\n'


def later(name):
    """A program of a version that changes the store (tests/later)."""
    path = os.path.join(build_dir(), "tests", "later", name)
    return path if os.path.exists(path) else program(name)


def release(t, name, instead=(), text="", programs=program):
    """A folder with all programs; some of them are a script instead."""
    top = t.path(name)
    os.makedirs(os.path.join(top, "bin"))
    for entry in ("console", "prompts", "docs"):
        if os.path.exists(os.path.join(build_dir(), entry)):
            os.symlink(os.path.join(build_dir(), entry),
                       os.path.join(top, entry))
    for each in PROGRAMS:
        path = os.path.join(top, "bin", each)
        if each not in instead:
            shutil.copy2(programs(each), path)
            continue
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text.replace("REAL", programs(each)))
        os.chmod(path, stat.S_IRWXU)
    return os.path.join(top, "bin")


def upgrade(line, folder, *options, wanted=0):
    done = line.command("upgrade", "--from", folder, *options, wanted=None,
                        seconds=90)
    line.case.equal(done.returncode, wanted,
                    f"exit code ({done.stdout} {done.stderr})")
    return done.stdout + done.stderr


def folders(line):
    """Where the programs are that run, of each that does not leave."""
    return {os.path.dirname(os.readlink(f"/proc/{row['pid']}/exe"))
            for row in line.status()["processes"]
            if row["state"] != "draining"}


def draining(line):
    return [row for row in line.status()["processes"]
            if row["state"] == "draining"]


@test(90)
def calls_go_on(t):
    """A talk outlives every process of before, in what it hears and in its
    dialogs; new calls come to the new ones; the old one ends with its last."""
    new = release(t, "new")
    line, one, ana = talk(t)
    keeper = line.keeper.pid
    stalls = Stalls()
    rows = []   # seconds without sound; of which the machine stalled
    while not rows or (all(gap > GAP * SLOW + stall for gap, stall in rows)
                       and len(rows) < TRIES):
        at = time.monotonic()
        upgrade(line, new)
        hear(t, one, ana)
        rows.append((max(one.gap(at), ana.gap(at)) / 1000,
                     stalls.within(at, time.monotonic())))
    told = ", ".join(f"{gap * 1000:.0f} ms (the machine itself stalled for "
                     f"{stall * 1000:.0f} ms)" for gap, stall in rows)
    t.figure(f"longest gap in the sound while all is upgraded: {told}")
    t.check(any(gap <= GAP * SLOW + stall for gap, stall in rows) and
            all(gap <= HICCUP * SLOW + stall for gap, stall in rows),
            f"gaps of {told}")
    t.check(one.none("BYE") and ana.none("BYE"), "nobody is hung up on")
    line.up()
    line.talking(1)
    t.equal(folders(line), {new}, "programs")
    t.equal(line.processes()["ringback"], keeper, "the keeper's process")
    t.equal([row["name"] for row in draining(line)], ["ringback-media"],
            "who still has a call")
    t.check({row["version"] for row in line.status()["processes"]},
            "versions are told")

    line.command("person", "off", "Ana")
    two = caller(t, line)
    line.waiting(1)
    one.hangs_up()
    ana.is_hung_up_on()
    t.until(lambda: "talked" in [c["outcome"] for c in line.calls()],
            "the talk is on record")
    t.until(lambda: not draining(line), "the old media process ends")
    line.waiting(1)
    two.go()
    two.done()
    for each in (one, ana):
        each.stop()


@test(120)
def what_does_not_start_is_rolled_back(t):
    """Whichever it is: the old programs run again, and the talk goes on."""
    line, one, ana = talk(t)
    before = folders(line)
    for broken in PROGRAMS[1:]:
        new = release(t, f"without-{broken}", (broken,), ENDS)
        said = upgrade(line, new, wanted=1)
        t.check(broken in said and "Going back" in said and
                "Not upgraded" in said, f"it says so: {said}")
        line.up()
        line.talking(1)
        t.equal(folders(line), before, f"programs, without a {broken}")
        hear(t, one, ana)
    t.check(one.none("BYE") and ana.none("BYE"), "nobody is hung up on")
    one.hangs_up()
    ana.is_hung_up_on()
    line.outcome(outcome="talked", counsellor="Ana")
    for each in (one, ana):
        each.stop()


@test()
def a_keeper_that_does_not_start(t):
    """It would be the last to go: all the others go back."""
    line = line_for(t)
    line.steady = False
    before = folders(line)
    new = release(t, "new", ("ringback",), ENDS)
    said = upgrade(line, new, wanted=1)
    t.check("keeper" in said, f"it says which: {said}")
    line.up()
    t.equal(folders(line), before, "programs")
    t.until(lambda: not draining(line), "the other media process ends")
    caller(t, line, lambda s: s.invite().recv(100, optional=True)
           .recv(180, optional=True).recv(200).ack().bye().recv(200)).done()


@test()
def not_whole(t):
    """Programs that are missing, or of two versions, are not even tried."""
    line = line_for(t)
    new = release(t, "new", ("ringback-web",), 'echo "version 9.9"\n'
                  'echo "wire 0"\n')
    t.check("another version" in upgrade(line, new, wanted=1), "two versions")
    os.unlink(os.path.join(new, "ringback-web"))
    t.check("not all in" in upgrade(line, new, wanted=1), "one is missing")


@test()
def programs_in_the_data_folder(t):
    """Where a process that was taken over could write, and make them its own:
    not one of them is even asked which it is."""
    line = line_for(t)
    told = t.path("told")
    new = release(t, "new", PROGRAMS, f': >"{told}"\nexec REAL "$@"\n')
    inside = os.path.join(line.data, "gone", "bin")
    os.makedirs(os.path.dirname(inside), exist_ok=True)
    shutil.copytree(new, inside)
    elsewhere = t.path("elsewhere")
    os.symlink(inside, elsewhere)
    for folder in (inside, elsewhere):
        said = upgrade(line, folder, wanted=1)
        t.check("within the data folder" in said, f"it says so: {said}")
    t.check(not os.path.exists(told), "none of them was started")
    shutil.rmtree(inside)


@test()
def no_way_back(t):
    """A version whose store this one could not work with: neither now nor when
    nobody is on the line, and the store is not touched."""
    line = line_for(t)
    was = schema(line)
    new = release(t, "new", ("ringback",), '[ "$1" = --about ] && { REAL '
                  '--about | grep -v "^oldest"; echo oldest 9002; exit; }\n'
                  'exec REAL "$@"\n', later)
    for options in ((), ("--when-idle",)):
        said = upgrade(line, new, *options, wanted=1)
        t.check("could not be put back" in said and "backup" in said,
                f"it says so: {said}")
    t.equal(schema(line), was, "schema of the store")
    line.up()


@test()
def nobody_to_ask(t):
    line = line_for(t)
    line.stop()
    done = line.command("upgrade", wanted=None)
    t.equal(done.returncode, 1, "exit code")
    t.check("No keeper" in done.stderr, f"it says why: {done.stderr}")


@test(90)
def when_nobody_is_on_the_line(t):
    """Releases that cannot run side by side: told so; with --when-idle all is
    replaced as soon as the last talk is over."""
    ana = phone(t, answers)
    line = line_for(t, ana)
    line.steady = False
    new = release(t, "new", PROGRAMS, '[ "$1" = --about ] && { '
                  'echo "version 9.9"; echo "wire 0"; exit; }\n'
                  'exec REAL "$@"\n')
    one = caller(t, line)
    line.talking(1)
    t.check("--when-idle" in upgrade(line, new, wanted=1), "it says how")
    before = line.processes()
    with open(t.path("waits"), "w", encoding="utf-8") as out:
        waits = subprocess.Popen(
            [program("ringback"), "upgrade", "--from", new, "--when-idle",
             "--data", line.data], stdout=out, stderr=out)
        t.children.append(waits)
        t.until(lambda: "Waiting" in open(t.path("waits"),
                                          encoding="utf-8").read(),
                "it waits")
        line.talking(1)
        t.equal(line.processes(), before, "processes during the talk")
        one.go()
        one.done()
        ana.done()
        t.until(lambda: waits.poll() is not None, "it goes on", 60)
    t.equal(waits.returncode, 0, open(t.path("waits"),
                                      encoding="utf-8").read())
    line.up()
    after = line.processes()
    t.check(all(after[name] != before[name] for name in PROGRAMS[1:]),
            f"each process is another one: {before} {after}")
    t.equal(after["ringback"], before["ringback"], "the keeper's process")


# the store of a later version

ROWS = 100000
FIRST = 1000000   # their numbers
KILLS = 3         # of the line: new, put back, mended
PATIENCE = 10     # of a caller, seconds


def store(line):
    return sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)


def fill(line):
    """So many calls of before on record, none of them so old that it is
    deleted."""
    db = store(line)
    quarter = int(time.time()) // 900 * 900000
    with db:
        db.execute(
            "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
            "WHERE i < ?) INSERT INTO call (id, line, language, state, "
            "outcome, reason, arrived_at, wait_ms, talk_ms, counsellor) "
            "SELECT ? + i, 'main', 'en', 'over', 'talked', '', "
            "? - 900000 * (i % 90), 5000, 60000, 1 FROM c",
            (ROWS, FIRST, quarter))
    db.close()


def asked(line, sql):
    db = store(line)
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


def schema(line):
    return asked(line, "PRAGMA user_version") & 0xffff


class Callers(threading.Thread):
    """One after the other calls, is answered, and hangs up, as long as it is
    wanted: how long each waited for the answer."""

    def __init__(self, t, line):
        super().__init__(daemon=True)
        self.line, self.number, self.on = line, t.number(), True
        self.ua = Ua("caller", 450)
        self.waits, self.fault = [], None
        self.start()

    def run(self):
        while self.on and not self.fault:
            call = self.ua.call(self.line.address, "line", self.number)
            self.until(call, "up")
            if call.answered:
                self.waits.append(call.answered - call.began)
            self.ua.hang_up(call)
            self.until(call, "over")

    def until(self, call, state):
        """A second and a bit is what a line takes that was killed."""
        end = time.monotonic() + PATIENCE * SLOW
        while call.state != state and not self.fault:
            if self.ua.faults or time.monotonic() > end:
                self.fault = (f"a caller is not {state} but {call.state} "
                              f"{call.code} {self.ua.faults}")
            time.sleep(0.01)

    def done(self, t):
        self.on = False
        self.join()
        self.ua.close()
        t.check(not self.fault, self.fault)
        return self.waits


def answered(t, line):
    """Somebody calls, is answered, and hangs up."""
    callers = Callers(t, line)
    t.until(lambda: callers.waits or callers.fault, "a caller is answered")
    return len(callers.done(t))


@test(120)
def what_has_changed_the_store_is_rolled_back(t):
    """The new version changes the store, 100,000 calls on record, and then one
    of its processes does not start: the old one runs on with that store. Mended,
    it takes over. Callers are answered all the time."""
    ana = phone(t, answers)
    line = Line(t)
    line.person("Ana", ana.uri)
    fill(line)
    line.run()
    before, was = folders(line), schema(line)
    one = caller(t, line)
    line.talking(1)

    callers = Callers(t, line)
    new = release(t, "ends", ("ringback-line",), ENDS, later)
    said = upgrade(line, new, wanted=1)
    waits = callers.done(t)
    line.up()
    t.check("Going back" in said and "ringback-line" in said,
            f"it says so: {said}")
    t.equal(folders(line), before, "programs")
    t.check(schema(line) > was, f"the store is another one: {schema(line)}")
    t.equal(asked(line, "SELECT count(*) FROM call WHERE later = 'filled' AND "
                  f"id BETWEEN {FIRST} + 1 AND {FIRST + ROWS}"), ROWS,
            "calls that were changed")

    # the old one goes on, also when it is started with that store
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.stop()
    line.run()
    t.equal(folders(line), before, "programs, started anew")
    n = answered(t, line)

    callers = Callers(t, line)
    new = release(t, "mended", programs=later)
    upgrade(line, new)
    waits += callers.done(t)
    line.up()
    t.equal(folders(line), {new}, "programs")
    n += answered(t, line)

    t.until(lambda: asked(line, "SELECT count(*) FROM call WHERE outcome = ''")
            == 0, "all are on record as over")
    t.equal(asked(line, "SELECT count(*) FROM call WHERE id <= "
                  f"{FIRST + ROWS}"), ROWS, "calls of before")
    # whose first INVITE was heard by a line that was killed is there twice
    extra = asked(line, "SELECT count(*) FROM call WHERE id > "
                  f"{FIRST + ROWS}") - 1 - n - len(waits)
    t.check(0 <= extra <= KILLS, f"{extra} records too many")
    t.equal(asked(line, f"SELECT count(*) FROM call WHERE id > {FIRST + ROWS} "
                  "AND outcome = 'talked'"), 1, "talks on record")
    t.figure(f"{len(waits)} callers while {ROWS} calls on record were changed "
             f"and all was replaced: answered within {max(waits):.2f} s")
    line.stop()
