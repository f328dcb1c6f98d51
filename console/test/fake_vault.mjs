// SPDX-License-Identifier: AGPL-3.0-or-later
// What the fake server keeps of sealed things: one account's key, the key of
// one epoch, notes and drafts as they come. It opens none of them, but a test
// may look at what it was given.
import sodium from "libsodium-wrappers-sumo";

const to64 = (bytes) => Buffer.from(bytes).toString("base64url");
const from64 = (text) => Buffer.from(text, "base64url");

/** As src/seal/seal.h says. */
function sealed(kind, epoch, subject, to, plain) {
	const bound = Buffer.alloc(24);
	const key = sodium.randombytes_buf(32);
	const nonce = sodium.randombytes_buf(24);

	bound.write("RBS\x01" + kind, "latin1");
	bound.writeBigUInt64BE(BigInt(epoch), 8);
	bound.writeBigUInt64BE(BigInt(subject), 16);
	return to64(Buffer.concat([bound.subarray(0, 16),
		sodium.crypto_box_seal(key, to), nonce,
		sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
			sodium.pad(plain, 64), bound, null, nonce, key)]));
}

/** As src/epoch/numbers.h says; null: not sealed so. */
function opened(pair, kind, epoch, subject, bytes) {
	const bound = Buffer.alloc(24);
	const all = from64(bytes);

	bound.write("RBS\x01" + kind, "latin1");
	bound.writeBigUInt64BE(BigInt(epoch), 8);
	bound.writeBigUInt64BE(BigInt(subject), 16);
	try {
		const key = sodium.crypto_box_seal_open(all.subarray(16, 96),
			pair.publicKey, pair.privateKey);

		return Buffer.from(sodium.unpad(
			sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null,
				all.subarray(120), bound, all.subarray(96, 120), key),
			64)).toString();
	} catch {
		return null;
	}
}

/** What the line cannot open, and what it was told. */
export class FakeNumbers {
	constructor(vault) {
		this.vault = vault;
		this.marks = [];
		this.waiting = [];    // {kind, id, epoch, sealed}
		this.told = [];       // [kind, id, number]
		this.pair = null;
	}

	key() {
		this.pair ??= sodium.crypto_box_keypair();
		return { id: 3, public: to64(this.pair.publicKey) };
	}

	#epoch(subject, number) {
		const { epoch, public: key } = this.vault.epochs[0];

		return { epoch, sealed: sealed("D", epoch, subject, from64(key),
			Buffer.from(number)) };
	}

	mark(change = {}) {
		const mark = this.marks.length + 1;

		this.marks.push({ mark, line: "main", kind: "block",
			reason: "threats", call: 5, person: 1, name: "Ana",
			made_day: "2026-11-20", review_day: "2026-11-27", due: false,
			indexed: false, ...this.#epoch((1n << 62n) + BigInt(mark),
				`+1555010000${mark}`), ...change });
	}

	wait(kind, id, number) {
		this.waiting.push({ kind, id, ...this.#epoch(
			BigInt(id) + (kind === "phone" ? 1n << 63n : 0n), number) });
	}

	get(path) {
		return { "/marks": { day: 20778, dialler: this.key(),
			marks: this.marks },
			"/vault/numbers": { dialler: this.key(),
				numbers: this.waiting } }[path];
	}

	#tell(kind, id, subject, bytes) {
		this.told.push([kind, id,
			opened(this.pair, "D", 3, subject, bytes)]);
	}

	post(path, b) {
		const [, noun, id, verb] = path.split("/");

		if (path === "/vault/numbers") {
			for (const n of b.numbers)
				this.#tell(n.kind, n.id, BigInt(n.id) +
					(n.kind === "phone" ? 1n << 63n : 0n), n.sealed);
			this.waiting = [];
		} else if (path === "/marks/index") {
			for (const { mark, sealed: bytes } of b.marks) {
				this.#tell("mark", mark, (1n << 62n) + BigInt(mark),
					bytes);
				this.marks[mark - 1].indexed = true;
			}
		} else if (noun === "marks" && verb === "review") {
			Object.assign(this.marks[id - 1], { due: false,
				review_day: "2027-01-20" }, b.sealed ? {
				epoch: b.epoch, sealed: b.sealed } : {});
		} else if (noun === "marks" && verb === "remove") {
			this.marks = this.marks.filter((m) => String(m.mark) !== id);
		} else if (verb === "mark") {
			this.made = b;
			return [200, { mark: 9 }];
		} else {
			return null;
		}
		return [200, {}];
	}
}

export class FakeVault {
	constructor() {
		this.key = null;      // of the one account: {public, wrapped}
		this.epochs = [];
		this.notes = [];      // of whatever call
		this.drafts = new Map();
		this.gifts = [];
		this.wanting = [];
		this.people = [];     // colleagues, and their keys
		this.refused = [];
		this.over = false;    // the next note comes too late
		this.shares = { need: 2, shares: [1, 2, 3].map((number) => ({ number,
			tried_at: number === 1 ? Date.now() - 864e5 : null,
			due: number === 3 })) };
		this.hash = null;     // of share 3
	}

	async #begin(key) {
		await sodium.ready;
		const pair = sodium.crypto_box_keypair();

		this.key = { public: key.public, wrapped: key.wrapped };
		this.epochs = [{ epoch: "1", line: "main", month: 24322,
			current: true, public: to64(pair.publicKey),
			sealed: sealed("E", 1, 1, from64(key.public),
				pair.privateKey) },
			/* one that nobody has given to us yet */
			{ epoch: "2", line: "main", month: 24322, current: false,
				public: to64(pair.publicKey), sealed: null }];
	}

	/** Somebody left: a new key is current. */
	async turn() {
		const pair = sodium.crypto_box_keypair();

		this.epochs = [{ epoch: "9", line: "main", month: 24322,
			current: true, public: to64(pair.publicKey),
			sealed: sealed("E", 9, 1, from64(this.key.public),
				pair.privateKey) },
			...this.epochs.map((e) => ({ ...e, current: false }))];
	}

	#note(call, epoch, bytes, name = "Ana") {
		this.notes.push({ note: this.notes.length + 1, person: 1, name,
			day: "2026-11-21", epoch, sealed: bytes });
	}

	/** Notes that do not open: another epoch's, and one that was changed. */
	strange() {
		const other = Buffer.alloc(1160, 7);

		this.#note(5, "2", to64(other), "Bo");
		this.#note(5, "3", to64(other), "Bo");
		this.#note(5, "1", to64(other), "");
	}

	/** Half a second of silence, as one part of a message. */
	message(call) {
		const bound = Buffer.alloc(32);
		const key = sodium.randombytes_buf(32);

		bound.write("RBS\x01M", "latin1");
		bound.writeBigUInt64BE(1n, 8);
		bound.writeBigUInt64BE(BigInt(call), 16);
		const { state, header } =
			sodium.crypto_secretstream_xchacha20poly1305_init_push(key);

		return Buffer.concat([bound.subarray(0, 16),
			sodium.crypto_box_seal(key, from64(this.epochs[0].public)),
			header, sodium.crypto_secretstream_xchacha20poly1305_push(state,
				sodium.pad(Buffer.alloc(4095, 0xff), 4096), bound,
				sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL)]);
	}

	get(path) {
		const [, noun, id, verb] = path.split("/");
		const epoch = this.epochs[0];

		if (noun === "calls" && verb === "notes")
			return { notes: this.notes, seal_to: epoch
				? { epoch: epoch.epoch, public: epoch.public } : null };
		if (noun === "calls" && verb === "draft")
			return { sealed: this.drafts.get(id) ?? null };
		return {
			"/vault": { public: null, wrapped: null, recovery: true,
				...this.key, epochs: this.epochs,
				people: this.people },
			"/vault/wanting": { grants: this.wanting },
			"/vault/recovery": this.shares,
		}[path];
	}

	async post(path, b, proof) {
		const [, noun, id, verb] = path.split("/");

		if (path === "/vault") {
			if (b.proof !== proof || this.key)
				return [409, { error: "key_there" }];
			await this.#begin(b);
		}
		else if (path === "/vault/grants") {
			this.gifts.push(b);
			this.wanting = [];
		}
		else if (noun === "vault" && id === "grants") {
			this.refused.push(verb);
		}
		else if (path === "/vault/recovery/try") {
			if (b.hash !== this.hash)
				return [404, { error: "not_a_share" }];
			Object.assign(this.shares.shares[2], { due: false,
				tried_at: Date.now() });
			return [200, { number: 3 }];
		}
		else if (noun === "calls" && verb === "draft") {
			this.drafts.set(id, b.sealed);
		}
		else if (noun === "calls" && verb === "notes") {
			if (this.over) {
				this.over = false;
				return [409, { error: "epoch_over" }];
			}
			this.#note(id, b.epoch, b.sealed);
			this.drafts.delete(id);
			return [200, { note: this.notes.length }];
		}
		else {
			return null;
		}
		return [200, {}];
	}
}
