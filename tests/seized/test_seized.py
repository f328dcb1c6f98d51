# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server that is seized says nothing: a day with planted secrets, and then
every byte of what is left is looked at. And once with sealing switched off: the
same search must find them."""
import glob
import os
import resource
import signal
import time
from collections import Counter

from browser import Browser  # noqa: F401 (these tests start one)
from case import build_dir, test
from day import Day
from opening import Copied
from search import Search
import unsealed

# what the store must be able to read: docs/threat-model.md
READABLE = {"name", "second factor"}
# what the keeper holds: for the line, when that starts again
KEPT = {"dialler's key"}
# what the search must find when nothing is sealed
WITHOUT_SEALING = {"note", "draft", "message", "epoch's key", "person's key",
                   "number in a talk", "number of a caller", "number typed",
                   "own telephone", *READABLE}


def cores_wanted():
    """As an operator who wants to see why something crashed."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)


def is_sanitized():
    """Then what was freed stays in memory on purpose."""
    with open(os.path.join(build_dir(), "bin", "ringback-media"), "rb") as f:
        return b"__asan_init" in f.read()


def crash_signal():
    """One that would leave a core; of the other a sanitizer makes a report."""
    return signal.SIGABRT if is_sanitized() else signal.SIGSEGV


def quiet_day(t, **options):
    """What everybody does, and nothing goes wrong."""
    day = Day(t, **options)
    day.arrives()
    day.second_factor()
    day.talk()
    day.off_duty()
    day.notes()
    day.headers()
    day.forget()
    day.known_caller()
    day.typing_caller()
    day.backup()
    day.keys()
    return day


def told(hits):
    """Which secrets, how written, and where: never what."""
    count = Counter(f"{hit.kind} ({hit.way}) in {os.path.basename(hit.place)}"
                    for hit in hits)
    return "; ".join(f"{what}, {n} times" for what, n in count.most_common(12))


def nothing_but(t, hits, allowed, where):
    bad = [hit for hit in hits if hit.kind not in allowed]
    t.check(not bad, f"{where}: {told(bad)}")


def process_is_silent(t, day, names, but=frozenset(), seconds=5):
    """So long after the calls have ended."""
    pids = {pid: name for name, pid in day.line.processes().items()
            if name in names}
    t.equal(set(pids.values()), set(names), "processes to be searched")
    search = Search(t.folder, day.all(*READABLE, *but))
    hits = []

    def look():
        hits[:] = search.memory(pids)
        for hit in hits:
            hit.place = pids[int(hit.place)]
        return not hits
    t.until(look, lambda: f"memory: {told(hits)}", seconds)
    return search.bytes


def memory_is_silent(t, day):
    """But for what the keeper is there to hold, which is found. Returns how
    much of it."""
    keeper = day.line.processes()["ringback"]
    found = Search(t.folder, day.canaries["dialler's key"]).memory([keeper])
    t.check(found, "the dialler's key is found in the keeper's memory")
    return process_is_silent(t, day, ("ringback-media", "ringback-web")) + \
        process_is_silent(t, day, ("ringback",), KEPT)


def all_that_is_left(t, day, since):
    """Hits by where they are: the data folder, backups, what was said, and
    what anybody may have left in folders for all. And bytes searched."""
    search = Search(t.folder, day.all())
    t.equal(glob.glob(os.path.join(day.line.data, "**", "core*"),
                      recursive=True), [], "core files")
    said = [path for path in t.said if os.path.exists(path)]
    return {
        "data": search.folder(day.line.data),
        "backups": search.folder(day.backups),
        "said": search.places(said),
        "shared": search.shared(since, but=(t.folder, *t.folders)),
    }, search.bytes


def says_nothing(t, left):
    """But for what the store must read, and people's names."""
    nothing_but(t, left["data"], READABLE, "in the data folder")
    t.equal(kinds(left["data"]) & READABLE, READABLE,
            "what is readable is found")
    nothing_but(t, left["backups"], set(), "in backups")
    nothing_but(t, left["said"], {"name"}, "in logs and listings")
    nothing_but(t, left["shared"], set(), "in folders for all")


def months_later(t, day, since):
    """Notes are gone, what is owed is not, and nothing has come to light."""
    n_owed = day.messages_open()
    t.check(day.n_notes(), "there are notes")
    day.months_pass()
    t.equal(day.n_notes(), 0, "notes that are left")
    t.equal(day.messages_open(), n_owed, "messages that open still")
    left, _ = all_that_is_left(t, day, since)
    says_nothing(t, left)


def kinds(hits):
    return {hit.kind for hit in hits}


@test(seconds=300)
def a_seized_server_says_nothing(t):
    """Neither on disk nor in memory, whatever crashed; and with the right key
    each thing opens."""
    cores_wanted()
    since = time.time()
    day = quiet_day(t)
    day.line.idle()
    in_memory = 0 if is_sanitized() else memory_is_silent(t, day)

    day.crash("ringback-media", crash_signal())
    day.crash("ringback-line", signal.SIGKILL)
    day.kill("ringback-web", crash_signal())
    day.listings()
    day.power_loss()
    left, on_disk = all_that_is_left(t, day, since)
    says_nothing(t, left)
    print(f"searched {in_memory} bytes of memory, {on_disk} on disk for "
          f"{len(day.all())} secrets")

    day.notes_open()
    day.marks_open()
    day.numbers_open()
    t.equal(day.messages_open(), 3, "messages that open")
    t.equal(day.restored(), 1, "messages that open where it was restored")
    months_later(t, day, since)


# what the line holds as long as it is open or employed
HELD = {"number of a caller", "number typed", "own telephone", *KEPT}
TRANSACTION_S = 32  # SIP: how long an answer may be asked for again


@test(seconds=900, long=True)
def a_full_day(t):
    """More of everything, and all processes are looked at, the line when SIP
    has done with its calls."""
    cores_wanted()
    since = time.time()
    day = Day(t)
    day.arrives()
    day.second_factor()
    day.ring_back()
    for n in range(3):
        day.talk()
        day.off_duty()
        day.notes(2 * n + 2)
        day.headers()
    for n in range(3):
        day.known_caller()
        day.typing_caller()
    day.backup()
    day.keys()
    day.line.idle()
    if not is_sanitized():
        memory_is_silent(t, day)
        process_is_silent(t, day, ("ringback-line",), HELD,
                          TRANSACTION_S + 30)
    for how in (crash_signal(), signal.SIGKILL):
        for name in ("ringback-media", "ringback-line"):
            day.crash(name, how)
        day.kill("ringback-web", how)
    day.listings()
    day.power_loss()
    left, on_disk = all_that_is_left(t, day, since)
    says_nothing(t, left)
    print(f"searched {on_disk} bytes on disk for {len(day.all())} secrets")
    day.notes_open()
    day.marks_open()
    day.numbers_open()
    t.equal(day.messages_open(), 7, "messages that open")
    t.equal(day.restored(), 3, "messages that open where it was restored")
    months_later(t, day, since)


@test(seconds=300)
def without_sealing_it_is_found_out(t):
    """The same day and the same search, and each kind of secret is found."""
    unsealed.laid_out(t)
    since = time.time()
    day = quiet_day(t, opening=Copied)
    day.power_loss()
    left, _ = all_that_is_left(t, day, since)
    for place in ("data", "backups"):
        print(f"found in {place}: {told(left[place])}")
        t.equal(kinds(left[place]), WITHOUT_SEALING, f"found in {place}")
    with open(day.line.log, encoding="utf-8", errors="replace") as f:
        t.check("SEALING IS SWITCHED OFF" in f.read(), "said loudly")
    day.notes_open()
    day.marks_open()
    day.numbers_open()
    t.equal(day.messages_open(), 1, "messages that open")

    # what is deleted is not in any page that is free, either
    day.months_pass()
    left = kinds(Search(t.folder, day.all()).folder(day.line.data))
    t.check("note" not in left, "a note is there after its months")
    t.check("message" in left, "what is owed is there still")
