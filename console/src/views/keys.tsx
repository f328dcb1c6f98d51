// SPDX-License-Identifier: AGPL-3.0-or-later
/** One's security keys and passkeys: another way to the second factor. */
import { useState } from "preact/hooks";
import { moment } from "../time";
import type { Key } from "../wire";
import { useFetched } from "./fetched";
import { Button, Field, Passphrase, useShown } from "./ui";

/** Nobody but who knows the passphrase adds a key, or takes one away. */
function Sure(props: { text: string; end: () => void;
		       work: (passphrase: string) => Promise<boolean>;
		       children?: preact.ComponentChildren }) {
	const { words, state } = useShown();
	const [passphrase, set] = useState("");
	const [busy, set_busy] = useState(false);
	const go = async () => {
		set_busy(true);
		const done = await props.work(passphrase);
		set_busy(false);
		if (done)
			props.end();
	};

	return <form onSubmit={(e) => {
		e.preventDefault();
		if (!busy)
			void go();
	}}>
		<input class="unseen" autocomplete="username" readOnly
			value={state.me?.name ?? ""} tabIndex={-1}
			aria-hidden="true" />
		{props.children}
		<Passphrase label={words.sign_in.passphrase} value={passphrase}
			set={set} complete="current-password" />
		<p role="status" class="hint">{busy && words.keys.wait}</p>
		<div class="buttons">
			<button class="main" aria-busy={busy}>{props.text}</button>
			<Button work={props.end}>{words.people.cancel}</Button>
		</div>
	</form>;
}

function Add(props: { end: () => void }) {
	const { desk, words } = useShown();
	const [label, set] = useState("");

	return <Sure text={words.keys.add} end={props.end}
		work={(passphrase) => desk.key_add(passphrase, label.trim())}>
		<Field label={words.keys.label} value={label} set={set}
			hint={words.keys.label_hint} />
	</Sure>;
}

function Row(props: { row: Key; end: () => void }) {
	const { desk, words, language } = useShown();
	const [removing, remove] = useState(false);
	const { id, label, made_at, used_at } = props.row;
	const name = label || words.keys.nameless;
	const end = () => {
		remove(false);
		props.end();
	};

	return <li>
		<div class="row">
			<span><b>{name}</b> · {words.account.made(
				moment(language, made_at))}, {used_at
				? words.keys.used(moment(language, used_at))
				: words.keys.unused}</span>
			{!removing && <Button work={() => remove(true)}
				label={words.keys.remove_which(name)}>
				{words.keys.remove}</Button>}
		</div>
		{removing && <Sure text={words.keys.remove} end={end}
			work={(passphrase) => desk.key_remove(passphrase, id)} />}
	</li>;
}

export function Keys() {
	const { words } = useShown();
	const [adding, add] = useState(false);
	const { data, again } = useFetched<{ keys: Key[]; possible: boolean }>(
		"/me/keys");
	const end = () => {
		add(false);
		void again();
	};

	return <section class="card">
		<h2>{words.keys.title}</h2>
		<p>{words.keys.what}</p>
		{data && !data.possible &&
			<p class="wrong">{words.error.no_host_name}</p>}
		<ul class="list">{(data?.keys ?? []).map((row) =>
			<Row key={row.id} row={row} end={end} />)}</ul>
		{adding ? <Add end={end} /> : data?.possible &&
			<Button work={() => add(true)}>{words.keys.begin}</Button>}
	</section>;
}
