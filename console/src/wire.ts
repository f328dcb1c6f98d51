// SPDX-License-Identifier: AGPL-3.0-or-later
/** What the server says: the shapes of /api/v1 (see its openapi.json). Times
 *  are Unix milliseconds. */

export interface Role {
	readonly line: string; // "": of all lines
	readonly role: "counsellor" | "trainee" | "coordinator" | "operator";
}

/** A line, as far as whoever is signed in has to do with it. */
export interface MyLine {
	readonly name: string;
	readonly languages: readonly string[];
	readonly third: readonly string[];   // who can be added to a talk
	readonly transfer: boolean;          // colleagues can be asked in a talk
	readonly listen: boolean;            // talks can be listened to
	readonly show_numbers: boolean;
}

/** Where somebody is rung besides the page; "waits": a number that nobody
 *  can ring until a coordinator's page has brought it back. */
export type Phone = "none" | "ready" | "waits";

export interface Me {
	readonly person: number;
	readonly name: string;
	readonly roles: readonly Role[];
	readonly on_duty: boolean;
	readonly off_reason: string;
	readonly has_phone: boolean;
	readonly phone: Phone;
	readonly totp: boolean;
	readonly lines: readonly MyLine[];
	readonly hotline: string;
}

export const person_states = [
	"none", "off", "free", "ringing", "stopping", "stopping_late",
	"releasing", "talking", "hanging_up", "wrap_up", "resting",
	"stopping_off", "releasing_off", "talking_off", "hanging_up_off",
] as const;
export type PersonState = typeof person_states[number];

export const call_states = [
	"none", "arriving", "answering", "choosing", "waiting", "offered",
	"talking", "saving_message", "recording", "filing", "saving_ring_back",
	"leaving", "promised", "due", "due_offered", "dialling", "confirming",
	"saying", "hanging_up", "ended",
] as const;
export type CallState = typeof call_states[number];

export interface Who {
	readonly person: number;
	readonly name: string;
}

/** A second counsellor in a talk, as both of them see it. */
export interface Guest extends Who {
	readonly state: "ringing" | "aside" | "three";
}

/** Somebody of the line's list in a talk. */
export interface Third {
	readonly index: number;
	readonly name: string;
	readonly state: "ringing" | "there";
}

/** The whole truth about the person signed in. */
export interface Counsellor {
	readonly state: PersonState;
	readonly on_duty: boolean;
	readonly offer: string | null;
	readonly call: number | null;
	readonly call_state: CallState | null;
	readonly kind: "caller" | "ring_back" | "consult";
	readonly line: string;
	readonly language: string;
	readonly since: number; // when the caller arrived; 0
	readonly until: number; // end of ring, wrap-up or rest; 0
	readonly held: boolean;
	readonly browser: boolean; // accepted in the browser, not by phone
	readonly asked_by: Who | null;     // we are their guest
	readonly guest: Guest | null;      // the second counsellor of this talk
	readonly third: Third | null;
	readonly listeners: readonly Who[];
	readonly whispers: boolean;        // one of them can be heard by us
	readonly listening: number | null; // the call that we listen to
	readonly plan: boolean;           // the caller has a care plan
	readonly whispering: boolean;      // and its counsellor hears us
	readonly sound_lost: boolean; // we are to offer our sound anew
	readonly cut_off: boolean;    // wrap-up: the server's fault ended the call
}

export interface Quality {
	readonly lost_there: number; // per mille
	readonly lost_here: number;
	readonly jitter_ms: number;
	readonly rtt_ms: number;
}

export interface BoardCall {
	readonly call: number;
	readonly line: string;
	readonly language: string;
	readonly state: CallState;
	readonly since: number;
	readonly person: number | null;
	readonly plan: boolean; // the caller has a care plan
}

export interface BoardPerson {
	readonly person: number;
	readonly name: string;
	readonly state: PersonState;
	readonly browser: boolean;
}

/** Somebody on duty who may be asked. */
export interface Colleague extends Who {
	readonly state: PersonState;
}

/** Why a number is looked at; goes on record. */
export const number_reasons = [
	"emergency", "cut_off", "abuse", "agreed",
] as const;
export type NumberReason = typeof number_reasons[number];

export interface Board {
	readonly calls: readonly BoardCall[];
	readonly people: readonly BoardPerson[];
	readonly now: number;
}

export interface Owed {
	readonly call: number;
	readonly line: string;
	readonly language: string;
	readonly kind: "ring_back" | "message" | "cut_off" | "none";
	readonly state: string;
	readonly due_at: number;
	readonly made_at: number;
	readonly level: "owner" | "on_duty" | "coordinator";
	readonly owner: number | null;
	readonly owner_name: string | null;
	readonly attempts: number;
	readonly has_message: boolean;
	readonly has_number: boolean;
	readonly number: "none" | "ready" | "waits"; // for a coordinator's page
	readonly hours: "any" | "day" | "evening";
	readonly words: "none" | "plain" | "name";
}

export const close_reasons = [
	"reached", "unreachable", "no_number", "duplicate", "not_for_us",
	"unsafe", "test",
] as const;
export type CloseReason = typeof close_reasons[number];

export const outcomes = [
	"helped", "referred", "again", "not_for_us", "abusive", "dropped",
] as const;
export type Outcome = typeof outcomes[number];

export interface Person {
	readonly person: number;
	readonly name: string;
	readonly on_duty: boolean;
	readonly off_reason: string;
	readonly off_at: number;
	readonly has_phone: boolean;
	readonly phone: Phone;
	readonly languages: readonly string[];
	readonly skills: readonly string[];
	readonly organisation: string | null;
	readonly region: string | null;
	readonly roles: readonly Role[];
	readonly has_account: boolean;
	readonly totp: boolean;
}

export interface Line {
	readonly name: string;
	readonly kind?: string;
	readonly languages: readonly string[];
}

/** A call for help as it is on record. */
export interface Call {
	readonly call: number;
	readonly line: string;
	readonly language: string;
	readonly state: CallState;
	readonly outcome: string | null;
	readonly arrived_at: number;
	readonly wait_ms: number;
	readonly talk_ms: number;
	readonly counsellor: string | null;
	readonly sound: CallSound | null;
}

/** How a call's talks in the browser sounded: per mille and milliseconds. */
export interface CallSound {
	readonly reports: number;
	readonly loss_mean: number;
	readonly loss_worst: number;
	readonly jitter_ms: number;
	readonly rtt_ms: number;
}

export interface Session {
	readonly id: string;
	readonly made_at: number;
	readonly seen_at: number;
	readonly here: boolean;
}

/** A security key that is known. */
export interface Key {
	readonly id: number;
	readonly label: string;
	readonly made_at: number;
	readonly used_at: number; // 0: not yet
}

/** What to ask a key that is to be known. */
export interface KeyOptions {
	readonly challenge: string;
	readonly host: string;
	readonly hotline: string;
	readonly user: string;
	readonly name: string;
	readonly algorithms: readonly number[];
	readonly exclude: readonly string[];
}

export type Way = "totp" | "key";

/** What signing in asks for besides the passphrase: one of these. */
export interface Asked {
	readonly ways: readonly Way[];
	readonly challenge: string | null; // null: no key can be asked here
	readonly credentials: readonly string[];
}

export interface Invite {
	readonly token: string;
	readonly link: string;
	readonly ends_at: number;
}

/** My key, wrapped, and the keys of lines that I am entitled to. */
export interface VaultIs {
	readonly public: string | null;
	readonly wrapped: string | null;
	readonly recovery: boolean;
	readonly epochs: readonly {
		readonly epoch: string;
		readonly line: string;
		readonly current: boolean;
		readonly public: string;
		readonly sealed: string | null; // null: nobody gave it to me yet
	}[];
	readonly people: readonly { readonly person: number;
		readonly name: string; readonly public: string }[];
}

/** Somebody who should be able to open what I can. */
export interface Wanting {
	readonly epoch: string;
	readonly person: number;
	readonly name: string;
	readonly public: string;
}

export interface SealedNote {
	readonly note: number;
	readonly person: number;
	readonly name: string; // "" if they are gone
	readonly day: string;  // "2026-11-21"
	readonly epoch: string;
	readonly sealed: string;
}

export interface SealedNotes {
	readonly notes: readonly SealedNote[];
	readonly seal_to: { readonly epoch: string;
			    readonly public: string } | null;
}

export const block_reasons = [
	"abuse", "threats", "sexual", "prank", "flood",
] as const;
export type BlockReason = typeof block_reasons[number];

/** For how many days, at most 90 and 365. */
export const mark_days = { block: [7, 30, 90], plan: [90, 30, 365] } as const;
export type MarkKind = keyof typeof mark_days;

/** A caller who is blocked, or has a care plan. */
export interface Mark {
	readonly mark: number;
	readonly line: string;
	readonly kind: MarkKind;
	readonly reason: BlockReason | "plan";
	readonly call: number;  // in which it was made
	readonly person: number;
	readonly name: string;  // "" if they are gone
	readonly made_day: string;
	readonly review_day: string;
	readonly due: boolean;  // it means nothing any more
	readonly indexed: boolean; // the line knows, today, whose number it is
	readonly epoch: string | null;
	readonly sealed: string | null;
}

export interface Marks {
	readonly day: number;
	readonly dialler: { readonly id: number;
			    readonly public: string } | null;
	readonly marks: readonly Mark[];
}

/** Numbers that the line cannot open since its power was away. */
export interface NumbersWait {
	readonly dialler: { readonly id: number;
			    readonly public: string } | null;
	readonly numbers: readonly { readonly kind: "promise" | "phone";
		readonly id: number; readonly epoch: string;
		readonly sealed: string }[];
}

/** What is kept of a line, and for how long. */
export interface Retention {
	readonly line: string;
	readonly overdue: boolean; // what is due was not deleted
	readonly held: number;     // promises that keep keys which should go
	readonly messages: number; // open ones that are too old
	readonly alarm: boolean;
	readonly clock_doubted: boolean; // nothing goes by itself
}

/** What is wrong with the server just now; times in Unix ms. */
export interface Alarms {
	readonly unwritten: { readonly since: number;
			      readonly calls: number } | null;
	readonly flood: { readonly since: number;
			  readonly turned_away: number } | null;
	readonly media: { readonly since: number; readonly up: number;
			  readonly of: number } | null;
}

/** A share of the recovery key: on paper, with somebody. */
export interface Share {
	readonly number: number;
	readonly tried_at: number | null;
	readonly due: boolean;
}

export interface Shares {
	readonly need: number; // 0: there is no recovery key
	readonly shares: readonly Share[];
}
