// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a page notices of a server that was set back, or changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, fits, is_set_back, is_theirs, no_doubt, nothing_seen,
	type EpochSaid, type PersonSaid, type Seen } from "../src/memory";

const epoch = (n: number, current: boolean, key = `key ${n}`,
	       line = "main"): EpochSaid =>
	({ epoch: String(n), line, current, public: key });
const ben = (key: string): PersonSaid =>
	({ person: 2, name: "Ben", public: key });
const after = (...said: [EpochSaid[], PersonSaid[]?][]): Seen =>
	said.reduce((seen, [epochs, people]) =>
		compare(seen, epochs, people ?? []).seen, nothing_seen);

test("a new browser has no doubts, and remembers", () => {
	const { seen, doubt } = compare(nothing_seen,
		[epoch(9, false), epoch(10, true)], [ben("b")]);

	assert.deepEqual(doubt, no_doubt);
	assert.deepEqual(seen, { epochs: { 9: "key 9", 10: "key 10" },
		highest: { main: "10" }, people: { 2: "b" }, invited: [] });
});

test("later keys, other lines and dropped ones are as they should be", () => {
	const seen = after([[epoch(9, true)]]);
	const { doubt, seen: then } = compare(seen, [epoch(10, true),
		epoch(3, true, "key 3", "night")], []);

	assert.deepEqual(doubt, no_doubt);
	assert.deepEqual(then.highest, { main: "10", night: "3" });
	assert.equal(then.epochs["9"], "key 9");
});

test("an older key is current again: numbers, not letters", () => {
	const seen = after([[epoch(9, true)]], [[epoch(10, true)]]);
	const set_back = compare(seen, [epoch(9, true)], []);

	assert.deepEqual(set_back.doubt.older, ["main"]);
	assert.ok(is_set_back(set_back.doubt));
	assert.equal(set_back.seen.highest["main"], "10");

	/* and until it is as it was, it stays */
	assert.ok(is_set_back(compare(set_back.seen, [epoch(9, true)], []).doubt));
	assert.deepEqual(compare(set_back.seen, [epoch(11, true)], []).doubt,
		no_doubt);
});

test("a number was given again", () => {
	const seen = after([[epoch(9, true)]], [[epoch(10, true)]]);
	const { doubt, seen: then } = compare(seen,
		[epoch(10, false, "another"), epoch(11, true)], []);

	assert.deepEqual(doubt.other, ["10"]);
	assert.ok(is_set_back(doubt));
	assert.equal(then.highest["main"], "10");
	const to = (n: number, key = `key ${n}`, line?: string) =>
		fits(then, { epoch: String(n), public: key, line });

	assert.ok(!to(10, "another"));
	assert.ok(to(10) && to(10, "key 10", "main"));
	assert.ok(to(12, "whatever") && to(12, "whatever", "main"));
	assert.ok(to(9) && to(9, "key 9", "night") && !to(9, "key 9", "main"));
});

test("a colleague has another key", () => {
	const seen = after([[], [ben("b")]]);
	const { doubt, seen: then } = compare(seen, [epoch(1, true)],
		[ben("c")]);

	assert.deepEqual(doubt.people, [ben("c")]);
	assert.ok(!is_set_back(doubt));
	assert.ok(!is_theirs(then, 2, "c"));
	assert.ok(is_theirs(then, 2, "b"));
	assert.ok(is_theirs(then, 3, "anything"));
	assert.equal(then.highest["main"], "1");
});

test("whoever this browser invited has another key once", () => {
	const invited = { ...after([[], [ben("b")]]), invited: [2, 4] };
	const same = compare(invited, [], [ben("b")]);

	assert.deepEqual(same.seen.invited, [2, 4]);
	const anew = compare(same.seen, [], [ben("c")]);

	assert.deepEqual(anew.doubt, no_doubt);
	assert.deepEqual(anew.seen.invited, [4]);
	assert.ok(is_theirs(anew.seen, 2, "c"));
	assert.deepEqual(compare(anew.seen, [], [ben("d")]).doubt.people,
		[ben("d")]);
});

test("set back, colleagues' keys are looked at all the same", () => {
	const seen = after([[epoch(9, true)], [ben("b")]],
		[[epoch(10, true)]]);
	const { doubt } = compare(seen, [epoch(9, true)], [ben("old")]);

	assert.deepEqual([doubt.older, doubt.people], [["main"], [ben("old")]]);
});
