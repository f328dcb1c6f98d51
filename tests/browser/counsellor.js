// SPDX-License-Identifier: AGPL-3.0-or-later
// A counsellor's page of fetch, EventSource and RTCPeerConnection alone, put
// into a page of ringback-web by tests/e2e/counsellor.py: what the API promises
// must hold without the console. Nothing here is shown to anybody.
(() => {
	const BEAT_MS = 8000;
	const it = window.counsellor = {state: null, board: 0, token: null,
		line: null, signedOut: false, errors: []};
	let peer = null, prepared = null, stream = null;

	const bytes = (n) => btoa(String.fromCharCode(
		...crypto.getRandomValues(new Uint8Array(n))))
		.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

	const ask = async (path, body) => {
		const r = await fetch("/api/v1" + path, {
			method: body === undefined ? "GET" : "POST",
			headers: {"Content-Type": "application/json",
				"X-Ringback": "1"},
			body: body === undefined ? undefined
				: JSON.stringify(body)});
		const answer = await r.json();
		if (!r.ok)
			throw new Error(`${path.replace(/\d+/, "N")}: ` +
				`${r.status} ${answer.error}`);
		return answer;
	};

	const close = () => {
		peer?.close();
		peer = prepared = null;
	};

	// Sound is made ready while it rings: accepting is then quick.
	const prepare = async (offer) => {
		close();
		prepared = offer;
		stream ??= await navigator.mediaDevices.getUserMedia(
			{audio: true});
		const mine = peer = new RTCPeerConnection();
		mine.ontrack = (e) => {
			const sound = new Audio();
			sound.srcObject = e.streams[0];
			sound.play();
		};
		mine.addTrack(stream.getTracks()[0], stream);
		await mine.setLocalDescription(await mine.createOffer());
		const {sdp} = await ask(`/rings/${offer}/sound`,
			{sdp: mine.localDescription.sdp});
		if (mine === peer)
			await mine.setRemoteDescription({type: "answer", sdp});
	};

	const news = (state) => {
		it.state = {...state, at: Date.now()};
		if (state.state === "ringing" && state.offer !== prepared)
			it.ready = prepare(state.offer).catch(
				(e) => it.errors.push(String(e)));
		else if (!state.offer)
			close();
	};

	it.ask = ask;
	it.signUp = async (token) => {
		const {name} = await ask("/invitation", {token});
		const me = await ask("/invitation/accept", {token,
			salt: bytes(16), opslimit: 3, memlimit: 67108864,
			proof: bytes(32)});
		if (me.name !== name)
			throw new Error("another name than the invitation's");
		return me;
	};
	it.listen = () => new Promise((done) => {
		const source = it.source = new EventSource("/api/v1/events");
		const on = (name, act) => source.addEventListener(name,
			(e) => act(JSON.parse(e.data)));
		on("state", (s) => { news(s); done(s); });
		on("line", (l) => it.line = l.up);
		on("board", () => it.board++);
		on("signed_out", () => it.signedOut = true);
		const beat = () => ask("/me/heartbeat", {visible: true})
			.catch(() => {});
		it.beating = setInterval(beat, BEAT_MS);
		beat();
	});
	it.hush = () => {
		it.source.close();
		clearInterval(it.beating);
	};
	it.accept = async () => {
		const offer = it.state.offer;
		await it.ready;
		const from = performance.now();
		await ask(`/rings/${offer}/accept`, {});
		while (it.state.offer === offer && it.state.state === "ringing")
			await new Promise((again) => setTimeout(again, 5));
		return {ms: performance.now() - from, state: it.state.state};
	};
	it.decline = () => ask(`/rings/${it.state.offer}/decline`, {});
	it.hangUp = () => ask(`/talk/${it.state.offer}/hang-up`, {});
	it.hold = (on) => ask(`/talk/${it.state.offer}/hold`, {on});
	it.key = (key) => ask(`/talk/${it.state.offer}/key`, {key});
})();
