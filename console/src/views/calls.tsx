// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: the last calls for help. */
import { clock, moment } from "../time";
import type { Call } from "../wire";
import { useFetched } from "./fetched";
import { Table, useShown } from "./ui";

const LIMIT = 100;

export function Calls() {
	const { words, language } = useShown();
	const { data } = useFetched<{ calls: Call[] }>(`/calls?limit=${LIMIT}`);
	const ends: Readonly<Record<string, string>> = words.calls.outcome;
	const end = (call: Call) => call.outcome
		? ends[call.outcome] ?? call.outcome : words.calls.open;

	if (!data)
		return <p>{words.duty.starting}</p>;
	return <section class="card">
		<h1>{words.calls.title}</h1>
		{data.calls.length === 0 ? <p>{words.calls.none}</p>
			: <Table title={words.calls.title}
				columns={[words.calls.at, words.calls.line,
					  words.calls.waited, words.calls.talked,
					  words.calls.end, words.calls.who,
					  words.calls.notes]}
				rows={data.calls.map((call) => ({ key: call.call,
					cells: [moment(language, call.arrived_at),
						call.line, clock(call.wait_ms),
						call.talk_ms ? clock(call.talk_ms) : "–",
						end(call), call.counsellor ?? "–",
						<a href={`#/call/${call.call}`} aria-label={
							words.calls.notes_of(call.call)}>
							{words.calls.notes}</a>] }))} />}
	</section>;
}
