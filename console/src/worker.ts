// SPDX-License-Identifier: AGPL-3.0-or-later
/** Workers of the page. Browsers check no hash of a worker that they load by
 *  its address: so it is fetched with its hash, and what was checked is run. */
import { Refused } from "./api";

export type WorkerName = keyof typeof WORKERS;

const asked = (name: WorkerName, more: RequestInit): Promise<Response> =>
	fetch(`/${name}.js`, { credentials: "same-origin", cache: "no-cache",
		...more });

/* a browser does not say whether nothing came, or something else */
async function why(name: WorkerName): Promise<Refused> {
	const came = await asked(name, {}).then((a) => a.ok, () => false);

	return new Refused(came ? "not_ours" : "offline", 0);
}

async function checked(name: WorkerName): Promise<Blob> {
	const answer = await asked(name, { integrity: WORKERS[name] })
		.catch(() => null);

	if (!answer?.ok)
		throw await why(name);
	return new Blob([await answer.arrayBuffer()],
		{ type: "text/javascript" });
}

/** Run it. @throws Refused "not_ours": what was served is not of this page;
 *  "offline" */
export async function worker_new(name: WorkerName): Promise<Worker> {
	const address = URL.createObjectURL(await checked(name));
	const worker = new Worker(address, { type: "module", name });
	const loaded = () => URL.revokeObjectURL(address);

	worker.addEventListener("message", loaded, { once: true });
	worker.addEventListener("error", loaded, { once: true });
	return worker;
}
