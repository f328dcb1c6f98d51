// SPDX-License-Identifier: AGPL-3.0-or-later
/** All that the page knows, and how news changes it. Pure. */
import { no_doubt, type Doubt } from "./memory";
import type { ErrorWord } from "./words";
import type { Alarms, Board, Counsellor, Me, Outcome, Owed, Quality } from "./wire";
import { coordinators_pages, type Page, type Route } from "./route";

/** What is wrong with this computer, as far as calls are concerned. */
export interface Trouble {
	readonly mic: "ok" | "unasked" | "refused" | "missing";
	readonly notices: "ok" | "unasked" | "blocked";
	readonly silent: boolean; // the browser lets no sound out before a click
	readonly slept_ms: number; // the tab was asleep for so long; 0
}

/** How far the sound of a call has come; "mending": the server has lost it. */
export type Sound = "none" | "preparing" | "ready" | "flowing" | "failed"
	| "mending";

/** A talk that is over and of which we want to know how it went. */
export interface Talked {
	readonly call: number;
	readonly outcome: Outcome | "later" | null; // null: not asked yet
}

/** How one's part in the last talk ended: with it, handed over, or as a guest's
 *  of somebody else. */
export type Ending = "talk" | "handed" | "advised";

export interface State {
	readonly phase: "starting" | "signed_out" | "signed_in" | "elsewhere";
	readonly route: Route;
	readonly language: string;
	readonly me: Me | null;
	readonly counsellor: Counsellor | null;
	readonly board: Board | null;
	readonly promises: readonly Owed[] | null;
	readonly alarms: Alarms | null; // only coordinators get them
	readonly connected: boolean; // the server answers
	readonly line_up: boolean;   // the process that rings answers
	readonly ahead_ms: number;   // server's clock less ours
	readonly quality: Quality | null;
	readonly sound: Sound;
	readonly muted: boolean;
	readonly accepted: string | null;  // offer we said yes to
	readonly talk: { readonly offer: string; readonly since: number } | null;
	readonly talked: Talked | null;
	readonly ending: Ending;
	readonly vault: "locked" | "open"; // one's own key, and so notes
	readonly vault_n: number;          // higher whenever more can be opened
	readonly marks_n: number;          // higher whenever a mark is another
	readonly doubt: Doubt;             // about the server's keys
	readonly checking: boolean;        // the sound check is shown
	readonly trouble: Trouble;
	readonly error: ErrorWord | null;  // last thing that did not work
	readonly done: string | null;      // last thing that did, in words
}

export type News =
	| { readonly type: "signed_in"; readonly me: Me }
	| { readonly type: "me"; readonly me: Me }
	| { readonly type: "signed_out" }
	| { readonly type: "elsewhere" }
	| { readonly type: "here" }
	| { readonly type: "route"; readonly route: Route }
	| { readonly type: "language"; readonly language: string }
	| { readonly type: "counsellor"; readonly counsellor: Counsellor;
	    readonly now: number }
	| { readonly type: "board"; readonly board: Board; readonly now: number }
	| { readonly type: "promises"; readonly promises: readonly Owed[] }
	| { readonly type: "alarms"; readonly alarms: Alarms }
	| { readonly type: "connected"; readonly connected: boolean }
	| { readonly type: "line"; readonly up: boolean }
	| { readonly type: "quality"; readonly quality: Quality }
	| { readonly type: "sound"; readonly sound: Sound }
	| { readonly type: "muted"; readonly muted: boolean }
	| { readonly type: "accepted"; readonly offer: string | null }
	| { readonly type: "talk"; readonly offer: string; readonly since: number }
	| { readonly type: "handed"; readonly handed: boolean }
	| { readonly type: "outcome"; readonly outcome: Outcome | "later" }
	| { readonly type: "vault"; readonly open: boolean }
	| { readonly type: "marks" }
	| { readonly type: "doubt"; readonly doubt: Doubt }
	| { readonly type: "checking"; readonly checking: boolean }
	| { readonly type: "trouble"; readonly trouble: Partial<Trouble> }
	| { readonly type: "error"; readonly error: ErrorWord | null }
	| { readonly type: "done"; readonly done: string | null };

export function state_first(route: Route, language: string): State {
	return {
		phase: "starting", route, language,
		me: null, counsellor: null, board: null, promises: null,
		alarms: null,
		connected: true, line_up: true, ahead_ms: 0,
		quality: null, sound: "none", muted: false,
		accepted: null, talk: null, talked: null, ending: "talk",
		vault: "locked", vault_n: 0, marks_n: 0, doubt: no_doubt,
		checking: false,
		trouble: { mic: "unasked", notices: "unasked", silent: false,
			   slept_ms: 0 },
		error: null, done: null,
	};
}

/** Is this counsellor joined with a caller, or about to be? */
export function in_talk(c: Counsellor | null): boolean {
	return c?.state === "talking" || c?.state === "talking_off";
}

export function is_ringing(c: Counsellor | null): boolean {
	return c?.state === "ringing";
}

/** May this person see and change other people's things? */
export function coordinates(me: Me | null): boolean {
	return me?.roles.some((r) => r.role === "coordinator" ||
		r.role === "operator") ?? false;
}

/** Are they entitled to open what is sealed, of any line? Trainees are not;
 *  whoever has no role is a counsellor of all lines. */
export function seals(me: Me | null): boolean {
	return me !== null && (me.roles.length === 0 || me.roles.some((r) =>
		r.role === "counsellor" || r.role === "coordinator"));
}

/* on this line; an operator may all that a coordinator may */
function has_role(me: Me | null, line: string,
		  role: "coordinator" | "trainee"): boolean {
	return me?.roles.some((r) => (r.line === "" || r.line === line) &&
		(r.role === role ||
		 (r.role === "operator" && role === "coordinator"))) ?? false;
}

/** May this person listen to talks of this line? */
export function may_listen(me: Me | null, line: string): boolean {
	return (me?.lines.some((l) => l.name === line && l.listen) ?? false) &&
		(has_role(me, line, "coordinator") ||
		 has_role(me, line, "trainee"));
}

/** May they change what others made on this line? */
export function coordinates_line(me: Me | null, line: string): boolean {
	return has_role(me, line, "coordinator");
}

/** May they speak to the counsellor whose talk they listen to? */
export function may_whisper(me: Me | null, line: string): boolean {
	return has_role(me, line, "coordinator");
}

/** Trainees find on the board what they may listen to. */
export function may_open(me: Me | null, page: Page): boolean {
	if (page === "marks")
		return seals(me);
	return !coordinators_pages.includes(page) || coordinates(me) ||
		(page === "board" &&
		 (me?.lines.some((l) => may_listen(me, l.name)) ?? false));
}

/** Do the two counsellors of this talk talk without the caller? */
export function aside(c: Counsellor | null): boolean {
	return c?.guest?.state === "aside";
}

/** May the microphone be heard? */
export function may_speak(state: State): boolean {
	const c = state.counsellor;
	const talks = in_talk(c) && (c?.browser ?? false) &&
		(!c?.held || aside(c)) && !state.muted;

	return talks || (c?.listening != null && c.whispering);
}

/** Signing out forgets everything but how the page is looked at. */
function forget(state: State): State {
	return { ...state_first(state.route, state.language),
		 trouble: state.trouble, phase: "signed_out" };
}

/* how a talk would end now; who hands it over says so before the server does */
function ending_in(state: State, c: Counsellor): Ending {
	const same = in_talk(state.counsellor) &&
		state.counsellor?.offer === c.offer;

	return c.asked_by ? "advised"
		: same && state.ending === "handed" ? "handed" : "talk";
}

/* what is remembered of a talk: when it began, and its call for afterwards,
 * unless somebody else saw it through */
function talk_after(state: State, c: Counsellor, now: number): Partial<State> {
	const offer = c.offer ?? "";
	const old = state.counsellor;

	if (in_talk(c)) {
		const joined = c.call_state === "talking" || c.call_state === null;
		const begun = state.talk?.offer === offer;
		return {
			talk: begun ? state.talk
				: joined ? { offer, since: now } : null,
			talked: c.call === null ? state.talked
				: { call: c.call, outcome: null },
			ending: ending_in(state, c),
		};
	}

	/* the page may have been loaded in the middle of the wrap-up */
	const wrapping = c.state === "wrap_up" && c.call !== null &&
		state.talked?.call !== c.call;
	const talked = wrapping && c.call !== null
		? { call: c.call, outcome: null } : state.talked;

	/* a ring-back that never became a talk has no outcome to be asked for */
	const reached = state.talk !== null || !in_talk(old);
	return { talk: null,
		 talked: reached && state.ending === "talk" ? talked : null };
}

function counsellor_news(state: State, c: Counsellor, now: number): State {
	const same = state.counsellor?.offer === c.offer;
	const live = in_talk(c) || is_ringing(c);

	return {
		...state,
		counsellor: c,
		...talk_after(state, c, now),
		...(same && live ? {} : { muted: false, quality: null }),
		...(same && is_ringing(c) ? {} : { accepted: null }),
		me: state.me && { ...state.me, on_duty: c.on_duty },
	};
}

/** The state after some news. */
export function reduce(state: State, news: News): State {
	const rules: { [K in News["type"]]:
		(n: Extract<News, { type: K }>) => State } = {
		signed_in: (n) => ({ ...state, phase: "signed_in", me: n.me,
				     error: null }),
		me: (n) => ({ ...state, me: n.me }),
		signed_out: () => forget(state),
		elsewhere: () => ({ ...state, phase: "elsewhere" }),
		here: () => ({ ...state, phase: "starting" }),
		route: (n) => ({ ...state, route: n.route, error: null,
				 done: null }),
		language: (n) => ({ ...state, language: n.language }),
		counsellor: (n) => counsellor_news(state, n.counsellor, n.now),
		board: (n) => ({ ...state, board: n.board,
				 ahead_ms: n.board.now - n.now }),
		promises: (n) => ({ ...state, promises: n.promises }),
		alarms: (n) => ({ ...state, alarms: n.alarms }),
		connected: (n) => ({ ...state, connected: n.connected }),
		line: (n) => ({ ...state, line_up: n.up }),
		quality: (n) => ({ ...state, quality: n.quality }),
		sound: (n) => ({ ...state, sound: n.sound }),
		muted: (n) => ({ ...state, muted: n.muted }),
		accepted: (n) => ({ ...state, accepted: n.offer }),
		talk: (n) => ({ ...state,
				talk: { offer: n.offer, since: n.since } }),
		handed: (n) => ({ ...state, ending: n.handed ? "handed" : "talk" }),
		outcome: (n) => ({ ...state, talked: state.talked &&
			{ ...state.talked, outcome: n.outcome } }),
		vault: (n) => ({ ...state, vault: n.open ? "open" : "locked",
				 vault_n: state.vault_n + 1 }),
		marks: () => ({ ...state, marks_n: state.marks_n + 1 }),
		doubt: (n) => ({ ...state, doubt: n.doubt }),
		checking: (n) => ({ ...state, checking: n.checking }),
		trouble: (n) => ({ ...state,
				   trouble: { ...state.trouble, ...n.trouble } }),
		error: (n) => ({ ...state, error: n.error, done: null }),
		done: (n) => ({ ...state, done: n.done, error: null }),
	};
	const rule = rules[news.type] as (n: News) => State;

	return rule(news);
}
