// SPDX-License-Identifier: AGPL-3.0-or-later
// One headless Chromium, worked over standard input and output: a line of JSON
// in ({id, do, ...}), a line of JSON out ({id, value} or {id, error}). Called by
// tests/e2e/browser.py. Ends, and Chromium with it, when its input ends.
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {createInterface} from "node:readline";
import {stripVTControlCharacters} from "node:util";
import {chromium} from "playwright-core";
import {watch} from "./watch.mjs";

const FLAGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--use-fake-device-for-media-stream",
	"--use-fake-ui-for-media-stream",
];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
	"best-practice"];

const axe = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = new Map(); // name -> {page, context, seen}
let browser = null;

// Knows of every connection that the page makes, so that tests can measure them;
// but keeps none alive: what the page has let go of is gone.
function keepPeers() {
	const made = [];
	const Real = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Real {
		constructor(...all) {
			super(...all);
			made.push(new WeakRef(this));
		}
	};
	Object.defineProperty(window, "peersOfTest", {value: made});
}

// What the newest open connection sent and got; null without one.
async function measure() {
	const open = window.peersOfTest.map((made) => made.deref()).filter(
		(p) => p && p.connectionState !== "closed");
	const peer = open.at(-1);
	if (!peer)
		return null;
	const it = {open: open.length, made: window.peersOfTest.length,
		state: peer.connectionState, in: {}, out: {}, source: {}};
	for (const row of (await peer.getStats()).values()) {
		if (row.type === "inbound-rtp")
			it.in = {packets: row.packetsReceived, lost: row.packetsLost,
				energy: row.totalAudioEnergy,
				seconds: row.totalSamplesDuration};
		else if (row.type === "outbound-rtp")
			it.out = {packets: row.packetsSent};
		else if (row.type === "media-source")
			it.source = {energy: row.totalAudioEnergy};
		else if (row.type === "transport")
			it.dtls = {state: row.dtlsState, srtp: row.srtpCipher};
	}
	return it;
}

async function check(rules) {
	const found = await window.axe.run(document,
		{runOnly: {type: "tag", values: rules}});
	return found.violations.map((v) => ({rule: v.id, help: v.help,
		impact: v.impact, nodes: v.nodes.map((n) => n.html.slice(0, 200)),
		why: v.nodes[0].failureSummary}));
}

const find = (it, a) => a.role
	? it.page.getByRole(a.role, {name: a.name ?? undefined, exact: a.exact})
	: a.label
		? it.page.getByLabel(a.label, {exact: a.exact})
		: it.page.getByText(a.text, {exact: a.exact});

const asked = (a) => JSON.stringify(a.role
	? {role: a.role, name: a.name} : a.label ?? a.text);

async function newPage(a) {
	const context = await browser.newContext({
		locale: a.locale, colorScheme: a.scheme, viewport: a.viewport,
		permissions: a.permissions, reducedMotion: "reduce",
		ignoreHTTPSErrors: true,
	});
	context.setDefaultTimeout(a.timeout_ms);
	await context.addInitScript(keepPeers);
	const page = await context.newPage();
	const it = {page, context, seen: await watch(context, page)};
	pages.set(a.page, it);
}

// On a page: (it, a) => value
const verbs = {
	goto: (it, a) => it.page.goto(a.url, {timeout: a.timeout_ms})
		.then((r) => r?.status() ?? 0),
	reload: (it) => it.page.reload().then((r) => r.status()),
	url: (it) => it.page.url(),
	title: (it) => it.page.title(),
	click: (it, a) => find(it, a).first().click({timeout: a.timeout_ms}),
	fill: (it, a) => find(it, a).first()
		.fill(a.value, {timeout: a.timeout_ms}),
	select: (it, a) => find(it, a).first()
		.selectOption(a.value, {timeout: a.timeout_ms}).then(() => null),
	press: (it, a) => it.page.keyboard.press(a.keys),
	type: (it, a) => it.page.keyboard.type(a.value),
	text: (it) => it.page.locator("body").innerText(),
	tree: (it) => it.page.locator("body").ariaSnapshot(),
	count: async (it, a) => {
		let n = 0;
		for (const one of await find(it, a).all())
			n += await one.isVisible() ? 1 : 0;
		return n;
	},
	wait: (it, a) => find(it, a).filter({visible: true}).first()
		.waitFor({timeout: a.timeout_ms})
		.catch(() => { throw new Error(`not seen: ${asked(a)}`); }),
	evaluate: (it, a) => it.page.evaluate(a.script),
	media: (it) => it.page.evaluate(measure),
	axe: async (it) => {
		await it.page.evaluate(axe);
		return it.page.evaluate(check, RULES);
	},
	screenshot: (it, a) => it.page.screenshot({path: a.path,
		fullPage: true, timeout: a.timeout_ms}).then(() => null),
	viewport: (it, a) => it.page.setViewportSize(a.viewport),
	scheme: (it, a) => it.page.emulateMedia({colorScheme: a.scheme}),
	offline: (it, a) => it.context.setOffline(a.on),
	post: (it, a) => it.page.evaluate(async ({url, body, method}) => {
		const r = await fetch(url, {method, headers: {
			"Content-Type": "application/json", "X-Ringback": "1"},
		body: body === null ? undefined : JSON.stringify(body)});
		return {status: r.status, body: await r.text()};
	}, a),
	/* a security key that is plugged in, with somebody who touches it */
	securityKey: async (it) => {
		it.cdp ??= await it.context.newCDPSession(it.page);
		await it.cdp.send("WebAuthn.enable");
		await it.cdp.send("WebAuthn.addVirtualAuthenticator", {options: {
			protocol: "ctap2", transport: "usb", hasResidentKey: false,
			hasUserVerification: false,
			automaticPresenceSimulation: true}});
	},
	// what a page that stays open for a shift must not pile up
	counters: async (it) => {
		const link = await it.context.newCDPSession(it.page);
		await link.send("HeapProfiler.collectGarbage");
		const got = await link.send("Memory.getDOMCounters");
		await link.detach();
		return got;
	},
	crash: async (it) => {
		const died = new Promise((done) => it.page.once("crash", done));
		it.page.goto("chrome://crash").catch(() => {});
		await died;
	},
	seen: (it, a) => it.seen[a.of],
	close: async (it, a) => {
		await it.context.close();
		pages.delete(a.page);
	},
};

async function obey(a) {
	if (a.do === "page")
		return newPage(a);
	const it = pages.get(a.page);
	if (!it || !Object.hasOwn(verbs, a.do))
		throw new Error(it ? `no verb ${a.do}` : `no page ${a.page}`);
	return verbs[a.do](it, a);
}

const say = (it) => process.stdout.write(JSON.stringify(it) + "\n");

async function end() {
	await browser?.close().catch(() => {});
	process.exit(0);
}

browser = await chromium.launch({executablePath: process.argv[2],
	headless: true, args: FLAGS});
say({id: 0, value: browser.version()});
const input = createInterface({input: process.stdin});
input.on("close", end);
input.on("line", (row) => {
	const a = JSON.parse(row);
	obey(a).then((value) => say({id: a.id, value: value ?? null}),
		(err) => say({id: a.id,
			error: stripVTControlCharacters(String(err.message))
				.split("\n").slice(0, 4).join(" ")}));
});
