// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the console: node build.mjs FOLDER [DEPFILE]. Each script is one file
// without any import, since the page may load nothing but these.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { words } from "./words.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, depfile] = process.argv.slice(2);

execFileSync(join(here, "packages.sh"), ["build"], { stdio: "inherit" });
const { build } = await import("esbuild");

mkdirSync(folder, { recursive: true });
const { metafile } = await build({
	absWorkingDir: here,
	entryPoints: {
		console: "src/main.tsx",
		beat: "src/work/beat.ts",
		derive: "src/work/derive.ts",
		vault: "src/work/vault.ts",
	},
	outdir: join(process.cwd(), folder),
	bundle: true,
	minify: true,
	format: "esm",
	target: ["chrome110", "firefox115", "safari16.4"],
	...words,
	jsx: "automatic",
	jsxImportSource: "preact",
	legalComments: "eof",
	metafile: true,
	logLevel: "warning",
});

for (const file of ["index.html", "console.css", "icon.svg"])
	copyFileSync(join(here, file), join(folder, file));

if (depfile) {
	const read = Object.keys(metafile.inputs)
		.map((file) => relative(process.cwd(), join(here, file)))
		.map((file) => file.replaceAll(" ", "\\ "));
	writeFileSync(depfile, `${join(folder, "index.html")}: ` +
		`${read.join(" \\\n  ")}\n`);
}
