// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinates, in_talk, may_listen, may_open, may_speak, may_whisper,
	reduce, state_first, type News, type State } from "../src/state";
import type { Counsellor, Me } from "../src/wire";

const me: Me = { person: 1, name: "Ana", roles: [], on_duty: true,
	off_reason: "", has_phone: false, phone: "none", totp: false, lines: [],
	hotline: "" };
const free: Counsellor = { state: "free", on_duty: true, offer: null,
	call: null, call_state: null, kind: "caller", line: "main",
	language: "en", since: 0, until: 0, held: false, browser: false, plan: false,
	asked_by: null, guest: null, third: null, listeners: [],
	whispers: false, listening: null, whispering: false,
	sound_lost: false, cut_off: false };
const ringing: Counsellor = { ...free, state: "ringing", offer: "7", call: 3,
	call_state: "offered" };
const talking: Counsellor = { ...ringing, state: "talking", browser: true,
	call_state: "talking" };

const first = reduce(state_first({ page: "home" }, "en"),
	{ type: "signed_in", me });
const is = (counsellor: Counsellor, now = 0): News =>
	({ type: "counsellor", counsellor, now });
const after = (state: State, ...news: News[]) => news.reduce(reduce, state);

test("a talk lasts from when they were joined", () => {
	const s = after(first, is(ringing, 1000), is(talking, 5000),
		is({ ...talking, held: true }, 9000));

	assert.deepEqual(s.talk, { offer: "7", since: 5000 });
	assert.ok(in_talk(s.counsellor));
});

test("ringing somebody back is no talk until they pressed the key", () => {
	const back = { ...talking, kind: "ring_back" as const };
	const dialling = after(first, is({ ...back, call_state: "dialling" }, 1));
	const joined = after(dialling, is({ ...back, call_state: "confirming" }, 2),
		is(back, 3));

	assert.equal(dialling.talk, null);
	assert.deepEqual(joined.talk, { offer: "7", since: 3 });
	assert.equal(after(dialling, is(free)).talked, null, "no outcome asked");
});

test("after a talk its outcome is asked for, once", () => {
	const over = after(first, is(talking), is(free));

	assert.deepEqual(over.talked, { call: 3, outcome: null });
	const said = after(over, { type: "outcome", outcome: "helped" }, is(free));
	assert.deepEqual(said.talked, { call: 3, outcome: "helped" });
	const wrapping: Counsellor = { ...free, state: "wrap_up", call: 3 };
	const later = after(over, { type: "outcome", outcome: "later" },
		is(wrapping));
	assert.equal(later.talked?.outcome, "later");
});

test("a page loaded in the wrap-up asks for the outcome", () => {
	const s = after(first, is({ ...free, state: "wrap_up", call: 9 }));

	assert.deepEqual(s.talked, { call: 9, outcome: null });
});

test("the next ring is neither muted nor accepted", () => {
	const s = after(first, is(ringing), { type: "accepted", offer: "7" },
		is(talking), { type: "muted", muted: true });

	assert.ok(s.muted);
	const next = after(s, is({ ...ringing, offer: "8" }));
	assert.equal(next.muted, false);
	assert.equal(next.accepted, null);
});

test("mute outlives news of the same talk", () => {
	const s = after(first, is(talking), { type: "muted", muted: true },
		is({ ...talking, held: true }));

	assert.ok(s.muted);
});

test("signing out forgets callers and people, not the language", () => {
	const s = after(first, { type: "language", language: "es" }, is(talking),
		{ type: "board", board: { calls: [], people: [], now: 50 }, now: 20 },
		{ type: "promises", promises: [] });

	assert.equal(s.ahead_ms, 30);
	const out = reduce(s, { type: "signed_out" });
	assert.equal(out.phase, "signed_out");
	assert.equal(out.language, "es");
	for (const key of ["me", "counsellor", "board", "promises", "talk",
		"talked"] as const)
		assert.equal(out[key], null, key);
});

test("duty follows what the server says", () => {
	const s = after(first, is({ ...free, state: "off", on_duty: false }));

	assert.equal(s.me?.on_duty, false);
});

test("who coordinates", () => {
	const role = (r: Me["roles"][number]["role"]) =>
		coordinates({ ...me, roles: [{ line: "main", role: r }] });

	assert.deepEqual([role("counsellor"), role("trainee"),
		role("coordinator"), role("operator"), coordinates(null)],
		[false, false, true, true, false]);
});

const bo = { person: 2, name: "Bo" };

test("a guest is not asked how a call ended, nor who handed it over", () => {
	const guest = { ...talking, kind: "consult" as const, asked_by: bo,
		guest: { person: 1, name: "Ana", state: "aside" as const } };
	const wrapping: Counsellor = { ...free, state: "wrap_up" };
	const advised = after(first, is(guest), is(wrapping));

	assert.equal(advised.talked, null);
	assert.equal(advised.ending, "advised");
	const taken = after(first, is(guest), is({ ...talking, kind: "consult" }),
		is(wrapping));
	assert.deepEqual(taken.talked, { call: 3, outcome: null },
		"whoever took over is asked");

	const asking = { ...talking, guest: { ...bo, state: "three" as const } };
	const handed = after(first, is(asking), { type: "handed", handed: true },
		is(asking), is({ ...wrapping, call: 3 }), is(free));
	assert.equal(handed.talked, null);
	assert.equal(handed.ending, "handed");
	const next = after(handed, is(ringing), is(talking), is(free));
	assert.deepEqual(next.talked, { call: 3, outcome: null },
		"the next talk is asked for again");
	assert.equal(next.ending, "talk");
});

test("who is heard", () => {
	const speaks = (c: Counsellor) => may_speak(after(first, is(c)));

	assert.ok(!speaks(free) && !speaks(ringing) && speaks(talking));
	assert.ok(!speaks({ ...talking, browser: false }));
	assert.ok(!speaks({ ...talking, held: true }));
	assert.ok(speaks({ ...talking, held: true,
		guest: { ...bo, state: "aside" } }), "by the colleague");
	assert.ok(!speaks({ ...free, listening: 3 }), "a listener");
	assert.ok(speaks({ ...free, listening: 3, whispering: true }));
});

test("who may listen and speak", () => {
	const line = { name: "main", languages: [], third: [], transfer: true,
		listen: true, show_numbers: false };
	const of = (role: Me["roles"][number]["role"], on = "main") =>
		({ ...me, lines: [line], roles: [{ line: on, role }] });

	assert.ok(may_listen(of("trainee"), "main"));
	assert.ok(!may_whisper(of("trainee"), "main"));
	assert.ok(may_whisper(of("coordinator", ""), "main"));
	assert.ok(!may_listen(of("coordinator", "other"), "main"));
	assert.ok(!may_listen(of("counsellor"), "main"));
	assert.ok(!may_listen({ ...of("trainee"),
		lines: [{ ...line, listen: false }] }, "main"));
	assert.ok(may_open(of("trainee"), "board"));
	assert.ok(!may_open(of("trainee"), "people"));
	assert.ok(!may_open(of("counsellor"), "board"));
});
