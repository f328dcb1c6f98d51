# SPDX-License-Identifier: AGPL-3.0-or-later
"""The search itself: what is planted is found, however it is written, and
nothing else is."""
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from canary import RUN, Key, Number, Voice, Word, swapped
from case import test
from rtp import SAMPLES
from search import Search

BLOCK = 1 << 20  # of find.c


def planted(t, raw, at=0):
    """A file of nothing but noise, and this in it."""
    path = t.path("planted")
    noise = os.urandom(at), os.urandom(3000)
    with open(path, "wb") as f:
        f.write(noise[0] + raw + noise[1])
    return path


def finds(t, search, canary, raw, what, at=1000):
    hits = search.places([planted(t, raw, at)])
    t.equal({hit.kind for hit in hits}, {canary.kind}, f"{what} is found")


@test()
def each_way_is_found(t):
    """Of each canary, and wherever a block of the file ends."""
    word, number = Word("word"), Number("number")
    key, voice = Key("key", os.urandom(32)), Voice("voice", 2)
    search = Search(t.folder, [word, number, key, voice])
    t.equal(search.places([planted(t, b"", 5 * BLOCK)]), [], "in noise")
    for canary in (word, number, key):
        for way, needle in canary.needles:
            finds(t, search, canary, needle, f"{canary.kind}, {way}")
    for at in range(BLOCK - 20, BLOCK + 2):
        finds(t, search, word, word.text.encode(), f"a word at {at}", at)
    t.check(search.bytes > 5 * BLOCK, f"{search.bytes} bytes searched")


@test()
def as_others_would_write_it(t):
    """Made by other means than the search's own."""
    word, number = Word("word"), Number("number")
    search = Search(t.folder, [word, number])
    name, digits = word.text, number.text
    for tool, text in (("base64", f"a{name}b"), ("base64", f"ab{name}c"),
                       ("base64", f"abc{name}"), ("xxd -p -c 0", f"x{name}"),
                       ("xxd -u -p -c 0", f"x{name}"),
                       ("base64", f"tel:+{digits}"),
                       ("iconv -t UTF-16LE", f"<{name}>"),
                       ("iconv -t UTF-16BE", f"<{name}>"),
                       ("iconv -t UTF-16LE", f"+{digits}"),
                       ("rev", f"{digits};")):
        raw = subprocess.run(tool.split(), input=text.encode(),
                             capture_output=True, check=True).stdout
        finds(t, search, word if name in text else number, raw,
              f"{tool} of {text[:2]}...")
    swap = "".join(b + a for a, b in zip(f"{digits}F"[::2], f"{digits}F"[1::2]))
    finds(t, search, number, bytes.fromhex(swap), "as SS7 writes it")
    finds(t, search, number, bytes.fromhex(f"1{digits}"), "as BCD")
    finds(t, search, number, int(digits).to_bytes(8, "big"), "as a number")


def coded(samples, table):
    """Samples as G.711, by no other means than its table."""
    return bytes(min(range(256), key=lambda b: (
        abs(table[b] - s), -table[b], -b)) for s in samples)


@test()
def sound_is_found(t):
    """Any run of it: as PCM in both orders of bytes, and as G.711."""
    voice = Voice("voice", 2)
    search = Search(t.folder, [voice])
    ulaw, alaw = (coded(voice.samples[:8000], SAMPLES[c]) for c in (0, 8))
    pcm = voice.samples.tobytes()
    big = bytes(pcm[i ^ 1] for i in range(len(pcm)))
    for name, raw in (("PCMU", ulaw), ("PCMA", alaw), ("PCM", pcm),
                      ("PCM, big", big), ("PCMU, swapped", swapped(ulaw)),
                      ("PCMU, backwards", ulaw[::-1])):
        for at in (0, 1, 777, 3111, len(raw) - RUN):
            finds(t, search, voice, raw[at:at + RUN], f"{name} from {at}")
    other = Voice("voice", 2)
    t.equal(search.places([planted(t, other.samples.tobytes())]), [],
            "somebody else's voice")


HOLDS = ("import sys, time; kept = sys.stdin.buffer.read();"
         "print('ready', flush=True); time.sleep(600)")


def holder(t, raw):
    """A process that has this in its memory, and would write a core."""
    def wants_core():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    os.makedirs(t.path("core"), exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=t.path("core"), preexec_fn=wants_core)
    t.children.append(child)
    child.stdin.write(raw)
    child.stdin.close()
    t.equal(child.stdout.readline(), b"ready\n", "the process holds it")
    child.stdout.close()
    return child


@test()
def memory_and_cores_are_searched(t):
    """Of a process, of what is left when it crashes, of files without a
    name, and names of files."""
    word, other = Word("word"), Word("other")
    search = Search(t.folder, [word, other])
    since = time.time() - 2
    child = holder(t, os.urandom(50000) + word.text.encode())
    t.equal({h.kind for h in search.memory([child.pid])}, {"word"},
            "in memory")
    with open(t.path("gone"), "w+b") as f:
        f.write(word.text.encode("utf-16-le"))
        f.flush()
        os.unlink(f.name)
        t.equal({h.kind for h in search.open_files([os.getpid()])}, {"word"},
                "in a file without a name")
    child.send_signal(signal.SIGSEGV)
    child.wait()
    with open("/proc/sys/kernel/core_pattern", encoding="ascii") as f:
        here = f.read().strip() == "core"
    if here:
        t.equal({h.kind for h in search.folder(t.path("core"))}, {"word"},
                "in the core file")
    os.makedirs(t.path("names", word.text))
    with open(t.path("names", word.text, "empty"), "wb"):
        pass
    t.equal([h.kind for h in search.folder(t.path("names"))], ["word"],
            "in the name of a folder")
    elsewhere = tempfile.mkdtemp(dir="/tmp")
    t.folders.append(elsewhere)
    with open(os.path.join(elsewhere, "left"), "wb") as f:
        f.write(word.text.encode())
    t.equal([hit.place for hit in search.shared(since, but=(t.folder,))],
            [f.name], "in a folder for all")
