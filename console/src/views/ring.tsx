// SPDX-License-Identifier: AGPL-3.0-or-later
/** Somebody is calling, or a colleague asks for advice. */
import { language_name, span } from "../time";
import type { Counsellor } from "../wire";
import type { Words } from "../words";
import { HasPlan } from "./mark";
import { Arrived, Button, useNow, useShown } from "./ui";

/** What is asked for, in the words of the page. */
export function ring_title(words: Words, c: Counsellor): string {
	return c.asked_by ? words.ring.title_consult(c.asked_by.name)
		: c.kind === "ring_back" ? words.ring.title_back : words.ring.title;
}

export function Ring(props: { counsellor: Counsellor }) {
	const { desk, state, words, language } = useShown();
	const c = props.counsellor;
	const now = useNow();
	const back = c.kind === "ring_back";
	const how = c.asked_by ? words.ring.consult_how
		: back ? words.ring.back_how : null;
	const yes = c.asked_by ? words.ring.consult
		: back ? words.ring.back : words.ring.accept;
	const accepting = state.accepted === c.offer;

	return <section class={`card ring ${c.asked_by ? "colleague" : ""}`}
		aria-labelledby="ring-title">
		<Arrived id="ring-title">{ring_title(words, c)}</Arrived>
		<p>{words.ring.say(c.line, language_name(language, c.language))}</p>
		{how ? <p>{how}</p> : c.since > 0 &&
			<p>{words.ring.waited(span(language, now - c.since))}</p>}
		{c.plan && <HasPlan />}
		<div class="buttons">
			<Button kind="huge accept" work={() => desk.accept()}>
				{accepting ? words.ring.accepting : yes}
			</Button>
			<Button kind="plain large" disabled={accepting}
				work={() => desk.skip()}>{words.ring.skip}</Button>
		</div>
		{c.until > 0 && <p class="left">
			{words.ring.left(span(language, c.until - now))}</p>}
		<p class="hint">{c.asked_by ? words.ring.no_guilt_consult
			: words.ring.no_guilt}</p>
	</section>;
}
