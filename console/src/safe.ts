// SPDX-License-Identifier: AGPL-3.0-or-later
/** What is sealed, as the page has to do with it: keys are opened by the
 *  passphrase, in a worker that ends when somebody signs out; notes go to the
 *  server sealed, and are opened here. */
import { get, get_blob, post, Refused } from "./api";
import { fits, is_set_back, is_theirs, memory, no_doubt, type Doubt,
	type PersonSaid } from "./memory";
import type { Derived } from "./work/derive";
import type { SealTo } from "./vault";
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
	#current: ReadonlyMap<string, SealTo> = new Map(); // of lines
	#lines: ReadonlyMap<string, string> = new Map(); // of epochs that we may
						// open
	readonly #refused = new Set<string>(); // epochs

	constructor(store: Store) {
		this.#store = store;
	}

	/** Open one's key, or make one if there is none yet.
	 *  @throws Refused: "proof_wrong" another passphrase; "key_damaged" */
	async unlock(derived: Derived): Promise<void> {
		const remote = await Remote.begin();

		try {
			await this.#begin(remote, derived);
		} catch (reason) {
			remote.end();
			throw reason instanceof SealTrouble
				? await this.#why_closed(derived) : reason;
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

	/* Is it the passphrase, or the key that the server keeps? What asks for
	 * the passphrase first, and then changes nothing, says so. */
	#why_closed(derived: Derived): Promise<Refused> {
		const damaged = new Refused("key_damaged", 0);

		return post("/me/keys/begin", { proof: derived.proof }).then(
			() => damaged,
			(reason: unknown) => reason instanceof Refused &&
				reason.status !== 409 ? reason : damaged);
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

	/** Is the server's truth about keys still what it was? Also while locked. */
	async look(): Promise<VaultIs> {
		const vault = await get<VaultIs>("/vault");

		this.#lines = new Map(vault.epochs.map((e) => [e.epoch, e.line]));
		this.#current = new Map(vault.epochs.filter((e) => e.current)
			.map((e) => [e.line, e]));
		this.#doubt(memory.look(vault.epochs, vault.people));
		return vault;
	}

	#doubt(doubt: Doubt): void {
		this.#store.tell({ type: "doubt", doubt });
	}

	async #learn(): Promise<void> {
		const { epochs } = await this.look();
		const wrong = await this.#open().ask("learn", epochs.flatMap(
			({ epoch, public: key, sealed }) => sealed
				? [{ epoch, public: key, sealed }] : []));

		if (!is_set_back(this.#store.state.doubt))
			for (const epoch of wrong)
				await this.#refuse(epoch);
	}

	/* what somebody gave us is of no use: it goes, and their page, or another,
	 * gives it anew; once, whatever becomes of it */
	async #refuse(epoch: string): Promise<void> {
		if (this.#refused.has(epoch))
			return;
		this.#refused.add(epoch);
		await post(`/vault/grants/${epoch}/refuse`)
			.catch((reason: unknown) => {
				if (!(reason instanceof Refused))
					throw reason;
			});
	}

	/** A coordinator knows that this is their key. */
	async confirm(person: PersonSaid): Promise<void> {
		memory.confirm(person);
		await this.news();
	}

	/** Whoever runs the server said why it was set back. */
	async trust_anew(): Promise<void> {
		memory.forget_epochs();
		this.#doubt(no_doubt);
		await this.news();
	}

	/** Keys have changed on the server. */
	async news(): Promise<void> {
		if (!this.#remote) {
			await this.look();
			return;
		}
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

		if (is_set_back(this.#store.state.doubt) ||
		    !is_theirs(memory.seen(), person, key))
			return;
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
				: this.#lines.has(row.epoch) ? "not_for_you"
				: "not_entitled" };
		}
	}

	async notes(call: number): Promise<Notes> {
		const { notes, seal_to } =
			await get<SealedNotes>(`/calls/${call}/notes`);

		return { can_write: seal_to !== null, notes: await Promise.all(
			notes.map((row) => this.#note(call, row))) };
	}

	/* is it what was current last, and not another key? */
	async #trust(to: SealTo): Promise<void> {
		if (!this.#lines.has(to.epoch))
			await this.#learn(); // somebody has just come or gone
		const line = this.#lines.get(to.epoch);

		if (!fits(memory.seen(), { ...to, line }))
			this.#doubt({ ...this.#store.state.doubt,
				other: [to.epoch] });
		this.#may_seal();
	}

	#may_seal(): void {
		if (is_set_back(this.#store.state.doubt))
			throw new Refused("set_back", 0);
	}

	/** Seal a note and have it kept. Somebody may come or leave meanwhile: then
	 *  it is sealed anew. */
	async note_keep(call: number, text: string): Promise<void> {
		for (let left = TRIES; ; left--) {
			const { seal_to } =
				await get<SealedNotes>(`/calls/${call}/notes`);

			if (!seal_to)
				throw new Refused("no_recovery", 0);
			await this.#trust(seal_to);
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

	/* ---- numbers ---------------------------------------------------- */

	/** What is to be sealed to for a line. */
	current(line: string): SealTo | null {
		return this.#current.get(line) ?? null;
	}

	/** A number, sealed anew. @returns null: it does not open for us */
	async number_move(subject: bigint, epoch: string, sealed: string,
			  to: SealTo): Promise<string | null> {
		this.#may_seal();
		return this.#open().ask("number_move", subject, epoch, sealed,
			{ epoch: to.epoch, public: to.public })
			.catch((reason: unknown) => {
				if (reason instanceof SealTrouble)
					return null;
				throw reason;
			});
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
		this.#may_seal();
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
