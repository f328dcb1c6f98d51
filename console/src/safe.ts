// SPDX-License-Identifier: AGPL-3.0-or-later
/** What is sealed, as the page has to do with it: keys are opened by the
 *  passphrase, in a worker that ends when somebody signs out; notes go to the
 *  server sealed, and are opened here. */
import { get, get_blob, post, Refused } from "./api";
import type { Derived } from "./work/derive";
import type { Answered, Asked, Verbs } from "./work/vault";
import type { Read } from "./share";
import type { Store } from "./store";
import { worker_new } from "./worker";
import type { SealedNote, SealedNotes, VaultIs, Wanting } from "./wire";

const GIVE_MS = 300_000;
const SPREAD_MS = 2000; // not all pages give the same at once
const PAGE = 100;       // of what is wanting, at most
const TRIES = 4;

/** A note; null: we have no key to it, or it is damaged. */
export interface Note {
	readonly row: SealedNote;
	readonly text: string | null;
	readonly trouble: "not_for_you" | "not_whole" | "not_entitled" | null;
}

export interface Notes {
	readonly notes: readonly Note[];
	readonly can_write: boolean; // there is something to seal to
}

class SealTrouble extends Error {
	constructor(readonly trouble: string) {
		super(trouble);
	}
}

interface Waiting {
	resolve(value: unknown): void;
	reject(reason: Error): void;
}

/** The worker, asked like a function. */
class Remote {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#id = 0;

	static async begin(): Promise<Remote> {
		return new Remote(await worker_new("vault"));
	}

	private constructor(worker: Worker) {
		this.#worker = worker;
		this.#worker.onmessage = (e: MessageEvent<Answered>) => {
			const waiting = this.#waiting.get(e.data.id);

			this.#waiting.delete(e.data.id);
			if (e.data.trouble)
				waiting?.reject(new SealTrouble(e.data.trouble));
			else
				waiting?.resolve(e.data.value);
		};
		this.#worker.onerror = () => this.end();
	}

	ask<V extends keyof Verbs>(verb: V, ...args: Parameters<Verbs[V]>):
		ReturnType<Verbs[V]> {
		const asked: Asked = { id: ++this.#id, verb, args };

		return new Promise((resolve, reject) => {
			this.#waiting.set(asked.id, { resolve, reject });
			this.#worker.postMessage(asked);
		}) as ReturnType<Verbs[V]>;
	}

	end(): void {
		this.#worker.terminate();
		for (const waiting of this.#waiting.values())
			waiting.reject(new Refused("other", 0));
		this.#waiting.clear();
	}
}

export class Safe {
	readonly #store: Store;
	#remote: Remote | null = null;
	#timer: number | undefined;
	#entitled: ReadonlySet<string> = new Set(); // to these epochs

	constructor(store: Store) {
		this.#store = store;
	}

	/** Open one's key, or make one if there is none yet.
	 *  @throws Refused: "proof_wrong" another passphrase */
	async unlock(derived: Derived): Promise<void> {
		const remote = await Remote.begin();

		try {
			await this.#begin(remote, derived);
		} catch (reason) {
			remote.end();
			throw reason instanceof SealTrouble
				? new Refused("proof_wrong", 0) : reason;
		} finally {
			derived.wrapping.fill(0);
		}
		this.lock();
		this.#remote = remote;
		await this.#learn();
		this.#store.tell({ type: "vault", open: true });
		this.#timer = setInterval(() => void this.#give(), GIVE_MS);
		void this.#give();
	}

	async #begin(remote: Remote, derived: Derived): Promise<void> {
		const { public: key, wrapped } = await get<VaultIs>("/vault");
		const kept = key && wrapped ? { public: key, wrapped } : null;
		const made = await remote.ask("begin",
			this.#store.state.me?.person ?? 0, derived.wrapping, kept);

		if (!kept)
			await post("/vault", { ...made, proof: derived.proof });
	}

	lock(): void {
		clearInterval(this.#timer);
		this.#remote?.end();
		this.#remote = null;
		if (this.#store.state.vault === "open")
			this.#store.tell({ type: "vault", open: false });
	}

	#open(): Remote {
		if (!this.#remote)
			throw new Refused("locked", 0);
		return this.#remote;
	}

	async #learn(): Promise<void> {
		const { epochs } = await get<VaultIs>("/vault");

		this.#entitled = new Set(epochs.map((e) => e.epoch));

		await this.#open().ask("learn", epochs.flatMap((e) => e.sealed
			? [{ epoch: e.epoch, sealed: e.sealed }] : []));
	}

	/** Keys have changed on the server. */
	async news(): Promise<void> {
		if (!this.#remote)
			return;
		await this.#learn();
		this.#store.tell({ type: "vault", open: true });
		setTimeout(() => void this.#give(), Math.random() * SPREAD_MS);
	}

	/* give others what they are entitled to and only pages can give; what does
	 * not work now, the next round does, or somebody else's page */
	async #give(): Promise<void> {
		try {
			let n = PAGE;

			for (let round = 0; n === PAGE && round < TRIES; round++) {
				const { grants } =
					await get<{ grants: Wanting[] }>("/vault/wanting");

				for (const wanting of grants)
					await this.#give_one(wanting);
				n = grants.length;
			}
		} catch (reason) {
			if (!(reason instanceof Refused || reason instanceof SealTrouble))
				throw reason;
		}
	}

	async #give_one(wanting: Wanting): Promise<void> {
		const { epoch, person, public: key } = wanting;
		const sealed = await this.#open().ask("gift", epoch, person, key);

		await post("/vault/grants", { epoch, person, public: key, sealed })
			.catch((reason: unknown) => {
				if (!(reason instanceof Refused && reason.status === 409))
					throw reason; // else another page was faster
			});
	}

	/* ---- notes ------------------------------------------------------ */

	async #note(call: number, row: SealedNote): Promise<Note> {
		try {
			const text = await this.#open().ask("note_open", call, row.epoch,
				row.sealed);

			return { row, text, trouble: null };
		} catch (reason) {
			if (!(reason instanceof SealTrouble))
				throw reason;
			return { row, text: null, trouble:
				reason.trouble !== "not_for_you" ? "not_whole"
				: this.#entitled.has(row.epoch) ? "not_for_you"
				: "not_entitled" };
		}
	}

	async notes(call: number): Promise<Notes> {
		const { notes, seal_to } =
			await get<SealedNotes>(`/calls/${call}/notes`);

		return { can_write: seal_to !== null, notes: await Promise.all(
			notes.map((row) => this.#note(call, row))) };
	}

	/** Seal a note and have it kept. Somebody may come or leave meanwhile: then
	 *  it is sealed anew. */
	async note_keep(call: number, text: string): Promise<void> {
		for (let left = TRIES; ; left--) {
			const { seal_to } =
				await get<SealedNotes>(`/calls/${call}/notes`);

			if (!seal_to)
				throw new Refused("no_recovery", 0);
			const sealed = await this.#open().ask("note_seal", call, seal_to,
				text);

			try {
				await post(`/calls/${call}/notes`,
					{ epoch: seal_to.epoch, sealed });
				return;
			} catch (reason) {
				if (!left || !(reason instanceof Refused &&
					reason.status === 409))
					throw reason;
			}
		}
	}

	/* ---- messages --------------------------------------------------- */

	/** What a caller said, as a WAV file. That it was fetched is on record, so
	 *  it is not where we could not open it. */
	async message(call: number): Promise<Blob> {
		const remote = this.#open();
		const file = await get_blob(`/promises/${call}/message`);
		const sealed = new Uint8Array(await file.arrayBuffer());

		try {
			const wav = await remote.ask("message_wav", call, sealed);

			return new Blob([wav as Uint8Array<ArrayBuffer>],
				{ type: "audio/wav" });
		} catch (reason) {
			throw reason instanceof SealTrouble
				? new Refused(reason.trouble === "not_for_you"
					? "not_for_you" : "not_whole", 0) : reason;
		}
	}

	/** What one has begun to write; "" nothing, or nothing that opens. */
	async draft(call: number): Promise<string> {
		const { sealed } =
			await get<{ sealed: string | null }>(`/calls/${call}/draft`);

		if (!sealed)
			return "";
		return this.#open().ask("note_open", call, "0", sealed)
			.catch((reason: unknown) => {
				if (reason instanceof SealTrouble)
					return "";
				throw reason;
			});
	}

	async draft_keep(call: number, text: string): Promise<void> {
		const sealed = text === "" ? null
			: await this.#open().ask("note_seal", call, null, text);

		await post(`/calls/${call}/draft`, { sealed });
	}

	/** Read a share, with or without being unlocked: it needs no key. */
	async share(typed: string): Promise<Read> {
		const remote = await Remote.begin();

		try {
			return await remote.ask("share_read", typed);
		} finally {
			remote.end();
		}
	}
}
