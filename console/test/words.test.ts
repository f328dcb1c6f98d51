// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { language_best, languages, words_of } from "../src/words";
import { call_states, close_reasons, number_reasons, outcomes,
	person_states }
	from "../src/wire";

/** "ring.say(2)": every word with its path, and how much it takes. */
function paths(words: object, before = ""): string[] {
	return Object.entries(words).flatMap(([key, word]) => {
		const path = before + key;

		if (typeof word === "object")
			return paths(word as object, `${path}.`);
		return typeof word === "function" ? `${path}(${word.length})` : path;
	});
}

test("all languages say the same things", () => {
	const wanted = paths(languages.en!).sort();

	assert.ok(wanted.length > 200);
	for (const [code, words] of Object.entries(languages))
		assert.deepEqual(paths(words).sort(), wanted, code);
});

test("no word is empty but where English has none", () => {
	const empty = (words: object): string[] => paths(words).filter((path) =>
		path.split(".").reduce<unknown>((at, key) =>
			(at as Record<string, unknown>)?.[key], words) === "");

	for (const [code, words] of Object.entries(languages))
		assert.deepEqual(empty(words), empty(languages.en!), code);
});

test("every state, reason and outcome has a word", () => {
	for (const words of Object.values(languages)) {
		for (const state of person_states)
			assert.ok(words.duty.state[state] &&
				words.board.person_state[state], state);
		for (const state of call_states)
			assert.ok(words.board.call_state[state], state);
		for (const reason of close_reasons)
			assert.ok(words.promises.reason[reason], reason);
		for (const reason of number_reasons)
			assert.ok(words.number.reason[reason], reason);
		for (const outcome of outcomes)
			assert.ok(words.wrap.outcome[outcome], outcome);
	}
});

test("which language somebody gets", () => {
	assert.equal(language_best(["fr-CA", "es-MX", "en"]), "es");
	assert.equal(language_best(["", "fr"]), "en");
	assert.equal(language_best(["constructor"]), "en");
	assert.equal(words_of("es").sign_in.title, "Entrar");
	assert.equal(words_of("xx").sign_in.title, "Sign in");
});
