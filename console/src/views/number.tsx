// SPDX-License-Identifier: AGPL-3.0-or-later
/** The caller's number, on lines that allow it. It is nowhere but on the
 *  screen, and there for a minute at most. */
import { useEffect, useState } from "preact/hooks";
import { span } from "../time";
import { number_reasons, type NumberReason } from "../wire";
import { Button, useArrival, useNow, useShown } from "./ui";

const SHOWN_MS = 60_000;

function Reasons(props: { look: (reason: NumberReason) => Promise<void> }) {
	const { words } = useShown();

	return <div class="opened" role="group" aria-labelledby="number-why">
		<p id="number-why">{words.number.why}</p>
		<div class="buttons">{number_reasons.map((reason) =>
			<Button key={reason} work={() => props.look(reason)}>
				{words.number.reason[reason]}</Button>)}</div>
	</div>;
}

function Seen(props: { number: string; left: number; hide: () => void }) {
	const { words, language } = useShown();

	return <div class="opened" role="group" aria-label={words.number.is}
		tabIndex={-1} ref={useArrival<HTMLDivElement>()}>
		<p role="status">{words.number.is}:{" "}
			<b class="secret number">{props.number}</b></p>
		<p class="hint">{words.number.hides(span(language, props.left))}</p>
		<Button work={props.hide}>{words.number.hide}</Button>
	</div>;
}

/** Goes with the talk, and the number with it. */
export function CallersNumber() {
	const { desk, state, words } = useShown();
	const [open, show] = useState(false);
	const [seen, set] = useState<{ number: string; until: number } | null>(
		null);
	const left = (seen?.until ?? 0) - (useNow() - state.ahead_ms);
	const look = async (reason: NumberReason) => {
		const number = await desk.number(reason);

		show(false);
		if (number !== null)
			set({ number, until: Date.now() + SHOWN_MS });
	};

	useEffect(() => {
		if (seen && left <= 0)
			set(null);
	}, [seen, left]);
	if (seen)
		return <Seen number={seen.number} left={left}
			hide={() => set(null)} />;
	return <>
		<button type="button" class="plain large" aria-expanded={open}
			onClick={() => show(!open)}>{words.number.show}</button>
		{open && <Reasons look={look} />}
	</>;
}
