// SPDX-License-Identifier: AGPL-3.0-or-later
/* The proofs were made with libsodium's C library: crypto_pwhash (Argon2id
   1.3) and crypto_kdf_derive_from_key(32, 1, "ringback"). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keys_of, stretch_new } from "../src/keys";
import { stretch_fits } from "../src/stretch";

const SALT = "AAECAwQFBgcICQoLDA0ODw"; // bytes 0 to 15
const WEAK = { salt: SALT, opslimit: 1, memlimit: 8192 };
const REAL = { salt: SALT, opslimit: 3, memlimit: 64 << 20 };

test("the proof of a passphrase", async () => {
	assert.equal((await keys_of("correct horse battery", REAL)).proof,
		"vzpQuLHvxtbAiLneyPOovO2Ys_AS_PUKsZIPIXCP2QM");
	assert.equal((await keys_of("correct horse battery", WEAK)).proof,
		"TPE9J-NKmNZHEE5guss08Pftb8M5YqcixV_bvuBNgo0");
});

test("letters with accents, composed or not", async () => {
	const wanted = "BfeA0FcykEP_jt5Ngx9msEHtIAIunvSaej4kMyEkEBA";
	const passphrase = "contraseña segura de niño";

	assert.equal((await keys_of(passphrase.normalize("NFC"), WEAK)).proof, wanted);
	assert.equal((await keys_of(passphrase.normalize("NFD"), WEAK)).proof, wanted);
});

test("a new stretch has a salt of its own", async () => {
	const [a, b] = [await stretch_new(), await stretch_new()];

	assert.match(a.salt, /^[A-Za-z0-9_-]{22}$/);
	assert.notEqual(a.salt, b.salt);
	assert.ok(stretch_fits(a));
});

test("a server may not ask for too little, nor for too much", () => {
	assert.ok(stretch_fits(REAL));
	assert.ok(!stretch_fits(WEAK));
	assert.ok(!stretch_fits({ ...REAL, opslimit: 1 }));
	assert.ok(!stretch_fits({ ...REAL, memlimit: 1 << 20 }));
	assert.ok(!stretch_fits({ ...REAL, opslimit: 1000 }));
	assert.ok(!stretch_fits({ ...REAL, memlimit: 2 ** 32 }));
});
