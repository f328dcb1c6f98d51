# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opens what is sealed, as whoever holds a key does, without Ringback. Sealed
is how it is; Copied is what plain/ makes of it, where no key is needed."""
import ctypes

import seal

HEAD, NONCE, TAG, KEY = 16, 24, 16, 32
CONTEXT = b"ringback"


def stretched(passphrase, salt, opslimit, memlimit):
    """What Argon2id makes of a passphrase, and what crypto_kdf makes of that:
    number 1, which is shown to the server, and 2, which wraps."""
    lib, words = seal.sodium, passphrase.encode()
    key, *derived = (ctypes.create_string_buffer(KEY) for _ in range(3))
    err = lib.crypto_pwhash(
        key, ctypes.c_ulonglong(KEY), words, ctypes.c_ulonglong(len(words)),
        salt, ctypes.c_ulonglong(opslimit), ctypes.c_size_t(memlimit),
        lib.crypto_pwhash_alg_argon2id13())
    for i, out in enumerate(derived):
        err = err or lib.crypto_kdf_derive_from_key(
            out, ctypes.c_size_t(KEY), ctypes.c_uint64(i + 1), CONTEXT, key)
    if err:
        raise OSError("no key could be made of the passphrase")
    return key.raw, *(out.raw for out in derived)


class Sealed:
    @staticmethod
    def opened(sealed, subject, private):
        """None: it is of another key, or belongs elsewhere."""
        return seal.opened(sealed, subject, private)

    @staticmethod
    def unwrapped(wrapped, public, wrapping):
        """A person's private key."""
        bound, sealed = wrapped[:HEAD] + public, wrapped[HEAD + NONCE:]
        plain = ctypes.create_string_buffer(KEY)
        err = seal.sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, None, None, sealed, ctypes.c_ulonglong(len(sealed)), bound,
            ctypes.c_ulonglong(len(bound)), wrapped[HEAD:HEAD + NONCE],
            wrapping)
        return None if err else plain.raw


class Copied:
    @staticmethod
    def opened(sealed, subject, private):
        del subject, private
        body = sealed[HEAD + seal.BOX + NONCE:-TAG]
        return body.rstrip(b"\0")[:-1]

    @staticmethod
    def unwrapped(wrapped, public, wrapping):
        del public, wrapping
        return wrapped[HEAD + NONCE:-TAG]
