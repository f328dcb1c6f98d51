// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: who takes calls. */
import { useState } from "preact/hooks";
import { post } from "../api";
import { memory } from "../memory";
import { language_name, moment } from "../time";
import type { Invite, Line, Person } from "../wire";
import { useFetched } from "./fetched";
import { PersonForm } from "./person_form";
import { Arrived, Button, useShown } from "./ui";

function Invited(props: { name: string; invite: Invite; end: () => void }) {
	const { desk, words, language } = useShown();
	const [copied, set] = useState(false);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(props.invite.link);
			set(true);
		} catch {
			desk.store.tell({ type: "error", error: "clipboard" });
		}
	};

	return <section class="card">
		<Arrived level="h2">{words.people.invite_of(props.name)}</Arrived>
		<p>{words.people.link(props.name)}</p>
		<p><output class="secret">{props.invite.link}</output></p>
		<p class="hint">{words.people.ends(
			moment(language, props.invite.ends_at))}</p>
		<div class="buttons">
			<Button kind="main" work={copy}>{words.people.copy}</Button>
			<Button work={props.end}>{words.trouble.understood}</Button>
		</div>
		<p role="status">{copied ? words.people.copied : ""}</p>
	</section>;
}

function Facts(props: { person: Person }) {
	const { words, language } = useShown();
	const p = props.person;
	const roles = p.roles.map((r) => `${words.people.role[r.role]} (${
		r.line || words.people.all_lines})`);
	const facts = [
		p.on_duty ? words.people.on : words.people.off,
		!p.on_duty && p.off_reason && words.people.off_why(p.off_reason),
		...roles,
		p.languages.map((l) => language_name(language, l)).join(", "),
		p.skills.join(", "),
		[p.organisation, p.region].filter(Boolean).join(", "),
		p.phone === "ready" && words.people.phone,
		p.phone === "waits" && words.people.phone_waits,
		p.totp && words.people.totp,
		!p.has_account && words.people.no_account,
	].filter(Boolean);

	return <ul class="facts">{facts.map((fact, n) =>
		<li key={n}>{fact}</li>)}</ul>;
}

function Item(props: { person: Person; again: () => Promise<unknown>;
		       change: () => void;
		       invited: (invite: Invite) => void }) {
	const { desk, words } = useShown();
	const [sure, ask] = useState(false);
	const p = props.person;
	const act = async (verb: string, body: object = {}) => {
		if (await desk.change(`/people/${p.person}/${verb}`, body))
			await props.again();
	};
	const invite = () => desk.attempt(async () => {
		props.invited(await post<Invite>(`/people/${p.person}/invite`));
		memory.invited(p.person); // another key is to come
	});

	return <li class="card">
		<h2>{p.name}</h2>
		<Facts person={p} />
		{sure ? <div role="alertdialog"
			aria-label={words.people.remove_sure(p.name)}>
			<p>{words.people.remove_sure(p.name)}</p>
			<div class="buttons">
				<Button kind="danger" work={() => act("remove")}>
					{words.people.remove_yes}</Button>
				<Button work={() => ask(false)}>
					{words.people.cancel}</Button>
			</div></div>
		: <div class="buttons">
			<Button label={words.people.change_of(p.name)}
				work={props.change}>{words.people.change}</Button>
			<Button label={words.people.invite_of(p.name)} work={invite}>
				{words.people.invite}</Button>
			<Button work={() => act("duty", { on: !p.on_duty })}>
				{p.on_duty ? words.people.put_off
					: words.people.put_on}</Button>
			<Button kind="quiet" work={() => ask(true)}>
				{words.people.remove}</Button>
		</div>}
	</li>;
}

export function People() {
	const { words } = useShown();
	const { data, again } = useFetched<{ people: Person[] }>("/people");
	const lines = useFetched<{ lines: Line[] }>("/lines").data?.lines ?? [];
	const [edited, edit] = useState<Person | "new" | null>(null);
	const [invited, set_invited] =
		useState<{ name: string; invite: Invite } | null>(null);
	const end = (changed: boolean) => {
		edit(null);
		if (changed)
			void again();
	};

	if (!data)
		return <p>{words.duty.starting}</p>;
	return <>
		<div class="title"><h1>{words.people.title}</h1>
			<Button kind="main" work={() => edit("new")}>
				{words.people.add}</Button></div>
		{invited && <Invited {...invited}
			end={() => set_invited(null)} />}
		{edited && <PersonForm lines={lines} end={end}
			key={edited === "new" ? 0 : edited.person}
			person={edited === "new" ? null : edited} />}
		{data.people.length === 0 ? <p>{words.people.nobody}</p>
			: <ul class="list">{data.people.map((p) =>
				<Item key={p.person} person={p} again={again}
					change={() => edit(p)}
					invited={(invite) => set_invited(
						{ name: p.name, invite })} />)}</ul>}
	</>;
}
