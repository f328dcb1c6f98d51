// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { passphrase_strength, sound_grade, sound_side } from "../src/judge";
import { LEVEL_SPOKEN, rms } from "../src/level";
import { route_of } from "../src/route";
import { clock, day_of, language_name, relative, span } from "../src/time";

test("clocks", () => {
	assert.deepEqual([0, -5, 59_999, 75_000, 3_675_000].map(clock),
		["0:00", "0:00", "0:59", "1:15", "1:01:15"]);
});

test("spans in words", () => {
	assert.equal(span("en", 0), "0 sec");
	assert.equal(span("en", 65_000), "1 min 5 sec");
	assert.equal(span("en", 3_665_000), "1 hr 1 min");
	assert.match(span("es", 65_000), /^1 min 5 s$/);
});

test("times from now", () => {
	assert.equal(relative("en", 5 * 60_000), "in 5 minutes");
	assert.equal(relative("en", -2 * 3_600_000 - 1), "2 hours ago");
	assert.equal(relative("en", 30_000), "now");
	assert.equal(relative("es", -60_000), "hace 1 minuto");
	assert.equal(relative("en", 3_599_999), "in 59 minutes");
});

test("days are local", () => {
	assert.equal(day_of(new Date(2026, 1, 3, 0, 0, 1)), "2026-02-03");
	assert.equal(day_of(new Date(2026, 1, 3, 23, 59)), "2026-02-03");
});

test("names of languages", () => {
	assert.equal(language_name("en", "es"), "Spanish");
	assert.equal(language_name("es", "en"), "inglés");
	assert.equal(language_name("en", "not a code"), "not a code");
});

test("how good the sound is", () => {
	const q = { lost_there: 0, lost_here: 0, jitter_ms: 5, rtt_ms: 40 };

	assert.equal(sound_grade(q), "good");
	assert.equal(sound_grade({ ...q, lost_here: 10 }), "fair");
	assert.equal(sound_grade({ ...q, lost_there: 50 }), "poor");
	assert.equal(sound_grade({ ...q, rtt_ms: 700 }), "poor");
	assert.equal(sound_side({ ...q, lost_there: 20 }), "there");
	assert.equal(sound_side({ ...q, lost_here: 20 }), "here");
});

test("passphrases", () => {
	assert.equal(passphrase_strength("elevenchars"), "short");
	assert.equal(passphrase_strength("aaaaaaaaaaaaaaaa"), "repeated");
	assert.equal(passphrase_strength("twelve chars"), "enough");
	assert.equal(passphrase_strength("four words of no sense"), "good");
	assert.equal(passphrase_strength("ñ".normalize("NFD").repeat(11)),
		"short", "an accent is no character of its own");
});

test("silence is not speech", () => {
	assert.equal(rms(new Float32Array(8)), 0);
	assert.ok(rms(new Float32Array(100).fill(0.004)) < LEVEL_SPOKEN);
	assert.ok(rms(new Float32Array([0.1, -0.1])) > LEVEL_SPOKEN);
});

test("addresses", () => {
	assert.deepEqual(route_of("#/promises"), { page: "promises" });
	assert.deepEqual(route_of("#invite=aB_-9"),
		{ page: "invite", token: "aB_-9" });
	for (const odd of ["", "#/", "#/nowhere", "#invite=", "#invite=<b>"])
		assert.deepEqual(route_of(odd), { page: "home" }, odd);
});
