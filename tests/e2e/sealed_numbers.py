# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telephone numbers in a line's store: opened as whoever holds the recovery key
can, sealed anew as a coordinator's page does, without Ringback's own code."""
import ctypes
import os
import sqlite3

import seal

PERSON = 1 << 63  # subject: a telephone of this person, not of a call
LEAST = 200       # bytes of a sealed number


def rows(line, query, *values):
    db = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


# --- the recovery key, of its shares (Shamir over GF(2^8), as libgfshare) ----

def times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11d if a & 0x80 else 0)
        b >>= 1
    return product


def inverse(a):
    return next(b for b in range(1, 256) if times(a, b) == 1)


def share_bytes(words):
    with open(seal.LIST, encoding="ascii") as f:
        places = {word: i for i, word in enumerate(f.read().split())}
    bits = "".join(f"{places[word]:011b}" for word in words.split())
    raw = bytes(int(bits[i:i + 8], 2) for i in range(0, 36 * 8, 8))
    return raw[1], raw[2:2 + seal.KEY]


def joined(shares):
    """The secret of which these are enough shares."""
    points = [share_bytes(words) for words in shares]
    secret = bytes(seal.KEY)
    for x, y in points:
        factor = 1
        for other, _ in points:
            if other != x:
                factor = times(factor, times(other, inverse(other ^ x)))
        secret = bytes(s ^ times(b, factor) for s, b in zip(secret, y))
    return secret


def epoch_key(line, epoch):
    """Its private half, as granted to the recovery key."""
    private = joined(line.shares)
    wanted, = rows(line, "SELECT public FROM recovery")[0]
    assert seal.public(private) == wanted, "the shares do not fit"
    sealed, = rows(line, "SELECT sealed FROM epoch_grant WHERE epoch = ? AND "
                   "person = 0", epoch)[0]
    key = seal.opened(sealed, 0, private)
    assert key, f"the key of epoch {epoch} does not open"
    return key


# --- numbers ------------------------------------------------------------------

def opened(line):
    """The numbers that are kept for promises, by call."""
    keys, found = {}, {}
    for call, epoch, sealed in rows(
            line, "SELECT call, epoch, for_epoch FROM promise "
            "WHERE dialler > 0"):
        if epoch not in keys:
            keys[epoch] = epoch_key(line, epoch)
        found[call] = seal.opened(sealed, call, keys[epoch]).decode()
    return found


def made(text, subject, key, public):
    """Sealed to this key."""
    head = b"RBS\x01D" + bytes(3) + int(key).to_bytes(8, "big")
    secret, nonce = os.urandom(seal.KEY), os.urandom(seal.NONCE)
    box = ctypes.create_string_buffer(seal.BOX)
    if seal.sodium.crypto_box_seal(box, secret, ctypes.c_ulonglong(seal.KEY),
                                   public):
        raise ValueError("no public key")
    plain = text.encode() + b"\x80"
    plain += bytes(-len(plain) % 64)
    bound = head + int(subject).to_bytes(8, "big")
    body = ctypes.create_string_buffer(len(plain) + seal.TAG)
    seal.sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        body, None, plain, ctypes.c_ulonglong(len(plain)), bound,
        ctypes.c_ulonglong(len(bound)), None, nonce, secret)
    return head + box.raw + nonce + body.raw


def put(line, call, text):
    """The number of a promise, sealed to a key that nobody has any more."""
    public = seal.public(os.urandom(seal.KEY))
    db = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)
    with db:
        key = db.execute("INSERT INTO dialler (public, made_at) VALUES (?, 1)",
                         (public,)).lastrowid
        db.execute("UPDATE promise SET dialler = ?, for_dialler = ? "
                   "WHERE call = ?", (key, made(text, call, key, public),
                                      call))
    db.close()
