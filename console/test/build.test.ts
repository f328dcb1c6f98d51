// SPDX-License-Identifier: AGPL-3.0-or-later
/* The build: of the same sources the same bytes, whose hash is published. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";

const here = resolve("."); // npm runs scripts in console/
let folder = "";
const copies = ["a", "b/deeper down"];
const built = (copy: string) => join(folder, copy, "built");
const names = (copy: string) => readdirSync(built(copy)).sort();
const read = (copy: string, name: string) =>
	readFileSync(join(built(copy), name));
const sha = (as: string, bytes: Buffer | string) =>
	createHash(as).update(bytes);

/* what the build itself needs, as its list says */
function copy_make(copy: string): void {
	const to = join(folder, copy);
	const list = JSON.parse(readFileSync(join(here, "package-lock.json"),
		"utf8")) as { packages: Record<string, { dev?: boolean }> };
	const packages = Object.keys(list.packages).filter((name) =>
		name && !list.packages[name]!.dev);

	mkdirSync(to, { recursive: true });
	for (const name of ["build.mjs", "words.mjs", "packages.sh", "src",
		"package.json", "package-lock.json", "index.html", "console.css",
		"icon.svg", "tsconfig.json", "node_modules/.ringback"])
		cpSync(join(here, name), join(to, name), { recursive: true });
	for (const name of packages)
		try {
			cpSync(join(here, name), join(to, name),
				{ recursive: true });
		} catch (reason) {
			/* esbuild of other machines is on the list, too */
			if ((reason as { code?: string }).code !== "ENOENT")
				throw reason;
		}
	execFileSync(process.execPath, ["build.mjs", "built"], { cwd: to });
}

before(() => {
	folder = mkdtempSync(join(tmpdir(), "built-"));
	for (const copy of copies)
		copy_make(copy);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("two folders, the same bytes", () => {
	const [a, b] = copies as [string, string];

	assert.deepEqual(names(a), names(b));
	for (const name of names(a))
		assert.ok(read(a, name).equals(read(b, name)), name);
});

test("the hash is that of all files, sorted", () => {
	const [a] = copies as [string];
	const sums = names(a).filter((name) => name !== "console.hash")
		.map((name) => `${sha("sha256", read(a, name)).digest("hex")}  ${
			name}\n`);

	assert.ok(sums.length > 5);
	assert.equal(read(a, "console.hash").toString(),
		`${sha("sha256", sums.join("")).digest("hex")}\n`);
});

test("each script and style is named by its hash", () => {
	const [a] = copies as [string];
	const of = (name: string) =>
		`sha384-${sha("sha384", read(a, name)).digest("base64")}`;
	const html = read(a, "index.html").toString();
	const script = read(a, "console.js").toString();

	for (const name of names(a).filter((n) => /\.(js|css)$/.test(n)))
		assert.ok((/^console\./.test(name) ? html : script)
			.includes(of(name)), name);
	assert.equal(html.match(/integrity=/g)?.length, 2);
});
