// SPDX-License-Identifier: AGPL-3.0-or-later
// esbuild as console/build.mjs uses it, but with sodium.mjs in libsodium's
// place.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { build: real } = createRequire(
	new URL("../../../console/build.mjs", import.meta.url))("esbuild");
const copies = fileURLToPath(new URL("sodium.mjs", import.meta.url));

const plain = {
	name: "plain",
	setup(build) {
		build.onResolve({ filter: /^libsodium-wrappers-sumo$/ }, (asked) =>
			asked.pluginData === "real" ? undefined :
			asked.importer !== copies ? { path: copies } :
			build.resolve(asked.path, {
				kind: asked.kind, pluginData: "real",
				resolveDir: build.initialOptions.absWorkingDir,
			}));
	},
};

export function build(options) {
	return real({ ...options, plugins: [...options.plugins ?? [], plain] });
}
