// SPDX-License-Identifier: AGPL-3.0-or-later
/** Who waits, and since when. */
import { language_name, span } from "../time";
import type { CallState } from "../wire";
import { Table, useNow, useShown } from "./ui";

export const waiting_states: readonly CallState[] = ["arriving", "answering",
	"choosing", "waiting", "offered", "due", "due_offered"];

export function Waiting() {
	const { state, words, language } = useShown();
	const now = useNow();
	const calls = (state.board?.calls ?? [])
		.filter((call) => waiting_states.includes(call.state));
	const since = (call: typeof calls[number]) =>
		call.state.startsWith("due") ? words.waiting.to_ring_back
			: span(language, now - call.since);

	return <section class="card">
		<h2>{words.waiting.title}</h2>
		{calls.length === 0 ? <p>{words.waiting.nobody}</p>
			: <Table title={words.waiting.title}
				columns={[words.waiting.line, words.waiting.language,
					  words.waiting.since]}
				rows={calls.map((call) => ({ key: call.call,
					cells: [call.line,
						language_name(language, call.language),
						since(call)] }))} />}
	</section>;
}
