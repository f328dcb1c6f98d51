// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs the unit tests: what *.test.ts beside this file say, without a browser.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { words } from "../words.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(here, "../node_modules/.test-"));
let status = 1;

try {
	await build({
		entryPoints: readdirSync(here).filter((f) => f.endsWith(".test.ts"))
			.map((f) => join(here, f)),
		outdir: folder, outExtension: { ".js": ".mjs" },
		...words, bundle: true, packages: "external", platform: "node", format: "esm",
		logLevel: "warning",
	});
	const tests = readdirSync(folder).map((f) => join(folder, f));

	status = spawnSync(process.execPath, ["--test", ...tests],
		{ stdio: "inherit" }).status ?? 1;
} finally {
	rmSync(folder, { recursive: true });
}
process.exitCode = status;
