// SPDX-License-Identifier: AGPL-3.0-or-later
/** Stretches a passphrase in a worker of its own, which then ends. */
import type { Asked, Derived } from "./work/derive";

export function derive(asked: Asked): Promise<Derived> {
	const worker = new Worker("/derive.js", { type: "module" });

	return new Promise<Derived>((resolve, reject) => {
		worker.onmessage = (e: MessageEvent<Derived | { error: string }>) =>
			"error" in e.data ? reject(new Error(e.data.error))
				: resolve(e.data);
		worker.onerror = (e) => reject(new Error(e.message));
		worker.postMessage(asked);
	}).finally(() => worker.terminate());
}
