// SPDX-License-Identifier: AGPL-3.0-or-later
/** The sound of one offer: prepared while it rings, so that caller and
 *  counsellor hear each other as soon as it is accepted. Or the sound of a talk
 *  that is listened to: without a microphone, until one is given to it. */
import { post, Refused } from "./api";
import type { Sound } from "./state";
import type { ErrorWord } from "./words";

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
	/** Where its sound is agreed upon: "/rings/7/sound". */
	readonly path: string;
	/** Settled when the server has answered our sound; never rejects. */
	readonly prepared: Promise<boolean>;
	/** Why the server did not answer it. */
	refused: ErrorWord | null = null;
	readonly #pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
	readonly #audio: HTMLAudioElement;
	readonly #tell: (sound: Sound) => void;
	#sender: RTCRtpSender | null = null;
	#heard: MediaStream | null = null;
	#over = false;

	constructor(path: string, mic: Promise<MediaStream> | null,
		    audio: HTMLAudioElement, tell: (sound: Sound) => void) {
		this.path = path;
		this.#audio = audio;
		this.#tell = tell;
		this.#pc.ontrack = (event) => this.#hear(event.track);
		this.#pc.onconnectionstatechange = () => this.#changed();
		this.prepared = this.#prepare(mic);
	}

	async #prepare(mic: Promise<MediaStream> | null): Promise<boolean> {
		this.#say("preparing");
		try {
			const stream = await mic;
			const track = stream?.getAudioTracks()[0];

			if ((mic && !track) || this.#over)
				return false;
			const line = this.#pc.addTransceiver(track ?? "audio",
				{ direction: "sendrecv",
				  streams: stream ? [stream] : [] });

			this.#sender = line.sender;
			prefer_telephone(line);
			await this.#pc.setLocalDescription();
			const { sdp } = await post<{ sdp: string }>(this.path,
				{ sdp: this.#pc.localDescription?.sdp ?? "" });

			await this.#pc.setRemoteDescription({ type: "answer", sdp });
			if (this.#pc.connectionState !== "connected")
				this.#say("ready");
			return true;
		} catch (reason) {
			if (reason instanceof Refused)
				this.refused = reason.word;
			this.#say("failed");
			return false;
		}
	}

	#hear(track: MediaStreamTrack): void {
		this.#heard = new MediaStream([track]);
		this.#audio.srcObject = this.#heard;
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

	/** What comes in, for its level; null before there is any. */
	heard(): MediaStream | null {
		return this.#heard;
	}

	/** From now on this is sent; null: nothing. */
	async send(stream: MediaStream | null): Promise<void> {
		await this.#sender?.replaceTrack(stream?.getAudioTracks()[0] ?? null);
	}

	close(): void {
		this.#say("none");
		this.#over = true;
		this.#pc.close();
		this.#audio.srcObject = null;
		this.#audio.muted = true;
	}
}
