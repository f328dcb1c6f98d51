// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../src/api";
import { code_asked, from_base64url, to_base64url } from "../src/passkey";

test("bytes as base64url, and back", () => {
	const rows: [number[], string][] = [[[], ""], [[0], "AA"],
		[[255, 254], "__4"], [[251, 239, 190], "----"],
		[[1, 2, 3, 4], "AQIDBA"]];

	for (const [bytes, text] of rows) {
		assert.equal(to_base64url(Uint8Array.from(bytes).buffer), text);
		assert.deepEqual([...from_base64url(text)], bytes);
	}
});

test("what else is asked for", () => {
	const asked = { ways: ["key"], challenge: "AA", credentials: ["AQ"] };

	assert.equal(code_asked(new Refused("code_needed", 401, asked)), asked);
	assert.equal(code_asked(new Refused("wrong", 401, asked)), null);
	assert.equal(code_asked(new Error("code_needed")), null);
});
