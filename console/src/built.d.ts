// SPDX-License-Identifier: AGPL-3.0-or-later
/* what build.mjs puts in place of these names */

/** The hashes of the workers, as "integrity" has them. */
declare const WORKERS: Readonly<Record<"beat" | "derive" | "vault", string>>;
/** Names of all files of the page, sorted. */
declare const SERVED: readonly string[];
