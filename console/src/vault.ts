// SPDX-License-Identifier: AGPL-3.0-or-later
/** The keys of whoever is signed in, opened: lives in a worker of its own, and
 *  ends with it. What comes and goes is base64url, as the server writes it. */
import sodium from "libsodium-wrappers-sumo";
import { message_open, open, pair_new, pair_of, seal, SealError, unwrap, wrap,
	type Bytes, type Pair } from "./seal";
import { wav_of } from "./wav";

/** A key of one's own, as the server keeps it. */
export interface Kept {
	readonly public: string;
	readonly wrapped: string;
}

/** The key of an epoch, sealed to oneself. */
export interface Granted {
	readonly epoch: string;
	readonly public: string; // what it belongs to, as the server says
	readonly sealed: string;
}

/** What a note is to be sealed to. */
export interface SealTo {
	readonly epoch: string;
	readonly public: string;
}

const OWN = "0"; // in place of an epoch: sealed to oneself alone

const from64 = (text: string): Bytes => sodium.from_base64(text,
	sodium.base64_variants.URLSAFE_NO_PADDING);
const to64 = (bytes: Bytes): string => sodium.to_base64(bytes,
	sodium.base64_variants.URLSAFE_NO_PADDING);

export class Vault {
	#own: Pair | null = null;
	#person = 0;
	readonly #epochs = new Map<string, Pair>();

	/** Open one's key, or (null) make one. @returns what is to be kept
	 *  @throws SealError "not_for_you": another passphrase */
	async begin(person: number, wrapping: Bytes,
		    kept: Kept | null): Promise<Kept> {
		await sodium.ready;
		this.#person = person;
		this.#own = kept
			? await unwrap(from64(kept.wrapped), from64(kept.public), wrapping)
			: await pair_new();
		return kept ?? { public: to64(this.#own.public),
				 wrapped: to64(await wrap(this.#own, wrapping)) };
	}

	/** Open keys of epochs. @returns those of which what was given to us does
	 *  not open, or is another key */
	async learn(grants: readonly Granted[]): Promise<readonly string[]> {
		const wrong: string[] = [];

		for (const grant of grants)
			if (!this.#epochs.has(grant.epoch))
				await this.#learn_one(grant).catch(
					(reason: unknown) => {
						if (!(reason instanceof SealError))
							throw reason;
						wrong.push(grant.epoch);
					});
		return wrong;
	}

	async #learn_one(grant: Granted): Promise<void> {
		const secret = await open({ kind: "E", epoch: BigInt(grant.epoch),
			subject: BigInt(this.#person) }, this.#me(),
			from64(grant.sealed));
		const pair = await pair_of(secret);

		if (to64(pair.public) !== grant.public)
			throw new SealError("not_whole");
		this.#epochs.set(grant.epoch, pair);
	}

	#me(): Pair {
		if (!this.#own)
			throw new SealError("not_for_you");
		return this.#own;
	}

	#pair(epoch: string): Pair {
		const pair = epoch === OWN ? this.#me() : this.#epochs.get(epoch);

		if (!pair)
			throw new SealError("not_for_you");
		return pair;
	}

	/** The key of an epoch that we have, sealed to somebody. */
	async gift(epoch: string, person: number, to: string): Promise<string> {
		return to64(await seal({ kind: "E", epoch: BigInt(epoch),
			subject: BigInt(person) }, from64(to),
			this.#pair(epoch).private));
	}

	/** @param to null: to oneself, a draft */
	async note_seal(call: number, to: SealTo | null,
			text: string): Promise<string> {
		const epoch = to?.epoch ?? OWN;
		/* what we hold ourselves, the server need not tell us */
		const key = to && !this.#epochs.has(epoch) ? from64(to.public)
			: this.#pair(epoch).public;

		return to64(await seal({ kind: "N", epoch: BigInt(epoch),
			subject: BigInt(call) }, key, new TextEncoder().encode(text)));
	}

	/** @throws SealError */
	async note_open(call: number, epoch: string,
			sealed: string): Promise<string> {
		const plain = await open({ kind: "N", epoch: BigInt(epoch),
			subject: BigInt(call) }, this.#pair(epoch), from64(sealed));

		return new TextDecoder().decode(plain);
	}

	/** A telephone number, sealed to another key: an epoch's, or the line's own.
	 *  @param subject whose it is, src/epoch/numbers.h  @throws SealError */
	async number_move(subject: bigint, epoch: string, sealed: string,
			  to: SealTo): Promise<string> {
		const plain = await open({ kind: "D", epoch: BigInt(epoch), subject },
			this.#pair(epoch), from64(sealed));

		try {
			return to64(await seal({ kind: "D", epoch: BigInt(to.epoch),
				subject }, from64(to.public), plain));
		} finally {
			plain.fill(0);
		}
	}

	/** What a caller said, as a WAV file. @throws SealError */
	async message_wav(call: number, sealed: Bytes): Promise<Bytes> {
		return wav_of(await message_open(BigInt(call),
			(epoch) => this.#pair(String(epoch)), sealed));
	}
}
