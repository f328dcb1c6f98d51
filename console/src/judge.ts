// SPDX-License-Identifier: AGPL-3.0-or-later
/** How good the sound is, and how good a passphrase. Pure. */
import type { Quality } from "./wire";

export type Grade = "good" | "fair" | "poor";

/** From what is lost, uneven and late. Delay above 150 ms one way is felt
 *  (ITU-T G.114); G.711 suffers audibly from about 1 % loss (G.113). */
export function sound_grade(q: Quality): Grade {
	const lost = Math.max(q.lost_here, q.lost_there);

	if (lost >= 50 || q.jitter_ms >= 80 || q.rtt_ms >= 600)
		return "poor";
	if (lost >= 10 || q.jitter_ms >= 30 || q.rtt_ms >= 300)
		return "fair";
	return "good";
}

/** Which side suffers more: shown with a grade that is not good. */
export function sound_side(q: Quality): "here" | "there" {
	return q.lost_here >= q.lost_there ? "here" : "there";
}

export const PASSPHRASE_LEAST = 12;

export type Strength = "short" | "repeated" | "enough" | "good";

/** Length is what counts; the same few letters over and over are not long. */
export function passphrase_strength(passphrase: string): Strength {
	const letters = [...passphrase.normalize("NFC")];

	if (letters.length < PASSPHRASE_LEAST)
		return "short";
	if (new Set(letters).size < 5)
		return "repeated";
	return letters.length < 20 ? "enough" : "good";
}
