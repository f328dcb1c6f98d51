// SPDX-License-Identifier: AGPL-3.0-or-later
/** The sound check: does this person hear, and are they heard? */
import { useEffect, useState } from "preact/hooks";
import { keep } from "../keep";
import { LEVEL_SPOKEN, level_watch } from "../level";
import { Arrived, Button, useShown } from "./ui";

/** The loudest of the last levels, and whether anybody spoke at all. */
function useLevel(open: boolean) {
	const { desk } = useShown();
	const [level, set_level] = useState(0);
	const [spoken, set_spoken] = useState(false);

	useEffect(() => {
		let stop: (() => void) | null = null;
		let over = false;

		if (!open)
			return undefined;
		desk.mic.open().then((stream) => {
			if (over)
				return;
			desk.mic.speak(true);
			stop = level_watch(desk.sounds.context(), stream, (now) => {
				set_level((old) => Math.max(now, old * 0.8));
				if (now > LEVEL_SPOKEN)
					set_spoken(true);
			});
		}).catch(() => undefined); // Trouble says what is wrong
		return () => {
			over = true;
			stop?.();
			desk.mic.speak(false);
		};
	}, [open]);
	return { level, spoken };
}

function Hearing(props: { heard: boolean; set: (heard: boolean) => void }) {
	const { desk, words } = useShown();
	const [played, set_played] = useState(false);
	const [deaf, set_deaf] = useState(false);

	return <>
		<Button kind={props.heard ? "plain" : "main"} work={async () => {
			await desk.sounds.test_tone();
			set_played(true);
		}}>{words.check.tone}</Button>
		{played && !props.heard && <div class="buttons">
			<p>{words.check.heard}</p>
			<Button work={() => props.set(true)}>{words.check.yes}</Button>
			<Button work={() => set_deaf(true)}>{words.check.no}</Button>
		</div>}
		{deaf && !props.heard && <p class="notable" role="status">
			{words.check.not_heard}</p>}
		{props.heard && <p class="fine">{words.check.yes}</p>}
	</>;
}

function Speaking(props: { level: number; spoken: boolean }) {
	const { words } = useShown();

	return <>
		<p>{words.check.speak}</p>
		<label class="level">{words.check.level}
			<meter min={0} max={1} low={0.2}
				value={Math.min(1, Math.sqrt(props.level) * 1.6)} />
		</label>
		<p role="status" class={props.spoken ? "fine" : "hint"}>
			{props.spoken ? words.check.loud : words.check.quiet}</p>
	</>;
}

export function Check() {
	const { desk, state, words } = useShown();
	const [heard, set_heard] = useState(false);
	const { level, spoken } = useLevel(heard);
	const skippable = !(heard && spoken);
	const go = () => {
		keep.set_checked();
		return state.me?.on_duty ? desk.check_end() : desk.go_on_now();
	};

	return <section class="card check">
		<Arrived>{words.check.title}</Arrived>
		<p>{words.check.why}</p>
		<Hearing heard={heard} set={set_heard} />
		{heard && <Speaking level={level} spoken={spoken} />}
		<div class="buttons">
			<Button kind="main large" disabled={skippable} work={go}>
				{words.check.go}</Button>
			{skippable && <Button work={go}>{words.check.skip}</Button>}
			<Button work={() => desk.check_end()}>
				{words.check.cancel}</Button>
		</div>
	</section>;
}
