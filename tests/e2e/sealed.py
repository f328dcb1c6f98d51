# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sealed messages (src/seal/stream.h), made and opened by libsodium alone: none
of Ringback's own code is in between."""
import ctypes
import os
import sqlite3

sodium = ctypes.CDLL("libsodium.so.23")
sodium.sodium_init()

LID, CHUNK, PADDED, SEALED, STEP = 120, 4095, 4096, 4113, 20
FINAL = 3


def pair():
    """Public and private key."""
    keys = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(*keys)
    return keys[0].raw, keys[1].raw


def head(epoch, codec=0):
    return b"RBS\x01M" + bytes([codec, 0, 0]) + epoch.to_bytes(8, "big")


def bound(begin, call, part):
    return begin + call.to_bytes(8, "big") + part.to_bytes(8, "big")


def long(n):
    return ctypes.c_ulonglong(n)


def padded(sound):
    return sound + b"\x80" + bytes(PADDED - 1 - len(sound))


def part_of(sound, call, epoch, public, codec=0, part=0):
    """What a caller said, G.711, as one part of a message."""
    begin = head(epoch, codec)
    about = bound(begin, call, part)
    key = os.urandom(32)
    box = ctypes.create_string_buffer(80)
    if sodium.crypto_box_seal(box, key, long(32), public):
        raise ValueError("no public key")
    state = ctypes.create_string_buffer(52)
    nonce = ctypes.create_string_buffer(24)
    sodium.crypto_secretstream_xchacha20poly1305_init_push(state, nonce, key)
    chunks = [sound[i:i + CHUNK] for i in range(0, len(sound), CHUNK)]
    chunks += [b""] * (-len(chunks) % STEP)
    out = begin + box.raw + nonce.raw
    for i, chunk in enumerate(chunks):
        sealed = ctypes.create_string_buffer(SEALED)
        sodium.crypto_secretstream_xchacha20poly1305_push(
            state, sealed, None, padded(chunk), long(PADDED), about,
            long(len(about)), FINAL if i + 1 == len(chunks) else 0)
        out += sealed.raw
    return out


def opened(message, call, public, private):
    """Its parts: (codec, sound) of each."""
    parts = []
    while message:
        begin, key = message[:16], ctypes.create_string_buffer(32)
        if sodium.crypto_box_seal_open(key, message[16:96], long(80), public,
                                       private):
            raise ValueError("sealed to another key")
        about = bound(begin, call, len(parts))
        state = ctypes.create_string_buffer(52)
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(
            state, message[96:LID], key)
        sound, tag, at = b"", ctypes.c_ubyte(), LID
        while tag.value != FINAL and at < len(message):
            plain = ctypes.create_string_buffer(PADDED)
            if sodium.crypto_secretstream_xchacha20poly1305_pull(
                    state, plain, None, ctypes.byref(tag),
                    message[at:at + SEALED], long(SEALED), about,
                    long(len(about))):
                raise ValueError(f"a chunk of part {len(parts)} does not open")
            sound += plain.raw.rstrip(b"\0")[:-1]
            at += SEALED
        parts.append((begin[5], sound))
        message = message[at:]
    return parts


def put(line, call, sound, on="main"):
    """A message in the data folder, as media would have left it; returns its
    file."""
    db = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)
    epoch, public = db.execute(
        "SELECT id, public FROM epoch WHERE line = ? AND current = 1",
        (on,)).fetchone()
    db.close()
    folder = os.path.join(line.data, "messages")
    os.makedirs(folder, 0o700, exist_ok=True)
    path = os.path.join(folder, f"{call}.sealed")
    with open(path, "wb") as f:
        f.write(part_of(sound, call, epoch, public))
    return path
