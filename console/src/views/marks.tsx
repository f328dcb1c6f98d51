// SPDX-License-Identifier: AGPL-3.0-or-later
/** Who is blocked, and who has a care plan: never by number, nor by name. */
import { useEffect, useState } from "preact/hooks";
import { coordinates_line } from "../state";
import { date } from "../time";
import { mark_days, type Mark, type Marks as All } from "../wire";
import { Days } from "./mark";
import { useFetched } from "./fetched";
import { Button, useShown } from "./ui";

function Review(props: { mark: Mark; again: () => Promise<unknown>;
			 end: () => void }) {
	const { desk, words } = useShown();
	const { mark } = props;
	const [days, set] = useState(String(mark_days[mark.kind][0]));
	const keep = async () => {
		if (!await desk.attempt(() => desk.numbers.review(mark,
			Number(days))))
			return;
		props.end();
		await props.again();
	};

	return <div role="group" aria-label={words.marks.look_again}>
		<Days kind={mark.kind} value={days} set={set} />
		<div class="buttons"><Button kind="main" work={keep}>
			{words.marks.go_on}</Button>
			<Button work={props.end}>{words.marks.cancel}</Button></div>
	</div>;
}

function Remove(props: { mark: Mark; again: () => Promise<unknown>;
			 end: () => void }) {
	const { desk, words } = useShown();
	const remove = async () => {
		if (await desk.change(`/marks/${props.mark.mark}/remove`))
			await props.again();
	};

	return <div role="group" aria-label={words.marks.remove}>
		<p>{words.marks.remove_sure[props.mark.kind]}</p>
		<div class="buttons"><Button kind="danger" work={remove}>
			{words.marks.remove_yes}</Button>
			<Button work={props.end}>{words.marks.cancel}</Button></div>
	</div>;
}

function Item(props: { mark: Mark; again: () => Promise<unknown> }) {
	const { state, words, language } = useShown();
	const [open, set] = useState<"" | "review" | "remove">("");
	const { mark, again } = props;
	const end = () => set("");
	const title = `mark-${mark.mark}`;

	return <li class="card" aria-labelledby={title}>
		<h2 id={title}>{words.marks.kind[mark.kind]}
			<span class="aside"> {mark.line} · {words.marks.of(
				mark.call)}</span></h2>
		<p class={mark.due ? "wrong" : ""}>{mark.due
			? words.marks.due(date(language, mark.review_day))
			: words.marks.until(date(language, mark.review_day))}</p>
		<ul class="facts">
			{mark.kind === "block" &&
				<li>{words.marks.reason[mark.reason]}</li>}
			<li>{words.marks.by(mark.name || words.notes.gone,
				date(language, mark.made_day))}</li>
			{!mark.due && <li>{!mark.sealed ? words.marks.lost
				: mark.indexed ? words.marks.known
				: words.marks.unknown}</li>}
		</ul>
		{open === "review" ? <Review mark={mark} again={again} end={end} />
			: open === "remove"
				? <Remove mark={mark} again={again} end={end} />
				: <div class="buttons">
					<a href={`#/call/${mark.call}`}>
						{words.calls.notes_of(mark.call)}</a>
					{coordinates_line(state.me, mark.line) && <>
						<Button label={words.marks.look_again_of(
							mark.call)} work={() => set("review")}>
							{words.marks.look_again}</Button>
						<Button label={words.marks.remove_of(mark.call)}
							work={() => set("remove")}>
							{words.marks.remove}</Button></>}
				</div>}
	</li>;
}

export function Marks() {
	const { state, words } = useShown();
	const { data, again } = useFetched<All>("/marks");

	useEffect(() => void again(), [state.marks_n]);
	if (!data)
		return <p>{words.duty.starting}</p>;
	const marks = [...data.marks].sort((a, b) =>
		Number(b.due) - Number(a.due) ||
		a.review_day.localeCompare(b.review_day));

	return <section>
		<h1>{words.marks.title}</h1>
		<p>{words.marks.about}</p>
		{state.vault !== "open" && <p class="notable">{words.marks.locked}</p>}
		{marks.length === 0 ? <p>{words.marks.none}</p>
			: <ul class="list">{marks.map((mark) => <Item
				key={mark.mark} mark={mark} again={again} />)}</ul>}
	</section>;
}
