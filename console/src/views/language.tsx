// SPDX-License-Identifier: AGPL-3.0-or-later
import { keep } from "../keep";
import { languages } from "../words";
import { Select, useShown } from "./ui";

/** The language of the page; kept in this browser. */
export function LanguageChoice() {
	const { desk, words, language } = useShown();
	const options = Object.entries(languages)
		.map(([value, its]) => ({ value, text: its.name }));

	return <div class="narrow"><Select label={words.account.language}
		value={language} options={options} set={(code) => {
			keep.set_language(code);
			desk.store.tell({ type: "language", language: code });
		}} /></div>;
}
