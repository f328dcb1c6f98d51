// SPDX-License-Identifier: AGPL-3.0-or-later
/** The whole page. */
import type { ComponentType } from "preact";
import { pages, type Page } from "../route";
import { coordinates, in_talk, is_ringing, may_open } from "../state";
import { Check } from "./check";
import { Duty } from "./duty";
import { Invitation, SignIn } from "./gate";
import { Listening } from "./listening";
import { Alarms } from "./alarms";
import { Overdue } from "./overdue";
import { Ring, ring_title } from "./ring";
import { Talk } from "./talk";
import { Doubts, Elsewhere, Server, Trouble } from "./trouble";
import { Button, useShown } from "./ui";
import { Waiting } from "./waiting";
import { Wrap } from "./wrap";
import { Promises } from "./promises";
import { Board } from "./board";
import { People } from "./people";
import { Calls } from "./calls";
import { CallPage } from "./notes";
import { Marks } from "./marks";
import { Recovery } from "./recovery";
import { Account } from "./account";
import { LanguageChoice } from "./language";

/* where what was begun to write of the last call is found again */
function LastCall() {
	const { state, words } = useShown();
	const c = state.counsellor;

	if (!state.talked || c?.state === "wrap_up" || in_talk(c))
		return null;
	return <p><a href={`#/call/${state.talked.call}`}>
		{words.notes.last(state.talked.call)}</a></p>;
}

function Home() {
	const { state } = useShown();

	return <>{!state.checking && <Duty />}<LastCall /><Waiting /></>;
}

const views: Readonly<Record<Page, ComponentType>> = {
	home: Home,
	promises: Promises,
	board: Board,
	people: People,
	calls: Calls,
	marks: Marks,
	recovery: Recovery,
	account: Account,
};

function Menu() {
	const { state, words } = useShown();
	const shown = pages.filter((page) => may_open(state.me, page));
	const owed = state.promises?.length ?? 0;

	return <nav aria-label={words.menu.label}><ul>
		{shown.map((page) => <li key={page}><a href={`#/${page}`}
			aria-current={state.route.page === page ? "page" : undefined}>
			{words.menu[page]}
			{page === "promises" && owed > 0 &&
				<>{" "}<span class="count">{owed}</span></>}</a></li>)}
	</ul></nav>;
}

function Head() {
	const { desk, state, words } = useShown();

	return <header>
		<p class="hotline">{state.me?.hotline || words.app}</p>
		{state.me && <p class="me">{state.me.name} <Button kind="quiet"
			work={() => desk.sign_out()}>{words.sign_in.out}</Button></p>}
	</header>;
}

/** What happens right now: on every page, above all else. */
function Present() {
	const { state } = useShown();
	const c = state.counsellor;

	if (c && is_ringing(c))
		return <Ring key={c.offer} counsellor={c} />;
	if (c && in_talk(c))
		return <Talk key={c.offer} counsellor={c} />;
	if (c && c.listening !== null)
		return <Listening key={c.listening} counsellor={c} />;
	return state.checking ? <Check /> : <Wrap />;
}

/** Said to those who do not look: that there is a call, at once. */
function Said() {
	const { state, words } = useShown();
	const c = state.counsellor;
	const error = state.error && words.error[state.error];

	return <>
		<p class="unseen" role="alert">{c && is_ringing(c)
			? ring_title(words, c) : ""}</p>
		<div role="alert">{error && <p class="banner wrong">{error}</p>}</div>
		<div role="status">{state.done &&
			<p class="banner fine">{state.done}</p>}</div>
	</>;
}

function Content() {
	const { state } = useShown();
	const { route } = state;

	if (route.page === "call")
		return <CallPage key={route.call} call={route.call} />;
	const page = route.page === "invite" ? "home" : route.page;
	const View = may_open(state.me, page) ? views[page] : Home;

	return <View />;
}

function SignedIn() {
	const { state } = useShown();

	return <>
		<Menu />
		<main id="content" tabIndex={-1}>
			<Doubts />
			<Trouble />
			{coordinates(state.me) && <Alarms />}
			{coordinates(state.me) && <Overdue />}
			<Said />
			<Present />
			<Content />
		</main>
	</>;
}

function Gate() {
	const { state, words } = useShown();
	const invite = state.route.page === "invite" && state.phase !== "starting";

	return <main id="content" tabIndex={-1}>
		{state.phase === "elsewhere" ? <Elsewhere />
			: invite && state.route.page === "invite"
				? <Invitation token={state.route.token} />
				: state.phase === "signed_out" ? <SignIn />
				: <p role="status">{words.duty.starting}</p>}
		{state.phase !== "elsewhere" && <LanguageChoice />}
	</main>;
}

export function App() {
	const { state, words } = useShown();
	const skip = (event: Event) => {
		event.preventDefault(); // the address is the page's, not a place's
		document.getElementById("content")?.focus();
	};

	return <>
		<a class="skip" href="#content" onClick={skip}>{words.menu.skip}</a>
		<Head />
		<Server />
		{state.phase === "signed_in" ? <SignedIn /> : <Gate />}
	</>;
}
