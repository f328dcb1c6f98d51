#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes vectors.json: everything sealed, made by PyNaCl (python3-nacl).

Not part of the tests: keys and nonces are random, so each run makes other
vectors. src/seal and console/src/seal are checked against those that are
kept here.
"""
import hashlib
import json
import struct
import sys

from nacl import bindings as b
from nacl.public import PrivateKey, SealedBox
from nacl.utils import random

STEPS = {"N": 1024, "D": 64, "E": 64, "B": 64}


def pad(text, step):
    text += b"\x80"
    return text + bytes(-len(text) % step)


def head(kind, detail, epoch):
    return b"RBS\x01" + kind.encode() + bytes([detail, 0, 0]) + \
        struct.pack(">Q", epoch)


def thing(kind, epoch, subject, plain, detail=0):
    private = PrivateKey.generate()
    key = random(32)
    first = head(kind, detail, epoch)
    bound = first + struct.pack(">Q", subject)
    nonce = random(24)
    body = b.crypto_aead_xchacha20poly1305_ietf_encrypt(
        pad(plain, STEPS[kind]), bound, nonce, key)
    sealed = first + SealedBox(private.public_key).encrypt(key) + nonce + body
    return {"kind": kind, "detail": detail, "epoch": epoch,
            "subject": subject, "private": bytes(private).hex(),
            "public": bytes(private.public_key).hex(),
            "plain": plain.hex(), "sealed": sealed.hex()}


def message(epoch, call, codec, part, sounds, whole=True):
    private = PrivateKey.generate()
    key = random(32)
    first = head("M", codec, epoch)
    bound = first + struct.pack(">QQ", call, part)
    state = b.crypto_secretstream_xchacha20poly1305_state()
    sealed = first + SealedBox(private.public_key).encrypt(key) + \
        b.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    chunks = list(sounds)
    if whole:
        while (len(chunks) + 1) % 20:
            chunks.append(b"")
        chunks.append(b"")
    for i, sound in enumerate(chunks):
        last = whole and i == len(chunks) - 1
        sealed += b.crypto_secretstream_xchacha20poly1305_push(
            state, pad(sound, 4096), bound,
            b.crypto_secretstream_xchacha20poly1305_TAG_FINAL if last else 0)
    return {"epoch": epoch, "call": call, "codec": codec, "part": part,
            "whole": whole, "private": bytes(private).hex(),
            "sound": hashlib.sha256(b"".join(sounds)).hexdigest(),
            "bytes": sum(map(len, sounds)), "sealed": sealed.hex()}


def archive(kind, house, made_at, plain):
    private = PrivateKey.generate()
    public = bytes(private.public_key)
    key = random(32)
    at = struct.pack(">Q", made_at)
    first = head("B", kind, house)
    bound = first + at + bytes(8)
    state = b.crypto_secretstream_xchacha20poly1305_state()
    sealed = b"Ringback backup\x01" + at + public + \
        first + SealedBox(private.public_key).encrypt(key) + \
        b.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    chunks = [plain[i:i + 4095] for i in range(0, len(plain), 4095)] or [b""]
    chunks += [b""] * (-len(chunks) % 20)
    for i, chunk in enumerate(chunks):
        sealed += b.crypto_secretstream_xchacha20poly1305_push(
            state, pad(chunk, 4096), bound,
            b.crypto_secretstream_xchacha20poly1305_TAG_FINAL
            if i == len(chunks) - 1 else 0)
    return {"kind": kind, "house": house, "made_at": made_at,
            "private": bytes(private).hex(), "public": public.hex(),
            "plain": hashlib.sha256(plain).hexdigest(), "bytes": len(plain),
            "sealed": sealed.hex()}


def wrapped():
    private = PrivateKey.generate()
    wrapping = random(32)
    first = b"RBS\x01P" + bytes(11)
    nonce = random(24)
    public = bytes(private.public_key)
    body = b.crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes(private), first + public, nonce, wrapping)
    return {"wrapping": wrapping.hex(), "private": bytes(private).hex(),
            "public": public.hex(), "wrapped": (first + nonce + body).hex()}


def main():
    note = "Notes are text: ñandú, 北京, 🙂.".encode()
    json.dump({
        "things": [
            thing("N", 1, 7, note),
            thing("N", 2**40, 2**63 - 1, b""),
            thing("N", 3, 8, b"x" * 1023),
            thing("N", 3, 8, b"x" * 1024),
            thing("D", 4, 9, b"tel:0123456789", 1),
            thing("E", 5, 10, random(32)),
            thing("B", 0, 11, random(32)),
        ],
        "messages": [
            message(6, 12, 0, 0, [b"\xff" * 4095, b"\x01" * 100]),
            message(6, 12, 8, 1, [random(4095) for _ in range(3)], False),
        ],
        "wrapped": [wrapped()],
        "archives": [
            archive(0, 2**63 - 25, 1795000000000, b"backup" * 1000),
            archive(1, 7, 1, b""),
        ],
    }, sys.stdout, indent=1)
    print()


main()
