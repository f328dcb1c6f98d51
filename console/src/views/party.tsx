// SPDX-License-Identifier: AGPL-3.0-or-later
/** Who else is in a talk: a colleague who is asked for advice, somebody of the
 *  line's list, and whoever listens. */
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Colleague, Counsellor, Guest, Third } from "../wire";
import { useFetched } from "./fetched";
import { Button, useArrival, useShown } from "./ui";

/** Said as long as it is so, and never hidden. */
export function Listeners(props: { counsellor: Counsellor }) {
	const { words, language } = useShown();
	const { listeners, whispers } = props.counsellor;
	const names = new Intl.ListFormat(language)
		.format(listeners.map((l) => l.name));
	const say = whispers ? words.party.whispers : words.party.listens;

	return <div role="status">{listeners.length > 0 &&
		<p class="banner notable listeners">
			{say(names, listeners.length)}</p>}</div>;
}

/** Whom of the line's list there is, or who is being rung. */
export function ThirdThere(props: { third: Third }) {
	const { words } = useShown();
	const { name, state } = props.third;

	return <p role="status">{state === "ringing"
		? words.party.third_ringing(name) : words.party.third_there(name)}</p>;
}

/** A button that opens what belongs to it, and closes it when that is done. */
function Opening(props: { text: string;
	children: (close: () => void) => ComponentChildren }) {
	const [open, show] = useState(false);

	return <>
		<button type="button" class="plain large" aria-expanded={open}
			onClick={() => show(!open)}>{props.text}</button>
		{open && <div class="opened">{props.children(() => show(false))}</div>}
	</>;
}

function Colleagues(props: { close: () => void }) {
	const { desk, state, words } = useShown();
	const { data, again } =
		useFetched<{ people: Colleague[] }>("/colleagues");
	const people = data?.people ?? [];
	const ask = async (person: number) => {
		if (await desk.talk("consult", { person }))
			props.close();
	};

	useEffect(() => void again(), [state.board]);
	if (!data)
		return <p>{words.duty.starting}</p>;
	if (people.length === 0)
		return <p>{words.party.nobody}</p>;
	return <>
		<p>{words.party.who}</p>
		<Button kind="main" work={() => ask(0)}
			disabled={!people.some((p) => p.state === "free")}>
			{words.party.anybody}</Button>
		<ul class="list">{people.map((p) => <li key={p.person} class="row">
			<span>{p.name} <span class="aside">
				{words.board.person_state[p.state]}</span></span>
			<Button disabled={p.state !== "free"}
				label={words.party.ask_of(p.name)}
				work={() => ask(p.person)}>{words.party.ask_short}</Button>
		</li>)}</ul>
	</>;
}

function Thirds(props: { names: readonly string[]; close: () => void }) {
	const { desk, words } = useShown();
	const add = async (third: number) => {
		if (await desk.talk("third", { third }))
			props.close();
	};

	return <div role="group" aria-label={words.party.add}>
		<p>{words.party.add_who}</p>
		<div class="buttons">{props.names.map((name, n) =>
			<Button key={name} work={() => add(n)}>{name}</Button>)}</div>
	</div>;
}

/** What can be done about a colleague who is in, or being asked. */
function With(props: { guest: Guest }) {
	const { desk, words } = useShown();
	const { name, state } = props.guest;
	const end = state === "ringing" ? words.party.cancel
		: state === "aside" ? words.party.alone : words.party.let_go(name);

	return <div role="group" aria-label={name} tabIndex={-1}
		ref={useArrival<HTMLDivElement>()}>
		<p role="status" class={state === "ringing" ? "" : "notable"}>
			{words.party[state](name)}</p>
		<div class="buttons">
			{state === "aside" && <Button kind="main large"
				work={() => desk.talk("three")}>
				{words.party.all_three}</Button>}
			{state !== "ringing" && <Button kind="plain large"
				work={() => desk.hand_over()}>
				{words.party.hand_over(name)}</Button>}
			<Button kind="plain large"
				work={() => desk.talk("consult-end")}>{end}</Button>
		</div>
	</div>;
}

/** For whoever talks with the caller: everything of the above. */
export function Party(props: { counsellor: Counsellor }) {
	const { desk, state, words } = useShown();
	const c = props.counsellor;
	const line = state.me?.lines.find((l) => l.name === c.line);
	const third = line?.third ?? [];

	return <>
		{c.guest && <With guest={c.guest} />}
		{c.third && <div class="row">
			<ThirdThere third={c.third} />
			<Button work={() => desk.talk("third-end")}>
				{c.third.state === "ringing" ? words.party.cancel
					: words.party.let_go(c.third.name)}</Button>
		</div>}
		{line?.transfer && <div class="buttons">
			{!c.guest && <Opening text={words.party.ask}>
				{(close) => <Colleagues close={close} />}</Opening>}
			{!c.third && third.length > 0 && <Opening text={words.party.add}>
				{(close) => <Thirds names={third} close={close} />}
			</Opening>}
		</div>}
	</>;
}
