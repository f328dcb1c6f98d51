// SPDX-License-Identifier: AGPL-3.0-or-later
// Notes all that a page asks for, gets and complains of, for tests that search
// it: requests, answers' bodies, events, messages on the console, errors.

const TEXT = /json|text|javascript|html|xml/;

async function noteAnswer(seen, answer) {
	const type = answer.headers()["content-type"] ?? "";
	const row = {url: answer.url(), status: answer.status(), type,
		headers: answer.headers(), body: ""};
	seen.answers.push(row);
	if (TEXT.test(type) && !type.startsWith("text/event-stream"))
		row.body = await answer.text().catch(() => "");
}

// An answer that never ends has no body: its events come from the protocol,
// its bytes too, for pages that read them with fetch.
async function noteStream(seen, context, page) {
	const link = await context.newCDPSession(page);
	await link.send("Network.enable");
	link.on("Network.eventSourceMessageReceived", (e) => seen.events.push(
		{name: e.eventName, data: e.data, at: Date.now()}));
	link.on("Network.responseReceived", (e) => {
		if (e.type !== "Fetch" && e.type !== "XHR")
			return;
		if (e.response.mimeType === "text/event-stream")
			link.send("Network.streamResourceContent",
				{requestId: e.requestId}).catch(() => {});
	});
	link.on("Network.dataReceived", (e) => {
		if (e.data)
			seen.events.push({name: "", at: Date.now(),
				data: Buffer.from(e.data, "base64").toString()});
	});
}

export async function watch(context, page) {
	const seen = {requests: [], answers: [], events: [], console: [],
		errors: []};
	context.on("request", (r) => seen.requests.push(
		{url: r.url(), method: r.method(), body: r.postData() ?? ""}));
	context.on("response", (r) => noteAnswer(seen, r));
	context.on("requestfailed", (r) => seen.console.push({type: "failed",
		text: `${r.method()} ${r.url()} ${r.failure()?.errorText}`}));
	page.on("console", (m) => seen.console.push(
		{type: m.type(), text: m.text()}));
	page.on("pageerror", (e) => seen.errors.push(String(e)));
	await noteStream(seen, context, page);
	return seen;
}
