// SPDX-License-Identifier: AGPL-3.0-or-later
/** Asks for the passphrase when something sealed is to be read or written. */
import { useState } from "preact/hooks";
import { Passphrase, useShown } from "./ui";

export function Unlock() {
	const { desk, words } = useShown();
	const [passphrase, set] = useState("");
	const [busy, set_busy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy)
			return;
		set_busy(true);
		try {
			await desk.unlock(passphrase);
		} finally {
			set_busy(false);
		}
	};

	return <form class="unlock" onSubmit={(event) => void submit(event)}>
		<p>{words.notes.locked}</p>
		<Passphrase label={words.sign_in.passphrase} value={passphrase}
			set={set} complete="current-password" />
		<p role="status" class="hint">{busy ? words.sign_in.busy
			: words.sign_in.private}</p>
		<button class="plain" aria-busy={busy}>{words.notes.unlock}</button>
	</form>;
}
