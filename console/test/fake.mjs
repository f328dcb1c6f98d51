// SPDX-License-Identifier: AGPL-3.0-or-later
// A server that plays ringback-web for the console's own tests: serves the
// built page under the strictest policy, keeps one account, and does to the
// counsellor what a test tells it. It checks what the page must not forget.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { FakeNumbers, FakeVault } from "./fake_vault.mjs";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
	"style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"media-src 'self' blob:; worker-src blob:; form-action 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript",
	".css": "text/css", ".svg": "image/svg+xml" };

const hash = (text) => createHash("sha256").update(text).digest("hex");

export class Fake {
	constructor(folder) {
		this.folder = folder;
		this.asked = [];      // what the page asked: "POST /me/ready"
		this.streams = new Set();
		this.proofs = new Map();
		this.stretch = null;  // of the passphrase, from the invitation
		this.signed_in = false;
		this.code = null;     // a second factor is wanted
		this.answer = null;   // makes an SDP answer out of an offer
		this.me = {
			person: 1, name: "Ana", on_duty: false, off_reason: "",
			has_phone: false, phone: "none", totp: false, hotline: "Example hotline",
			roles: [{ line: "", role: "coordinator" }],
			lines: [{ name: "main", languages: ["en", "es"],
				third: ["Interpreter", "Ambulance"], transfer: true,
				listen: true, show_numbers: true }],
		};
		this.state = { state: "off", on_duty: false, offer: null, call: null,
			call_state: null, kind: "caller", line: "main",
			language: "es", since: 0, until: 0, held: false,
			browser: true, plan: false, asked_by: null, guest: null, third: null,
			listeners: [], whispers: false, listening: null,
			sound_lost: false, cut_off: false,
			whispering: false };
		this.colleagues = [];
		this.number = null;   // of the caller
		this.board = { calls: [], people: [] };
		this.promises = [];
		this.people = [];
		this.calls = [];
		this.sessions = [];
		this.keys = [];
		this.possible = true; // to have any
		this.vault = new FakeVault();
		this.numbers = new FakeNumbers(this.vault);
		this.retention = [];
		this.alarms = { unwritten: null, flood: null, media: null };
		this.proof = null;    // the last right one
		this.spoilt = new Set(); // files that come with a byte too many
	}

	async start(port = 0) {
		this.server = createServer((q, a) => void this.#serve(q, a));
		await new Promise((up) => this.server.listen(port, "127.0.0.1", up));
		this.port = this.server.address().port;
		this.url = `http://localhost:${this.port}/`;
	}

	async stop() {
		const closed = new Promise((done) => this.server.close(done));
		this.server.closeAllConnections();
		this.streams.clear();
		await closed;
	}

	/** Say something to all pages that listen. */
	say(event, data = {}) {
		for (const stream of this.streams)
			stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	}

	/** Something happens to the counsellor. */
	becomes(change) {
		Object.assign(this.state, change);
		this.me.on_duty = this.state.on_duty;
		this.say("state", this.state);
	}

	#static(path, a) {
		const name = path === "/" ? "index.html" : path.slice(1);
		if (!/^[a-z_]+\.[a-z]+$/.test(name))
			return this.#send(a, 404, {});
		a.writeHead(200, { "Content-Type": TYPES[extname(name)],
			"Content-Security-Policy": POLICY,
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer" });
		a.end(Buffer.concat([readFileSync(join(this.folder, name)),
			Buffer.from(this.spoilt.has(name) ? "\n" : "")]));
	}

	#send(a, status, body) {
		a.writeHead(status, { "Content-Type": "application/json" });
		a.end(JSON.stringify(body));
	}

	#stream(a) {
		a.writeHead(200, { "Content-Type": "text/event-stream" });
		a.write("retry: 1000\n\n");
		this.streams.add(a);
		a.on("close", () => this.streams.delete(a));
		a.write(`event: state\ndata: ${JSON.stringify(this.state)}\n\n`);
	}

	async #serve(q, a) {
		const url = new URL(q.url, this.url);
		if (!url.pathname.startsWith("/api/v1/"))
			return this.#static(url.pathname, a);
		const path = url.pathname.slice("/api/v1".length);
		let text = "";
		for await (const part of q)
			text += part;
		if (path !== "/me/heartbeat")
			this.asked.push(`${q.method} ${path}`);
		if (q.method === "POST" && (q.headers["x-ringback"] !== "1" ||
			q.headers["content-type"] !== "application/json"))
			return this.#send(a, 403, { error: "forbidden" });
		const body = text ? JSON.parse(text) : {};
		const [status, answer] = q.method === "GET"
			? this.#get(path, a) : await this.#post(path, body);
		if (status)
			this.#send(a, status, answer);
	}

	#get(path, a) {
		if (!this.signed_in)
			return [401, { error: "signed_out" }];
		if (path === "/events")
			return this.#stream(a), [0];
		if (path.endsWith("/message")) {
			a.writeHead(200, { "Content-Type": "application/octet-stream" });
			a.end(this.vault.message(Number(path.split("/").at(-2))));
			return [0];
		}
		const rows = {
			"/me": this.me, "/board": { ...this.board, now: Date.now() },
			"/promises": { promises: this.promises },
			"/colleagues": { people: this.colleagues },
			"/people": { people: this.people },
			"/lines": { lines: this.me.lines },
			"/calls": { calls: this.calls },
			"/alarms": this.alarms,
			"/retention": { lines: this.retention },
			"/sessions": { sessions: this.sessions },
			"/me/keys": { possible: this.possible,
				keys: this.keys.map(({ raw, ...row }) => row) },
		};
		const found = rows[path] ?? this.vault.get(path) ??
			(/numbers|marks/.test(path) ? this.numbers.get(path) : null);
		return found ? [200, found] : [404, { error: "not_found" }];
	}

	#more() {
		this.challenge = randomBytes(32).toString("base64url");
		return { error: "code_needed",
			ways: [...this.code ? ["totp"] : [],
				...this.keys.length ? ["key"] : []],
			challenge: this.keys.length ? this.challenge : null,
			credentials: this.keys.map((k) => k.raw) };
	}

	/* the page has asked a key of ours with our challenge */
	#key_fits(key) {
		const client = JSON.parse(Buffer.from(key.client, "base64url"));
		return client.type === "webauthn.get" && key.signature &&
			client.challenge === this.challenge &&
			this.keys.some((k) => k.raw === key.id);
	}

	/* of a key that makes itself known: where its id stands is in WebAuthn
	 * level 2, 6.5.1; before it stands "authData" */
	#key_add(b) {
		const all = Buffer.from(b.attestation, "base64url");
		const at = all.indexOf("authData") + 8;
		const data = all.subarray(at + (all[at] === 0x59 ? 3 : 2));
		const raw = data.subarray(55, 55 + data.readUInt16BE(53));
		this.keys.push({ id: this.keys.length + 1, label: b.label,
			made_at: Date.now(), used_at: 0,
			raw: raw.toString("base64url") });
	}

	#enter(b) {
		if (this.proofs.get(b.name) !== hash(b.proof))
			return [401, { error: "wrong" }];
		if ((this.code || this.keys.length) && !b.code && !b.key)
			return [401, this.#more()];
		if (b.key && !this.#key_fits(b.key))
			return [401, { error: "key_wrong" }];
		if (this.code && !b.key && b.code !== this.code)
			return [401, { error: "code_wrong" }];
		this.signed_in = true;
		return [200, this.me];
	}

	async #post(path, b) {
		const free = {
			"/sign-in/begin": () => [200, this.stretch],
			"/sign-in": () => this.#enter(b),
			"/invitation": () => b.token === "good" ? [200, { name: "Ana" }]
				: [404, { error: "not_found" }],
			"/invitation/accept": () => {
				this.proofs.set("Ana", hash(b.proof));
				this.proof = b.proof;
				this.stretch = { salt: b.salt, opslimit: b.opslimit,
					memlimit: b.memlimit };
				this.signed_in = true;
				return [200, this.me];
			},
		};
		if (free[path])
			return free[path]();
		return this.signed_in ? await this.#do(path, b)
			: [401, { error: "signed_out" }];
	}

	async #sound(noun, call, sdp) {
		if (!this.answer)
			return [503, { error: "busy" }];
		if (noun === "calls") {
			if (this.state.on_duty)
				return [409, { error: "not_listening" }];
			this.becomes({ listening: call });
		}
		return [200, { sdp: await this.answer(sdp) }];
	}

	#talk(verb, b) {
		const wrap_up = { state: "wrap_up", offer: null, call_state: null,
			until: Date.now() + 60e3, guest: null, third: null,
			asked_by: null };
		const asked = this.colleagues.find((p) => b.person
			? p.person === b.person : p.state === "free");
		const rows = {
			"hang-up": () => wrap_up,
			hold: () => ({ held: b.on }),
			consult: () => ({ guest: { person: asked.person,
				name: asked.name, state: "ringing" } }),
			three: () => ({ guest: { ...this.state.guest,
				state: "three" } }),
			"hand-over": () => wrap_up,
			"consult-end": () => ({ guest: null }),
			third: () => ({ third: { index: b.third, state: "ringing",
				name: this.me.lines[0].third[b.third] } }),
			"third-end": () => ({ third: null }),
		};
		this.becomes(rows[verb]?.() ?? {});
	}

	async #do(path, b) {
		const [, noun, id, verb] = path.split("/");
		const kept = await this.vault.post(path, b, this.proof) ??
			this.numbers.post(path, b);
		if (kept)
			return kept;
		if (path === "/sign-out")
			this.signed_in = false;
		if (path === "/me/duty") {
			this.becomes({ on_duty: b.on, state: b.on ? "free" : "off" });
			return [200, this.me];
		}
		if (path === "/me/keys")
			this.#key_add(b);
		if (path.startsWith("/me/keys/") && this.proofs.get(this.me.name) !==
			hash(b.proof))
			return [401, { error: "proof_wrong" }];
		if (path === "/me/keys/begin")
			return [200, { challenge: randomBytes(32).toString("base64url"),
				host: "localhost", hotline: this.me.hotline,
				user: "AAEC", name: this.me.name,
				algorithms: [-7, -8, -257],
				exclude: this.keys.map((k) => k.raw) }];
		if (/^\/me\/keys\/\d+\/remove$/.test(path))
			this.keys = this.keys.filter((k) => `/me/keys/${k.id}/remove`
				!== path);
		if (path === "/me/totp/begin")
			return [200, { secret: "JBSWY3DPEHPK3PXP",
				uri: "otpauth://totp/Example:Ana?secret=JBSWY3DPEHPK3PXP" }];
		if ((noun === "rings" && verb === "sound") || verb === "listen")
			return await this.#sound(noun, Number(id), b.sdp);
		if (noun === "talk" && verb === "number")
			return this.number ? [200, { number: this.number }]
				: [403, { error: "forbidden" }];
		if (path === "/me/whisper")
			this.becomes({ whispering: b.on });
		if (path === "/me/listen-end")
			this.becomes({ listening: null, whispering: false });
		if (noun === "calls" && verb === "forget")
			this.calls = this.calls.filter((c) => String(c.call) !== id);
		if (noun === "talk")
			this.#talk(verb, b);
		if (noun === "people" && verb === "invite")
			return [200, { token: "good", link: `${this.url}#invite=good`,
				ends_at: Date.now() + 86400e3 }];
		if (noun === "rings" && verb === "accept")
			this.becomes({ state: "talking", call_state: this.state.kind ===
				"ring_back" ? "dialling" : "talking", until: 0 });
		if (noun === "rings" && verb === "decline")
			this.becomes({ state: "free", offer: null, call: null });
		if (path === "/me/ready")
			this.becomes({ state: "free", call: null, until: 0 });
		if (noun === "promises") {
			this.promises = this.promises.filter((p) =>
				String(p.call) !== id || verb === "take" || verb === "ring");
			this.say("promises");
		}
		return [200, {}];
	}
}
