// SPDX-License-Identifier: AGPL-3.0-or-later
// Walks through the built console in a headless Chromium, against a server of
// the tests' own. The console is that of build/, or $BUILD as for all tests.
// With PICTURES=FOLDER, leaves pictures of each page there, to be looked at by
// a person.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fake } from "./fake.mjs";

const folder = resolve(fileURLToPath(new URL("../..", import.meta.url)),
	process.env.BUILD ?? "build", "console");
const pictures = process.env.PICTURES;
const need = createRequire(new URL("../../tests/browser/", import.meta.url));
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
const PASSPHRASE = "four words of no sense";
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
	"best-practice"];

const fake = new Fake(folder);
let browser, context, page, peer;
const odd = []; // errors of the page, and what its policy refused

const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name });
const asked = (what) => until(() => fake.asked.includes(what), what);

async function until(fits, what) {
	const end = Date.now() + 30_000;
	while (Date.now() < end) {
		if (await fits())
			return;
		await new Promise((done) => setTimeout(done, 50));
	}
	assert.fail(`never: ${what}`);
}

// the other end of the sound: a page that only answers
async function answer(sdp) {
	return await peer.evaluate(async (offer) => {
		window.far?.close();
		window.far = new RTCPeerConnection();
		const audio = new AudioContext();
		const wave = new OscillatorNode(audio, { frequency: 700 });
		const out = audio.createMediaStreamDestination();
		wave.connect(out);
		wave.start();
		window.far.ontrack = (event) => { // what nobody plays is not measured
			const ear = new Audio();
			ear.srcObject = new MediaStream([event.track]);
			void ear.play();
		};
		await window.far.setRemoteDescription({ type: "offer", sdp: offer });
		window.far.addTrack(out.stream.getAudioTracks()[0], out.stream);
		await window.far.setLocalDescription();
		await new Promise((done) => {
			window.far.onicegatheringstatechange = () =>
				window.far.iceGatheringState === "complete" && done();
		});
		return window.far.localDescription.sdp;
	}, sdp);
}

// how much is heard there within half a second
const heard = () => peer.evaluate(async () => {
	const energy = async () => [...(await window.far.getStats()).values()]
		.find((r) => r.type === "inbound-rtp")?.totalAudioEnergy ?? 0;
	const start = await energy();
	await new Promise((done) => setTimeout(done, 700));
	return await energy() - start;
});

const widths = { wide: { width: 1000, height: 800 },
	slim: { width: 360, height: 740 } };

// One picture of each kind, and what is always true of a page: nothing for
// axe-core to find, nothing wider than the screen.
async function look(name) {
	for (const [width, size] of Object.entries(widths)) {
		await page.setViewportSize(size);
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme: scheme,
				reducedMotion: "reduce" });
			if (pictures)
				await page.screenshot({ fullPage: true, path:
					join(pictures, `${name}-${width}-${scheme}.png`) });
			const found = await page.evaluate(async (values) =>
				(await window.axe.run(document, { runOnly: { type: "tag",
					values } })).violations.map((v) => `${v.id}: ${
					v.nodes.map((n) => n.html.slice(0, 120) + n.failureSummary)}`),
				WCAG);
			assert.deepEqual(found, [], `${name}, ${width}, ${scheme}`);
		}
		const over = await page.evaluate(() =>
			document.documentElement.scrollWidth - window.innerWidth);
		assert.ok(over <= 0, `${name}, ${width}: ${over} pixels too wide`);
	}
	await page.setViewportSize(widths.wide);
}

async function open_context(options) {
	context = await browser.newContext({ bypassCSP: false, ...options });
	await context.grantPermissions(["microphone", "notifications"],
		{ origin: fake.url });
	page = await context.newPage();
	page.setDefaultTimeout(8000);
	page.on("pageerror", (error) => odd.push(String(error)));
	page.on("console", (m) => /Content Security Policy|Uncaught/.test(m.text())
		&& odd.push(m.text()));
	page.on("request", (q) => new URL(q.url()).origin ===
		new URL(fake.url).origin || q.url().startsWith("blob:") ||
		odd.push(`foreign: ${q.url()}`));
	await page.addInitScript(axe);
	await page.addInitScript(notice);
}

// What a ring does beyond the page is noted: nobody can see or feel it here.
function notice() {
	const noted = window.noted = { shown: [], open: 0, shaken: 0 };
	const Real = window.Notification;
	window.Notification = class extends Real {
		constructor(text, options) {
			super(text, options);
			noted.shown.push(text);
			noted.open++;
		}
		close() {
			noted.open--;
			super.close();
		}
	};
	Navigator.prototype.vibrate = (how) => {
		noted.shaken += how ? 1 : 0;
		return true;
	};
}

const noted = () => page.evaluate(() => window.noted);

const ring = (change = {}) => fake.becomes({ state: "ringing", offer: "77",
	call: 5, call_state: "offered", kind: "caller", browser: true,
	since: Date.now() - 65e3, until: Date.now() + 20e3, ...change });

before(async () => {
	await fake.start();
	fake.answer = answer;
	browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
			"--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream"] });
	peer = await (await browser.newContext()).newPage();
	await peer.goto(fake.url);
	await peer.mouse.click(5, 5); // a browser lets no sound out before
	await open_context({ locale: "en-GB" });
});

after(async () => {
	await browser?.close();
	await fake.stop();
});

test("an invitation is taken up", async () => {
	await page.goto(`${fake.url}#invite=used`);
	await page.getByText("has been used or has run out").waitFor();
	await page.goto("about:blank");
	await page.goto(`${fake.url}#invite=good`);
	await heading("Welcome, Ana").waitFor();
	const first = page.getByLabel("Passphrase", { exact: true });
	await first.fill("short");
	await page.getByText("7 more characters").waitFor();
	await first.fill(PASSPHRASE);
	assert.ok(await button("Keep this passphrase").isDisabled());
	await page.getByLabel("The same once more").fill(PASSPHRASE);
	await look("invitation");
	await button("Keep this passphrase").click();
	await heading("You are off duty").waitFor();
	assert.equal(new URL(page.url()).hash, "#/home");
});

test("signing in, with a code", async () => {
	await button("Sign out").click();
	await heading("Sign in").waitFor();
	fake.code = "123456";
	await page.getByLabel("Your name").fill("Ana");
	await page.getByLabel("Passphrase", { exact: true }).fill("wrong one here");
	await button("Sign in").click();
	await page.getByText("Name or passphrase is wrong").waitFor();
	await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
	await page.keyboard.press("Enter");
	await page.getByLabel("Six digits").fill("123456");
	await look("sign-in");
	await button("Sign in").click();
	await heading("You are off duty").waitFor();
});

test("a changed file is not run", async () => {
	await button("Sign out").click();
	await heading("Sign in").waitFor();
	const published = readFileSync(join(folder, "console.hash"), "utf8");
	const shown = page.locator(".this-page code");
	await until(async () => (await shown.textContent())
		.replaceAll(" ", "") === published.trim(), "the published hash");

	fake.spoilt.add("derive.js");
	await page.reload();
	await until(async () => /^[0-9a-f ]{79}$/.test(await shown.textContent()) &&
		(await shown.textContent()).replaceAll(" ", "") !==
		published.trim(), "another hash");
	await page.getByLabel("Your name").fill("Ana");
	await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
	await button("Sign in").click();
	await page.getByText("does not belong to this page").waitFor();
	assert.equal(fake.signed_in, false);

	fake.spoilt = new Set(["console.js"]);
	await page.reload();
	await page.waitForLoadState("networkidle");
	assert.equal(await page.locator("#page").innerHTML(), "");
	fake.spoilt = new Set(["console.css"]);
	await page.reload();
	await heading("Sign in").waitFor();
	assert.equal(await page.evaluate(() => [...document.styleSheets]
		.flatMap((sheet) => [...sheet.cssRules]).length), 0);

	fake.spoilt.clear();
	await page.reload();
	await page.getByLabel("Your name").fill("Ana");
	await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
	await button("Sign in").click();
	await page.getByLabel("Six digits").fill("123456");
	await button("Sign in").click();
	await heading("You are off duty").waitFor();
});

test("on duty after a sound check, once a day", async () => {
	await look("off-duty");
	await button("Go on duty").click();
	await heading("Sound check").waitFor();
	await button("Play a tone").click();
	await button("Yes, I heard it").click();
	await page.getByText("We hear you.").waitFor(); // the false mic beeps
	await look("check");
	await page.locator(".check").getByRole("button", { name: "Go on duty" })
		.click();
	await heading("You are on duty").waitFor();
	await button("Go off duty").click();
	await button("Go on duty").click();
	await heading("You are on duty").waitFor();
});

test("who waits, ticking", async () => {
	fake.board = { calls: [{ call: 4, line: "main", language: "es",
		state: "waiting", since: Date.now() - 59_000, person: null }],
		people: [{ person: 1, name: "Ana", state: "free", browser: true }] };
	fake.say("board");
	await page.getByRole("cell", { name: "Spanish" }).waitFor();
	await page.getByRole("cell", { name: /^1 min [1-9] sec/ }).waitFor();
	await look("on-duty");
});

test("a call rings, and is skipped", async () => {
	ring({ offer: "76" });
	await heading("Somebody is calling").waitFor();
	await asked("POST /rings/76/sound");
	await until(async () => /call/.test(await page.title()), "title blinks");
	await look("ring");
	let seen = await noted();
	assert.deepEqual(seen.shown, ["Ringback: a call for you"]);
	assert.ok(seen.open === 1 && seen.shaken > 0);
	await button("Skip").click();
	await heading("You are on duty").waitFor();
	assert.ok(!/call/i.test(await page.title()));
	seen = await noted();
	assert.equal(seen.open, 0);
	await new Promise((done) => setTimeout(done, 2100)); // two blinks
	assert.deepEqual(await noted(), seen);
});

test("a call is accepted: both hear each other", async () => {
	ring();
	await asked("POST /rings/77/sound");
	await button("Accept").click();
	await heading("You are talking").waitFor();
	await until(async () => await heard() > 1e-4, "the counsellor is heard");
	const codec = await peer.evaluate(async () => [...(await window.far
		.getStats()).values()].find((r) => r.type === "codec").mimeType);
	assert.match(codec, /PCM[UA]/);
	fake.say("quality", { lost_there: 20, lost_here: 0, jitter_ms: 4,
		rtt_ms: 30 });
	await page.getByText("The caller may miss some of what you say").waitFor();
	await page.getByText("Lost here 0%, there 2% · jitter 4 ms · " +
		"round trip 30 ms").waitFor();
});

test("mute, hold and keys", async () => {
	await button("Mute").click();
	await page.getByText("You are muted").waitFor();
	await until(async () => await heard() < 1e-6, "silence when muted");
	await button("Speak again").click();
	await until(async () => await heard() > 1e-4, "sound again");
	await button("Hold").click();
	await page.getByText("On hold.").waitFor();
	await button("Back to the caller").click();
	await button("Keys").click();
	await button("Press #").click();
	await asked("POST /talk/77/key");
	await look("talk");
});

test("a reload in the middle of a talk", async () => {
	fake.asked.length = 0;
	await page.reload();
	await heading("You are talking").waitFor();
	await asked("POST /rings/77/sound");
	await until(async () => await heard() > 1e-4, "sound again");
});

test("the server restarts in the middle of a talk", async () => {
	const { port } = fake;
	await fake.stop();
	await page.getByText("No connection to the server; trying again")
		.waitFor();
	await look("no-server");
	await until(async () => await heard() > 1e-4, "the sound goes on");
	await fake.start(port);
	fake.becomes({ held: true });
	await page.getByText("On hold.").waitFor({ timeout: 20_000 });
	await page.getByText("No connection to the server")
		.waitFor({ state: "hidden" });
	fake.becomes({ held: false });
});

test("hanging up, wrapping up", async () => {
	await button("Hang up").click();
	await heading("The call is over").waitFor();
	await look("wrap-up");
});

const NOTE = "Sleeps badly since March.\nWants to call again.";
// opened by a key: banners that come after a reload move the button away
const passphrase = () => page.getByLabel("Passphrase", { exact: true });
const note = () => page.getByLabel("Write a note");

// nobody but this page has what was written
function sealed_all() {
	const kept = JSON.stringify([fake.vault.notes,
		...fake.vault.drafts.values()]);
	const opened = kept.match(/[A-Za-z0-9_-]{100,}/g).map((text) =>
		Buffer.from(text, "base64url").toString("latin1")).join();

	return !(kept + opened).includes("Sleeps");
}

test("a note: locked after a reload, its draft kept, sealed", async () => {
	await passphrase().fill("wrong one here");
	await passphrase().press("Enter");
	await page.getByText("That is not your passphrase").waitFor();
	await passphrase().fill(PASSPHRASE);
	await passphrase().press("Enter");
	await page.getByText("Nobody has written anything yet").waitFor();
	await note().fill(NOTE);
	await page.getByText("kept as a draft").waitFor();
	await look("note");
	assert.ok(sealed_all());
	assert.equal(fake.vault.drafts.size, 1);
	await page.reload();
	await passphrase().fill(PASSPHRASE);
	await passphrase().press("Enter");
	await until(async () => await note().inputValue() === NOTE, "the draft");
	fake.vault.over = true; // somebody comes just then
	await button("Keep this note").click();
	await page.getByText("Ana, November 21, 2026").waitFor();
	assert.equal(await page.locator(".note .text").innerText(), NOTE);
	assert.equal(await note().inputValue(), "");
	assert.equal(fake.vault.drafts.size, 0);
	assert.ok(sealed_all());
	assert.ok(!JSON.stringify(await page.evaluate(() =>
		[{ ...localStorage }, { ...sessionStorage }])).includes("Sleeps"));
});

test("notes that do not open; a key for a colleague", async () => {
	fake.vault.strange();
	fake.vault.wanting = [{ epoch: "1", person: 2, name: "Bo",
		public: fake.vault.key.public }];
	fake.say("vault");
	await page.getByText("sealed to a key you do not have").waitFor();
	await page.getByText("This note is damaged").waitFor();
	await page.getByText("Your role does not open this note").waitFor();
	await asked("POST /vault/grants");
	assert.equal(fake.vault.gifts[0].person, 2);
	assert.equal(fake.vault.gifts[0].sealed.length, 267);
	await look("notes-closed");
});

test("a server that was set back: nothing is sealed, nothing is lost",
	async () => {
	const { vault } = fake;
	const old = vault.epochs;
	await vault.turn();
	fake.say("vault");
	await until(async () => (await page.evaluate(() => localStorage
		.getItem("ringback.keys"))).includes('"highest":{"main":"9"}'),
	"the new key is remembered");
	const turned = vault.epochs;

	vault.epochs = old;
	fake.say("vault");
	await page.getByText("older or other keys").waitFor();
	const kept = vault.notes.length;
	await note().fill("Not lost");
	await page.getByText("The draft could not be kept").waitFor();
	await button("Keep this note").click();
	await page.getByText("Nothing was sealed").waitFor();
	assert.equal(await note().inputValue(), "Not lost");
	assert.equal(vault.notes.length, kept);
	assert.equal(vault.drafts.size, 0);
	await page.getByText("I know why").click();
	await look("set-back");

	/* as it was: all is well; set back and explained: one goes on */
	vault.epochs = turned;
	fake.say("vault");
	await page.getByText("older or other keys").waitFor({ state: "hidden" });
	await page.getByText("kept as a draft that").waitFor();
	vault.epochs = old;
	fake.say("vault");
	await page.getByText("I know why").click();
	await button("Go on with these keys").click();
	await page.getByText("older or other keys").waitFor({ state: "hidden" });
	await button("Keep this note").click();
	await until(() => vault.notes.length > kept, "sealed again");
});

test("a colleague's other key is confirmed first", async () => {
	const { vault } = fake;
	const bos = (key) => ({ person: 2, name: "Bo", public: key });
	const first = Buffer.alloc(32, 9).toString("base64url");
	vault.people = [bos(first)];
	fake.say("vault");
	await until(async () => (await page.evaluate(() => localStorage
		.getItem("ringback.keys"))).includes(first), "remembered");
	vault.gifts = [];
	vault.people = [bos(vault.key.public)];
	vault.wanting = [{ ...bos(vault.key.public), epoch: "1" }];
	fake.asked = [];
	fake.say("vault");
	await page.getByText("Bo has another key than before").waitFor();
	await asked("GET /vault/wanting");
	assert.deepEqual(vault.gifts, []);
	await look("other-key");
	await button("Bo was invited anew").focus();
	await page.keyboard.press("Enter");
	await page.getByText("Bo has another key").waitFor({ state: "hidden" });
	await asked("POST /vault/grants");
	assert.deepEqual(vault.gifts.map((g) => g.person), [2]);
});

test("keys that are damaged: said, and refused", async () => {
	const { vault } = fake;
	const { wrapped } = vault.key;
	const bytes = Buffer.from(wrapped, "base64url");
	bytes[50] ^= 1;
	vault.key.wrapped = bytes.toString("base64url");
	await page.reload();
	await passphrase().fill(PASSPHRASE);
	await passphrase().press("Enter");
	await page.getByText("your key on the server is damaged").waitFor();
	vault.key.wrapped = wrapped;
	vault.epochs.push({ ...vault.epochs[0], epoch: "6", current: false });
	await passphrase().press("Enter");
	await asked("POST /vault/grants/6/refuse");
	await note().waitFor();
	assert.deepEqual(vault.refused, ["6"]);
	vault.epochs.pop();
});

test("how it ended, and on", async () => {
	await button("I could help").click();
	await asked("POST /calls/5/outcome");
	await page.getByText("Noted. Thank you.").waitFor();
	await button("Ready now").click();
	await heading("You are on duty").waitFor();
});

// a talk, in this language or another
async function talk(offer, yes = "Accept", change = {}) {
	ring({ offer, ...change });
	await button(yes).click();
	await until(() => fake.state.state === "talking", "talking");
}

const bo = { person: 2, name: "Bo" };
const guest = (state) => fake.becomes({ guest: { ...bo, state } });

test("a colleague is asked, all three talk, the call is handed over",
	async () => {
	fake.colleagues = [{ ...bo, state: "free" },
		{ person: 3, name: "Cleo", state: "talking" }];
	await talk("90");
	await button("Ask a colleague").click();
	await button("Ask Bo").waitFor();
	assert.ok(await button("Ask Cleo").isDisabled());
	fake.colleagues[1].state = "free";
	fake.say("board");
	await until(() => button("Ask Cleo").isEnabled(), "Cleo is free");
	await look("colleagues");
	await button("Ask Bo").click();
	await page.getByText("We are asking Bo.").waitFor();
	await asked("POST /talk/90/consult");
	await look("asking");
	await page.keyboard.press("Tab"); // one is led to what appeared
	await page.keyboard.press("Enter");
	await page.getByText("We are asking Bo.").waitFor({ state: "hidden" });
	assert.ok(fake.asked.includes("POST /talk/90/consult-end"));
	await button("Ask a colleague").focus();
	await page.keyboard.press("Enter");
	await button("Whoever is free").waitFor();
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.getByText("We are asking Bo.").waitFor();
	guest("aside");
	fake.becomes({ held: true });
	await page.getByText("You talk with Bo alone.").waitFor();
	await page.getByText("On hold.").waitFor({ state: "hidden" });
	await button("Hang up").waitFor({ state: "hidden" });
	await until(async () => await heard() > 1e-4, "Bo hears us");
	await look("aside");
	await button("All three").click();
	await page.getByText("All three talk").waitFor();
	fake.becomes({ held: false });
	await button("Let Bo go").waitFor();
	await look("three");
	await button("Hand over to Bo").click();
	await heading("You have handed the call over").waitFor();
	assert.equal(await button("I could help").count(), 0);
	await look("handed-over");
	await button("Ready now").click();
});

test("somebody of the line's list is added", async () => {
	await talk("91");
	await button("Add somebody").click();
	await look("add-somebody");
	await button("Interpreter").click();
	await page.getByText("We are ringing Interpreter").waitFor();
	fake.becomes({ third: { index: 0, name: "Interpreter",
		state: "there" } });
	await page.getByText("Interpreter is in the talk.").waitFor();
	await look("third");
	await button("Let Interpreter go").click();
	await button("Add somebody").waitFor();
});

test("whoever listens is seen", async () => {
	fake.becomes({ listeners: [bo] });
	await page.getByText("Bo listens to this talk.").waitFor();
	fake.becomes({ whispers: true });
	await page.getByText("Bo listens and can speak to you.").waitFor();
	fake.becomes({ listeners: [bo, { person: 3, name: "Cleo" }] });
	await page.getByText("Bo and Cleo listen.").waitFor();
	await look("listened-to");
	fake.becomes({ listeners: [], whispers: false });
	await page.getByText("Bo and Cleo").waitFor({ state: "hidden" });
});

// all that a browser keeps, or shows beside the page
const kept = () => page.evaluate(() => JSON.stringify([document.title,
	location.href, { ...localStorage }, { ...sessionStorage },
	history.state]));

test("a number is shown, for a minute, and nowhere else", async () => {
	await page.clock.install();
	await page.reload(); // the clock is that of the page from its start
	fake.number = "+34600111222";
	await button("Show the number").click();
	await page.getByText("Why do you need").waitFor();
	await look("number-why");
	await button("A life is in danger").click();
	await asked("POST /talk/91/number");
	await page.getByText(fake.number).waitFor();
	await look("number");
	assert.ok(!(await kept()).includes("600111222"));
	await page.clock.fastForward(30_000);
	await page.getByText(fake.number).waitFor();
	await page.clock.fastForward(40_000);
	await page.getByText(fake.number).waitFor({ state: "hidden" });
	await button("Show the number").click();
	await button("The caller agreed").click();
	await page.getByText(fake.number).waitFor();
	await button("Hide it now").click();
	await page.getByText(fake.number).waitFor({ state: "hidden" });
	await button("Show the number").click();
	await button("The caller agreed").click();
	await page.getByText(fake.number).waitFor();
	await button("Hang up").click(); // gone with the talk
	await heading("The call is over").waitFor();
	assert.ok(!(await page.content()).includes("600111222"));
	await button("I could help").click();
	await button("Ready now").click();
	await page.clock.resume();
});

test("a colleague asks for advice: other words, and one leaves alone",
	async () => {
	ring({ offer: "92", kind: "consult", asked_by: bo,
		guest: { person: 1, name: "Ana", state: "ringing" } });
	await heading("Bo asks for advice").waitFor();
	assert.match(await page.locator("p[role=alert]").innerText(),
		/Bo asks for advice/);
	await until(async () => /Advice/.test(await page.title()), "the title");
	assert.ok(!/Bo/.test(await page.title()));
	await look("advice");
	await button("Talk with them").click();
	fake.becomes({ guest: { person: 1, name: "Ana", state: "aside" } });
	await heading("You advise Bo").waitFor();
	assert.equal(await button("Ask a colleague").count(), 0);
	assert.equal(await button("Show the number").count(), 0);
	await look("advising");
	fake.becomes({ guest: { person: 1, name: "Ana", state: "three" },
		third: { index: 0, name: "Interpreter", state: "there" } });
	await page.getByText("All three talk").waitFor();
	await page.getByText("Interpreter is in the talk.").waitFor();
	await button("Leave").click();
	await heading("Thank you for your advice").waitFor();
	assert.equal(await button("I could help").count(), 0);
	await button("Ready now").click();
});

test("a call that was handed over is one's own", async () => {
	ring({ offer: "93", kind: "consult", asked_by: bo,
		guest: { person: 1, name: "Ana", state: "ringing" } });
	await button("Talk with them").click();
	await heading("You advise Bo").waitFor();
	fake.becomes({ asked_by: null, guest: null });
	await heading("You are talking").waitFor();
	await button("Hang up").click();
	await button("Will call again").click();
	await asked("POST /calls/5/outcome");
	await button("Ready now").click();
});

const listens = (change) => Object.assign(fake.board, change);

const level_shown = () => until(() => page.locator("meter")
	.evaluate((m) => m.value > 0.05), "a level is shown");

test("listening, and speaking to the counsellor alone", async () => {
	const talking = { line: "main", language: "en", state: "talking",
		since: Date.now() - 6e5 };
	listens({ calls: [{ ...talking, call: 6, person: 2 },
		{ ...talking, call: 7, state: "waiting", person: null }],
		people: [{ ...bo, state: "talking", browser: true }] });
	fake.say("board");
	await page.getByRole("link", { name: "Live board" }).click();
	await page.getByText("go off duty first").waitFor();
	assert.ok(await button("Listen to Bo").isDisabled());
	await page.getByRole("link", { name: "Duty" }).click();
	await button("Go off duty").click();
	await page.getByRole("link", { name: "Live board" }).click();
	await look("board-listen");
	await button("Listen to Bo").click();
	await heading("You listen to Bo").waitFor();
	await level_shown();
	await until(async () => await heard() < 1e-6, "nobody hears us");
	await look("listening");
	await button("Speak to the counsellor").click();
	await page.getByText("The counsellor hears you.").waitFor();
	await until(async () => await heard() > 1e-4, "the counsellor hears us");
	await look("whispering");
	await page.getByRole("link", { name: "Account" }).click();
	await page.getByLabel("Language").selectOption("es");
	await button("Volver a callar").waitFor();
	await page.getByRole("link", { name: "En directo" }).click();
	await look("whispering-es");
	await page.getByRole("link", { name: "Cuenta" }).click();
	await page.getByLabel("Idioma").selectOption("en");
	await page.getByRole("link", { name: "Live board" }).click();
	await button("Be silent again").click();
	await until(async () => await heard() < 1e-6, "nobody hears us again");
	await button("Stop listening").click();
	await heading("You listen to Bo").waitFor({ state: "hidden" });
	await button("Listen to Bo").click();
	await heading("You listen to Bo").waitFor();
	await level_shown();
	fake.becomes({ listening: null });
	await page.getByText("The talk that you listened to is over").waitFor();
});

test("a reload ends listening; what is refused is told", async () => {
	await button("Listen to Bo").click();
	await heading("You listen to Bo").waitFor();
	fake.asked.length = 0;
	await page.reload();
	await asked("POST /me/listen-end");
	await button("Listen to Bo").waitFor();
	fake.answer = null;
	await button("Listen to Bo").click();
	await page.getByText("The server is busy").waitFor();
	fake.answer = answer;
	fake.me.roles = [{ line: "main", role: "trainee" }];
	await page.reload();
	await button("Listen to Bo").click();
	await level_shown();
	assert.equal(await button("Speak to the counsellor").count(), 0);
	assert.equal(await page.getByRole("link", { name: "People" }).count(), 0);
	await button("Stop listening").click();
	fake.me.roles = [{ line: "", role: "coordinator" }];
	listens({ calls: [{ line: "main", language: "en", state: "waiting",
		since: Date.now(), call: 4, person: null }], people: [] });
	await page.reload();
	await page.getByRole("link", { name: "Duty" }).click();
	await button("Go on duty").click();
	await heading("You are on duty").waitFor();
});

test("somebody is rung back", async () => {
	ring({ kind: "ring_back", call_state: "due_offered", offer: "78" });
	await heading("Somebody is to be rung back").waitFor();
	assert.equal(await page.getByText("Somebody is calling").count(), 0);
	await look("ring-back");
	await button("Ring them back").click();
	await heading("We are ringing the caller").waitFor();
	fake.becomes({ call_state: "confirming" });
	await heading("Somebody picked up").waitFor();
	await look("confirming");
	fake.becomes({ state: "free", offer: null, call: null, call_state: null });
	await heading("You are on duty").waitFor();
});

test("no sound: said before and after accepting", async () => {
	fake.answer = null;
	ring({ offer: "79" });
	await asked("POST /rings/79/sound");
	await button("Accept").click();
	await page.getByText("The sound could not be connected").waitFor();
	assert.ok(!fake.asked.includes("POST /rings/79/accept"));
	fake.answer = answer;
	await button("Accept").click();
	await heading("You are talking").waitFor();
	fake.becomes({ state: "free", offer: null, call: null, call_state: null });
	await button("Not now").click();
});

test("the process that rings is down", async () => {
	fake.say("line", { up: false });
	await page.getByText("does not answer").waitFor();
	fake.say("line", { up: true });
	await page.getByText("does not answer").waitFor({ state: "hidden" });
});

test("promises", async () => {
	const owed = { line: "main", language: "es", state: "open", made_at: 0,
		owner: null, owner_name: null, attempts: 0, has_number: true,
		has_message: false, hours: "evening", words: "none",
		level: "coordinator", kind: "ring_back",
		due_at: Date.now() - 3_700_000 };
	fake.promises = [owed.call = 8, 9].map((call) => ({ ...owed, call }));
	Object.assign(fake.promises[1], { kind: "message", has_message: true,
		owner: 2, owner_name: "Bo", level: "owner", has_number: false,
		due_at: Date.now() + 600_500 });
	fake.say("promises");
	await page.getByRole("link", { name: "Promises 2" }).click();
	await page.getByText("Overdue: was due 1 hour ago").waitFor();
	await button("Listen").click();
	await passphrase().fill(PASSPHRASE); // loaded anew since the notes
	await passphrase().press("Enter");
	await button("Listen").click();
	await page.getByLabel("The message").waitFor();
	// it has been opened, and can be played
	await until(async () => await page.getByLabel("The message").evaluate(
		(audio) => audio.duration > 0.5 && !audio.error), "its sound");
	await look("promises");
	await button("Ring back").click();
	await asked("POST /promises/8/ring");
	await page.getByText("It is next.").waitFor();
	await button("Close…").first().click();
	await button("Sent on to somebody").waitFor({ state: "hidden" });
	await button("Tried often enough").click();
	await asked("POST /promises/8/close");
	await page.getByText("Overdue").waitFor({ state: "hidden" });
});

test("people, for coordinators", async () => {
	fake.people = [{ person: 2, name: "Bo", on_duty: false,
		off_reason: "no_answer", off_at: 0, has_phone: true,
		phone: "ready",
		languages: ["en", "es"], skills: ["detention"],
		organisation: "North", region: null, has_account: false,
		totp: false, roles: [{ line: "main", role: "counsellor" }] }];
	await page.getByRole("link", { name: "People" }).click();
	await heading("Bo").waitFor();
	await page.getByText("did not answer three times in a row").waitFor();
	await button("Invite Bo").click();
	await page.getByText("#invite=good").waitFor();
	await button("Change Bo").click();
	await look("people");
	await button("Save").click();
	await asked("POST /people/2");
	await button("Remove").click();
	await button("Yes, remove").click();
	await asked("POST /people/2/remove");
});

// as in share.test.ts
const SHARE = "acoustic amount able advice core action blossom three animal " +
	"expect seek borrow thought marine dust draw beef post magic coral " +
	"museum assault idea phrase buyer letter abandon";
const HASH = "cBBLXuSLnLmWcME-nUkxuhjbwYXxxTEpggH5n68Gw6w";

test("a caller is blocked, or has a care plan", async () => {
	await page.goto(`${fake.url}#/home`);
	ring({ offer: "120", plan: true });
	await page.getByText("This caller has a care plan").waitFor();
	await look("ring-plan");
	await button("Accept").click();
	await heading("You are talking").waitFor();
	await page.getByText("This caller has a care plan").waitFor();
	await button("Block this caller…").click();
	await page.getByText("Think twice").waitFor();
	await page.getByLabel("Why").selectOption("threats");
	await page.getByLabel("For how long").selectOption("30");
	await look("block");
	await button("Yes, block from the next call on").click();
	await page.getByText("Blocked from the next call on.").waitFor();
	assert.deepEqual(fake.numbers.made, { kind: "block",
		reason: "threats", review_days: 30 });
	await button("Care plan…").focus();
	await page.keyboard.press("Enter");
	await look("plan");
	await button("Make a care plan").click();
	await page.getByText("Write what helps").waitFor();
	assert.ok(fake.asked.includes("POST /talk/120/mark"));
	assert.equal(fake.numbers.made.reason, "plan");
	await button("Hang up").click();
	await button("Ready now").click();
	await heading("You are on duty").waitFor();
	fake.state.plan = false;
});

test("marks: the line is told, looked at again, removed", async () => {
	const { numbers } = fake;
	await page.getByRole("link", { name: "Blocks and plans" }).click();
	await page.getByText("Nobody is blocked").waitFor();
	numbers.mark();
	numbers.mark({ kind: "plan", reason: "plan", due: true, name: "",
		review_day: "2026-11-01" });
	numbers.mark({ sealed: null, epoch: null, review_day: "2026-12-01" });
	fake.say("marks");
	if (await page.getByText("Your keys are closed").isVisible()) {
		await page.evaluate("location.hash = '#/call/5'");
		await passphrase().fill(PASSPHRASE);
		await passphrase().press("Enter");
		await note().waitFor();
		await page.evaluate("location.hash = '#/marks'");
	}
	await until(() => numbers.marks[0].indexed, "the line is told");
	assert.deepEqual(numbers.told, [["mark", 1, "+15550100001"]]);
	fake.say("marks");
	await page.getByText("The line knows whose it is, today").waitFor();
	await page.getByText("Over since November 1, 2026").waitFor();
	await page.getByText("cannot be opened any more").waitFor();
	await look("marks");

	await page.getByRole("button", { name: "Look at it again" }).nth(1).click();
	await page.getByLabel("For how long").selectOption("90");
	await button("Let it hold").click();
	await page.getByText("Holds until January 20, 2027").waitFor();
	await page.getByRole("button", { name: "Remove the mark" }).nth(0).click();
	await page.getByText("nobody is told that there is").waitFor();
	await button("Yes, remove").click();
	await until(() => numbers.marks.length === 2, "removed");
	await page.getByText("Over since").waitFor({ state: "hidden" });
});

test("numbers come back by themselves", async () => {
	const { numbers } = fake;
	const day = 86400e3;
	const before = fake.promises;
	fake.promises = [{ call: 8, line: "main", language: "en",
		kind: "ring_back", state: "open", due_at: Date.now() + day,
		made_at: Date.now(), level: "owner", owner: null, owner_name: null,
		attempts: 0, has_message: false, has_number: true, number: "waits",
		hours: "any", words: "none" }];
	numbers.told = [];
	numbers.wait("promise", 8, "+15550100008");
	numbers.wait("phone", 2, "+15550100002");
	numbers.waiting.push({ ...numbers.waiting[0], id: 9, epoch: "77" });
	fake.say("promises");
	await page.getByRole("link", { name: /^Promises/ }).click();
	await page.getByText("waits for the page of a coordinator").waitFor();
	assert.equal(await button("Ring back").count(), 0);
	await look("number-waits");
	fake.say("vault");
	await until(() => numbers.told.length === 2, "numbers are back");
	assert.deepEqual(numbers.told, [["promise", 8, "+15550100008"],
		["phone", 2, "+15550100002"]]);
	fake.promises[0].number = "ready";
	fake.say("promises");
	await button("Ring back").waitFor();
	fake.promises = before;
	fake.say("promises");
});

test("what should be gone, and a call that is forgotten", async () => {
	fake.retention = [{ line: "main", overdue: true, held: 2, messages: 1,
		alarm: true }, { line: "night", overdue: false, held: 0, messages: 0,
		alarm: false }];
	fake.calls = [{ call: 6, line: "main", language: "en", state: "ended",
		outcome: "talked", arrived_at: Date.now() - 1e6, wait_ms: 16_000,
		talk_ms: 1_200_000, counsellor: "Ana" }];
	await page.getByRole("link", { name: "Calls", exact: true }).click();
	await button("Forget call 6").click();
	await heading("Forget call 6?").waitFor();
	await look("forget");
	await button("Keep it").click();
	await heading("Forget call 6?").waitFor({ state: "hidden" });
	await button("Forget call 6").focus();
	await page.keyboard.press("Enter");
	await button("Yes, forget it").click();
	await page.getByText("Nothing is kept of call 6 any more").waitFor();
	await page.getByText("No call yet").waitFor();
	assert.ok(fake.asked.includes("POST /calls/6/forget"));
	await page.reload();
	await page.getByText("deleted more than a day ago").waitFor();
	await page.getByText("2 old promises are still open").waitFor();
	await page.getByText("a message has waited too long").waitFor();
	await look("retention");
	fake.retention = [];
	await page.reload();
	await page.getByRole("link", { name: "Duty" }).click();
	await heading("You are on duty").waitFor();
});

test("what is wrong with the server, until it is over", async () => {
	const since = Date.now() - 6e5;

	fake.alarms = { unwritten: { since, calls: 3 },
		flood: { since, turned_away: 210 },
		media: { since, up: 1, of: 2 } };
	fake.say("alarms");
	await page.getByText("3 calls are not on record yet").waitFor();
	await page.getByText("210 calls heard that the line is busy").waitFor();
	await page.getByText("Only 1 of 2 processes").waitFor();
	await look("alarms");
	fake.alarms = { ...fake.alarms, flood: null, media: null };
	fake.say("alarms");
	await page.getByText("210 calls").waitFor({ state: "hidden" });
	fake.alarms = { unwritten: null, flood: null, media: null };
	fake.say("alarms");
	await page.getByText("not on record yet").waitFor({ state: "hidden" });
});

test("board, calls, recovery and account", async () => {
	fake.calls = [{ call: 5, line: "main", language: "en", state: "ended",
		outcome: "talked", arrived_at: Date.now() - 1e6, wait_ms: 16_000,
		talk_ms: 1_200_000, counsellor: "Ana" }];
	fake.sessions = [
		{ id: "a", made_at: Date.now() - 864e5, seen_at: Date.now(),
		  here: true },
		{ id: "b", made_at: Date.now() - 1728e5,
		  seen_at: Date.now() - 36e5, here: false }];
	await page.getByRole("link", { name: "Live board" }).click();
	const main = page.getByRole("table", { name: "Lines" })
		.getByRole("row", { name: /^main / });

	await main.getByRole("cell", { name: "1", exact: true }).waitFor();
	await main.getByText("asking a colleague").waitFor();
	await look("board");
	await page.getByRole("link", { name: "Calls" }).click();
	await page.getByRole("cell", { name: "20:00" }).waitFor();
	await look("calls");
	await page.getByRole("link", { name: "Notes of call 5" }).click();
	await heading("Notes of call 5").waitFor();
	await look("call");
	await page.getByRole("link", { name: "Recovery" }).click();
	await page.getByRole("cell", { name: "To be tried again" }).waitFor();
	await look("recovery");
	const words = page.getByLabel("The 27 words");
	await words.fill(SHARE.replace("blossom", "blosssom"));
	await button("Is it right?").click();
	await page.getByText("Word 7 is not one of the list").waitFor();
	await words.fill(SHARE);
	await button("Is it right?").click();
	await page.getByText("not of the recovery key").waitFor();
	fake.vault.hash = HASH;
	await button("Is it right?").click();
	await page.getByText("This is share 3, and it is right").waitFor();
	assert.equal(await words.inputValue(), "");
	await page.getByRole("link", { name: "Account" }).click();
	await button("Switch it on").click();
	await page.getByRole("img", { name: /secret/ }).waitFor();
	await look("account");
	await button("Sign out there").click();
	await asked("POST /sessions/b/revoke");
});

test("the same in Spanish", async () => {
	await page.getByLabel("Language").selectOption("es");
	await heading("Cuenta").waitFor();
	await page.getByRole("link", { name: "Turno" }).click();
	await look("on-duty-es");
	ring({ offer: "80" });
	await heading("Alguien llama").waitFor();
	await look("ring-es");
	await button("Atender").click();
	await heading("Está hablando").waitFor();
	fake.becomes({ listeners: [bo], whispers: true });
	await look("talk-es");
	await button("Pedir consejo").click();
	await button("Preguntar a Bo").waitFor();
	await button("Añadir a alguien").click();
	await button("Mostrar el número").click();
	await look("colleagues-es");
	await button("Preguntar a Bo").click();
	guest("aside");
	await button("Los tres").waitFor();
	await look("aside-es");
	await button("Los tres").click();
	await page.getByText("Hablan los tres").waitFor();
	fake.becomes({ third: { index: 0, name: "Interpreter",
		state: "there" } });
	await look("three-es");
	await button("Pasar la llamada a Bo").click();
	await heading("Ha pasado la llamada").waitFor();
	await look("handed-over-es");
	fake.becomes({ listeners: [], whispers: false });
	ring({ offer: "82", kind: "ring_back", call_state: "due_offered" });
	await heading("Hay que devolver una llamada").waitFor();
	await look("ring-back-es");
	await button("Devolver la llamada").click();
	fake.becomes({ call_state: "confirming" });
	await heading("Alguien ha contestado").waitFor();
	await look("confirming-es");
	fake.becomes({ call_state: "talking" });
	await button("Colgar").click();
	await heading("La llamada terminó").waitFor();
	await look("wrap-up-es");
	ring({ offer: "81", kind: "consult", asked_by: bo });
	await heading("Bo pide consejo").waitFor();
	await look("advice-es");
	await button("Hablar con esta persona").click();
	fake.becomes({ guest: { person: 1, name: "Ana", state: "aside" } });
	await heading("Aconseja a Bo").waitFor();
	await look("advising-es");
	fake.becomes({ asked_by: null, guest: null }); // handed over
	await heading("Está hablando").waitFor();
	fake.becomes({ state: "wrap_up", offer: null, call: 5, call_state: null,
		kind: "caller", until: Date.now() + 60e3 });
	await page.getByRole("link", { name: "Promesas" }).click();
	await page.getByText("Dejó un mensaje").waitFor();
	await look("promises-es");
	await page.getByRole("link", { name: "Turno" }).click();
	assert.equal(await page.evaluate(() => document.documentElement.lang),
		"es");
});

test("one tab takes the calls", async () => {
	const other = await context.newPage();
	await other.goto(fake.url);
	await other.getByRole("heading", { name: /otra pestaña/ }).waitFor();
	await other.getByRole("button", { name: "Usar esta" }).click();
	await other.getByRole("heading", { name: /turno/ }).first().waitFor();
	await page.getByRole("heading", { name: /otra pestaña/ }).waitFor();
	await other.close();
});

test("signed out elsewhere, keyboard alone back in", async () => {
	await button("Usar esta").click();
	await heading(/La llamada terminó/).waitFor();
	fake.signed_in = false;
	fake.say("signed_out");
	await heading("Entrar").waitFor();
	await page.keyboard.type("Ana");
	await page.keyboard.press("Tab");
	await page.keyboard.type(PASSPHRASE);
	await page.keyboard.press("Enter");
	await page.getByLabel(/Seis cifras/).waitFor();
	await page.keyboard.type("123456");
	await page.keyboard.press("Enter");
	await heading("La llamada terminó").waitFor();
});

test("a microphone that is refused is told", async () => {
	await context.close();
	await open_context({ locale: "en-GB" });
	await context.clearPermissions();
	await page.addInitScript(() => {
		navigator.mediaDevices.getUserMedia = () => Promise.reject(
			new DOMException("", "NotAllowedError"));
	});
	fake.becomes({ state: "off", on_duty: false, call: null, offer: null });
	await page.goto(fake.url);
	await page.getByLabel("Your name").fill("Ana");
	await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
	await button("Sign in").click();
	await page.getByLabel("Six digits").fill("123456");
	await button("Sign in").click();
	await button("Go on duty").click();
	await button("Skip the check today").click();
	await page.getByText("does not let this page use the microphone")
		.waitFor();
	assert.equal(fake.me.on_duty, false);
});

test("notifications that are blocked, and a tab that slept, are told",
	async () => {
	fake.becomes({ on_duty: true, state: "free" });
	await page.getByText("blocks notifications from this page").waitFor();
	await page.evaluate(() => {
		const real = Date.now;
		Date.now = () => real() + 90_000;
	});
	await page.getByText("was asleep for 1 min").waitFor({ timeout: 15_000 });
	await button("Understood").click();
	await page.getByText("was asleep").waitFor({ state: "hidden" });
	fake.becomes({ on_duty: false, state: "off" });
});

test("a security key: added, asked for, taken away", async () => {
	const cdp = await context.newCDPSession(page);
	const options = { protocol: "ctap2", transport: "usb",
		hasResidentKey: false, hasUserVerification: false,
		automaticPresenceSimulation: true };
	await cdp.send("WebAuthn.enable");
	await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
	const passphrase = page.getByLabel("Passphrase", { exact: true });

	await page.getByRole("link", { name: "Account" }).click();
	await button("Add a key…").click();
	await page.getByLabel("What you call it").fill("blue");
	await passphrase.fill("another one");
	await button("Add it").click();
	await page.getByText("That is not your passphrase").waitFor();
	await passphrase.fill(PASSPHRASE);
	await look("key-add");
	await button("Add it").click();
	await page.getByText("not used yet").waitFor();
	await button("Add a key…").click(); // the same one once more
	await passphrase.fill(PASSPHRASE);
	await button("Add it").click();
	await page.getByText("This key is known already").waitFor();
	await button("Cancel").click();

	await button("Sign out").click();
	await page.getByLabel("Your name").fill("Ana");
	await passphrase.fill(PASSPHRASE);
	await button("Sign in").click();
	await page.getByText("or your security key").waitFor();
	await look("sign-in-key");
	await button("Use your security key").click();
	await heading("Account").waitFor();

	fake.possible = false;
	await page.getByRole("link", { name: "Duty" }).click();
	await page.getByRole("link", { name: "Account" }).click();
	await page.getByText("only where this page has a name").waitFor();
	await look("keys");
	await button("Remove blue").click();
	await passphrase.fill(PASSPHRASE);
	await button("Remove").click();
	await page.getByText("not used yet").waitFor({ state: "hidden" });
	assert.ok(fake.asked.includes("POST /me/keys/1/remove"));
});

test("nothing odd was seen", () => {
	assert.deepEqual(odd, []);
});
