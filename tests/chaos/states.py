# SPDX-License-Identifier: AGPL-3.0-or-later
"""States of a call: how one comes there, and what must come of it when the
processes of the line have been killed there."""
import os
import time

from sealed import LID, SEALED
import wav


class State:
    """at_home: the caller has a telephone that can be rung back."""

    def __init__(self, comes, judge, at_home=False):
        self.comes, self.judge, self.at_home = comes, judge, at_home
        self.name = comes.__name__.replace("_", " ")


# how one comes there

def arriving(c):
    c.duty("on")
    c.place()
    c.doze(0.02)


def waiting(c):
    c.duty("off")
    c.place()
    c.until(lambda: c.call.state == "up", "answered")
    c.caller.sound.press("0")   # nobody is there; they wait all the same
    c.line.waiting(1)
    c.doze(0.5)


def offered(c):
    c.ana.picks_up = None
    c.duty("on")
    c.place()
    c.until(lambda: c.ana.now("ringing"), "Ana is rung")
    c.doze(0.1)


def picking_up(c):
    c.duty("on")
    c.place()
    c.until(lambda: c.ana.now("up"), "Ana picks up")
    c.doze(0.02)


def talking(c):
    c.duty("on")
    c.place()
    c.hear_each_other(0)
    c.doze(0.3)


def hanging_up(c):
    talking(c)
    c.caller.hang_up(c.call)
    c.doze(0.01)


def wrapped_up(c):
    talking(c)
    c.caller.hang_up(c.call)
    c.until(lambda: not c.ana.now("up"), "Ana is told")
    c.doze(0.05)


# what must come of it

def talks(c, blow, at, was_up, silent=False):
    """They talk, or talk on, and either side can hang up. silent: there was
    nothing to be heard meanwhile."""
    c.ana.picks_up = 0.2
    c.duty("on")
    c.until(lambda: c.call.state == "up", "the caller is answered")
    if blow.loses_dialogs and c.is_unknown():
        is_lost(c)
        return
    c.hear_each_other(time.monotonic())
    time.sleep(max(0.2, at + 1 - time.monotonic()))
    c.until(lambda: c.call.state == "up" and len(c.ana.now("up")) == 1,
            "they talk")
    if was_up and not silent:  # whoever was answered hears something all the time
        c.sound_went_on(c.caller.sound, max(c.call.answered + 0.3, at),
                        time.monotonic())
    if c.dice.random() < 0.5:
        c.caller.hang_up(c.call)
    else:
        c.ana.hang_up(c.ana.now("up")[0])
    both_over(c)
    c.on_record("talked", twice=not was_up)


def both_over(c, codes=(0, 200)):
    c.until(lambda: c.call.state == "over" and
            not c.ana.now("up", "ringing", "leaving"), "both sides are over")
    for d in (c.call, *c.ana.dialogs.values()):
        c.t.check(d.bye_code in codes, f"{c.where}: a BYE was answered with "
                  f"{d.bye_code}")


def is_over(c, blow, _at, _was_up):
    """It had ended: it is on record as a talk. If nobody is left who could
    know, it may be owed instead."""
    if blow.loses_dialogs:
        c.until(lambda: c.call.state == "over", "the caller is over")
        c.is_settled("talked", "cut_off")
        return
    both_over(c)
    c.on_record("talked")


def is_lost(c):
    """Whose dialog and sound die in the same moment hears nothing any more:
    who talked has talked; that any other is owed a call is on record at once.
    Whoever hangs up is told that there is no call."""
    c.is_settled("talked", "cut_off")
    c.caller.hang_up(c.call)
    c.until(lambda: c.call.state == "over", "the caller is over")
    c.t.check(c.call.bye_code in (0, 200, 481), f"{c.where}: BYE was "
              f"answered with {c.call.bye_code}")


# promises: how one comes there

def nobody_there(c):
    c.duty("off")
    c.place()
    c.until(lambda: c.call.state == "up", "answered")


def presses(c, one, keys, condition, what):
    """Again and again, since sound may have been away just now."""
    due = 0

    def look():
        nonlocal due
        if time.monotonic() > due and one.now("up"):
            one.sound.press(keys)
            due = time.monotonic() + 0.8
        return condition()
    return c.until(look, what, 30)


def asked(c):
    nobody_there(c)
    c.caller.sound.press("1")
    c.doze(1)


def speaking(c):
    """Five seconds of a message are on disk."""
    nobody_there(c)
    call = c.new_calls()[0]["id"]
    path = os.path.join(c.line.data, "messages", f"{call}.sealed")
    c.until(lambda: os.path.exists(path) and
            os.path.getsize(path) > LID + 10 * SEALED,
            "five seconds are spoken")


def promised(c):
    nobody_there(c)
    presses(c, c.caller, "1", lambda: [p for p in c.owed().values()
                                       if p["has_number"]], "it is promised")


def home_rings(c):
    promised(c)
    leaves(c)
    c.home.picks_up = None
    c.duty("on")
    ring(c)
    c.until(lambda: c.home.now("ringing"), "they are rung back")
    c.doze(0.1)


def rung_back(c):
    promised(c)
    leaves(c)
    c.duty("on")
    talk_at_home(c)
    c.doze(0.3)


# and what must come of it

def gets_a_person(c, blow, at, was_up):
    """Who was asked something may always have a person instead."""
    if blow.loses_dialogs:
        talks(c, blow, at, was_up)
        return
    c.ana.picks_up = 0.2
    c.duty("on")
    presses(c, c.caller, "0", lambda: c.ana.now("up"), "Ana picks up")
    talks(c, blow, at, was_up, silent=True)


def is_kept(c, blow, _at, _was_up):
    """What was spoken can be heard, but for the last second."""
    leaves(c)
    owed = c.is_owed("message", *(["cut_off"] if blow.loses_dialogs else []))
    if owed["kind"] == "message":
        path = c.until(lambda: c.line.opened(owed["call"]), "it opens")
        seconds = len(wav.read(path)) / wav.RATE
        c.t.check(seconds >= 1, f"{c.where}: {seconds:.1f} s are kept")
    c.forget()


def leaves(c):
    """The caller hangs up, unless the line has."""
    c.caller.hang_up(c.call)
    c.until(lambda: c.call.state == "over", "the caller is over")


def ring(c):
    """A coordinator wants it at once; it may be rung already."""
    for call in c.owed():
        c.line.command("promise", "ring", str(call), wanted=None)


def talk_at_home(c):
    since, due = time.monotonic(), 0

    def look():
        nonlocal due
        if time.monotonic() > due and not c.home.now("up", "ringing"):
            ring(c)
            due = time.monotonic() + 1
        return c.home.sound.hears(c.ana.sound, since) and \
            c.ana.sound.hears(c.home.sound, since)
    presses(c, c.home, "1", look, "they talk")


def is_rung_back(c, blow, _at, _was_up):
    """What was promised is kept; if the keeper's key died with the line's, as
    soon as a coordinator's page brings the number back."""
    leaves(c)
    c.ana.picks_up = c.home.picks_up = 0.1
    owed = c.is_owed("ring_back")
    if blow.loses_numbers:
        c.t.check(owed["has_number"], f"{c.where}: the number is gone")
        c.forget()
        return
    c.duty("on")
    talk_at_home(c)
    ends_at_home(c)


def ends_at_home(c):
    if c.dice.random() < 0.5:
        c.home.hang_up(c.home.now("up")[0])
    else:
        c.ana.hang_up(c.ana.now("up")[0])
    c.until(lambda: not c.home.now("up", "ringing", "leaving") and
            not c.ana.now("up", "ringing", "leaving"), "both sides are over")
    c.on_record("promise_kept")


def they_talk_on(c, blow, at, _was_up):
    if blow.loses_dialogs:
        c.is_settled("promise_kept", "ring_back")
        return
    c.hear_each_other(time.monotonic())
    time.sleep(max(0.2, at + 1 - time.monotonic()))
    c.sound_went_on(c.home.sound, at, time.monotonic())
    ends_at_home(c)


# held: by the telephone of either

def held(c):
    talking(c)
    c.holder, c.holds = c.dice.choice(((c.caller, c.call),
                                       (c.ana, c.ana.now("up")[0])))
    c.holder.hold(c.holds, True)
    c.until(lambda: c.holder.held(c.holds), "it is held")


def is_taken_back(c, blow, at, was_up):
    """They hear each other again as soon as the key is pressed again."""
    if not blow.loses_dialogs:
        c.holder.hold(c.holds, False)
        c.until(lambda: not c.holds.asks and not c.holds.again,
                "it is not held any more")
    talks(c, blow, at, was_up, silent=True)


QUEUE = [State(arriving, talks), State(waiting, talks), State(offered, talks),
         State(picking_up, talks), State(talking, talks),
         State(hanging_up, is_over), State(wrapped_up, is_over)]
MORE = [State(asked, gets_a_person), State(speaking, is_kept),
        State(promised, is_rung_back, True),
        State(home_rings, is_rung_back, True),
        State(rung_back, they_talk_on, True), State(held, is_taken_back)]
