# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads backups as src/seal/archive.h describes them, by libsodium, tar and
SQLite alone; and a counsellor's keys, as a page would hold them."""
import base64
import ctypes
import glob
import io
import os
import sqlite3
import subprocess
import tarfile

from api import Api
from case import SLOW, Failed, program
import seal

sodium = seal.sodium
HEAD, LID, PADDED, SEALED, STEP = 56, 56 + 120, 4096, 4113, 20
FINAL = 3
BACKUP, KEYRING = 0, 1


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# sealing, as a page does

def pair():
    """Public and private key."""
    keys = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(*keys)
    return keys[0].raw, keys[1].raw


def aead(plain, bound, nonce, key):
    out = ctypes.create_string_buffer(len(plain) + 16)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, ctypes.c_ulonglong(len(plain)), bound,
        ctypes.c_ulonglong(len(bound)), None, nonce, key)
    return out.raw


def sealed(kind, epoch, subject, public, plain, step=1024):
    """A short thing, as src/seal/seal.h says."""
    head = b"RBS\x01" + kind + bytes(3) + int(epoch).to_bytes(8, "big")
    key, nonce = os.urandom(32), os.urandom(24)
    box = ctypes.create_string_buffer(80)
    if sodium.crypto_box_seal(box, key, ctypes.c_ulonglong(32), public):
        raise Failed("no public key")
    plain += b"\x80"
    plain += bytes(-len(plain) % step)
    return head + box.raw + nonce + aead(
        plain, head + int(subject).to_bytes(8, "big"), nonce, key)


class Keys:
    """A counsellor with a key of their own, as their page keeps it."""

    def __init__(self, api):
        self.api = api
        self.name, self.person = api.me["name"], api.me["person"]
        self.public, self.private = pair()
        head, nonce = b"RBS\x01P" + bytes(11), os.urandom(24)
        self.wrapping = os.urandom(32)
        self.wrapped = head + nonce + aead(self.private, head + self.public,
                                           nonce, self.wrapping)
        api.post("/vault", {"public": b64(self.public),
                            "wrapped": b64(self.wrapped),
                            "proof": api.proof})

    def signs_in(self, t, line):
        """Anew, with the passphrase of before."""
        proof, self.api = self.api.proof, Api(t, line)
        self.api.post("/sign-in/begin", {"name": self.name})
        self.api.me = self.api.post("/sign-in", {"name": self.name,
                                                 "proof": proof})
        t.plant(self.api.cookie.partition("=")[2])
        self.api.proof = proof
        return self

    def epochs(self):
        """Private keys of those that they can open."""
        found = {}
        for row in self.api.get("/vault")["epochs"]:
            if row["sealed"]:
                found[int(row["epoch"])] = seal.opened(
                    raw(row["sealed"]), self.person, self.private)
        return found

    def writes(self, call, text):
        to = self.api.get(f"/calls/{call}/notes")["seal_to"]
        self.api.post(f"/calls/{call}/notes", {
            "epoch": to["epoch"],
            "sealed": b64(sealed(b"N", to["epoch"], call, raw(to["public"]),
                                 text.encode()))})
        return int(to["epoch"])

    def reads(self, call):
        """Notes that open; None for one that does not."""
        epochs = self.epochs()
        texts = []
        for note in self.api.get(f"/calls/{call}/notes")["notes"]:
            private = epochs.get(int(note["epoch"]))
            text = private and seal.opened(raw(note["sealed"]), call, private)
            texts.append(text.decode() if text else None)
        return texts


# backups

def recovery(line):
    """The recovery key, of a line that has one share that needs no other."""
    return seal.share(line.shares[0].split())


class Sealed:
    """One that was written: what can be read of it, and with a key."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.bytes = f.read()
        head = self.bytes[:HEAD]
        if head[:16] != b"Ringback backup\x01":
            raise Failed(f"{path} is no backup")
        self.made_at = int.from_bytes(head[16:24], "big")
        self.public = head[24:HEAD]
        part = self.bytes[HEAD:HEAD + 16]
        self.kind, self.house = part[5], int.from_bytes(part[8:], "big")

    def opened(self, private):
        """The files in it: {name: bytes}."""
        part = self.bytes[HEAD:]
        bound = part[:16] + self.made_at.to_bytes(8, "big") + bytes(8)
        key = ctypes.create_string_buffer(32)
        if sodium.crypto_box_seal_open(key, part[16:96],
                                       ctypes.c_ulonglong(80),
                                       self.public, private):
            raise Failed("sealed to another key")
        state = ctypes.create_string_buffer(52)
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(
            state, part[96:120], key)
        whole, tag, n = b"", ctypes.c_ubyte(), 0
        for at in range(LID, len(self.bytes), SEALED):
            plain = ctypes.create_string_buffer(PADDED)
            if sodium.crypto_secretstream_xchacha20poly1305_pull(
                    state, plain, None, ctypes.byref(tag),
                    self.bytes[at:at + SEALED], ctypes.c_ulonglong(SEALED),
                    bound, ctypes.c_ulonglong(len(bound))):
                raise Failed(f"chunk {n} does not open")
            whole += plain.raw.rstrip(b"\0")[:-1]
            n += 1
        if tag.value != FINAL or n % STEP:
            raise Failed(f"{n} chunks, the last tagged {tag.value}")
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            return {member.name: tar.extractfile(member).read()
                    for member in tar.getmembers()}


def database(image, path):
    """The store of a backup, to be looked at."""
    with open(path, "wb") as f:
        f.write(image)
    return sqlite3.connect(path)


def backup(line, folder):
    """Path of the new one."""
    before = set(glob.glob(os.path.join(folder, "*.backup")))
    line.command("backup", folder)
    new = set(glob.glob(os.path.join(folder, "*.backup"))) - before
    if len(new) != 1:
        raise Failed(f"new backups: {new}")
    return new.pop()


def with_shares(line, *argv, data=None, shares=None):
    """A command that reads shares."""
    done = subprocess.run(
        [program("ringback"), *argv, "--data", data or line.data],
        input="\n\n".join(line.shares if shares is None else shares),
        capture_output=True, text=True, timeout=60 * SLOW, check=False)
    with open(line.listings, "a", encoding="utf-8") as f:
        f.write(done.stdout + done.stderr)
    return done


def restored(line, path, to, *options):
    """The line, in a data folder made of a backup."""
    done = with_shares(line, "restore", path, *options, data=to)
    if done.returncode:
        raise Failed(f"restore: {done.stderr}")
    line.data = to
    return done
