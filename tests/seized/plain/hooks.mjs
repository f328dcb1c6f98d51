// SPDX-License-Identifier: AGPL-3.0-or-later
export function resolve(name, context, next) {
	return name === "esbuild"
		? { url: new URL("esbuild.mjs", import.meta.url).href,
		    shortCircuit: true }
		: next(name, context);
}
