// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: are the shares of the recovery key still there? What is
 *  typed stays in this browser; the server is shown a hash of it. */
import { useId, useState } from "preact/hooks";
import { post } from "../api";
import { moment } from "../time";
import type { Share, Shares } from "../wire";
import type { Read } from "../share";
import { useFetched } from "./fetched";
import { Button, Table, useShown } from "./ui";

function said(words: ReturnType<typeof useShown>["words"],
	      read: Exclude<Read, { hash: string }>): string {
	return read.trouble === "mixed" ? words.recovery.mixed
		: words.recovery[read.trouble](read.n);
}

function Try(props: { again: () => Promise<unknown> }) {
	const { desk, words } = useShown();
	const [typed, set] = useState("");
	const [wrong, set_wrong] = useState("");
	const id = useId();
	const go = () => desk.attempt(async () => {
		const read = await desk.safe.share(typed);

		set_wrong("hash" in read ? "" : said(words, read));
		if (!("hash" in read))
			return;
		const { number } = await post<{ number: number }>(
			"/vault/recovery/try", read);

		set("");
		await props.again();
		desk.store.tell({ type: "done",
			done: words.recovery.right(number) });
	});

	return <section class="card">
		<h2>{words.recovery.try}</h2>
		<div class="field">
			<label for={id}>{words.recovery.typed}</label>
			<textarea id={id} rows={4} value={typed} autocomplete="off"
				spellcheck={false} autocapitalize="none"
				aria-describedby={`${id}-hint`}
				onInput={(e) => set(e.currentTarget.value)} />
			<p id={`${id}-hint`} class="hint">{words.recovery.how}</p>
		</div>
		<p role="status" class="wrong">{wrong}</p>
		<Button kind="main" disabled={typed.trim() === ""} work={go}>
			{words.recovery.go}</Button>
	</section>;
}

function State(props: { share: Share }) {
	const { words } = useShown();

	return <span class={props.share.due ? "wrong" : "fine"}>
		{props.share.due ? words.recovery.due : words.recovery.fine}</span>;
}

export function Recovery() {
	const { words, language } = useShown();
	const { data, again } = useFetched<Shares>("/vault/recovery");

	if (!data)
		return <p>{words.duty.starting}</p>;
	return <>
		<section class="card">
			<h1>{words.recovery.title}</h1>
			<p>{words.recovery.what}</p>
			{data.need === 0 ? <p class="notable">{words.error.no_recovery}</p>
				: <>
					<p>{words.recovery.need(data.need,
						data.shares.length)}</p>
					<Table title={words.recovery.title}
						columns={[words.recovery.share,
							words.recovery.tried,
							words.recovery.state]}
						rows={data.shares.map((share) => ({
							key: share.number, cells: [share.number,
								share.tried_at
									? moment(language, share.tried_at)
									: words.recovery.never,
								<State share={share} />] }))} />
				</>}
		</section>
		{data.need > 0 && <Try again={again} />}
	</>;
}
