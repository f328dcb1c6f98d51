// SPDX-License-Identifier: AGPL-3.0-or-later
/** What keeps calls from reaching this person, in plain words. */
import { is_set_back, type PersonSaid } from "../memory";
import { coordinates } from "../state";
import { span } from "../time";
import { Button, useShown } from "./ui";

/** Shown whoever is signed in or not. */
export function Server() {
	const { state, words } = useShown();

	return <div role="alert" class="banners">
		{!state.connected &&
			<p class="banner wrong">{words.trouble.server}</p>}
		{state.connected && !state.line_up &&
			<p class="banner wrong">{words.trouble.line}</p>}
	</div>;
}

/** What is wrong with this computer. */
export function Trouble() {
	const { desk, state, words, language } = useShown();
	const { mic, notices, silent, slept_ms } = state.trouble;
	const on = state.me?.on_duty ?? false;
	const understood = () => desk.store.tell({ type: "trouble",
		trouble: { slept_ms: 0 } });

	return <div role="status" class="banners">
		{(mic === "refused" || mic === "missing") &&
			<p class="banner wrong">{words.trouble[mic]}</p>}
		{on && silent && <p class="banner notable">
			{words.trouble.silent} <Button
				work={() => desk.sounds.wake()}>
				{words.trouble.click}</Button></p>}
		{slept_ms > 0 && <p class="banner notable">
			{words.trouble.slept(span(language, slept_ms))} <Button
				work={understood}>{words.trouble.understood}</Button></p>}
		{on && notices === "blocked" &&
			<p class="banner notable">{words.trouble.blocked}</p>}
		{on && notices === "unasked" && <p class="banner notable">
			{words.trouble.ask} <Button work={() => desk.ask_notices()}>
				{words.trouble.allow}</Button></p>}
	</div>;
}

/** The server has other keys than it had. */
export function Doubts() {
	const { desk, state, words } = useShown();
	const { doubt, me } = state;
	const confirm = (person: PersonSaid) =>
		desk.attempt(() => desk.safe.confirm(person));

	return <div role="alert" class="banners">
		{is_set_back(doubt) && <div class="banner wrong">
			<p>{words.doubt.set_back(doubt.older)}</p>
			<details><summary>{words.doubt.was_told}</summary>
				<p>{words.doubt.told}</p>
				<Button work={() => desk.attempt(() =>
					desk.safe.trust_anew())}>
					{words.doubt.trust}</Button></details></div>}
		{doubt.people.map((p) => <div class="banner notable"
			key={p.person}>
			<p>{words.doubt.person(p.name)}{" "}
				{coordinates(me) ? words.doubt.confirm_if(p.name)
					: words.doubt.coordinator}</p>
			{coordinates(me) && <p><Button work={() => confirm(p)}>
				{words.doubt.confirm(p.name)}</Button></p>}</div>)}
	</div>;
}

export function Elsewhere() {
	const { desk, words } = useShown();

	return <section class="card narrow">
		<h1>{words.trouble.elsewhere}</h1>
		<p>{words.trouble.elsewhere_how}</p>
		<Button kind="main" work={() => desk.start(true)}>
			{words.trouble.here}</Button>
	</section>;
}
