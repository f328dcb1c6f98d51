// SPDX-License-Identifier: AGPL-3.0-or-later
/** Telephone numbers that the line needs and cannot open: what it lost with its
 *  power, and whose numbers were marked, day by day. Whoever is entitled opens
 *  them here, and seals them to the line's key: nobody sees one. */
import { get, post, Refused } from "./api";
import { coordinates, seals } from "./state";
import type { Safe } from "./safe";
import type { Store } from "./store";
import type { Mark, Marks, NumbersWait } from "./wire";

const AGAIN_MS = 60_000;
const MOST = 64; // told at once

const OF_MARK = 1n << 62n;
const OF_PERSON = 1n << 63n;

interface Wanted {
	readonly subject: bigint;
	readonly epoch: string;
	readonly sealed: string;
}

/** The line's key. */
export interface Dialler {
	readonly id: number;
	readonly public: string;
}

/** What the line is to be told of: marks that mean something today and that
 *  it does not know. */
export const to_index = (marks: readonly Mark[]): readonly Mark[] =>
	marks.filter((m) => !m.indexed && !m.due && m.epoch && m.sealed);

export class Numbers {
	readonly #store: Store;
	readonly #safe: Safe;
	readonly #told = new Set<string>(); // of marks: day, key and mark
	#timer: number | undefined;
	#busy = false;
	#again = false;

	constructor(store: Store, safe: Safe) {
		this.#store = store;
		this.#safe = safe;
		store.watch((now, before) => {
			if (now.vault === "open" && now.vault_n !== before.vault_n)
				void this.look();
			if (now.vault !== before.vault)
				this.#keep_looking(now.vault === "open");
		});
	}

	#keep_looking(on: boolean): void {
		clearInterval(this.#timer);
		this.#told.clear();
		if (on)
			this.#timer = setInterval(() => void this.look(), AGAIN_MS);
	}

	/** Bring back what waits, and tell what is marked. What does not work now,
	 *  the next round does, or somebody else's page. */
	async look(): Promise<void> {
		if (this.#busy) {
			this.#again = true;
			return;
		}
		this.#busy = true;
		try {
			do {
				this.#again = false;
				if (coordinates(this.#store.state.me))
					await this.#part(() => this.#bring_back());
				await this.#part(() => this.#index());
			} while (this.#again);
		} finally {
			this.#busy = false;
		}
	}

	async #part(work: () => Promise<void>): Promise<void> {
		if (this.#store.state.vault === "open" && seals(this.#store.state.me))
			await work().catch((reason: unknown) => {
				if (!(reason instanceof Refused))
					throw reason;
			});
	}

	/* sealed anew; null: not by us */
	#move(wanted: Wanted, dialler: Dialler): Promise<string | null> {
		return this.#safe.number_move(wanted.subject, wanted.epoch,
			wanted.sealed, { epoch: String(dialler.id),
					 public: dialler.public });
	}

	async #bring_back(): Promise<void> {
		const { dialler, numbers } =
			await get<NumbersWait>("/vault/numbers");
		const back: { kind: string; id: number; sealed: string }[] = [];

		for (const { kind, id, epoch, sealed } of dialler ? numbers : []) {
			const moved = await this.#move({ epoch, sealed,
				subject: BigInt(id) |
					(kind === "phone" ? OF_PERSON : 0n) }, dialler!);

			if (moved)
				back.push({ kind, id, sealed: moved });
		}
		for (let at = 0; at < back.length; at += MOST)
			await post("/vault/numbers", { dialler: dialler!.id,
				numbers: back.slice(at, at + MOST) });
	}

	async #index(): Promise<void> {
		const { day, dialler, marks } = await get<Marks>("/marks");
		const back: { mark: number; sealed: string }[] = [];

		if (!dialler)
			return;
		for (const { mark, epoch, sealed } of to_index(marks)) {
			const told = `${day} ${dialler.id} ${mark}`;
			const moved = this.#told.has(told) ? null
				: await this.#move({ subject: BigInt(mark) | OF_MARK,
					epoch: epoch!, sealed: sealed! }, dialler);

			if (moved)
				back.push({ mark, sealed: moved });
		}
		for (let at = 0; at < back.length; at += MOST) {
			const part = back.slice(at, at + MOST);

			await post("/marks/index", { dialler: dialler.id,
				marks: part });
			for (const { mark } of part)
				this.#told.add(`${day} ${dialler.id} ${mark}`);
		}
	}

	/** It shall mean something for so long again: sealed to what is current, so
	 *  that it opens for as long. */
	async review(mark: Mark, review_days: number): Promise<void> {
		const to = this.#safe.current(mark.line);
		const sealed = to && mark.epoch && mark.sealed &&
			to.epoch !== mark.epoch ? await this.#safe.number_move(
				BigInt(mark.mark) | OF_MARK, mark.epoch, mark.sealed,
				to) : null;

		await post(`/marks/${mark.mark}/review`, { review_days,
			...(to && sealed ? { epoch: to.epoch, sealed } : {}) });
	}
}
