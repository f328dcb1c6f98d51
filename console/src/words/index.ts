// SPDX-License-Identifier: AGPL-3.0-or-later
/** The languages of the console. To add one: copy en.ts, translate, and give it
 *  a row here; what is missing does not compile. */
import { en, type Words } from "./en";
import { es } from "./es";

export type { Words };
export type ErrorWord = keyof Words["error"];

export const languages: Readonly<Record<string, Words>> = { en, es };

export function words_of(language: string): Words {
	return languages[language] ?? en;
}

/** The first of somebody's languages that we speak; "en" if none. */
export function language_best(wanted: readonly string[]): string {
	const codes = wanted.map((w) => w.toLowerCase().split("-")[0] ?? "");

	return codes.find((code) => Object.hasOwn(languages, code)) ?? "en";
}
