// SPDX-License-Identifier: AGPL-3.0-or-later
/** Before one is in: signing in, and an invitation. */
import { useEffect, useRef, useState } from "preact/hooks";
import { post, Refused } from "../api";
import { code_asked } from "../passkey";
import type { Way } from "../wire";
import { page_hash } from "../hash";
import { passphrase_strength, PASSPHRASE_LEAST } from "../judge";
import type { ErrorWord } from "../words";
import { Field, Passphrase, useShown } from "./ui";

/** What a form says while it works, and when it did not. */
function useForm(work: () => Promise<void>) {
	const [busy, set_busy] = useState(false);
	const [error, set_error] = useState<ErrorWord | null>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy)
			return;
		set_busy(true);
		set_error(null);
		try {
			await work();
		} catch (reason) {
			set_error(reason instanceof Refused ? reason.word : "other");
		} finally {
			set_busy(false);
		}
	};

	return { busy, error, set_error,
		 submit: (event: Event) => void submit(event) };
}

function Say(props: { error: ErrorWord | null; busy: boolean }) {
	const { words } = useShown();

	return <p role="status" class={props.error ? "wrong" : "hint"}>
		{props.busy ? words.sign_in.busy
			: props.error && words.error[props.error]}</p>;
}

/** Which page this is, for those who compare. */
function ThisPage() {
	const { words } = useShown();
	const [hash, set] = useState<string | null>("");

	useEffect(() => void page_hash().then(set), []);
	return <section class="card narrow this-page">
		{hash === null ? <p class="notable">{words.sign_in.no_hash}</p> : <>
			<p>{words.sign_in.this_page} <code>{hash}</code></p>
			<p class="hint">{words.sign_in.compare}</p></>}
	</section>;
}

export function SignIn() {
	const { desk, words } = useShown();
	const [name, set_name] = useState("");
	const [passphrase, set_passphrase] = useState("");
	const [code, set_code] = useState("");
	const [ways, set_ways] = useState<readonly Way[]>([]);
	const place = useRef<HTMLFormElement>(null);
	const by_key = ways.includes("key");
	const by_code = ways.includes("totp");
	const form = useForm(async () => {
		try {
			/* a code that was typed is meant */
			await (by_key && !code
				? desk.sign_in_by_key(name.trim(), passphrase)
				: desk.sign_in(name.trim(), passphrase, code.trim()));
		} catch (reason) {
			set_ways(code_asked(reason)?.ways ?? ways);
			throw reason;
		}
	});

	/* to the name; once more is asked for, to the code or the key */
	useEffect(() => {
		place.current?.querySelector<HTMLElement>(by_code
			? "[autocomplete=one-time-code]" : by_key ? ".main" : "input")
			?.focus();
	}, [by_code, by_key]);

	return <><form ref={place} class="card narrow" onSubmit={form.submit}>
		<h1>{words.sign_in.title}</h1>
		<Field label={words.sign_in.who} value={name} set={set_name} required
			complete="username" />
		<Passphrase label={words.sign_in.passphrase} value={passphrase}
			set={set_passphrase} complete="current-password" />
		{by_code && <Field label={words.sign_in.code} value={code} numeric
			set={set_code} required={!by_key} complete="one-time-code" />}
		<Say error={form.error} busy={form.busy} />
		<button class="main" aria-busy={form.busy}>{by_key && !code
			? words.sign_in.by_key : words.sign_in.go}</button>
		<p class="hint">{words.sign_in.private} {words.sign_in.lost}</p>
	</form><ThisPage /></>;
}

function strength_says(words: ReturnType<typeof useShown>["words"],
		       passphrase: string): string {
	const strength = passphrase_strength(passphrase);

	if (passphrase === "")
		return words.invite.advice;
	return strength === "short"
		? words.invite.strength.short(PASSPHRASE_LEAST -
			[...passphrase.normalize("NFC")].length)
		: words.invite.strength[strength];
}

export function Invitation(props: { token: string }) {
	const { desk, words } = useShown();
	const [name, set_name] = useState<string | null>(null);
	const [passphrase, set_passphrase] = useState("");
	const [again, set_again] = useState("");
	const form = useForm(() => desk.accept_invite(props.token, passphrase));
	const long = ["enough", "good"].includes(passphrase_strength(passphrase));

	useEffect(() => {
		post<{ name: string }>("/invitation", { token: props.token })
			.then((found) => set_name(found.name))
			.catch((reason: unknown) => form.set_error(
				reason instanceof Refused ? reason.word : "other"));
	}, [props.token]);

	if (name === null)
		return <div class="card narrow"><p role="status">
			{form.error === "not_found" ? words.invite.over
				: form.error ? words.error[form.error]
				: words.duty.starting}</p></div>;

	return <form class="card narrow" onSubmit={form.submit}>
		<h1>{words.invite.title(name)}</h1>
		<p>{words.invite.why}</p>
		<input class="unseen" autocomplete="username" value={name} readOnly
			tabIndex={-1} aria-hidden="true" />
		<Passphrase label={words.sign_in.passphrase} value={passphrase}
			set={set_passphrase} complete="new-password"
			hint={strength_says(words, passphrase)} />
		<Passphrase label={words.invite.again} value={again}
			set={set_again} complete="new-password"
			{...(again && !passphrase.startsWith(again)
				? { hint: words.invite.differ } : {})} />
		<Say error={form.error} busy={form.busy} />
		<button class="main" aria-busy={form.busy}
			disabled={!long || passphrase !== again}>
			{words.invite.go}</button>
		<p class="hint">{words.sign_in.private}</p>
	</form>;
}
