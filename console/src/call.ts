// SPDX-License-Identifier: AGPL-3.0-or-later
/** The sound of one offer: prepared while it rings, so that caller and
 *  counsellor hear each other as soon as it is accepted. */
import { post } from "./api";
import type { Sound } from "./state";

/** G.711 is what telephones speak; nothing is transcoded on the way. */
const CODECS = ["audio/PCMU", "audio/PCMA"];

function prefer_telephone(transceiver: RTCRtpTransceiver): void {
	const able = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
	const wanted = CODECS.flatMap((type) =>
		able.filter((codec) => codec.mimeType === type));

	if (wanted.length)
		transceiver.setCodecPreferences(wanted);
}

export class Call {
	readonly offer: string;
	/** Settled when the server has answered our sound; never rejects. */
	readonly prepared: Promise<boolean>;
	readonly #pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
	readonly #audio: HTMLAudioElement;
	readonly #tell: (sound: Sound) => void;
	#over = false;

	constructor(offer: string, mic: Promise<MediaStream>,
		    audio: HTMLAudioElement, tell: (sound: Sound) => void) {
		this.offer = offer;
		this.#audio = audio;
		this.#tell = tell;
		this.#pc.ontrack = (event) => this.#hear(event.track);
		this.#pc.onconnectionstatechange = () => this.#changed();
		this.prepared = this.#prepare(mic);
	}

	async #prepare(mic: Promise<MediaStream>): Promise<boolean> {
		this.#say("preparing");
		try {
			const stream = await mic;
			const track = stream.getAudioTracks()[0];

			if (!track || this.#over)
				return false;
			prefer_telephone(this.#pc.addTransceiver(track,
				{ direction: "sendrecv", streams: [stream] }));
			await this.#pc.setLocalDescription();
			const { sdp } = await post<{ sdp: string }>(
				`/rings/${this.offer}/sound`,
				{ sdp: this.#pc.localDescription?.sdp ?? "" });

			await this.#pc.setRemoteDescription({ type: "answer", sdp });
			if (this.#pc.connectionState !== "connected")
				this.#say("ready");
			return true;
		} catch {
			this.#say("failed");
			return false;
		}
	}

	#hear(track: MediaStreamTrack): void {
		this.#audio.srcObject = new MediaStream([track]);
		void this.#audio.play().catch(() => undefined);
	}

	#changed(): void {
		if (this.#pc.connectionState === "connected")
			this.#say("flowing");
		if (this.#pc.connectionState === "failed")
			this.#say("failed");
	}

	#say(sound: Sound): void {
		if (!this.#over)
			this.#tell(sound);
	}

	/** The counsellor has said yes: let the caller be heard. */
	listen(): void {
		this.#audio.muted = false;
		void this.#audio.play().catch(() => undefined);
	}

	close(): void {
		this.#say("none");
		this.#over = true;
		this.#pc.close();
		this.#audio.srcObject = null;
		this.#audio.muted = true;
	}
}
