# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a browser does at the console's API, with libsodium and no browser."""
import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import http.client
import json
import os
import struct
import time

OPSLIMIT, MEMLIMIT = 3, 67108864


def sodium():
    lib = ctypes.CDLL(ctypes.util.find_library("sodium"))
    if lib.sodium_init() < 0:
        raise OSError("libsodium does not start")
    return lib


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proof_of(passphrase, salt, opslimit=OPSLIMIT, memlimit=MEMLIMIT):
    """Argon2id, then number 1 of crypto_kdf; both as in the browser."""
    lib, words = sodium(), passphrase.encode()
    key, proof = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    err = lib.crypto_pwhash(
        key, ctypes.c_ulonglong(32), words, ctypes.c_ulonglong(len(words)),
        salt, ctypes.c_ulonglong(opslimit), ctypes.c_size_t(memlimit),
        lib.crypto_pwhash_alg_argon2id13())
    err = err or lib.crypto_kdf_derive_from_key(
        proof, ctypes.c_size_t(32), ctypes.c_uint64(1), b"ringback", key)
    if err:
        raise OSError("no proof could be made")
    return text(proof.raw)


def code_of(secret, step=0):
    """RFC 6238; step 1 is the code that follows."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    mac = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff
    return f"{number % 1000000:06}"


class Page:
    """One browser: its cookie, and what it asks."""

    def __init__(self, case, line):
        self.case, self.line, self.cookie = case, line, None

    def ask(self, method, path, body=None, headers=None):
        """Returns (status, JSON)."""
        link = http.client.HTTPConnection("127.0.0.1", self.line.http,
                                          timeout=20)
        sent = {"Origin": f"http://127.0.0.1:{self.line.http}"}
        if self.cookie:
            sent["Cookie"] = f"ringback={self.cookie}"
        if method == "POST":
            sent |= {"Content-Type": "application/json", "X-Ringback": "1"}
        sent |= headers or {}
        link.request(method, "/api/v1" + path,
                     json.dumps(body) if method == "POST" else None, sent)
        answer = link.getresponse()
        said = answer.read()
        self.take(answer.getheader("Set-Cookie"))
        link.close()
        return answer.status, json.loads(said)

    def take(self, header):
        if not header:
            return
        for word in ("HttpOnly", "SameSite=Strict"):
            self.case.check(word in header, f"{word} of the cookie")
        value = header.partition("=")[2].partition(";")[0]
        self.cookie = value or None
        if value:
            self.case.plant(value)

    def get(self, path, wanted=200):
        status, said = self.ask("GET", path)
        self.case.equal(status, wanted, f"GET {path}: {said}")
        return said

    def post(self, path, body=None, wanted=200):
        status, said = self.ask("POST", path, body or {})
        self.case.equal(status, wanted, f"POST {path}: {said}")
        return said

    def accept(self, link, passphrase, wanted=200):
        salt = os.urandom(16)
        proof = proof_of(passphrase, salt)
        self.case.plant(proof)
        return self.post("/invitation/accept", {
            "token": link.partition("#invite=")[2], "salt": text(salt),
            "opslimit": OPSLIMIT, "memlimit": MEMLIMIT, "proof": proof},
            wanted)

    def sign_in(self, name, passphrase, wanted=200, **more):
        said = self.post("/sign-in/begin", {"name": name})
        salt = base64.urlsafe_b64decode(said["salt"] + "==")
        proof = proof_of(passphrase, salt, said["opslimit"],
                         said["memlimit"])
        return self.post("/sign-in", {"name": name, "proof": proof, **more},
                         wanted)
