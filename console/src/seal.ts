// SPDX-License-Identifier: AGPL-3.0-or-later
/** What is sealed, as src/seal/seal.h, stream.h and wrap.h describe it. Keys
 *  stay in this browser; the server has public ones only. */
import sodium from "libsodium-wrappers-sumo";

export type Bytes = Uint8Array;

/** The letter of the head. */
export type Kind = "N" | "D" | "M" | "E" | "B";

export interface About {
	readonly kind: Kind;
	readonly detail?: number;
	readonly epoch: bigint;
	/** Not in the head: who opens it must know. */
	readonly subject: bigint;
}

export interface Pair {
	readonly public: Bytes;
	readonly private: Bytes;
}

/** Why something does not open. */
export type Trouble =
	| "not_whole"    // cut off, changed, or not what it should be
	| "not_for_you"; // sealed to another key

export class SealError extends Error {
	constructor(readonly trouble: Trouble) {
		super(trouble);
	}
}

const HEAD = 16;
const BOX = 80;
const NONCE = 24;
const TAG = 16;
const LID = HEAD + BOX + NONCE;

const STEPS: Readonly<Record<Kind, number>> = {
	N: 1024, D: 64, E: 64, B: 64, M: 4096,
};

function head(kind: string, detail: number, epoch: bigint): Bytes {
	const bytes = new Uint8Array(HEAD);

	bytes.set([0x52, 0x42, 0x53, 1, kind.charCodeAt(0), detail]);
	new DataView(bytes.buffer).setBigUint64(8, epoch);
	return bytes;
}

function joined(...parts: readonly Bytes[]): Bytes {
	const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;

	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

function number64(value: bigint): Bytes {
	const bytes = new Uint8Array(8);

	new DataView(bytes.buffer).setBigUint64(0, value);
	return bytes;
}

function same(a: Bytes, b: Bytes): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function head_of(about: About): Bytes {
	return head(about.kind, about.detail ?? 0, about.epoch);
}

function tried<T>(trouble: Trouble, open: () => T): T {
	try {
		return open();
	} catch {
		throw new SealError(trouble);
	}
}

/** Two keys that belong together. */
export async function pair_new(): Promise<Pair> {
	await sodium.ready;
	const pair = sodium.crypto_box_keypair();

	return { public: pair.publicKey, private: pair.privateKey };
}

export async function pair_of(secret: Bytes): Promise<Pair> {
	await sodium.ready;
	return tried("not_whole", () => ({
		public: sodium.crypto_scalarmult_base(secret), private: secret }));
}

/** The key in a box after a head. */
function key_in(sealed: Bytes, about: About, to: Pair): Bytes {
	if (!same(sealed.subarray(0, HEAD), head_of(about)))
		throw new SealError("not_whole");
	return tried("not_for_you", () => sodium.crypto_box_seal_open(
		sealed.subarray(HEAD, HEAD + BOX), to.public, to.private));
}

export async function seal(about: About, to: Bytes,
			   plain: Bytes): Promise<Bytes> {
	await sodium.ready;
	const first = head_of(about);
	const key = sodium.randombytes_buf(32);
	const nonce = sodium.randombytes_buf(NONCE);
	const body = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
		sodium.pad(plain, STEPS[about.kind]),
		joined(first, number64(about.subject)), null, nonce, key);
	const sealed = joined(first, sodium.crypto_box_seal(key, to), nonce, body);

	sodium.memzero(key);
	return sealed;
}

/** @throws SealError */
export async function open(about: About, to: Pair,
			   sealed: Bytes): Promise<Bytes> {
	await sodium.ready;
	const step = STEPS[about.kind];

	if (sealed.length < LID + step + TAG)
		throw new SealError("not_whole");
	const key = key_in(sealed, about, to);
	const plain = tried("not_whole", () => sodium.unpad(
		sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null,
			sealed.subarray(LID),
			joined(head_of(about), number64(about.subject)),
			sealed.subarray(HEAD + BOX, LID), key), step));

	sodium.memzero(key);
	return plain;
}

/** What the head says; null if it is none. */
export function look(sealed: Bytes): Omit<About, "subject"> | null {
	if (sealed.length < HEAD)
		return null;
	const view = new DataView(sealed.buffer, sealed.byteOffset);
	const kind = String.fromCharCode(view.getUint8(4));
	const detail = view.getUint8(5);
	const epoch = view.getBigUint64(8);

	if (!(kind in STEPS) ||
	    !same(sealed.subarray(0, HEAD), head(kind, detail, epoch)))
		return null;
	return { kind: kind as Kind, detail, epoch };
}

/* ---- messages ------------------------------------------------------------ */

const STREAM_HEADER = 24;
const STREAM_LID = HEAD + BOX + STREAM_HEADER;
const STREAM_PADDED = 4096;
const STREAM_SEALED = STREAM_PADDED + 17;

/** What was said at one go. */
export interface Part {
	/** 0 PCMU, 8 PCMA. */
	readonly codec: number;
	readonly sound: Bytes;
	/** False: a crash broke it off, what is there is as it was said. */
	readonly whole: boolean;
}

function is_message(bytes: Bytes): boolean {
	return look(bytes)?.kind === "M";
}

/** The chunks of a part, and how many bytes it has in the file. What was broken
 *  off ends where the next part begins. */
function part_of(file: Bytes, about: About, part: bigint,
		 to: Pair): { part: Part; n: number } {
	const key = key_in(file, about, to);
	const state = tried("not_whole", () =>
		sodium.crypto_secretstream_xchacha20poly1305_init_pull(
			file.subarray(HEAD + BOX, STREAM_LID), key));
	const bound = joined(head_of(about), number64(about.subject),
		number64(part));
	const plain: Bytes[] = [];
	let at = STREAM_LID;
	let whole = false;

	sodium.memzero(key);
	while (!whole && at + STREAM_SEALED <= file.length &&
	       !is_message(file.subarray(at))) {
		const got = sodium.crypto_secretstream_xchacha20poly1305_pull(state,
			file.subarray(at, at + STREAM_SEALED), bound);

		if (!got)
			throw new SealError("not_whole");
		plain.push(tried("not_whole",
			() => sodium.unpad(got.message, STREAM_PADDED)));
		whole = got.tag ===
			sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL;
		at += STREAM_SEALED;
	}
	return { part: { codec: about.detail ?? 0, sound: joined(...plain),
			 whole }, n: at };
}

/** All parts of a message, each with the key of its epoch. @throws SealError */
export async function message_open(call: bigint, key_of: (epoch: bigint) => Pair,
				   file: Bytes): Promise<readonly Part[]> {
	await sodium.ready;
	const parts: Part[] = [];
	let rest = file;

	while (rest.length >= STREAM_LID && is_message(rest)) {
		const about = look(rest)!;
		const read = part_of(rest, { ...about, subject: call },
			BigInt(parts.length), key_of(about.epoch));

		parts.push(read.part);
		rest = rest.subarray(read.n);
	}
	/* after a crash less than a chunk may be left over; of a message that was
	 * cut off before its first chunk there is nothing to hear */
	if (!parts.some((part) => part.whole || part.sound.length) ||
	    rest.length >= STREAM_SEALED)
		throw new SealError("not_whole");
	return parts;
}

/* ---- a person's own key -------------------------------------------------- */

const WRAP_HEAD = head("P", 0, 0n);
const WRAPPED = HEAD + NONCE + 32 + TAG;

/** A private key, as the server may keep it. */
export async function wrap(own: Pair, wrapping: Bytes): Promise<Bytes> {
	await sodium.ready;
	const nonce = sodium.randombytes_buf(NONCE);

	return joined(WRAP_HEAD, nonce,
		sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(own.private,
			joined(WRAP_HEAD, own.public), null, nonce, wrapping));
}

/** @throws SealError: "not_for_you" also if the passphrase is another one */
export async function unwrap(wrapped: Bytes, of: Bytes,
			     wrapping: Bytes): Promise<Pair> {
	await sodium.ready;
	if (wrapped.length !== WRAPPED ||
	    !same(wrapped.subarray(0, HEAD), WRAP_HEAD))
		throw new SealError("not_whole");
	const own = await pair_of(tried("not_for_you",
		() => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null,
			wrapped.subarray(HEAD + NONCE), joined(WRAP_HEAD, of),
			wrapped.subarray(HEAD, HEAD + NONCE), wrapping)));

	if (!same(own.public, of))
		throw new SealError("not_whole");
	return own;
}
