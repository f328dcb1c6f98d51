// SPDX-License-Identifier: AGPL-3.0-or-later
/** A talk that is on, or a caller being rung back. */
import { useState } from "preact/hooks";
import { sound_grade, sound_side } from "../judge";
import { clock, language_name } from "../time";
import { aside, seals } from "../state";
import type { Counsellor, Quality } from "../wire";
import { HasPlan, MarkCaller } from "./mark";
import { CallersNumber } from "./number";
import { Listeners, Party, ThirdThere } from "./party";
import { Arrived, Button, useNow, useShown } from "./ui";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** For whoever is asked why it sounds as it does: not said aloud. */
function Measured(props: { quality: Quality }) {
	const { words, language } = useShown();
	const { lost_here, lost_there, jitter_ms, rtt_ms } = props.quality;
	const share = (permille: number) =>
		new Intl.NumberFormat(language, { style: "percent",
			maximumFractionDigits: 1 }).format(permille / 1000);

	return <p class="hint">{words.talk.sound.measured(share(lost_here),
		share(lost_there), jitter_ms, rtt_ms)}</p>;
}

function Heard() {
	const { state, words } = useShown();
	const says = words.talk.sound;
	const grade = state.quality && sound_grade(state.quality);
	const lost = state.counsellor?.sound_lost || state.sound === "mending";
	const text = lost ? says.lost
		: state.sound === "failed" ? says.failed
		: state.sound === "preparing" ? says.preparing
		: !grade || !state.quality ? says.waiting
		: grade === "good" ? says.good
		: says[grade][sound_side(state.quality)];

	return <>
		<p class={`heard ${state.sound === "failed" ? "poor"
			: grade ?? "unknown"}`} role="status">
			<span class="name">{says.label}:</span> {text}</p>
		{state.sound !== "failed" && state.quality &&
			<Measured quality={state.quality} />}
	</>;
}

function Keys() {
	const { desk, words } = useShown();
	const [open, show] = useState(false);

	return <>
		<button type="button" class="plain large" aria-expanded={open}
			onClick={() => show(!open)}>{words.talk.keys}</button>
		{open && <div class="keys" role="group"
			aria-label={words.talk.keys}>
			{KEYS.map((key) => <Button key={key} kind="plain key"
				label={words.talk.key(key)}
				work={() => desk.talk("key", { key })}>{key}</Button>)}
		</div>}
	</>;
}

function Browser(props: { counsellor: Counsellor }) {
	const { desk, state, words } = useShown();
	const c = props.counsellor;

	return <>
		<Heard />
		{state.muted && <p class="notable" role="status">
			{words.talk.muted}</p>}
		<div class="buttons">
			<Button kind="plain large" pressed={state.muted}
				disabled={c.held && !aside(c)}
				work={() => desk.mute(!state.muted)}>
				{state.muted ? words.talk.unmute : words.talk.mute}</Button>
			{!c.asked_by && <Keys />}
		</div>
	</>;
}

/** A guest's part: what the one who asked decides is done there. */
function Advice(props: { counsellor: Counsellor }) {
	const { desk, words } = useShown();
	const { asked_by, guest, third } = props.counsellor;
	const state = guest?.state === "three" ? "three" : "aside";

	return <>
		<p role="status" class="notable">
			{words.party[state](asked_by?.name ?? "")}</p>
		{third && <ThirdThere third={third} />}
		<div class="buttons">
			<Button kind="danger large" work={() => desk.talk("hang-up")}>
				{words.party.leave}</Button>
		</div>
	</>;
}

/** The part of whoever talks with the caller. While a colleague is in, one
 *  goes by handing over: the caller is never left alone. */
function Leading(props: { counsellor: Counsellor; joined: boolean }) {
	const { desk, state, words } = useShown();
	const c = props.counsellor;
	const alone = !c.guest || c.guest.state === "ringing";
	const line = state.me?.lines.find((l) => l.name === c.line);

	return <>
		{alone && <div class="buttons">
			{props.joined && <Button kind="plain large" pressed={c.held}
				work={() => desk.talk("hold", { on: !c.held })}>
				{c.held ? words.talk.resume : words.talk.hold}</Button>}
			<Button kind="danger large" work={() => desk.talk("hang-up")}>
				{words.talk.hang_up}</Button>
		</div>}
		{props.joined && <Party counsellor={c} />}
		{props.joined && line?.show_numbers &&
			<div class="buttons"><CallersNumber /></div>}
		{props.joined && seals(state.me) &&
			<MarkCaller path={`/talk/${c.offer}/mark`} />}
	</>;
}

export function Talk(props: { counsellor: Counsellor }) {
	const { state, words, language } = useShown();
	const c = props.counsellor;
	const now = useNow() - state.ahead_ms;
	const step = c.call_state === "dialling" ? "dialling"
		: c.call_state === "confirming" ? "confirming" : null;
	const title = step ? words.talk[step]
		: c.asked_by ? words.party.title(c.asked_by.name)
		: words.talk.title;

	return <section class="card talk" aria-labelledby="talk-title">
		<Arrived id="talk-title">{title}</Arrived>
		<Listeners counsellor={c} />
		{c.plan && <HasPlan />}
		<p>{words.talk.language(c.line,
			language_name(language, c.language))}</p>
		{step && <p role="status">{words.talk[`${step}_how`]}</p>}
		{!step && state.talk && <p class="lasts">
			<span class="unseen">{words.talk.lasts} </span>
			<time>{clock(now - state.talk.since)}</time></p>}
		{c.held && !aside(c) &&
			<p class="notable" role="status">{words.talk.held}</p>}
		{c.browser ? <Browser counsellor={c} />
			: <p>{words.talk.on_phone}</p>}
		{c.asked_by ? <Advice counsellor={c} />
			: <Leading counsellor={c} joined={!step} />}
	</section>;
}
