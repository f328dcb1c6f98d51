// SPDX-License-Identifier: AGPL-3.0-or-later
// Holds the keys of whoever is signed in, apart from the page.
import { SealError } from "../seal";
import { share_read } from "../share";
import { Vault } from "../vault";

const vault = new Vault();

const verbs = {
	begin: vault.begin.bind(vault),
	learn: vault.learn.bind(vault),
	gift: vault.gift.bind(vault),
	note_seal: vault.note_seal.bind(vault),
	note_open: vault.note_open.bind(vault),
	number_move: vault.number_move.bind(vault),
	message_wav: vault.message_wav.bind(vault),
	share_read,
};
export type Verbs = typeof verbs;

export interface Asked {
	readonly id: number;
	readonly verb: keyof Verbs;
	readonly args: readonly unknown[];
}

export interface Answered {
	readonly id: number;
	readonly value?: unknown;
	readonly trouble?: string; // of SealError, or "other"
}

addEventListener("message", (event: MessageEvent<Asked>) => {
	const { id, verb, args } = event.data;
	const work = verbs[verb] as (...args: readonly unknown[]) =>
		Promise<unknown>;

	void work(...args).then(
		(value): Answered => ({ id, value }),
		(reason: unknown): Answered => ({ id, trouble:
			reason instanceof SealError ? reason.trouble : "other" }),
	).then((answer) => postMessage(answer));
});
