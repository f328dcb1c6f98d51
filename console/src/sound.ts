// SPDX-License-Identifier: AGPL-3.0-or-later
/** What the page itself lets sound: ringing, and the tone of the check. Made
 *  here, so that no file must be fetched when it counts. */

interface Ring {
	readonly tones: readonly number[];
	readonly on_s: number;
	readonly gap_s: number;
	readonly every_s: number;
}

/** A caller, and a colleague who asks for advice: told apart by ear. */
const RINGS = {
	caller: { tones: [440, 554], on_s: 0.4, gap_s: 0.2, every_s: 2.4 },
	colleague: { tones: [740, 740, 740], on_s: 0.12, gap_s: 0.1,
		     every_s: 2.4 },
} as const satisfies Readonly<Record<string, Ring>>;
export type RingKind = keyof typeof RINGS;

const VOLUME = 0.25;
const FADE_S = 0.02;

export class Sounds {
	#context: AudioContext | null = null;
	#ringing: number | undefined;
	readonly #silent: (silent: boolean) => void;

	constructor(silent: (silent: boolean) => void) {
		this.#silent = silent;
	}

	/** The audio context, woken if the browser lets it be. */
	context(): AudioContext {
		if (!this.#context) {
			const context = new AudioContext();

			context.onstatechange = () => this.#say();
			this.#context = context;
		}
		if (this.#context.state !== "running")
			void this.#context.resume().catch(() => undefined);
		return this.#context;
	}

	/** Wake up; best called while a click is handled. */
	async wake(): Promise<void> {
		const context = this.context();

		/* resume() of a page without a click stays open for ever */
		await Promise.race([context.resume(),
			new Promise((done) => setTimeout(done, 300))]);
		this.#say();
	}

	#say(): void {
		this.#silent(this.#context?.state !== "running");
	}

	#tone(hertz: number, after_s: number, for_s: number): void {
		const context = this.context();
		const from = context.currentTime + after_s;
		const wave = new OscillatorNode(context, { frequency: hertz });
		const volume = new GainNode(context, { gain: 0 });

		volume.gain.setValueAtTime(0, from);
		volume.gain.linearRampToValueAtTime(VOLUME, from + FADE_S);
		volume.gain.setValueAtTime(VOLUME, from + for_s - FADE_S);
		volume.gain.linearRampToValueAtTime(0, from + for_s);
		wave.connect(volume).connect(context.destination);
		wave.start(from);
		wave.stop(from + for_s);
	}

	#ring_once(ring: Ring): void {
		ring.tones.forEach((hertz, n) =>
			this.#tone(hertz, n * (ring.on_s + ring.gap_s), ring.on_s));
	}

	ring(kind: RingKind): void {
		const ring = RINGS[kind];

		this.quiet();
		this.#ring_once(ring);
		this.#ringing = setInterval(() => this.#ring_once(ring),
			ring.every_s * 1000);
	}

	/** Stop ringing. */
	quiet(): void {
		clearInterval(this.#ringing);
		this.#ringing = undefined;
	}

	/** The tone of the sound check: rising, so that no hum is taken for it. */
	async test_tone(): Promise<void> {
		await this.wake();
		[523, 659, 784].forEach((hertz, n) =>
			this.#tone(hertz, n * 0.35, 0.35));
	}
}
