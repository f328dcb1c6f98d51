// SPDX-License-Identifier: AGPL-3.0-or-later
// Argon2id takes a second or two: done here, so that the page stays alive.
import { keys_of, stretch_new, type Keys } from "../keys";
import type { Stretch } from "../stretch";

/** Without a stretch, a new one is made. */
export interface Asked {
	readonly passphrase: string;
	readonly stretch: Stretch | null;
}

export interface Derived extends Keys {
	readonly stretch: Stretch;
}

addEventListener("message", (event: MessageEvent<Asked>) => {
	void (async () => {
		const stretch = event.data.stretch ?? await stretch_new();
		const keys = await keys_of(event.data.passphrase, stretch);
		const derived: Derived = { ...keys, stretch };

		postMessage(derived);
	})().catch((reason: unknown) => postMessage({ error: String(reason) }));
});
