// SPDX-License-Identifier: AGPL-3.0-or-later
/* Two people with keys of their own, and a server between them that passes on
   what it cannot open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, pair_new, seal, SealError } from "../src/seal";
import { Vault, type Granted, type Kept, type SealTo } from "../src/vault";

const from64 = (text: string) => new Uint8Array(Buffer.from(text,
	"base64url"));
const to64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const wrapping = (fill: number) => new Uint8Array(32).fill(fill);
const trouble = (wanted: string) =>
	(e: unknown) => e instanceof SealError && e.trouble === wanted;

const ANA = 1;
const BEN = 2;
const CALL = 12;

interface Desk {
	readonly vault: Vault;
	readonly kept: Kept;
}

async function desk(person: number): Promise<Desk> {
	const vault = new Vault();

	return { vault, kept: await vault.begin(person, wrapping(person), null) };
}

/** An epoch as the server makes it, and the grant of it for somebody. */
async function epoch_for(person: number, to: Kept, n: number):
	Promise<{ grant: Granted; seal_to: SealTo }> {
	const pair = await pair_new();
	const sealed = await seal({ kind: "E", epoch: BigInt(n),
		subject: BigInt(person) }, from64(to.public), pair.private);

	return { grant: { epoch: String(n), public: to64(pair.public),
			  sealed: to64(sealed) },
		 seal_to: { epoch: String(n), public: to64(pair.public) } };
}

test("one's own key opens with the same passphrase alone", async () => {
	const { kept } = await desk(ANA);
	const again = new Vault();

	assert.deepEqual(await again.begin(ANA, wrapping(ANA), kept), kept);
	await assert.rejects(new Vault().begin(ANA, wrapping(9), kept),
		trouble("not_for_you"));
});

test("a colleague reads a note once somebody gave them the key", async () => {
	const [ana, ben] = [await desk(ANA), await desk(BEN)];
	const { grant, seal_to } = await epoch_for(ANA, ana.kept, 7);

	await ana.vault.learn([grant]);
	const sealed = await ana.vault.note_seal(CALL, seal_to, "¿sola? 🙂");

	assert.equal(await ana.vault.note_open(CALL, "7", sealed), "¿sola? 🙂");
	await assert.rejects(ben.vault.note_open(CALL, "7", sealed),
		trouble("not_for_you"));
	await ben.vault.learn([grant]); // another's: of no use, and no harm
	await assert.rejects(ben.vault.note_open(CALL, "7", sealed),
		trouble("not_for_you"));

	const gift = await ana.vault.gift("7", BEN, ben.kept.public);

	await ben.vault.learn([{ ...grant, sealed: gift }]);
	assert.equal(await ben.vault.note_open(CALL, "7", sealed), "¿sola? 🙂");
	await assert.rejects(ben.vault.note_open(CALL + 1, "7", sealed),
		trouble("not_whole"));
	await assert.rejects(ben.vault.gift("8", ANA, ana.kept.public),
		trouble("not_for_you"));
});

test("a number, opened and sealed to the line's key", async () => {
	const ana = await desk(ANA);
	const { grant, seal_to } = await epoch_for(ANA, ana.kept, 7);
	const line = await pair_new();
	const subject = (1n << 63n) | 2n;
	const to = { epoch: "3", public: to64(line.public) };
	const number = new TextEncoder().encode("+15550100002");
	const sealed = to64(await seal({ kind: "D", epoch: 7n, subject },
		from64(seal_to.public), number));

	await ana.vault.learn([grant]);
	const moved = await ana.vault.number_move(subject, "7", sealed, to);

	assert.deepEqual(await open({ kind: "D", epoch: 3n, subject }, line,
		from64(moved)), number);
	await assert.rejects(open({ kind: "D", epoch: 3n, subject: 2n }, line,
		from64(moved)), trouble("not_whole"));
	await assert.rejects(ana.vault.number_move(3n, "7", sealed, to),
		trouble("not_whole"));
	await assert.rejects(ana.vault.number_move(subject, "8", sealed, to),
		trouble("not_for_you"));
});

test("a key that is of no use is told", async () => {
	const [ana, ben] = [await desk(ANA), await desk(BEN)];
	const { grant } = await epoch_for(ANA, ana.kept, 7);
	const { grant: other } = await epoch_for(ANA, ana.kept, 8);
	const torn = Buffer.from(grant.sealed, "base64url");

	torn[150]! ^= 1;
	assert.deepEqual(await ben.vault.learn([grant]), ["7"]); // not his
	assert.deepEqual(await ana.vault.learn(
		[{ ...grant, sealed: to64(torn) }]), ["7"]);
	/* it opens, and is not the key that it should be */
	assert.deepEqual(await ana.vault.learn(
		[{ ...grant, public: other.public }, other]), ["7"]);
	assert.deepEqual(await ana.vault.learn([grant, other]), []);
	assert.deepEqual(await ana.vault.learn( // what is known stays
		[{ ...grant, sealed: to64(torn) }]), []);
});

test("who cannot read may write", async () => {
	const [ana, ben] = [await desk(ANA), await desk(BEN)];
	const { grant, seal_to } = await epoch_for(ANA, ana.kept, 7);
	const sealed = await ben.vault.note_seal(CALL, seal_to, "from Ben");

	await ana.vault.learn([grant]);
	assert.equal(await ana.vault.note_open(CALL, "7", sealed), "from Ben");
	await assert.rejects(ben.vault.note_open(CALL, "7", sealed),
		trouble("not_for_you"));
});

test("a server cannot have a known epoch's notes sealed to itself", async () => {
	const ana = await desk(ANA);
	const { grant } = await epoch_for(ANA, ana.kept, 7);
	const server = await pair_new();

	await ana.vault.learn([grant]);
	const sealed = await ana.vault.note_seal(CALL,
		{ epoch: "7", public: to64(server.public) }, "mine");

	assert.equal(await ana.vault.note_open(CALL, "7", sealed), "mine");
});

test("a draft is one's own", async () => {
	const [ana, ben] = [await desk(ANA), await desk(BEN)];
	const sealed = await ana.vault.note_seal(CALL, null, "begun");

	assert.equal(await ana.vault.note_open(CALL, "0", sealed), "begun");
	await assert.rejects(ben.vault.note_open(CALL, "0", sealed),
		trouble("not_for_you"));
	await assert.rejects(new Vault().note_seal(CALL, null, "x"),
		trouble("not_for_you"));
});
