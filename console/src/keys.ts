// SPDX-License-Identifier: AGPL-3.0-or-later
/** What a passphrase proves itself by, and what it opens. The passphrase stays in the browser. */
import sodium from "libsodium-wrappers-sumo";
import type { Stretch } from "./stretch";

const PROOF = 1;    // number of the key that is shown to the server
const WRAPPING = 2; // and of the one that is not
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

/** What a passphrase is good for. */
export interface Keys {
	readonly proof: string;        // sent in its place: base64url
	readonly wrapping: Uint8Array; // opens one's own key, and stays here
}

export async function keys_of(passphrase: string,
			      s: Stretch): Promise<Keys> {
	await sodium.ready;
	const salt = sodium.from_base64(s.salt,
		sodium.base64_variants.URLSAFE_NO_PADDING);
	const key = sodium.crypto_pwhash(32, passphrase.normalize("NFC"), salt,
		s.opslimit, s.memlimit, sodium.crypto_pwhash_ALG_ARGON2ID13);
	const derived = (number: number) =>
		sodium.crypto_kdf_derive_from_key(32, number, CONTEXT, key);
	const keys = { proof: base64url(derived(PROOF)),
		       wrapping: derived(WRAPPING) };

	sodium.memzero(key);
	return keys;
}
