// SPDX-License-Identifier: AGPL-3.0-or-later
/* Words and hash were made by another implementation, in Python: need 2,
   number 1, bytes 0 to 31. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { share_read } from "../src/share";

const WORDS = "acoustic amount able advice core action blossom three animal " +
	"expect seek borrow thought marine dust draw beef post magic " +
	"coral museum assault idea phrase buyer letter abandon";
const HASH = "cBBLXuSLnLmWcME-nUkxuhjbwYXxxTEpggH5n68Gw6w";

test("a share, however it is typed", async () => {
	const shorter = WORDS.split(" ").map((w) => w.slice(0, 4)).join(" ");
	const numbered = WORDS.split(" ").map((w, i) => `${i + 1}. ${
		w.toUpperCase()}`).join("\n");

	for (const typed of [WORDS, shorter, numbered, `  ${WORDS}\n`])
		assert.deepEqual(await share_read(typed), { hash: HASH });
});

test("what is wrong with a share is said", async () => {
	const all = WORDS.split(" ");
	const swapped = [...all.slice(0, 3), all[4], all[3], ...all.slice(5)];
	const none = [...all.slice(0, 4), "zzzz", ...all.slice(5)];

	assert.deepEqual(await share_read(none.join(" ")),
		{ trouble: "word", n: 5 });
	assert.deepEqual(await share_read(all.slice(1).join(" ")),
		{ trouble: "count", n: 26 });
	assert.deepEqual(await share_read(swapped.join(" ")),
		{ trouble: "mixed" });
	assert.deepEqual(await share_read(""), { trouble: "count", n: 0 });
	// the bits after the last word's are zeros
	const end = ["ability", "able"].map((w) => [...all.slice(0, -1), w]
		.join(" "));
	assert.equal((await Promise.all(end.map(share_read)))
		.filter((read) => "hash" in read).length, 0);
});
