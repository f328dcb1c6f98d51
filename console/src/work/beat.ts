// SPDX-License-Identifier: AGPL-3.0-or-later
// The page's heart: browsers slow down the timers of a tab in the background,
// but not those of its workers.
const BEAT_MS = 8000;

setInterval(() => postMessage(null), BEAT_MS);
