// SPDX-License-Identifier: AGPL-3.0-or-later
/** What all views are made of. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import type { Desk } from "../desk";
import type { State } from "../state";
import { words_of, type Words } from "../words";

export interface Shown {
	readonly desk: Desk;
	readonly state: State;
	readonly words: Words;
	readonly language: string;
}

const Context = createContext<Shown | null>(null);

/** Gives all views below it the desk and its state, drawn anew at each change. */
export function Show(props: { desk: Desk; children: ComponentChildren }) {
	const [state, set] = useState(props.desk.store.state);

	useEffect(() => {
		set(props.desk.store.state); // what changed until we listened
		return props.desk.store.watch((now) => set(now));
	}, [props.desk]);
	const shown = { desk: props.desk, state, language: state.language,
			words: words_of(state.language) };

	return <Context.Provider value={shown}>{props.children}</Context.Provider>;
}

export function useShown(): Shown {
	const shown = useContext(Context);

	if (!shown)
		throw new Error("a view stands outside of Show");
	return shown;
}

/** The server's time, each second anew. */
export function useNow(): number {
	const { state } = useShown();
	const [now, set] = useState(Date.now());

	useEffect(() => {
		const timer = setInterval(() => set(Date.now()), 1000);
		return () => clearInterval(timer);
	}, []);
	return Math.max(now, Date.now()) + state.ahead_ms;
}

/** A button that cannot be pressed again before its work is done. */
export function Button(props: {
	work: () => unknown; children: ComponentChildren; kind?: string;
	label?: string; pressed?: boolean; disabled?: boolean; }) {
	const [busy, set] = useState(false);
	const alive = useRef(true);

	useEffect(() => () => { alive.current = false; }, []);
	const click = async () => {
		if (busy)
			return;
		set(true);
		try {
			await props.work();
		} finally {
			if (alive.current)
				set(false);
		}
	};

	return <button type="button" class={props.kind ?? "plain"}
		aria-label={props.label} aria-pressed={props.pressed}
		aria-busy={busy} disabled={props.disabled}
		onClick={() => void click()}>{props.children}</button>;
}

export function Field(props: {
	label: string; value: string; set: (value: string) => void;
	required?: boolean; complete?: string; numeric?: boolean;
	hint?: string; }) {
	const id = useId();

	return <div class="field">
		<label for={id}>{props.label}</label>
		<input id={id} value={props.value} required={props.required}
			autocomplete={props.complete ?? "off"}
			inputMode={props.numeric ? "numeric" : "text"}
			aria-describedby={props.hint ? `${id}-hint` : undefined}
			onInput={(e) => props.set(e.currentTarget.value)} />
		{props.hint && <p id={`${id}-hint`} class="hint">{props.hint}</p>}
	</div>;
}

export function Passphrase(props: {
	label: string; value: string; set: (value: string) => void;
	complete: "current-password" | "new-password"; hint?: string; }) {
	const { words } = useShown();
	const [open, show] = useState(false);
	const id = useId();

	return <div class="field">
		<label for={id}>{props.label}</label>
		<div class="beside">
			<input id={id} {...open ? { type: "text" as const }
				: { type: "password" as const }} required
				value={props.value} autocomplete={props.complete}
				spellcheck={false} autocapitalize="none"
				aria-describedby={props.hint ? `${id}-hint` : undefined}
				onInput={(e) => props.set(e.currentTarget.value)} />
			<button type="button" class="plain" aria-pressed={open}
				aria-controls={id} onClick={() => show(!open)}>
				{open ? words.sign_in.hide : words.sign_in.show}
			</button>
		</div>
		{props.hint && <p id={`${id}-hint`} class="hint"
			aria-live="polite">{props.hint}</p>}
	</div>;
}

/** A choice among a few. */
export function Select<T extends string>(props: {
	label: string; value: T; set: (value: T) => void;
	options: readonly { value: T; text: string }[]; }) {
	const id = useId();

	return <div class="field">
		<label for={id}>{props.label}</label>
		<select id={id} value={props.value}
			onChange={(e) => props.set(e.currentTarget.value as T)}>
			{props.options.map((o) =>
				<option key={o.value} value={o.value}>{o.text}</option>)}
		</select>
	</div>;
}

/** Leads keyboard and screen reader to what appears, unless somebody is
 *  typing. Goes to an element with tabIndex -1. */
export function useArrival<T extends HTMLElement>() {
	const element = useRef<T>(null);

	useEffect(() => {
		const typing = document.activeElement?.matches(
			"input, textarea, select");
		if (!typing)
			element.current?.focus();
	}, []);
	return element;
}

/** A heading to which one is led when it appears. */
export function Arrived(props: { children: ComponentChildren; id?: string;
				 level?: "h1" | "h2" }) {
	const Level = props.level ?? "h1";

	return <Level id={props.id} ref={useArrival<HTMLHeadingElement>()}
		tabIndex={-1}>{props.children}</Level>;
}

/** A table that a narrow screen shows as a list: cells bear their titles. */
export function Table(props: {
	title: string; columns: readonly string[];
	rows: readonly { key: string | number;
			 cells: readonly ComponentChildren[] }[]; }) {
	return <table>
		<caption class="unseen">{props.title}</caption>
		<thead><tr>{props.columns.map((c) =>
			<th key={c} scope="col">{c}</th>)}</tr></thead>
		<tbody>{props.rows.map((row) => <tr key={row.key}>
			{row.cells.map((cell, n) =>
				<td key={n} data-title={props.columns[n]}>{cell}</td>)}
		</tr>)}</tbody>
	</table>;
}
