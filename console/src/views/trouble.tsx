// SPDX-License-Identifier: AGPL-3.0-or-later
/** What keeps calls from reaching this person, in plain words. */
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

export function Elsewhere() {
	const { desk, words } = useShown();

	return <section class="card narrow">
		<h1>{words.trouble.elsewhere}</h1>
		<p>{words.trouble.elsewhere_how}</p>
		<Button kind="main" work={() => desk.start(true)}>
			{words.trouble.here}</Button>
	</section>;
}
