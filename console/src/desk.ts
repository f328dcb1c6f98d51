// SPDX-License-Identifier: AGPL-3.0-or-later
/** A counsellor's desk: follows what the server says with what this computer
 *  does about it (ringing, sound, notices), and carries out what is clicked. */
import { get, post, Refused } from "./api";
import { Beat } from "./beat";
import { Call } from "./call";
import { derive, derive_for } from "./derive";
import { Events } from "./events";
import { keep } from "./keep";
import { Listening } from "./listening";
import { Mic } from "./mic";
import { Numbers } from "./numbers";
import { Notice, notices_ask, notices_state } from "./notice";
import { code_asked, key_create, key_get } from "./passkey";
import { Safe } from "./safe";
import { Sounds } from "./sound";
import { coordinates, in_talk, is_ringing, may_speak, type State } from "./state";
import type { Store } from "./store";
import type { Derived } from "./work/derive";
import { tab_take } from "./tab";
import type { Alarms, Board, Counsellor, KeyOptions, Me, NumberReason, Outcome, Owed,
	Quality } from "./wire";
import { words_of } from "./words";

const sound_of = (offer: string) => `/rings/${offer}/sound`;
const MEND_MS = 1000; // between two tries
const ring_of = (c: Counsellor) => c.kind === "consult" ? "colleague"
	: "caller";

export class Desk {
	readonly store: Store;
	readonly mic: Mic;
	readonly sounds: Sounds;
	readonly listening: Listening;
	readonly safe: Safe;
	readonly numbers: Numbers;
	readonly #notice = new Notice();
	readonly #audio: HTMLAudioElement;
	readonly #events: Events;
	readonly #beat: Beat;
	#call: Call | null = null;
	#mending = false;

	constructor(store: Store, audio: HTMLAudioElement) {
		const trouble = (t: Partial<State["trouble"]>) =>
			store.tell({ type: "trouble", trouble: t });

		this.store = store;
		this.#audio = audio;
		this.mic = new Mic((mic) => trouble({ mic }));
		this.sounds = new Sounds((silent) => trouble({ silent }));
		this.listening = new Listening(store, this.mic, audio);
		this.safe = new Safe(store);
		this.numbers = new Numbers(store, this.safe);
		this.#beat = new Beat({
			beat: () => void this.#heartbeat(),
			slept: (slept_ms) => store.state.me?.on_duty &&
				trouble({ slept_ms }),
			failed: ({ word }) => store.tell(word === "offline"
				? { type: "connected", connected: false }
				: { type: "error", error: word }),
		});
		this.#events = this.#events_make();
		store.watch((now, before) => this.#follow(now, before));
	}

	#events_make(): Events {
		const { store } = this;

		return new Events({
			up: (connected) => {
				store.tell({ type: "connected", connected });
				/* is it still the server that it was? */
				if (connected) {
					void this.#quietly(() => this.safe.news());
					void this.load_alarms();
				}
			},
			refused: () => void this.#look_who(),
			news: {
				state: (data) => store.tell({ type: "counsellor",
					counsellor: data as Counsellor, now: Date.now() }),
				quality: (data) => store.tell({ type: "quality",
					quality: data as Quality }),
				line: (data) => store.tell({ type: "line",
					up: (data as { up: boolean }).up }),
				board: () => void this.load_board(),
				promises: () => void this.load_promises(),
				alarms: () => void this.load_alarms(),
				me: () => void this.#look_who(),
				marks: () => {
					store.tell({ type: "marks" });
					void this.numbers.look();
				},
				vault: () => void this.#quietly(() => this.safe.news()),
				signed_out: () => this.#signed_out(),
			},
		});
	}

	/* ---- coming and going ------------------------------------------- */

	/** Begin: take the calls in this tab, if no other does. */
	start(force = false): void {
		tab_take({
			here: () => {
				this.store.tell({ type: "here" });
				/* whoever was invited is nobody here yet */
				if (this.store.state.route.page === "invite" ||
				    !keep.signed_in())
					this.store.tell({ type: "signed_out" });
				else
					void this.#look_who();
			},
			elsewhere: () => {
				this.#rest();
				this.store.tell({ type: "elsewhere" });
			},
		}, force);
	}

	/* who are we? also after an error on the stream of events */
	async #look_who(): Promise<void> {
		try {
			const me = await get<Me>("/me");

			if (this.store.state.phase === "starting")
				this.#signed_in(me);
			else
				this.store.tell({ type: "me", me });
		} catch (reason) {
			if (reason instanceof Refused && reason.status === 401)
				this.#signed_out();
			else
				this.#unreachable();
		}
	}

	#unreachable(): void {
		this.store.tell({ type: "connected", connected: false });
		if (this.store.state.phase === "starting")
			setTimeout(() => void this.#look_who(), 2000);
	}

	#signed_in(me: Me): void {
		keep.set_signed_in(true);
		this.store.tell({ type: "signed_in", me });
		this.store.tell({ type: "connected", connected: true });
		this.store.tell({ type: "trouble",
			trouble: { notices: notices_state() } });
		this.#events.open();
		this.#beat.start();
		void this.load_board();
		void this.load_promises();
		if (me.on_duty) { // after a reload: the browser has been asked before
			void this.mic.open().catch(() => undefined);
			void this.sounds.wake();
		}
	}

	#rest(): void {
		this.#events.close();
		this.#beat.stop();
		this.#call?.close();
		this.#call = null;
		this.listening.close();
		this.sounds.quiet();
		this.#notice.end();
		this.mic.close();
	}

	#signed_out(): void {
		this.#rest();
		this.safe.lock();
		keep.forget_talk();
		keep.set_signed_in(false);
		this.store.tell({ type: "signed_out" });
	}

	/* in, and the keys are open: if not, notes ask for the passphrase */
	#enter(me: Me, derived: Derived): void {
		this.#signed_in(me);
		void this.#quietly(() => this.safe.unlock(derived));
	}

	/** After a reload: the session is there, and the keys are not. */
	unlock(passphrase: string): Promise<boolean> {
		return this.attempt(async () => this.safe.unlock(await derive_for(
			this.store.state.me?.name ?? "", passphrase)));
	}

	/** Throws Refused: "code_needed" if a code is asked for. */
	async sign_in(name: string, passphrase: string,
		      code: string): Promise<void> {
		const derived = await derive_for(name, passphrase);
		const { proof } = derived;

		this.#enter(await post<Me>("/sign-in",
			{ name, proof, ...(code ? { code } : {}) }), derived);
	}

	/** Sign in by a security key: the server says anew what to ask it. */
	async sign_in_by_key(name: string, passphrase: string): Promise<void> {
		const derived = await derive_for(name, passphrase);
		const who = { name, proof: derived.proof };
		const me = await post<Me>("/sign-in", who)
			.catch(async (reason: unknown) => {
				const asked = code_asked(reason);

				if (!asked)
					throw reason;
				return post<Me>("/sign-in",
					{ ...who, key: await key_get(asked) });
			});

		this.#enter(me, derived);
	}

	/** Have a security key known. @returns whether it is */
	key_add(passphrase: string, label: string): Promise<boolean> {
		return this.attempt(async () => {
			const options = await post<KeyOptions>("/me/keys/begin",
				{ proof: await this.#my_proof(passphrase) });

			await post("/me/keys", { ...await key_create(options),
				label });
		});
	}

	key_remove(passphrase: string, id: number): Promise<boolean> {
		return this.attempt(async () => post(`/me/keys/${id}/remove`,
			{ proof: await this.#my_proof(passphrase) }));
	}

	async #my_proof(passphrase: string): Promise<string> {
		return (await derive_for(this.store.state.me?.name ?? "",
			passphrase)).proof;
	}

	async accept_invite(token: string, passphrase: string): Promise<void> {
		const derived = await derive({ passphrase, stretch: null });
		const { proof, stretch } = derived;
		const me = await post<Me>("/invitation/accept",
			{ token, proof, ...stretch });

		location.replace("#/home"); // the token leaves the address, too
		this.#enter(me, derived);
	}

	async sign_out(): Promise<void> {
		await this.attempt(async () => {
			await post("/sign-out");
			this.#signed_out();
		});
	}

	async #heartbeat(): Promise<void> {
		try {
			await post("/me/heartbeat",
				{ visible: document.visibilityState === "visible" });
			if (!this.store.state.connected)
				this.#events.open(); // it says that it is up
		} catch (reason) {
			if (!(reason instanceof Refused))
				throw reason;
			if (reason.status === 401)
				this.#signed_out();
			else if (reason.status === 0)
				this.store.tell({ type: "connected", connected: false });
		}
	}

	/* ---- what is fetched -------------------------------------------- */

	load_me(): Promise<void> {
		return this.#look_who();
	}

	async load_board(): Promise<void> {
		await this.#quietly(async () => {
			const board = await get<Board>("/board");

			this.store.tell({ type: "board", board, now: Date.now() });
		});
	}

	async load_promises(): Promise<void> {
		await this.#quietly(async () => {
			const { promises } =
				await get<{ promises: Owed[] }>("/promises");

			this.store.tell({ type: "promises", promises });
		});
	}

	/** For coordinators alone. */
	async load_alarms(): Promise<void> {
		if (!coordinates(this.store.state.me))
			return;
		await this.#quietly(async () => {
			const alarms = await get<Alarms>("/alarms");

			this.store.tell({ type: "alarms", alarms });
		});
	}

	/* a fetch that the next event repeats: nobody is told */
	async #quietly(work: () => Promise<void>): Promise<void> {
		await work().catch((reason: unknown) => {
			if (!(reason instanceof Refused))
				throw reason;
		});
	}

	/** Do something that was clicked; tells if it did not work. True if it
	 *  did. */
	async attempt(work: () => Promise<unknown>): Promise<boolean> {
		try {
			this.store.tell({ type: "error", error: null });
			await work();
			return true;
		} catch (reason) {
			if (!(reason instanceof Refused))
				throw reason;
			this.store.tell({ type: "error", error: reason.word });
			return false;
		}
	}

	/** Change something on the server, and say so if it did not work. */
	change(path: string, body: object = {}): Promise<boolean> {
		return this.attempt(() => post(path, body));
	}

	/* ---- duty ------------------------------------------------------- */

	/** Go on duty: the sound check comes first, once a day. Nobody listens to
	 *  others meanwhile. */
	async go_on(): Promise<void> {
		void this.sounds.wake();
		if (this.store.state.counsellor?.listening != null &&
		    !await this.listen_end())
			return;
		if (!keep.checked_today()) {
			this.store.tell({ type: "checking", checking: true });
			return;
		}
		await this.go_on_now();
	}

	/** Microphone and notifications are asked for here: it was a click. */
	async go_on_now(): Promise<void> {
		this.store.tell({ type: "checking", checking: false });
		this.store.tell({ type: "trouble", trouble: { slept_ms: 0,
			notices: await notices_ask() } });
		const mic = await this.mic.open().catch(() => null);

		/* without a microphone only an own phone can take calls */
		if (mic || this.store.state.me?.phone === "ready")
			await this.#set_duty(true);
	}

	async go_off(): Promise<void> {
		await this.#set_duty(false);
		if (!in_talk(this.store.state.counsellor))
			this.mic.close();
	}

	async #set_duty(on: boolean): Promise<void> {
		await this.attempt(async () => {
			const me = await post<Me>("/me/duty", { on });

			this.store.tell({ type: "me", me });
		});
	}

	ready(): Promise<boolean> {
		return this.change("/me/ready");
	}

	/** Leave the sound check; what it had opened is closed again. */
	check_end(): void {
		this.store.tell({ type: "checking", checking: false });
		this.mic.speak(false);
		if (!this.store.state.me?.on_duty)
			this.mic.close();
	}

	async ask_notices(): Promise<void> {
		this.store.tell({ type: "trouble",
			trouble: { notices: await notices_ask() } });
	}

	/* ---- a ring and a talk ------------------------------------------ */

	#prepare(offer: string, mending = false): void {
		this.#call?.close();
		this.#call = new Call(sound_of(offer), this.mic.open(), this.#audio,
			(sound) => this.store.tell({ type: "sound",
				sound: mending && (sound === "preparing" ||
					sound === "ready") ? "mending" : sound }));
	}

	/** Accept what rings; waits for its sound, which is nearly always there. */
	async accept(): Promise<void> {
		const offer = this.store.state.counsellor?.offer;

		if (!offer || this.store.state.accepted === offer)
			return;
		this.store.tell({ type: "accepted", offer });
		this.sounds.quiet();
		this.#notice.end();
		if (this.#call?.path !== sound_of(offer) ||
		    this.store.state.sound === "failed")
			this.#prepare(offer);
		if (await this.#call?.prepared &&
		    await this.change(`/rings/${offer}/accept`)) {
			this.#call?.listen();
			return;
		}
		this.store.tell({ type: "accepted", offer: null });
		if (this.store.state.sound === "failed")
			this.store.tell({ type: "error", error: "sound" });
	}

	async skip(): Promise<void> {
		const offer = this.store.state.counsellor?.offer;

		this.sounds.quiet();
		this.#notice.end();
		if (offer)
			await this.change(`/rings/${offer}/decline`);
	}

	/** "hang-up", "hold", "consult" ... in the talk that is on. */
	async talk(verb: string, body: object = {}): Promise<boolean> {
		const offer = this.store.state.counsellor?.offer;

		return offer !== null && offer !== undefined &&
			await this.change(`/talk/${offer}/${verb}`, body);
	}

	/** The guest goes on with the caller. Noted first: the news of it may be
	 *  here before the answer. */
	async hand_over(): Promise<void> {
		this.store.tell({ type: "handed", handed: true });
		if (!await this.talk("hand-over"))
			this.store.tell({ type: "handed", handed: false });
	}

	/** The caller's number; kept by nobody but whoever shows it. */
	async number(reason: NumberReason): Promise<string | null> {
		const offer = this.store.state.counsellor?.offer;
		let number: string | null = null;

		await this.attempt(async () => {
			number = (await post<{ number: string }>(
				`/talk/${offer}/number`, { reason })).number;
		});
		return number;
	}

	listen_end(): Promise<boolean> {
		return this.attempt(() => this.listening.end());
	}

	whisper(on: boolean): Promise<boolean> {
		return this.attempt(() => this.listening.whisper(on));
	}

	mute(on: boolean): void {
		this.store.tell({ type: "muted", muted: on });
	}

	async outcome(outcome: Outcome): Promise<void> {
		const call = this.store.state.talked?.call;

		if (call !== undefined &&
		    await this.change(`/calls/${call}/outcome`, { outcome }))
			this.store.tell({ type: "outcome", outcome });
	}

	/* ---- what this computer does about it ---------------------------- */

	#follow(now: State, before: State): void {
		const c = now.counsellor;

		if (c !== before.counsellor && c) {
			this.#follow_ring(c, before.counsellor, now);
			if (this.listening.follow(now, before))
				this.store.tell({ type: "done",
					done: words_of(now.language).listen.over });
			this.#follow_talk(c, now);
		}
		if (now.muted !== before.muted || c !== before.counsellor)
			this.mic.speak(may_speak(now));
		if (now.language !== before.language)
			document.documentElement.lang = now.language;
	}

	#follow_ring(c: Counsellor, old: Counsellor | null, now: State): void {
		if (!is_ringing(c)) {
			this.sounds.quiet();
			this.#notice.end();
		} else if (!is_ringing(old) || old?.offer !== c.offer) {
			this.sounds.ring(ring_of(c));
			this.#notice.begin(words_of(now.language), ring_of(c));
			if (c.offer)
				this.#prepare(c.offer);
		}
	}

	#follow_talk(c: Counsellor, now: State): void {
		const wanted = is_ringing(c) || (in_talk(c) && c.browser);

		if (!wanted) {
			this.#call?.close();
			this.#call = null;
			if (!c.on_duty && !in_talk(c) && !now.checking &&
			    !this.listening.whispers)
				this.mic.close();
		} else if (c.offer && this.#call?.path !== sound_of(c.offer)) {
			this.#prepare(c.offer); // reloaded in the middle of a talk
			this.#call?.listen();
		} else if (c.offer && c.sound_lost && !this.#mending) {
			void this.#mend(c.offer);
		}
		this.#keep_talk(now);
	}

	/* The server has lost our sound: it gets it anew, as often as it takes;
	   the call goes on meanwhile. */
	async #mend(offer: string): Promise<void> {
		const lost = () => {
			const c = this.store.state.counsellor;

			return c?.offer === offer && c.sound_lost;
		};

		this.#mending = true;
		while (lost()) {
			this.#prepare(offer, true);
			if (in_talk(this.store.state.counsellor))
				this.#call?.listen();
			if (!await this.#call?.prepared)
				await new Promise((done) => setTimeout(done, MEND_MS));
			else
				await this.#heard_of(lost);
		}
		this.#mending = false;
	}

	/* the news that it is not lost any more may come after the answer */
	async #heard_of(lost: () => boolean): Promise<void> {
		for (let n = 0; n < 10 && lost(); n++)
			await new Promise((done) => setTimeout(done, MEND_MS / 10));
	}

	/* how long a talk has lasted outlives a reload of the page */
	#keep_talk(now: State): void {
		if (!now.talk)
			return;
		const { offer, since } = now.talk;
		const kept = keep.talk_since(offer);

		if (kept === null)
			keep.set_talk(offer, since);
		else if (kept !== since)
			this.store.tell({ type: "talk", offer, since: kept });
	}
}
