// SPDX-License-Identifier: AGPL-3.0-or-later
/** Listening to somebody else's talk. */
import { useEffect, useState } from "preact/hooks";
import { level_watch } from "../level";
import { may_whisper } from "../state";
import { span } from "../time";
import type { Counsellor } from "../wire";
import { Arrived, Button, useNow, useShown } from "./ui";

/** How loud the talk is; 0 before its sound flows. */
function useHeard(): number {
	const { desk, state } = useShown();
	const [level, set] = useState(0);
	const flowing = state.sound === "flowing";

	useEffect(() => {
		const stream = desk.listening.heard();

		if (!flowing || !stream)
			return undefined;
		return level_watch(desk.sounds.context(), stream, (now) =>
			set((old) => Math.max(now, old * 0.8)));
	}, [flowing]);
	return flowing ? level : 0;
}

function Whisper(props: { on: boolean }) {
	const { desk, words } = useShown();

	return <>
		<div role="status">{props.on &&
			<p class="notable">{words.listen.whispering}</p>}</div>
		<Button kind="plain large" pressed={props.on}
			work={() => desk.whisper(!props.on)}>
			{props.on ? words.listen.whisper_end : words.listen.whisper}
		</Button>
	</>;
}

export function Listening(props: { counsellor: Counsellor }) {
	const { desk, state, words, language } = useShown();
	const { listening, whispering } = props.counsellor;
	const level = useHeard();
	const now = useNow();
	const call = state.board?.calls.find((c) => c.call === listening);
	const who = state.board?.people.find((p) => p.person === call?.person);

	return <section class="card talk" aria-labelledby="listening-title">
		<Arrived id="listening-title">{words.listen.title(
			who?.name ?? "…")}</Arrived>
		{call && <p>{words.listen.call(call.line,
			span(language, now - call.since))}</p>}
		<p>{state.sound === "failed" ? words.listen.failed
			: whispering ? words.listen.told_all : words.listen.told}</p>
		<label class="level">{words.listen.level}
			<meter min={0} max={1}
				value={Math.min(1, Math.sqrt(level) * 1.6)} /></label>
		<div class="buttons">
			{call && may_whisper(state.me, call.line) &&
				<Whisper on={whispering} />}
			<Button kind="danger large" work={() => desk.listen_end()}>
				{words.listen.end}</Button>
		</div>
	</section>;
}
