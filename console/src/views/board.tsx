// SPDX-License-Identifier: AGPL-3.0-or-later
/** What happens on all lines, live. */
import { may_listen } from "../state";
import { language_name, span } from "../time";
import type { Board as BoardNow, BoardCall, MyLine } from "../wire";
import { Button, Table, useNow, useShown } from "./ui";
import { waiting_states } from "./waiting";

/** How many wait and talk, line by line. Pure. */
export function counts(lines: readonly string[], board: BoardNow) {
	return lines.map((line) => {
		const calls = board.calls.filter((call) => call.line === line);

		return {
			line,
			waiting: calls.filter((c) =>
				waiting_states.includes(c.state)).length,
			talking: calls.filter((c) => c.state === "talking").length,
		};
	});
}

/** What a line allows in a talk, besides talking. */
function Allowed(props: { line: MyLine }) {
	const { words } = useShown();
	const { allows } = words.board;
	const { line } = props;
	const all = [
		...line.transfer ? [allows.transfer] : [],
		...line.third.length ? [allows.third(line.third.join(", "))] : [],
		...line.listen ? [allows.listen] : [],
		...line.show_numbers ? [allows.numbers] : [],
	];

	return all.length === 0 ? <>–</>
		: <ul class="bare">{all.map((one) => <li key={one}>{one}</li>)}</ul>;
}

function Lines(props: { lines: readonly MyLine[]; board: BoardNow }) {
	const { words, language } = useShown();
	const now = counts(props.lines.map((l) => l.name), props.board);

	return <Table title={words.board.lines}
		columns={[words.waiting.line, words.board.languages,
			  words.board.waiting, words.board.talking,
			  words.board.allowed]}
		rows={props.lines.map((line, i) => ({ key: line.name, cells: [
			line.name,
			line.languages.map((l) => language_name(language, l))
				.join(", "),
			now[i]?.waiting, now[i]?.talking,
			<Allowed line={line} />] }))} />;
}

/** Can this talk be listened to by whoever is signed in? */
function Listen(props: { call: BoardCall; name: string }) {
	const { desk, state, words } = useShown();
	const { call, person } = props.call;
	const busy = state.me?.on_duty || state.counsellor?.listening !== null;

	if (props.call.state !== "talking" || person === null ||
	    person === state.me?.person ||
	    !may_listen(state.me, props.call.line))
		return <>–</>;
	return <Button disabled={busy} label={words.listen.of(props.name)}
		work={() => desk.listening.begin(call)}>
		{words.listen.begin}</Button>;
}

function Callers(props: { board: BoardNow }) {
	const { state, words, language } = useShown();
	const now = useNow();
	const { calls, people } = props.board;
	const name = (person: number | null) =>
		people.find((p) => p.person === person)?.name ?? "–";
	const listens = state.me?.lines.some((l) =>
		may_listen(state.me, l.name)) ?? false;

	if (calls.length === 0)
		return <p>{words.board.no_calls}</p>;
	return <>
		<Table title={words.board.calls}
			columns={[words.waiting.line, words.waiting.language,
				  words.board.state, words.board.here_for,
				  words.board.with,
				  ...listens ? [words.listen.begin] : []]}
			rows={calls.map((call) => ({ key: call.call, cells: [
				call.line, language_name(language, call.language),
				words.board.call_state[call.state],
				span(language, now - call.since), name(call.person),
				...listens ? [<Listen call={call}
					name={name(call.person)} />] : []] }))} />
		{listens && state.me?.on_duty &&
			<p class="hint">{words.listen.off_first}</p>}
	</>;
}

function OnDuty(props: { board: BoardNow }) {
	const { words } = useShown();
	const people = props.board.people.filter((p) => p.state !== "off");

	if (people.length === 0)
		return <p>{words.board.nobody}</p>;
	return <Table title={words.board.people}
		columns={[words.board.name, words.board.state,
			  words.board.reachable]}
		rows={people.map((p) => ({ key: p.person, cells: [
			p.name, words.board.person_state[p.state],
			p.browser ? words.board.yes : words.board.no] }))} />;
}

export function Board() {
	const { state, words } = useShown();
	const { board, me } = state;

	if (!board || !me)
		return <p>{words.duty.starting}</p>;
	return <>
		<h1>{words.board.title}</h1>
		<section class="card">
			<h2>{words.board.lines}</h2>
			<Lines lines={me.lines} board={board} />
		</section>
		<section class="card">
			<h2>{words.board.calls}</h2><Callers board={board} />
		</section>
		<section class="card">
			<h2>{words.board.people}</h2><OnDuty board={board} />
		</section>
	</>;
}
