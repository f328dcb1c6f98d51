// SPDX-License-Identifier: AGPL-3.0-or-later
/** The one place where the page's state lives. */
import { reduce, type News, type State } from "./state";

export type Watcher = (now: State, before: State) => void;

export class Store {
	#state: State;
	readonly #watchers = new Set<Watcher>();

	constructor(first: State) {
		this.#state = first;
	}

	get state(): State {
		return this.#state;
	}

	/** Call watcher after each change, until the returned function is. */
	watch(watcher: Watcher): () => void {
		this.#watchers.add(watcher);
		return () => void this.#watchers.delete(watcher);
	}

	tell(news: News): void {
		const before = this.#state;

		this.#state = reduce(before, news);
		for (const watcher of [...this.#watchers])
			watcher(this.#state, before);
	}
}
