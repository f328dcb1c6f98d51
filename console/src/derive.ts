// SPDX-License-Identifier: AGPL-3.0-or-later
/** Stretches a passphrase in a worker of its own, which then ends. */
import { post, Refused } from "./api";
import { stretch_fits, type Stretch } from "./stretch";
import { worker_new } from "./worker";
import type { Asked, Derived } from "./work/derive";

export async function derive(asked: Asked): Promise<Derived> {
	const worker = await worker_new("derive");
	/* no memory left, say: told, and tried again by whoever typed it */
	const failed = new Refused("other", 0);

	return new Promise<Derived>((resolve, reject) => {
		worker.onmessage = (e: MessageEvent<Derived | { error: string }>) =>
			"error" in e.data ? reject(failed) : resolve(e.data);
		worker.onerror = () => reject(failed);
		worker.postMessage(asked);
	}).finally(() => worker.terminate());
}

/** What somebody's passphrase is good for, stretched as the server says.
 *  @throws Refused "weak": the server asks for too little */
export async function derive_for(name: string,
				 passphrase: string): Promise<Derived> {
	const stretch = await post<Stretch>("/sign-in/begin", { name });

	if (!stretch_fits(stretch))
		throw new Refused("weak", 0);
	return derive({ passphrase, stretch });
}
