// SPDX-License-Identifier: AGPL-3.0-or-later
// Argon2id takes a second or two: done here, so that the page stays alive.
import { proof_of, stretch_new } from "../keys";
import type { Stretch } from "../stretch";

/** Without a stretch, a new one is made. */
export interface Asked {
	readonly passphrase: string;
	readonly stretch: Stretch | null;
}

export interface Derived {
	readonly proof: string;
	readonly stretch: Stretch;
}

addEventListener("message", (event: MessageEvent<Asked>) => {
	void (async () => {
		const stretch = event.data.stretch ?? await stretch_new();
		const proof = await proof_of(event.data.passphrase, stretch);
		const derived: Derived = { proof, stretch };

		postMessage(derived);
	})().catch((reason: unknown) => postMessage({ error: String(reason) }));
});
