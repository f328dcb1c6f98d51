// SPDX-License-Identifier: AGPL-3.0-or-later
/** Tells the server that this page is alive, and notices when it was not. */

const SLEPT_MS = 20_000; // after so long without us the server gives up

export interface BeatHandlers {
	readonly beat: () => void;
	readonly slept: (ms: number) => void;
}

export class Beat {
	#worker: Worker | null = null;
	#last = 0;
	readonly #handlers: BeatHandlers;

	constructor(handlers: BeatHandlers) {
		this.#handlers = handlers;
	}

	start(): void {
		if (this.#worker)
			return;
		this.#last = Date.now();
		this.#worker = new Worker("/beat.js", { type: "module" });
		this.#worker.onmessage = () => this.#tick();
		this.#handlers.beat();
	}

	stop(): void {
		this.#worker?.terminate();
		this.#worker = null;
	}

	/* wall time: it goes on while a computer sleeps, unlike others */
	#tick(): void {
		const now = Date.now();
		const gap = now - this.#last;

		this.#last = now;
		this.#handlers.beat();
		if (gap >= SLEPT_MS)
			this.#handlers.slept(gap);
	}
}
