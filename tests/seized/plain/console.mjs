// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes a console that seals nothing: node console.mjs FOLDER. It is made as
// the real one is, by console/build.mjs.
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);
await import("../../../console/build.mjs");
