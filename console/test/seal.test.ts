// SPDX-License-Identifier: AGPL-3.0-or-later
/* What the server's implementation opens opens here, and nothing else does.
   The vectors are those of tests/suites/seal. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { look, message_open, open, pair_new, pair_of, seal, SealError, unwrap,
	wrap } from "../src/seal";
import { wav_of } from "../src/wav";
import type { About, Kind } from "../src/seal";

interface Thing {
	kind: Kind; detail: number; epoch: number; subject: number;
	private: string; public: string; plain: string; sealed: string;
}
interface Message {
	epoch: number; call: number; codec: number; part: number;
	whole: boolean; private: string; sound: string; bytes: number;
	sealed: string;
}
interface Wrapped {
	wrapping: string; private: string; public: string; wrapped: string;
}

// two subjects are above 2^53: as text
const text = readFileSync("../tests/suites/seal/vectors.json", "utf8")
	.replace(/("subject": )(\d+)/g, '$1"$2"');
const vectors = JSON.parse(text) as {
	things: Thing[]; messages: Message[]; wrapped: Wrapped[];
};

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

function about_of(v: Thing): About {
	return { kind: v.kind, detail: v.detail, epoch: BigInt(v.epoch),
		subject: BigInt(v.subject) };
}

const trouble = (wanted: string) =>
	(e: unknown) => e instanceof SealError && e.trouble === wanted;

test("things that another implementation sealed", async () => {
	for (const v of vectors.things) {
		const own = await pair_of(bytes(v.private));

		assert.deepEqual(own.public, bytes(v.public));
		assert.deepEqual(await open(about_of(v), own, bytes(v.sealed)),
			bytes(v.plain));
		assert.equal(look(bytes(v.sealed))?.epoch, BigInt(v.epoch));
	}
});

test("messages, whole and broken off", async () => {
	for (const v of vectors.messages) {
		if (v.part !== 0)
			continue;
		const own = await pair_of(bytes(v.private));
		const file = bytes(v.sealed);
		const call = BigInt(v.call);
		const [said] = await message_open(call, () => own, file);

		assert.equal(said?.codec, v.codec);
		assert.equal(said?.whole, v.whole);
		assert.equal(said?.sound.length, v.bytes);
		assert.equal(createHash("sha256").update(said!.sound).digest("hex"),
			v.sound);

		const [cut] = await message_open(call, () => own,
			file.subarray(0, 120 + 4113 + 50));

		assert.equal(cut?.sound.length, 4095);
		assert.equal(cut?.whole, false);
		await assert.rejects(message_open(call + 1n, () => own, file),
			trouble("not_whole"));
		const other = await pair_new();

		await assert.rejects(message_open(call, () => other, file),
			trouble("not_for_you"));
		file[3000]! ^= 1;
		await assert.rejects(message_open(call, () => own, file),
			trouble("not_whole"));
	}
	const other = await pair_new();

	await assert.rejects(message_open(1n, () => other, bytes("00")),
		trouble("not_whole"));
});

test("a part that a crash broke off, and the one after it", async () => {
	const first = vectors.messages.find((v) => v.part === 0)!;
	const second = vectors.messages.find((v) => v.part === 1)!;
	const keys = [await pair_of(bytes(first.private)),
		await pair_of(bytes(second.private))];

	assert.equal(first.call, second.call);
	const parts = await message_open(BigInt(first.call), () => keys.shift()!,
		Uint8Array.from([...bytes(first.sealed).subarray(0, 120 + 4113),
				 ...bytes(second.sealed)]));

	assert.deepEqual(parts.map((part) => part.whole),
		[false, second.whole]);
	assert.equal(parts[1]?.sound.length, second.bytes);
});

test("G.711 as it is played", () => {
	const wav = wav_of([
		{ codec: 0, sound: Uint8Array.of(0x80, 0x00, 0xff), whole: true },
		{ codec: 8, sound: Uint8Array.of(0xaa, 0x2a, 0xd5), whole: true },
	]);
	const view = new DataView(wav.buffer, 44);

	assert.equal(Buffer.from(wav.subarray(0, 4)).toString(), "RIFF");
	assert.deepEqual([0, 1, 2, 3, 4, 5].map((i) =>
		view.getInt16(2 * i, true)),
		[32124, -32124, 0, 32256, -32256, 8]);
});

test("wrapped keys", async () => {
	for (const v of vectors.wrapped) {
		const wrapping = bytes(v.wrapping);
		const own = await unwrap(bytes(v.wrapped), bytes(v.public), wrapping);

		assert.deepEqual(own.private, bytes(v.private));
		const again = await unwrap(await wrap(own, wrapping), own.public,
			wrapping);

		assert.deepEqual(again.private, own.private);
		await assert.rejects(unwrap(bytes(v.wrapped), bytes(v.public),
			new Uint8Array(32)), trouble("not_for_you"));
		await assert.rejects(unwrap(bytes(v.wrapped).subarray(1),
			bytes(v.public), wrapping), trouble("not_whole"));
	}
});

test("a note, both ways", async () => {
	const own = await pair_new();
	const about: About = { kind: "N", epoch: 3n, subject: 12n };
	const plain = new TextEncoder().encode("ñandú 北京 🙂");
	const sealed = await seal(about, own.public, plain);

	assert.deepEqual(await open(about, own, sealed), plain);
	await assert.rejects(open({ ...about, subject: 13n }, own, sealed),
		trouble("not_whole"));
	await assert.rejects(open({ ...about, epoch: 4n }, own, sealed),
		trouble("not_whole"));
	await assert.rejects(open(about, await pair_new(), sealed),
		trouble("not_for_you"));
	await assert.rejects(open(about, own, sealed.subarray(0, 500)),
		trouble("not_whole"));
	// short and long notes look alike
	assert.equal(sealed.length, (await seal(about, own.public,
		new Uint8Array(1000))).length);
});
