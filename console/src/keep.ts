// SPDX-License-Identifier: AGPL-3.0-or-later
/** What this browser remembers: nothing about callers but when a talk began,
 *  for as long as the tab is open. */
import { day_of } from "./time";

const LANGUAGE = "ringback.language";
const CHECKED = "ringback.checked";
const SIGNED_IN = "ringback.signed_in";
const TALK = "ringback.talk";

export const keep = {
	language: () => localStorage.getItem(LANGUAGE),
	set_language: (code: string) => localStorage.setItem(LANGUAGE, code),

	/** Did somebody sign in here, and not out? The cookie cannot be seen. */
	signed_in: () => localStorage.getItem(SIGNED_IN) !== null,
	set_signed_in: (yes: boolean) => yes
		? localStorage.setItem(SIGNED_IN, "1")
		: localStorage.removeItem(SIGNED_IN),

	checked_today: () =>
		localStorage.getItem(CHECKED) === day_of(new Date()),
	set_checked: () => localStorage.setItem(CHECKED, day_of(new Date())),

	/** When the talk of this offer began, if it did before a reload. */
	talk_since: (offer: string): number | null => {
		const [kept, since] = (sessionStorage.getItem(TALK) ?? "").split(" ");

		return kept === offer && since ? Number(since) : null;
	},
	set_talk: (offer: string, since: number) =>
		sessionStorage.setItem(TALK, `${offer} ${since}`),
	forget_talk: () => sessionStorage.removeItem(TALK),
};
