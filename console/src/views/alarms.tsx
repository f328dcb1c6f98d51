// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: what is wrong with the server just now. Each text says
 *  what it means for callers, and what to do. */
import { moment } from "../time";
import type { Alarms as Wrong } from "../wire";
import type { Words } from "../words";
import { useShown } from "./ui";

function said(words: Words, language: string, a: Wrong): [string, string][] {
	const at = (since: number) => moment(language, since);
	const { unwritten, flood, media } = a;

	return [
		["unwritten", unwritten ? words.alarms.unwritten(unwritten.calls,
			at(unwritten.since)) : ""],
		["flood", flood ? words.alarms.flood(flood.turned_away,
			at(flood.since)) : ""],
		["media", media ? words.alarms.media(media.up, media.of,
			at(media.since)) : ""],
	];
}

export function Alarms() {
	const { state, words, language } = useShown();
	const shown = state.alarms && state.line_up
		? said(words, language, state.alarms).filter(([, text]) => text) : [];

	return <div role="status" class="banners">
		{shown.map(([kind, text]) =>
			<p class="banner wrong" key={kind}>{text}</p>)}
	</div>;
}
