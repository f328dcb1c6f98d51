// SPDX-License-Identifier: AGPL-3.0-or-later
/** Notes of a call: sealed before they leave this computer, opened on it. */
import { useCallback, useEffect, useId, useRef, useState }
	from "preact/hooks";
import type { Note, Notes as All } from "../safe";
import { date } from "../time";
import { Unlock } from "./unlock";
import { Arrived, Button, useShown } from "./ui";

const DRAFT_MS = 3000;
const LONGEST = 12_000; // 36 KB as UTF-8 at most: the server takes 44

function One(props: { note: Note }) {
	const { words, language } = useShown();
	const { row, text, trouble } = props.note;

	return <li class="row note">
		<p class="aside">{words.notes.by(row.name || words.notes.gone,
			date(language, row.day))}</p>
		{trouble ? <p class="notable">{words.notes[trouble]}</p>
			: <p class="text">{text}</p>}
	</li>;
}

/* keeps what is typed, every few seconds and when one leaves */
function useDraft(call: number) {
	const { desk } = useShown();
	const [text, set_text] = useState("");
	const [kept, set_kept] = useState<boolean | null>(null);
	const now = useRef({ text: "", saved: "" });
	const set = useCallback((typed: string, saved = false) => {
		now.current = { text: typed,
				saved: saved ? typed : now.current.saved };
		set_text(typed);
	}, []);

	useEffect(() => {
		let here = true;
		const save = async () => {
			const { text: typed, saved } = now.current;

			if (typed === saved)
				return;
			now.current.saved = typed;
			const done = await desk.safe.draft_keep(call, typed)
				.then(() => true, () => false);

			if (!done && now.current.saved === typed)
				now.current.saved = saved; // the next round tries again
			if (here)
				set_kept(done);
		};
		const timer = setInterval(() => void save(), DRAFT_MS);

		void desk.safe.draft(call).then((old) => {
			/* whoever types already goes on */
			if (here && old && !now.current.text)
				set(old, true);
		}, () => undefined);
		return () => {
			here = false;
			clearInterval(timer);
			void save();
		};
	}, [call]);
	return { text, set, kept };
}

function Editor(props: { call: number; again: () => Promise<unknown> }) {
	const { desk, words } = useShown();
	const { text, set, kept } = useDraft(props.call);
	const id = useId();
	const keep = async () => {
		const done = await desk.attempt(() =>
			desk.safe.note_keep(props.call, text.trim()));

		if (!done)
			return; // what was typed stays, and its draft, too
		set("", true);
		await props.again();
	};

	return <div class="field">
		<label for={id}>{words.notes.write}</label>
		<textarea id={id} rows={6} maxLength={LONGEST} value={text}
			autocomplete="off" aria-describedby={`${id}-hint`}
			onInput={(e) => set(e.currentTarget.value)} />
		<p id={`${id}-hint`} class="hint">{words.notes.sealed}</p>
		<p role="status" class={kept === false ? "wrong" : "hint"}>
			{kept === null || text === "" ? ""
				: kept ? words.notes.draft : words.notes.no_draft}</p>
		<Button disabled={text.trim() === ""} work={keep}>
			{words.notes.keep}</Button>
	</div>;
}

function Open(props: { call: number }) {
	const { desk, state, words } = useShown();
	const [all, set] = useState<All | null>(null);
	const [failed, set_failed] = useState(false);
	const again = useCallback(async () => set_failed(!await desk.attempt(
		async () => set(await desk.safe.notes(props.call)))), [props.call]);

	useEffect(() => void again(), [props.call, state.vault_n]);
	if (!all)
		return <p>{failed ? words.notes.not_shown : words.duty.starting}</p>;
	return <>
		{all.notes.length === 0 ? <p>{words.notes.none}</p>
			: <ul class="list">{all.notes.map((note) =>
				<One key={note.row.note} note={note} />)}</ul>}
		{all.can_write ? <Editor key={props.call} call={props.call}
			again={again} />
			: <p class="notable">{words.error.no_recovery}</p>}
	</>;
}

export function Notes(props: { call: number }) {
	const { state } = useShown();

	return state.vault === "open" ? <Open call={props.call} /> : <Unlock />;
}

/** A page of its own: #/call/NUMBER. */
export function CallPage(props: { call: number }) {
	const { words } = useShown();

	return <section class="card">
		<Arrived>{words.notes.of(props.call)}</Arrived>
		<Notes call={props.call} />
	</section>;
}
