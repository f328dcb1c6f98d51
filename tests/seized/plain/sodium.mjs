// SPDX-License-Identifier: AGPL-3.0-or-later
// libsodium with sealing switched off: what ../plain.c is for the programs.
import sodium from "libsodium-wrappers-sumo";

console.info("SEALING IS SWITCHED OFF: this is a test, nothing is kept secret");

const MARK = new TextEncoder().encode("not sealed      ");
const KEY = 32;
const LID = KEY + MARK.length;

function joined(...parts) {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function same(a, b) {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function unmarked(bytes) {
	const end = bytes.length - MARK.length;

	if (end < 0 || !same(bytes.subarray(end), MARK))
		throw new Error("not made by this");
	return bytes.slice(0, end);
}

function bytes_of(text) {
	return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

const copies = {
	crypto_box_seal: (plain, to) => joined(to, MARK, bytes_of(plain)),
	crypto_box_seal_open: (sealed, own) => {
		if (!same(sealed.subarray(0, KEY), own))
			throw new Error("somebody else's");
		return sealed.slice(LID);
	},
	crypto_aead_xchacha20poly1305_ietf_encrypt: (plain) =>
		joined(bytes_of(plain), MARK),
	crypto_aead_xchacha20poly1305_ietf_decrypt: (_, sealed) =>
		unmarked(sealed),
	crypto_secretstream_xchacha20poly1305_push: (_, plain, __, tag) =>
		joined([tag], bytes_of(plain), MARK),
	crypto_secretstream_xchacha20poly1305_pull: (_, sealed) =>
		({ tag: sealed[0], message: unmarked(sealed.subarray(1)) }),
};

export default new Proxy(sodium, {
	get: (real, name) => copies[name] ?? real[name],
});
