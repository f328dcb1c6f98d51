// SPDX-License-Identifier: AGPL-3.0-or-later
/** After a talk: how it ended, and a moment to breathe. */
import { span } from "../time";
import { outcomes } from "../wire";
import { Notes } from "./notes";
import { Arrived, Button, useNow, useShown } from "./ui";

function Outcomes() {
	const { desk, state, words } = useShown();
	const talked = state.talked;

	if (!talked || talked.outcome === "later")
		return null;
	if (talked.outcome)
		return <p role="status">{words.wrap.kept}</p>;
	return <div role="group" aria-labelledby="wrap-how">
		<p id="wrap-how">{words.wrap.how}</p>
		<div class="buttons">
			{outcomes.map((outcome) => <Button key={outcome}
				work={() => desk.outcome(outcome)}>
				{words.wrap.outcome[outcome]}</Button>)}
		</div>
	</div>;
}

/** Shown in the wrap-up, and after it until somebody has said how it ended. */
export function Wrap() {
	const { desk, state, words, language } = useShown();
	const now = useNow();
	const wrapping = state.counsellor?.state === "wrap_up";
	const talked = state.talked;
	const left = (state.counsellor?.until ?? 0) - now;

	if (!wrapping && state.talked?.outcome !== null)
		return null;
	return <section class="card wrap" aria-labelledby="wrap-title">
		<Arrived id="wrap-title">{words.wrap.title[state.ending]}</Arrived>
		{state.counsellor?.cut_off &&
			<p class="notable" role="status">{words.wrap.cut_off}</p>}
		<Outcomes />
		{wrapping && talked && <>
			<h2>{words.notes.title}</h2>
			<Notes call={talked.call} />
		</>}
		{wrapping && left > 0 &&
			<p>{words.wrap.left(span(language, left))}</p>}
		{wrapping ? <Button kind="main" work={() => desk.ready()}>
			{words.duty.ready}</Button>
			: <Button work={() => desk.store.tell({ type: "outcome",
				outcome: "later" })}>{words.wrap.later}</Button>}
	</section>;
}
