// SPDX-License-Identifier: AGPL-3.0-or-later
/** The second factor: six digits from an authenticator app. */
import qrcode from "qrcode-generator";
import { useMemo, useState } from "preact/hooks";
import { post } from "../api";
import { Field, useShown, Button } from "./ui";

interface Secret {
	readonly secret: string;
	readonly uri: string;
}

const QUIET = 4; // empty modules around, ISO/IEC 18004

/** One path of all dark modules. */
function Picture(props: { text: string }) {
	const { words } = useShown();
	const { side, path } = useMemo(() => {
		const code = qrcode(0, "M");

		code.addData(props.text);
		code.make();
		const n = code.getModuleCount();
		const all = Array.from({ length: n * n }, (_, i) =>
			[i % n, Math.floor(i / n)] as const);

		return { side: n + 2 * QUIET, path: all
			.filter(([x, y]) => code.isDark(y, x))
			.map(([x, y]) => `M${x + QUIET} ${y + QUIET}h1v1h-1z`)
			.join("") };
	}, [props.text]);

	return <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img"
		aria-label={words.account.totp_picture}>
		<rect width={side} height={side} fill="#fff" />
		<path d={path} fill="#000" shapeRendering="crispEdges" />
	</svg>;
}

function Code(props: { path: string; text: string; end: () => void }) {
	const { desk, words } = useShown();
	const [code, set] = useState("");
	const send = async () => {
		if (await desk.change(props.path, { code: code.trim() }))
			props.end();
	};

	return <form onSubmit={(e) => {
		e.preventDefault();
		void send();
	}}>
		<Field label={words.account.code} value={code} set={set} numeric
			required complete="one-time-code" />
		<div class="buttons">
			<button class="main">{props.text}</button>
			<Button work={props.end}>{words.people.cancel}</Button>
		</div>
	</form>;
}

export function SecondFactor() {
	const { desk, state, words } = useShown();
	const [secret, set_secret] = useState<Secret | null>(null);
	const [removing, remove] = useState(false);
	const begin = () => desk.attempt(async () =>
		set_secret(await post<Secret>("/me/totp/begin")));
	const end = () => {
		set_secret(null);
		remove(false);
		void desk.load_me();
	};

	return <section class="card">
		<h2>{words.account.totp}</h2>
		<p>{state.me?.totp ? words.account.totp_on
			: words.account.totp_off}</p>
		{secret ? <>
			<p>{words.account.totp_scan}</p>
			<Picture text={secret.uri} />
			<dl>
				<dt>{words.account.secret}</dt>
				<dd class="secret">{secret.secret}</dd>
				<dt>{words.account.address}</dt>
				<dd class="secret">{secret.uri}</dd>
			</dl>
			<Code path="/me/totp/confirm" text={words.account.confirm}
				end={end} />
		</> : removing ? <Code path="/me/totp/remove"
			text={words.account.totp_remove} end={end} />
		: state.me?.totp ? <Button work={() => remove(true)}>
			{words.account.totp_remove}</Button>
		: <Button work={begin}>{words.account.totp_begin}</Button>}
	</section>;
}
