# SPDX-License-Identifier: AGPL-3.0-or-later
"""States of a call: how one comes there, and what must come of it when the
processes of the line have been killed there."""
import time


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

def talks(c, blow, at, was_up):
    """They talk, or talk on, and either side can hang up."""
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
    if was_up:  # whoever was answered hears something all the time
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


QUEUE = [State(arriving, talks), State(waiting, talks), State(offered, talks),
         State(picking_up, talks), State(talking, talks),
         State(hanging_up, is_over), State(wrapped_up, is_over)]
