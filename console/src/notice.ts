// SPDX-License-Identifier: AGPL-3.0-or-later
/** Makes a call noticed beyond the page: title, notification, vibration. What
 *  others may see over a shoulder says no more than that there is a call. */
import type { RingKind } from "./sound";
import type { Trouble } from "./state";
import type { Words } from "./words";

const BLINK_MS = 1000;
const SHAKE = [400, 200, 400];

export function notices_state(): Trouble["notices"] {
	if (!("Notification" in window))
		return "blocked";
	return ({ granted: "ok", denied: "blocked", default: "unasked" } as const)
		[Notification.permission];
}

/** Ask; only while a click is handled. */
export async function notices_ask(): Promise<Trouble["notices"]> {
	if (notices_state() === "unasked")
		await Notification.requestPermission();
	return notices_state();
}

export class Notice {
	#blink: number | undefined;
	#shown: Notification | null = null;
	#title = document.title;

	/** Something is to be noticed, until end(). */
	begin(words: Words, kind: RingKind): void {
		let on = false;

		this.end();
		this.#title = document.title;
		const next = () => {
			on = !on;
			document.title = on ? words.ring.tab[kind] : this.#title;
			if (on)
				navigator.vibrate?.(SHAKE);
		};
		next();
		this.#blink = setInterval(next, BLINK_MS);
		this.#show(words.ring.notice[kind]);
	}

	/* some telephones have the class but throw: only workers may show there */
	#show(text: string): void {
		if (notices_state() !== "ok")
			return;
		try {
			this.#shown = new Notification(text, {
				tag: "ring", requireInteraction: true,
				icon: "/icon.svg" });
			this.#shown.onclick = () => window.focus();
		} catch {
			this.#shown = null;
		}
	}

	end(): void {
		if (this.#blink === undefined)
			return;
		clearInterval(this.#blink);
		this.#blink = undefined;
		document.title = this.#title;
		navigator.vibrate?.(0);
		this.#shown?.close();
		this.#shown = null;
	}
}
