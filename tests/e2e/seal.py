# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opens what is sealed, as src/seal/seal.h says, without Ringback: whoever
holds the recovery key must be able to."""
import ctypes
import ctypes.util

LIST = "/usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt"
HEAD, BOX, NONCE, TAG, KEY = 16, 80, 24, 16, 32

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
sodium.sodium_init()


def public(private):
    out = ctypes.create_string_buffer(KEY)
    sodium.crypto_scalarmult_base(out, private)
    return out.raw


def opened(sealed, subject, private):
    """What was sealed to this key; None if it was to another one."""
    head, box = sealed[:HEAD], sealed[HEAD:HEAD + BOX]
    nonce = sealed[HEAD + BOX:HEAD + BOX + NONCE]
    body = sealed[HEAD + BOX + NONCE:]
    key = ctypes.create_string_buffer(KEY)
    if sodium.crypto_box_seal_open(key, box, ctypes.c_ulonglong(BOX),
                                   public(private), private):
        return None
    bound = head + int(subject).to_bytes(8, "big")
    plain = ctypes.create_string_buffer(len(body) - TAG)
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, None, None, body, ctypes.c_ulonglong(len(body)), bound,
            ctypes.c_ulonglong(len(bound)), nonce, key):
        return None
    return plain.raw.rstrip(b"\0")[:-1]  # its padding ends with 0x80, zeros


def share(words):
    """The bytes of a share: of one that needs no other, the private key."""
    with open(LIST, encoding="ascii") as f:
        places = {word: i for i, word in enumerate(f.read().split())}
    bits = "".join(f"{places[word]:011b}" for word in words)
    raw = bytes(int(bits[i:i + 8], 2) for i in range(0, 36 * 8, 8))
    return raw[2:2 + KEY]
