// SPDX-License-Identifier: AGPL-3.0-or-later
/** What was said, as a WAV file that any browser plays. */
import type { Part } from "./seal";

const RATE = 8000;
const HEAD = 44;
const PCMA = 8;

/** One byte of G.711 mu-law as a sample of 16 bits. */
function ulaw(byte: number): number {
	const bits = ~byte & 0xff;
	const sample = ((((bits & 15) << 3) + 132) << (bits >> 4 & 7)) - 132;

	return bits & 0x80 ? -sample : sample;
}

/** The same of A-law. */
function alaw(byte: number): number {
	const bits = byte ^ 0x55;
	const exponent = bits >> 4 & 7;
	const low = (bits & 15) * 2 + 1;
	const sample = (exponent ? (low + 32) << (exponent - 1) : low) << 3;

	return bits & 0x80 ? sample : -sample;
}

function head_put(view: DataView, n: number): void {
	const text = (at: number, word: string) => [...word].forEach((c, i) =>
		view.setUint8(at + i, c.charCodeAt(0)));

	text(0, "RIFF");
	view.setUint32(4, HEAD - 8 + n, true);
	text(8, "WAVEfmt ");
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true); // PCM
	view.setUint16(22, 1, true); // mono
	view.setUint32(24, RATE, true);
	view.setUint32(28, 2 * RATE, true);
	view.setUint16(32, 2, true);
	view.setUint16(34, 16, true);
	text(36, "data");
	view.setUint32(40, n, true);
}

export function wav_of(parts: readonly Part[]): Uint8Array {
	const n = 2 * parts.reduce((sum, part) => sum + part.sound.length, 0);
	const wav = new Uint8Array(HEAD + n);
	const view = new DataView(wav.buffer);
	let at = HEAD;

	head_put(view, n);
	for (const { codec, sound } of parts)
		for (const byte of sound) {
			view.setInt16(at, codec === PCMA ? alaw(byte) : ulaw(byte), true);
			at += 2;
		}
	return wav;
}
