// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: what should have been deleted, and is still there. */
import { useEffect } from "preact/hooks";
import type { Retention } from "../wire";
import { useFetched } from "./fetched";
import { useShown } from "./ui";

const AGAIN_MS = 3_600_000;

export function Overdue() {
	const { words } = useShown();
	const { data, again } = useFetched<{ lines: Retention[] }>("/retention");

	useEffect(() => {
		const timer = setInterval(() => void again(), AGAIN_MS);
		return () => clearInterval(timer);
	}, []);
	const said = (data?.lines ?? []).filter((l) => l.alarm).flatMap((l) => [
		l.overdue ? words.retention.overdue(l.line) : "",
		l.held ? words.retention.held(l.line, l.held) : "",
		l.messages ? words.retention.messages(l.line, l.messages) : "",
	]).filter(Boolean);

	return <div role="status" class="banners">{said.map((text) =>
		<p class="banner wrong" key={text}>{text}</p>)}</div>;
}
