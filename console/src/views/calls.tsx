// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: the last calls for help. */
import { useState } from "preact/hooks";
import { coordinates_line } from "../state";
import { clock, moment } from "../time";
import type { Call } from "../wire";
import { useFetched } from "./fetched";
import { Arrived, Button, Table, useShown } from "./ui";

const LIMIT = 100;

/** Said before anything goes: what, and what cannot be taken back. */
function Forget(props: { call: Call; again: () => Promise<unknown>;
			 end: () => void }) {
	const { desk, words } = useShown();
	const { call } = props.call;
	const forget = async () => {
		if (!await desk.change(`/calls/${call}/forget`))
			return;
		props.end();
		await props.again();
		desk.store.tell({ type: "done", done: words.forget.done(call) });
	};

	return <section class="card" aria-labelledby="forget-title">
		<Arrived level="h2" id="forget-title">
			{words.forget.title(call)}</Arrived>
		<p>{words.forget.what}</p>
		<p>{words.forget.not}</p>
		<div class="buttons">
			<Button kind="danger" work={forget}>{words.forget.yes}</Button>
			<Button work={props.end}>{words.forget.cancel}</Button>
		</div>
	</section>;
}

export function Calls() {
	const { state, words, language } = useShown();
	const { data, again } =
		useFetched<{ calls: Call[] }>(`/calls?limit=${LIMIT}`);
	const [asked, ask] = useState<Call | null>(null);
	const ends: Readonly<Record<string, string>> = words.calls.outcome;
	const end = (call: Call) => call.outcome
		? ends[call.outcome] ?? call.outcome : words.calls.open;
	const links = (call: Call) => <>
		<a href={`#/call/${call.call}`}
			aria-label={words.calls.notes_of(call.call)}>
			{words.calls.notes}</a>{" "}
		{coordinates_line(state.me, call.line) && <Button kind="quiet"
			label={words.forget.of(call.call)} work={() => ask(call)}>
			{words.forget.button}</Button>}</>;

	if (!data)
		return <p>{words.duty.starting}</p>;
	return <>
		{asked && <Forget key={asked.call} call={asked} again={again}
			end={() => ask(null)} />}
		<section class="card">
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
							links(call)] }))} />}
		</section>
	</>;
}
