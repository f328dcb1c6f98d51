// SPDX-License-Identifier: AGPL-3.0-or-later
/** Listening to somebody else's talk. The microphone is not even opened before
 *  one wants to be heard by the counsellor. */
import { post } from "./api";
import { Call } from "./call";
import type { Mic } from "./mic";
import type { State } from "./state";
import type { Store } from "./store";

export class Listening {
	readonly #store: Store;
	readonly #mic: Mic;
	readonly #audio: HTMLAudioElement;
	#call: Call | null = null;
	#ending = false;   // we have said that we stop
	#whispers = false; // the microphone is ours

	constructor(store: Store, mic: Mic, audio: HTMLAudioElement) {
		this.#store = store;
		this.#mic = mic;
		this.#audio = audio;
	}

	/** Called while a click is handled, so that there may be sound. */
	async begin(call: number): Promise<void> {
		this.close();
		this.#store.tell({ type: "error", error: null });
		const mine = new Call(`/calls/${call}/listen`, null, this.#audio,
			(sound) => this.#store.tell({ type: "sound", sound }));

		this.#call = mine;
		this.#ending = false;
		mine.listen();
		if (await mine.prepared || this.#call !== mine)
			return;
		this.close();
		this.#store.tell({ type: "error", error: mine.refused ?? "sound" });
	}

	/** Throws Refused. */
	async end(): Promise<void> {
		this.#ending = true;
		await post("/me/listen-end");
	}

	/** Let the counsellor hear us, or not any more. Throws Refused. */
	async whisper(on: boolean): Promise<void> {
		if (on) {
			this.#whispers = true;
			try {
				await this.#call?.send(await this.#mic.open());
				await post("/me/whisper", { on });
				return;
			} catch (reason) {
				await this.#silent();
				throw reason;
			}
		}
		await this.#silent(); // first, whatever the server says
		await post("/me/whisper", { on });
	}

	async #silent(): Promise<void> {
		this.#whispers = false;
		await this.#call?.send(null);
		this.#mic.close();
	}

	/** Does the microphone have to stay open? */
	get whispers(): boolean {
		return this.#whispers;
	}

	/** What is heard, for its level. */
	heard(): MediaStream | null {
		return this.#call?.heard() ?? null;
	}

	/** What the server says of it. True if the talk is over without us. */
	follow(now: State, before: State): boolean {
		const was = before.counsellor?.listening ?? null;
		const is = now.counsellor?.listening ?? null;

		if (is !== null && !this.#call) {
			/* reloaded: its sound is gone with the page that it had */
			void this.end().catch(() => undefined);
			return false;
		}
		if (was === null || is !== null)
			return false;
		this.close();
		return !this.#ending;
	}

	close(): void {
		if (this.#whispers)
			this.#mic.close();
		this.#whispers = false;
		this.#call?.close();
		this.#call = null;
	}
}
