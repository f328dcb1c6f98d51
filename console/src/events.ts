// SPDX-License-Identifier: AGPL-3.0-or-later
/** News from the server. EventSource tries again by itself when a connection
 *  breaks, but gives up for good on any answer that is an error, such as a
 *  proxy's 502 while the server restarts: then we begin anew. */

const AGAIN_MS = 2000;

export interface EventHandlers {
	readonly up: (connected: boolean) => void;
	readonly refused: () => void; // an error was answered: signed out?
	readonly news: { readonly [name: string]: (data: unknown) => void };
}

export class Events {
	#source: EventSource | null = null;
	#again: number | undefined;
	readonly #handlers: EventHandlers;

	constructor(handlers: EventHandlers) {
		this.#handlers = handlers;
	}

	open(): void {
		this.close();
		const source = new EventSource("/api/v1/events");

		source.onopen = () => this.#handlers.up(true);
		source.onerror = () => this.#broken(source);
		// the same browser has opened too many: coming back by ourselves
		// would push out the next one
		source.addEventListener("superseded", () => {
			if (source !== this.#source)
				return;
			this.close();
			this.#handlers.up(false);
		});
		for (const [name, handler] of Object.entries(this.#handlers.news))
			source.addEventListener(name, (event) =>
				handler(JSON.parse((event as MessageEvent<string>).data)));
		this.#source = source;
	}

	close(): void {
		clearTimeout(this.#again);
		this.#source?.close();
		this.#source = null;
	}

	#broken(source: EventSource): void {
		if (source !== this.#source)
			return;
		this.#handlers.up(false);
		if (source.readyState !== EventSource.CLOSED)
			return;
		this.#handlers.refused();
		clearTimeout(this.#again);
		this.#again = setTimeout(() => this.open(), AGAIN_MS);
	}
}
