// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the console: node build.mjs FOLDER [DEPFILE]. Each script is one file
// without any import, since the page may load nothing but these. Each knows by
// hash what it loads: index.html the page's script and style, that script its
// workers. The same sources make the same bytes, wherever they lie.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { words } from "./words.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, depfile] = process.argv.slice(2);

execFileSync(join(here, "packages.sh"), ["build"], { stdio: "inherit" });
const { build } = await import("esbuild");

const hash = (name, bytes, as) => createHash(name).update(bytes).digest(as);
const integrity = (bytes) => `sha384-${hash("sha384", bytes, "base64")}`;
const files = new Map(); // all that is served: name, bytes
const inputs = new Set();

async function bundle(entryPoints, define = {}) {
	const { metafile, outputFiles } = await build({
		absWorkingDir: here,
		entryPoints,
		outdir: join(here, "out"), // nothing is written there
		write: false,
		bundle: true,
		minify: true,
		format: "esm",
		target: ["chrome110", "firefox115", "safari16.4"],
		...words,
		define,
		jsx: "automatic",
		jsxImportSource: "preact",
		legalComments: "eof",
		metafile: true,
		logLevel: "warning",
	});

	for (const file of outputFiles)
		files.set(relative(join(here, "out"), file.path),
			Buffer.from(file.contents));
	for (const file of Object.keys(metafile.inputs))
		inputs.add(file);
}

const workers = ["beat", "derive", "vault"];
const pages_own = ["console.css", "icon.svg"];

await bundle(Object.fromEntries(workers.map((name) =>
	[name, `src/work/${name}.ts`])));
for (const name of pages_own)
	files.set(name, readFileSync(join(here, name)));
await bundle({ console: "src/main.tsx" }, {
	WORKERS: JSON.stringify(Object.fromEntries(workers.map((name) =>
		[name, integrity(files.get(`${name}.js`))]))),
	SERVED: JSON.stringify([...files.keys(), "console.js", "index.html"]
		.sort()),
});
files.set("index.html", Buffer.from(readFileSync(join(here, "index.html"),
	"utf8").replace(/(?:src|href)="(console\.\w+)"/g, (link, name) =>
	`${link} integrity="${integrity(files.get(name))}"`)));

/* what `sha256sum * | sha256sum` says in a folder of what is served */
const names = [...files.keys()].sort();
const sums = names.map((name) =>
	`${hash("sha256", files.get(name), "hex")}  ${name}\n`).join("");

files.set("console.hash", Buffer.from(hash("sha256", sums, "hex") + "\n"));

mkdirSync(folder, { recursive: true });
for (const [name, bytes] of files)
	writeFileSync(join(folder, name), bytes);

if (depfile) {
	const read = [...inputs]
		.map((file) => relative(process.cwd(), join(here, file)))
		.map((file) => file.replaceAll(" ", "\\ "));
	writeFileSync(depfile, `${join(folder, "index.html")}: ` +
		`${read.join(" \\\n  ")}\n`);
}
