# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several media processes: calls are spread over them, and the end of one is
the end of its own calls alone."""
import os
import signal

from baresip import Baresip
from case import test
from line import Line
from phone import Phone
from test_answer import CALLER, TALK_S
import wav

PROCESSES = 2
NAMES = [f"ringback-media-{i + 1}" for i in range(PROCESSES)]


def counsellors(t, line, n):
    for i in range(n):
        phone = Phone(t, f"phone{i}", wav=wav.tone(
            t.path(f"phone{i}.wav"), 600 + 100 * i, TALK_S))
        line.person(f"person{i}", phone.uri)


def caller(t, line, name):
    one = Baresip(t, name, wav=wav.tone(t.path(f"{name}.wav"), CALLER,
                                        TALK_S))
    one.dial(f"sip:{t.number()}@{line.address}")
    return one


def ports_of(pid):
    """UDP ports that a process has open."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            inodes.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:
            pass
    with open("/proc/net/udp", encoding="ascii") as f:
        rows = [row.split() for row in f.readlines()[1:]]
    return sorted(int(row[1].rpartition(":")[2], 16) for row in rows
                  if f"socket:[{row[9]}]" in inodes)


def hears_more(t, one, seconds=2.0):
    """Sound with energy goes on arriving."""
    since = wav.Sound(one.recording()).seconds
    t.until(lambda: wav.Sound(one.recording()).seconds > since + seconds,
            f"{one.name} goes on hearing", seconds + 10)
    sound = wav.Sound(one.recording())
    t.check(max(sound.energies()[int(since * wav.RATE / wav.BLOCK):]) > 1000,
            f"{one.name} hears nothing but silence")


@test(seconds=150)
def two_processes(t):
    line = Line(t, media_processes=PROCESSES, ring_at_once=1,
                wrap_up_seconds=0)
    line.run()
    t.until(lambda: line.status()["media"] == {"processes": 2, "up": 2},
            "both answer")
    pids = [line.processes()[name] for name in NAMES]
    middle = (line.low + line.high + 1) // 2
    counsellors(t, line, 3)

    # one call in each, with both of its legs
    callers = [caller(t, line, f"caller{i}") for i in range(PROCESSES)]
    line.talking(2)
    for one in callers:
        one.talks()
        hears_more(t, one)
    ports = [ports_of(pid) for pid in pids]
    t.equal([len(p) for p in ports], [2, 2], f"ports of each: {ports}")
    t.check(ports[0][-1] < middle <= ports[1][0],
            f"ports are not shared at {middle}: {ports}")

    # one is killed: its call goes on in the other one
    line.steady = False
    os.kill(pids[1], signal.SIGKILL)
    t.until(lambda: len(ports_of(pids[0])) == 4, "all legs are in the other")
    for one in callers:
        hears_more(t, one)

    # new calls go on, before it is back and after
    third = caller(t, line, "third")
    third.talks()
    hears_more(t, third)
    t.until(lambda: line.status()["media"]["up"] == 2,
            "the one that was killed is up again", 20)
    t.equal(line.processes()[NAMES[0]], pids[0], "the other one")
    t.check(line.processes()[NAMES[1]] != pids[1], "it was not restarted")
    for one in (*callers, third):
        hears_more(t, one)
        one.hang_up()
    t.equal([c["outcome"] for c in line.ended(3)], ["talked"] * 3, "outcomes")
    line.idle()
