// SPDX-License-Identifier: AGPL-3.0-or-later
/** What this browser remembers of keys, so that a server that was set back, or
 *  is not the one it was, is noticed: public keys and numbers alone, nothing of
 *  calls. Pure but for where it is kept. */

/** The key of an epoch, as the server says it. */
export interface EpochSaid {
	readonly epoch: string;
	readonly line: string;
	readonly current: boolean;
	readonly public: string;
}

/** The key of a colleague. */
export interface PersonSaid {
	readonly person: number;
	readonly name: string;
	readonly public: string;
}

export interface Seen {
	readonly epochs: Readonly<Record<string, string>>; // number: public key
	readonly highest: Readonly<Record<string, string>>; // line: number
	readonly people: Readonly<Record<string, string>>; // person: public key
	readonly invited: readonly number[]; // by this browser, since their last key
}

/** What does not fit what was seen before. */
export interface Doubt {
	readonly older: readonly string[];   // lines whose key was a later one
	readonly other: readonly string[];   // epochs that had another key
	readonly people: readonly PersonSaid[]; // who have another key
}

export const nothing_seen: Seen = { epochs: {}, highest: {}, people: {},
	invited: [] };
export const no_doubt: Doubt = { older: [], other: [], people: [] };

/** May anything be sealed to what this server says? Another key of a colleague
 *  does not keep it from that: nothing is sealed to it. */
export const is_set_back = (doubt: Doubt): boolean =>
	doubt.older.length > 0 || doubt.other.length > 0;

const earlier = (epoch: string, than: string | undefined): boolean =>
	than !== undefined && BigInt(epoch) < BigInt(than);

/** Compare, and remember what is new. What does not fit is not remembered: the
 *  doubt stays until the server says again what it said. */
export function compare(seen: Seen, said: readonly EpochSaid[],
			people: readonly PersonSaid[]):
	{ seen: Seen; doubt: Doubt } {
	const current = said.filter((e) => e.current);
	const older = current.filter((e) => earlier(e.epoch,
		seen.highest[e.line]));
	const other = said.filter((e) =>
		(seen.epochs[e.epoch] ?? e.public) !== e.public);
	const strange = people.filter((p) => !seen.invited.includes(p.person) &&
		(seen.people[p.person] ?? p.public) !== p.public);
	const doubt = { older: older.map((e) => e.line),
			other: other.map((e) => e.epoch), people: strange };
	const known = people.filter((p) => !strange.includes(p));
	/* whoever was invited has another key by now */
	const taken_up = known.filter((p) => seen.invited.includes(p.person) &&
		seen.people[p.person] !== p.public).map((p) => p.person);
	const own = { people: { ...seen.people, ...Object.fromEntries(
			known.map((p) => [p.person, p.public])) },
		invited: seen.invited.filter((p) => !taken_up.includes(p)) };

	if (is_set_back(doubt))
		return { seen: { ...seen, ...own }, doubt };
	return { doubt, seen: { ...own,
		epochs: { ...seen.epochs, ...Object.fromEntries(
			said.map((e) => [e.epoch, e.public])) },
		highest: { ...seen.highest, ...Object.fromEntries(
			current.map((e) => [e.line, e.epoch])) } } };
}

/** May notes be sealed to this? Line: of the epoch, if it is known. */
export function fits(seen: Seen, to: { readonly epoch: string;
	readonly public: string; readonly line?: string | undefined }): boolean {
	return (seen.epochs[to.epoch] ?? to.public) === to.public &&
		(to.line === undefined ||
		 !earlier(to.epoch, seen.highest[to.line]));
}

/** May a key be sealed to this one of somebody? */
export const is_theirs = (seen: Seen, person: number, key: string): boolean =>
	(seen.people[person] ?? key) === key;

/* ---- where it is kept ---------------------------------------------------- */

const SEEN = "ringback.keys";

function read(): Seen {
	try {
		const kept = JSON.parse(localStorage.getItem(SEEN) ?? "null") as
			Partial<Seen> | null;

		return { ...nothing_seen, ...kept };
	} catch {
		return nothing_seen;
	}
}

const write = (seen: Seen): void =>
	localStorage.setItem(SEEN, JSON.stringify(seen));

/** The memory of this browser. */
export const memory = {
	seen: read,

	look: (said: readonly EpochSaid[], people: readonly PersonSaid[]):
		Doubt => {
		const { seen, doubt } = compare(read(), said, people);

		write(seen);
		return doubt;
	},

	/** This browser invites them: another key is what is to come. */
	invited: (person: number): void => {
		const seen = read();

		write({ ...seen, invited: [...new Set([...seen.invited, person])] });
	},

	/** A coordinator knows that this is their key. */
	confirm: ({ person, public: key }: PersonSaid): void => {
		const seen = read();

		write({ ...seen, people: { ...seen.people, [person]: key } });
	},

	/** Begin anew with what the server says of epochs: whoever runs it said
	 *  why. */
	forget_epochs: (): void =>
		write({ ...read(), epochs: {}, highest: {} }),
};
