// SPDX-License-Identifier: AGPL-3.0-or-later
/** One's own account. */
import { moment, relative } from "../time";
import type { Session } from "../wire";
import { useFetched } from "./fetched";
import { Keys } from "./keys";
import { LanguageChoice } from "./language";
import { SecondFactor } from "./second_factor";
import { Button, useNow, useShown } from "./ui";

function Sessions() {
	const { desk, words, language } = useShown();
	const now = useNow();
	const { data, again } = useFetched<{ sessions: Session[] }>("/sessions");
	const revoke = async (id: string) => {
		if (await desk.change(`/sessions/${id}/revoke`))
			await again();
	};

	return <section class="card">
		<h2>{words.account.sessions}</h2>
		<ul class="list">{(data?.sessions ?? []).map((s) => <li key={s.id}
			class="row">
			<span>{s.here && <b>{words.account.here} · </b>}
				{words.account.made(moment(language, s.made_at))},{" "}
				{words.account.seen(relative(language,
					Math.min(0, s.seen_at - now)))}</span>
			{!s.here && <Button work={() => revoke(s.id)}>
				{words.account.revoke}</Button>}
		</li>)}</ul>
	</section>;
}

export function Account() {
	const { desk, words } = useShown();

	return <>
		<h1>{words.account.title}</h1>
		<section class="card"><LanguageChoice /></section>
		<section class="card">
			<h2>{words.account.check}</h2>
			<Button work={() => desk.store.tell({ type: "checking",
				checking: true })}>{words.account.check_go}</Button>
		</section>
		<SecondFactor />
		<Keys />
		<Sessions />
	</>;
}
