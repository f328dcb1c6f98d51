// SPDX-License-Identifier: AGPL-3.0-or-later
/** The hash of this page: of what the server serves just now, all files of it,
 *  as docs/console.md takes it from outside. */

const hex = async (bytes: BufferSource): Promise<string> =>
	[...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
		.map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function sum(name: string): Promise<string> {
	/* the page itself as browsers open it */
	const answer = await fetch(name === "index.html" ? "/" : `/${name}`, { credentials: "omit",
		cache: "no-cache" });

	if (!answer.ok)
		throw new Error(name);
	return `${await hex(await answer.arrayBuffer())}  ${name}\n`;
}

/** In groups of four, as people compare it. @returns null: not to be had */
export async function page_hash(): Promise<string | null> {
	try {
		const sums = await Promise.all(SERVED.map(sum));
		const all = await hex(new TextEncoder().encode(sums.join("")));

		return all.match(/.{4}/g)?.join(" ") ?? null;
	} catch {
		return null;
	}
}
