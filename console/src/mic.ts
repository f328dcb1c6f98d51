// SPDX-License-Identifier: AGPL-3.0-or-later
/** The microphone. It is opened when going on duty, so that the browser asks
 *  then and not while a caller waits, and stays switched off until a call is
 *  accepted. */
import type { Trouble } from "./state";

const WANTED: MediaStreamConstraints = {
	audio: { echoCancellation: true, noiseSuppression: true,
		 autoGainControl: true, channelCount: 1 },
	video: false,
};

export class Mic {
	#stream: MediaStream | null = null;
	#opening: Promise<MediaStream> | null = null;
	#speaking = false;
	readonly #tell: (mic: Trouble["mic"]) => void;

	constructor(tell: (mic: Trouble["mic"]) => void) {
		this.#tell = tell;
	}

	/** The open microphone; throws if there is none to be had. */
	open(): Promise<MediaStream> {
		const live = this.#stream?.getAudioTracks()
			.some((track) => track.readyState === "live");

		if (this.#stream && live)
			return Promise.resolve(this.#stream);
		this.#opening ??= this.#ask().finally(() => {
			this.#opening = null;
		});
		return this.#opening;
	}

	async #ask(): Promise<MediaStream> {
		try {
			const stream = await navigator.mediaDevices.getUserMedia(WANTED);

			for (const track of stream.getAudioTracks()) {
				track.enabled = this.#speaking;
				track.onended = () => this.#tell("missing");
			}
			this.#stream = stream;
			this.#tell("ok");
			return stream;
		} catch (reason) {
			const name = (reason as DOMException).name;

			this.#tell(name === "NotAllowedError" ? "refused" : "missing");
			throw reason;
		}
	}

	/** Let the microphone be heard, or not. */
	speak(on: boolean): void {
		this.#speaking = on;
		for (const track of this.#stream?.getAudioTracks() ?? [])
			track.enabled = on;
	}

	close(): void {
		for (const track of this.#stream?.getAudioTracks() ?? [])
			track.stop();
		this.#stream = null;
	}
}
