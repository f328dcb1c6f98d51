// SPDX-License-Identifier: AGPL-3.0-or-later
/** Somebody is calling. */
import { language_name, span } from "../time";
import type { Counsellor } from "../wire";
import { Arrived, Button, useNow, useShown } from "./ui";

export function Ring(props: { counsellor: Counsellor }) {
	const { desk, state, words, language } = useShown();
	const c = props.counsellor;
	const now = useNow();
	const back = c.kind === "ring_back";
	const accepting = state.accepted === c.offer;

	return <section class="card ring" aria-labelledby="ring-title">
		<Arrived id="ring-title">{back ? words.ring.title_back
			: words.ring.title}</Arrived>
		<p>{words.ring.say(c.line, language_name(language, c.language))}</p>
		{!back && c.since > 0 &&
			<p>{words.ring.waited(span(language, now - c.since))}</p>}
		{back && <p>{words.ring.back_how}</p>}
		<div class="buttons">
			<Button kind="huge accept" work={() => desk.accept()}>
				{accepting ? words.ring.accepting
					: back ? words.ring.back : words.ring.accept}
			</Button>
			<Button kind="plain large" disabled={accepting}
				work={() => desk.skip()}>{words.ring.skip}</Button>
		</div>
		{c.until > 0 && <p class="left">
			{words.ring.left(span(language, c.until - now))}</p>}
		<p class="hint">{words.ring.no_guilt}</p>
	</section>;
}
