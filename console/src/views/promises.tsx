// SPDX-License-Identifier: AGPL-3.0-or-later
/** What is owed to callers. No number is ever shown. */
import { useEffect, useState } from "preact/hooks";
import { coordinates, coordinates_line } from "../state";
import { language_name, moment, relative } from "../time";
import { close_reasons, type Owed } from "../wire";
import { MarkCaller } from "./mark";
import { Unlock } from "./unlock";
import { Button, useNow, useShown } from "./ui";

const SNOOZES = [15, 60, 240] as const;

function Message(props: { owed: Owed }) {
	const { desk, state, words } = useShown();
	const [url, set] = useState<string | null>(null);
	const [asked, ask] = useState(false);

	useEffect(() => () => {
		if (url)
			URL.revokeObjectURL(url); // the sound leaves with the view
	}, [url]);
	const listen = () => desk.attempt(async () =>
		set(URL.createObjectURL(await desk.safe.message(
			props.owed.call))));

	if (asked && state.vault !== "open")
		return <Unlock />;
	return url ? <audio src={url} controls autoPlay
		controlsList="nodownload"
		aria-label={words.promises.message} />
		: <Button work={state.vault === "open" ? listen
			: () => ask(true)}>{words.promises.listen}</Button>;
}

function Later(props: { act: (verb: string, body: object) => unknown;
			end: () => void }) {
	const { words } = useShown();

	return <div class="buttons" role="group"
		aria-label={words.promises.snooze}>
		{SNOOZES.map((minutes) => <Button key={minutes}
			work={() => props.act("snooze", { minutes })}>
			{words.promises.snooze_for[minutes]}</Button>)}
		<Button kind="quiet" work={props.end}>
			{words.promises.cancel}</Button>
	</div>;
}

function Close(props: { act: (verb: string, body: object) => unknown;
			end: () => void }) {
	const { words } = useShown();

	return <div role="group" aria-label={words.promises.close_why}>
		<p>{words.promises.close_why}</p>
		<div class="buttons">
			{close_reasons.map((reason) => <Button key={reason}
				work={() => props.act("close", { reason })}>
				{words.promises.reason[reason]}</Button>)}
			<Button kind="quiet" work={props.end}>
				{words.promises.cancel}</Button>
		</div>
	</div>;
}

function Actions(props: { owed: Owed }) {
	const { desk, state, words } = useShown();
	const [more, show] = useState<"" | "snooze" | "close">("");
	const { owed } = props;
	const mine = owed.owner === state.me?.person;
	const act = async (verb: string, body: object = {}) => {
		if (!await desk.change(`/promises/${owed.call}/${verb}`, body))
			return;
		show("");
		desk.store.tell({ type: "done", done: verb === "ring"
			? words.promises.rung : words.promises.done });
		await desk.load_promises();
	};

	if (more === "snooze")
		return <Later act={act} end={() => show("")} />;
	if (more === "close")
		return <Close act={act} end={() => show("")} />;
	return <div class="buttons">
		{!mine && <Button work={() => act("take")}>
			{words.promises.take}</Button>}
		{owed.has_number && owed.number !== "waits" &&
			<Button kind="main" work={() => act("ring")}>
			{words.promises.ring}</Button>}
		{owed.has_message && <Message owed={owed} />}
		<Button work={() => act("keep")}>{words.promises.kept}</Button>
		<Button work={() => show("snooze")}>
			{words.promises.snooze}</Button>
		{coordinates(state.me) && <Button work={() => show("close")}>
			{words.promises.close}</Button>}
		<a href={`#/call/${owed.call}`}
			aria-label={words.calls.notes_of(owed.call)}>
			{words.calls.notes}</a>
	</div>;
}

function Due(props: { owed: Owed }) {
	const { words, language } = useShown();
	const away = props.owed.due_at - useNow();
	const when = relative(language, away);

	return <p class={away < 0 ? "wrong" : ""}
		title={moment(language, props.owed.due_at)}>
		{away < 0 ? words.promises.overdue(when)
			: words.promises.due(when)}</p>;
}

/** The small facts, without those that are empty. */
function facts(owed: Owed, words: ReturnType<typeof useShown>["words"],
	       me: number | undefined): string[] {
	const w = words.promises;
	const owner = owed.owner === null ? w.nobody
		: owed.owner === me ? w.mine : w.owner(owed.owner_name ?? "");
	const ringing = owed.has_number
		? [w.attempts(owed.attempts), w.hours[owed.hours],
		   w.words[owed.words]]
		: [w.no_number];
	const waits = owed.number === "waits" ? [w.number_waits] : [];

	return [owner, w.level[owed.level], ...waits, ...ringing].filter(Boolean);
}

function Item(props: { owed: Owed }) {
	const { state, words, language } = useShown();
	const { owed } = props;
	const title = `promise-${owed.call}`;

	return <li class="card" aria-labelledby={title}>
		<h2 id={title}>{words.promises.kind[owed.kind]}
			<span class="aside"> {words.promises.call(owed.call)} · {
				owed.line} · {language_name(language, owed.language)}
			</span></h2>
		<Due owed={owed} />
		<ul class="facts">{facts(owed, words, state.me?.person)
			.map((fact) => <li key={fact}>{fact}</li>)}</ul>
		<Actions owed={owed} />
		{owed.has_number && owed.number !== "waits" &&
			coordinates_line(state.me, owed.line) &&
			<MarkCaller path={`/calls/${owed.call}/mark`} />}
	</li>;
}

export function Promises() {
	const { state, words } = useShown();
	const owed = [...state.promises ?? []]
		.sort((a, b) => a.due_at - b.due_at);

	return <section>
		<h1>{words.promises.title}</h1>
		{!state.promises ? <p>{words.promises.loading}</p>
			: owed.length === 0 ? <p>{words.promises.none}</p>
			: <ul class="list">{owed.map((o) =>
				<Item key={o.call} owed={o} />)}</ul>}
	</section>;
}
