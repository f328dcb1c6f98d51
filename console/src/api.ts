// SPDX-License-Identifier: AGPL-3.0-or-later
/** Requests to the server. */
import { en } from "./words/en";
import type { ErrorWord } from "./words";

const BASE = "/api/v1";
const PATIENCE_MS = 15_000;

/** A request that was not carried out, as a word that the page can say. */
export class Refused extends Error {
	readonly status: number; // 0: no answer at all

	constructor(readonly word: ErrorWord, status: number,
		    readonly body: unknown = null) {
		super(word);
		this.status = status;
	}
}

const words_by_status: Readonly<Record<number, ErrorWord>> = {
	400: "bad", 401: "wrong", 403: "forbidden", 404: "not_found",
	409: "conflict", 413: "bad", 415: "bad", 429: "slow_down", 503: "busy",
};

function refusal(status: number, body: unknown): Refused {
	const said = (body as { error?: unknown } | null)?.error;
	/* a call that is busy (409) is no busy server (503) */
	const known = typeof said === "string" &&
		Object.hasOwn(en.error, said) && !(said === "busy" && status === 409);

	return new Refused(known ? said as ErrorWord
		: words_by_status[status] ?? "other", status, body);
}

async function ask(path: string, init: RequestInit): Promise<Response> {
	const answer = await fetch(BASE + path, {
		...init,
		credentials: "same-origin",
		cache: "no-store",
		signal: AbortSignal.timeout(PATIENCE_MS),
	}).catch(() => { throw new Refused("offline", 0); });

	if (!answer.ok)
		throw refusal(answer.status, await answer.json()
			.catch(() => null));
	return answer;
}

export async function get<T>(path: string): Promise<T> {
	return await (await ask(path, {})).json() as T;
}

export async function get_blob(path: string): Promise<Blob> {
	return await (await ask(path, {})).blob();
}

/** Change something. The header tells the server that no foreign page asks. */
export async function post<T = unknown>(path: string,
					body: object = {}): Promise<T> {
	const answer = await ask(path, {
		method: "POST",
		headers: { "Content-Type": "application/json", "X-Ringback": "1" },
		body: JSON.stringify(body),
	});

	return await answer.json() as T;
}
