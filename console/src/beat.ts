// SPDX-License-Identifier: AGPL-3.0-or-later
/** Tells the server that this page is alive, and notices when it was not. */
import { Refused } from "./api";
import { worker_new } from "./worker";

const SLEPT_MS = 20_000; // after so long without us the server gives up
const AGAIN_MS = 2000;  // the worker could not be had

export interface BeatHandlers {
	readonly beat: () => void;
	readonly slept: (ms: number) => void;
	readonly failed: (reason: Refused) => void; // to begin
}

export class Beat {
	#worker: Worker | null = null;
	#run = 0; // beats of earlier runs are none; 0 at rest
	#runs = 0;
	#last = 0;
	readonly #handlers: BeatHandlers;

	constructor(handlers: BeatHandlers) {
		this.#handlers = handlers;
	}

	start(): void {
		if (this.#run)
			return;
		this.#run = ++this.#runs;
		this.#last = Date.now();
		this.#handlers.beat();
		void this.#begin(this.#run);
	}

	async #begin(run: number): Promise<void> {
		try {
			const worker = await worker_new("beat");

			if (run !== this.#run) {
				worker.terminate();
				return;
			}
			this.#worker = worker;
			worker.onmessage = () => this.#tick();
		} catch (reason) {
			if (!(reason instanceof Refused))
				throw reason;
			if (run !== this.#run)
				return;
			this.#handlers.failed(reason);
			setTimeout(() => run === this.#run &&
				void this.#begin(run), AGAIN_MS);
		}
	}

	stop(): void {
		this.#run = 0;
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
