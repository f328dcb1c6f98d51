// SPDX-License-Identifier: AGPL-3.0-or-later
/** Blocking a caller, or giving them a care plan: what it does is said first. */
import { useState } from "preact/hooks";
import { post } from "../api";
import { block_reasons, mark_days, type BlockReason, type MarkKind }
	from "../wire";
import { Arrived, Button, Select, useShown } from "./ui";

/** How long, in days, as a choice. */
export function Days(props: { kind: MarkKind; value: string;
			      set: (days: string) => void }) {
	const { words } = useShown();

	return <Select label={words.marks.review[props.kind]}
		value={props.value} set={props.set}
		options={mark_days[props.kind].map((days) => ({
			value: String(days), text: words.marks.days(days) }))} />;
}

function Form(props: { kind: MarkKind; path: string; end: () => void }) {
	const { desk, words } = useShown();
	const { kind } = props;
	const [reason, set_reason] = useState<BlockReason>("abuse");
	const [days, set_days] = useState(String(mark_days[kind][0]));
	const keep = async () => {
		const done = await desk.attempt(() => post(props.path, { kind,
			reason: kind === "plan" ? "plan" : reason,
			review_days: Number(days) }));

		if (!done)
			return;
		desk.store.tell({ type: "done", done: words.marks.made[kind] });
		props.end();
	};

	return <div class="mark" role="group" aria-labelledby="mark-title">
		<Arrived level="h2" id="mark-title">{words.marks.make[kind]}</Arrived>
		{words.marks.what[kind].map((text) => <p key={text}>{text}</p>)}
		{kind === "block" && <Select label={words.marks.why} value={reason}
			set={set_reason} options={block_reasons.map((value) => ({
				value, text: words.marks.reason[value] }))} />}
		<Days kind={kind} value={days} set={set_days} />
		<div class="buttons">
			<Button kind={kind === "block" ? "danger" : "main"}
				work={keep}>{words.marks.yes[kind]}</Button>
			<Button work={props.end}>{words.marks.cancel}</Button>
		</div>
	</div>;
}

/** In a talk (/talk/OFFER/mark), or of a call whose number is still there. */
export function MarkCaller(props: { path: string }) {
	const { words } = useShown();
	const [kind, set] = useState<MarkKind | null>(null);

	return kind ? <Form key={kind} kind={kind} path={props.path}
		end={() => set(null)} /> : <div class="buttons">
		<Button work={() => set("plan")}>{words.marks.make.plan}…</Button>
		<Button work={() => set("block")}>{words.marks.make.block}…</Button>
	</div>;
}

/** Said as soon as it rings, and for as long as they talk. */
export function HasPlan() {
	const { words } = useShown();

	return <p class="notable">{words.marks.has_plan} <a href="#/marks">
		{words.marks.see_plan}</a></p>;
}
