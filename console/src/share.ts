// SPDX-License-Identifier: AGPL-3.0-or-later
/** A share of the recovery key, typed as words: read as src/seal/recovery.h
 *  says. It stays here; only its hash is shown to the server. */
import sodium from "libsodium-wrappers-sumo";
import list from "bip39-english";

const WORDS = 27;
const BITS = 11;
const SHARE = 34; // bytes: need, number, 32 of the share
const CHECK = 2;
const LETTERS = 4; // of a word are enough

export type Read =
	| { readonly hash: string }
	| { readonly trouble: "word"; readonly n: number } // which is none
	| { readonly trouble: "count"; readonly n: number } // how many there are
	| { readonly trouble: "mixed" };

const words = list.trim().split(/\s+/);

function place_of(word: string): number {
	const whole = words.indexOf(word);

	return whole >= 0 || word.length < LETTERS ? whole
		: words.findIndex((w) => w.startsWith(word));
}

function bytes_of(places: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(Math.ceil(WORDS * BITS / 8));

	places.forEach((place, n) => {
		for (let b = 0; b < BITS; b++) {
			const at = n * BITS + b;

			bytes[at >> 3]! |= (place >> (BITS - 1 - b) & 1) << (7 - at % 8);
		}
	});
	return bytes;
}

/** The hash of what was typed, or what is wrong with it. */
export async function share_read(typed: string): Promise<Read> {
	await sodium.ready;
	const places = (typed.toLowerCase().match(/[a-z]+/g) ?? [])
		.map(place_of);
	const wrong = places.indexOf(-1);

	if (wrong >= 0)
		return { trouble: "word", n: wrong + 1 };
	if (places.length !== WORDS)
		return { trouble: "count", n: places.length };

	const bytes = bytes_of(places);
	const share = bytes.subarray(0, SHARE);
	const check = sodium.crypto_generichash(32, share, null);
	const good = bytes.subarray(SHARE).every((byte, i) =>
		byte === (i < CHECK ? check[i] : 0));

	places.fill(0);
	if (!good)
		return { trouble: "mixed" };
	return { hash: sodium.to_base64(check,
		sodium.base64_variants.URLSAFE_NO_PADDING) };
}
