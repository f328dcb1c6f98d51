// SPDX-License-Identifier: AGPL-3.0-or-later
/** How loud the microphone is, for the sound check. */

/** Below this nobody has spoken: rooms are around 0.005, speech above 0.03. */
export const LEVEL_SPOKEN = 0.02;
const EVERY_MS = 100;

/** Root mean square of samples in -1..1. Pure. */
export function rms(samples: Float32Array): number {
	const sum = samples.reduce((s, x) => s + x * x, 0);

	return samples.length ? Math.sqrt(sum / samples.length) : 0;
}

/** Call heard() with the level ten times a second until the returned function
 *  is called. */
export function level_watch(context: AudioContext, stream: MediaStream,
			    heard: (level: number) => void): () => void {
	const source = context.createMediaStreamSource(stream);
	const meter = new AnalyserNode(context, { fftSize: 2048 });
	const samples = new Float32Array(meter.fftSize);

	source.connect(meter);
	const timer = setInterval(() => {
		meter.getFloatTimeDomainData(samples);
		heard(rms(samples));
	}, EVERY_MS);

	return () => {
		clearInterval(timer);
		source.disconnect();
	};
}
