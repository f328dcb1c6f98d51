# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of each process, and orderly ends."""
import os
import signal

from case import test
from cast import answers, caller, calls, connects, line_for, phone

KEEPER, LINE, MEDIA = "ringback", "ringback-line", "ringback-media"


def one_talk(t, line, ana, n=1):
    """A call that gets through, as the n-th of Ana's."""
    one = caller(t, line, name=f"caller{n}")
    ana.saw("ACK", n)
    line.talking(1)
    one.go()
    one.done()


def comes_back_alone(t, line, *names):
    """These die in the same moment."""
    before = line.processes()
    for name in names:
        os.kill(before[name], signal.SIGSTOP)
    for name in names:
        os.kill(before[name], signal.SIGKILL)
    t.until(lambda: all(line.processes().get(name) not in
                        (None, before[name]) for name in names),
            f"{names} come back")
    line.up()


def comes_back(t, which):
    ana = phone(t, answers, calls=2)
    line = line_for(t, ana, wrap_up_seconds=0)
    line.steady = False
    one_talk(t, line, ana)
    before = line.processes()
    os.kill(before[which], signal.SIGKILL)
    t.until(lambda: line.processes().get(which) not in
            (None, before[which]), f"{which} comes back")
    line.up()
    after = line.processes()
    t.equal({n: p for n, p in after.items() if n != which},
            {n: p for n, p in before.items() if n != which},
            "the other processes")
    one_talk(t, line, ana, 2)
    ana.done()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2,
            "outcomes")


@test()
def line_while_nobody_calls(t):
    comes_back(t, LINE)


@test()
def media_while_nobody_calls(t):
    comes_back(t, MEDIA)


@test()
def line_again_and_again(t):
    """Comes back each time, later each time."""
    line = line_for(t)
    line.steady = False
    for _ in range(3):
        before = line.processes()[LINE]
        os.kill(before, signal.SIGKILL)
        t.until(lambda b=before: line.processes().get(LINE)
                not in (None, b), "the line comes back", 15)
        line.up()
    caller(t, line, lambda s: connects(s).bye().recv(200)).done()


@test()
def line_while_somebody_waits(t):
    """They wait on. Only if their sound died with the line are they cut off:
    then, when the line is back, that is a promise which a coordinator must see
    to. Only closing it with a reason ends it."""
    line = line_for(t)
    line.steady = False
    one = caller(t, line, calls)
    line.waiting(1)
    comes_back_alone(t, line, LINE)
    line.waiting(1)
    t.equal(line.json("promises"), [], "open promises")
    comes_back_alone(t, line, MEDIA, LINE)
    promise = line.json("promises")[0]
    for field, value in (("kind", "cut_off"), ("state", "open"),
                         ("level", "coordinator"), ("owner", None)):
        t.equal(promise[field], value, f"{field} of the promise")
    t.equal(line.calls()[0]["outcome"], None, "outcome of the call")
    line.command("promise", "close", str(promise["call"]),
                 "--reason", "unreachable")
    line.outcome(outcome="closed", reason="unreachable")
    t.equal(line.json("promises"), [], "open promises")
    one.process.kill()


@test()
def the_keeper(t):
    """The others go on, a talk too; a new keeper adopts them."""
    ana = phone(t, answers, calls=3)
    line = line_for(t, ana, wrap_up_seconds=0)
    one_talk(t, line, ana)
    before = line.processes()
    during = caller(t, line, name="during")
    ana.saw("ACK", 2)
    line.keeper.kill()
    line.keeper.wait()
    t.until(lambda: KEEPER not in line.processes(), "the keeper is gone")
    during.go()
    during.done()
    t.equal(line.processes(), {n: p for n, p in before.items()
                               if n != KEEPER}, "the others")
    line.start()
    line.up()
    t.until(lambda: KEEPER in line.processes(), "a new keeper")
    after = line.processes()
    t.equal({n: p for n, p in after.items() if n != KEEPER},
            {n: p for n, p in before.items() if n != KEEPER},
            "those that it adopts")
    one_talk(t, line, ana, 3)
    ana.done()
    # the new keeper watches over them
    os.kill(after[LINE], signal.SIGKILL)
    t.until(lambda: line.processes().get(LINE) not in
            (None, after[LINE]), "the adopted line comes back")
    line.up()
    line.pids = line.processes()


@test()
def two_keepers(t):
    """The second says that one runs and leaves it alone."""
    line = line_for(t)
    before = line.processes()
    done = line.command("run", wanted=None)
    t.check(done.returncode != 0, "the second keeper runs")
    t.check(done.stderr.strip(), "it says nothing")
    t.equal(line.processes(), before, "processes")


@test()
def stop_in_the_middle(t):
    """SIGTERM while one waits and one talks: both are told with BYE."""
    ana = phone(t)
    line = line_for(t, ana)
    first = caller(t, line, lambda s: connects(s).ended(), name="first")
    ana.saw("ACK")
    second = caller(t, line, lambda s: connects(s).ended(), name="second")
    line.waiting(1)
    line.stop()
    first.done()
    second.done()
    ana.done()
    newest, oldest = line.calls()
    t.equal((oldest["outcome"], newest["outcome"]), ("talked", None),
            "outcomes")
    t.equal(newest["state"], "promised", "the one who was cut off")


@test()
def stop_while_a_phone_rings(t):
    ana = phone(t, lambda s: s.rings().expect("CANCEL")
                .reply(200, contact=False).refuses(487))
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s).ended())
    ana.saw("INVITE")
    line.stop()
    ana.done()
    one.done()
    t.equal(line.calls()[0]["state"], "promised", "who was cut off")


@test()
def starts_and_stops(t):
    """Three times on the same ports."""
    line = line_for(t)
    for n in range(3):
        caller(t, line, lambda s: connects(s).bye().recv(200),
               name=f"caller{n}").done()
        line.ended(n + 1)
        line.idle()
        line.stop()
        line.run()
    t.equal(len({c["id"] for c in line.calls()}), 3, "call numbers")


@test()
def people_survive_a_restart(t):
    """On duty stays on duty."""
    ana = phone(t)
    line = line_for(t, ana)
    line.stop()
    line.run()
    t.equal(line.status()["on_duty"], 1, "on duty")
    one_talk(t, line, ana)
    ana.done()


@test()
def a_line_that_does_not_end(t):
    """It is killed, and the keeper's end says so."""
    line = line_for(t)
    os.kill(line.pids[LINE], signal.SIGSTOP)
    line.stop(20, code=1)
    t.check("ringback-line did not end by itself" in line.last_words(),
            line.last_words())
