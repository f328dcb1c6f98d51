// SPDX-License-Identifier: AGPL-3.0-or-later
/** The one button, and where the person is in plain words. */
import { in_talk, is_ringing } from "../state";
import { span } from "../time";
import { ring_title } from "./ring";
import { Button, useNow, useShown } from "./ui";

function Rest() {
	const { desk, state, words, language } = useShown();
	const left = (state.counsellor?.until ?? 0) - useNow();

	return <>
		{left > 0 && <p>{words.duty.again_in(span(language, left))}</p>}
		<Button kind="main" work={() => desk.ready()}>
			{words.duty.ready}</Button>
	</>;
}

export function Duty() {
	const { desk, state, words } = useShown();
	const { me, counsellor } = state;

	if (!me || !counsellor)
		return <section class="card"><p>{words.duty.starting}</p></section>;

	const on = me.on_duty;
	const later = in_talk(counsellor);
	/* what is to be done now stands above: this steps back */
	const aside = later || is_ringing(counsellor) ||
		counsellor.state === "wrap_up";
	return <section class={`card duty ${on ? "is-on" : "is-off"}`}>
		<h1>{on ? words.duty.is_on : words.duty.is_off}</h1>
		<p role="status">{is_ringing(counsellor)
			? ring_title(words, counsellor)
			: words.duty.state[counsellor.state]}</p>
		{!on && me.off_reason &&
			<p class="wrong">{words.duty.why_off(me.off_reason)}</p>}
		{counsellor.state === "resting" && <Rest />}
		{on ? <Button kind={aside ? "plain" : "huge off"}
			work={() => desk.go_off()}>
			{later ? words.duty.off_after : words.duty.off}</Button>
			: !later && <Button kind="huge" work={() => desk.go_on()}>
				{words.duty.on}</Button>}
		{on && me.phone === "ready" &&
			<p class="hint">{words.duty.phone}</p>}
		{me.phone === "waits" &&
			<p class="wrong">{words.duty.phone_waits}</p>}
	</section>;
}
