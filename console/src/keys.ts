// SPDX-License-Identifier: AGPL-3.0-or-later
/** What a passphrase proves itself by. The passphrase stays in the browser. */
import sodium from "libsodium-wrappers-sumo";
import type { Stretch } from "./stretch";

const PROOF = 1; // number of the key that is shown to the server
const CONTEXT = "ringback";

function base64url(bytes: Uint8Array): string {
	return sodium.to_base64(bytes,
		sodium.base64_variants.URLSAFE_NO_PADDING);
}

/** A stretch for a new passphrase, with a salt of its own. */
export async function stretch_new(): Promise<Stretch> {
	await sodium.ready;
	return {
		salt: base64url(sodium.randombytes_buf(16)),
		opslimit: 3,
		memlimit: 64 << 20,
	};
}

/** The proof that is sent in place of the passphrase: base64url. */
export async function proof_of(passphrase: string,
			       s: Stretch): Promise<string> {
	await sodium.ready;
	const salt = sodium.from_base64(s.salt,
		sodium.base64_variants.URLSAFE_NO_PADDING);
	const key = sodium.crypto_pwhash(32, passphrase.normalize("NFC"), salt,
		s.opslimit, s.memlimit, sodium.crypto_pwhash_ALG_ARGON2ID13);
	const proof = sodium.crypto_kdf_derive_from_key(32, PROOF, CONTEXT, key);

	sodium.memzero(key);
	return base64url(proof);
}
