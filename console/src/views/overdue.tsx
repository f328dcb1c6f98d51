// SPDX-License-Identifier: AGPL-3.0-or-later
/** For coordinators: what should have been deleted, and is still there. */
import { useEffect, useState } from "preact/hooks";
import { get, Refused } from "../api";
import type { Retention } from "../wire";
import type { Words } from "../words";
import { useShown } from "./ui";

const AGAIN_MS = 3_600_000;

function said(words: Words, l: Retention): string[] {
	return [l.clock_doubted ? words.retention.clock : "",
		l.overdue ? words.retention.overdue(l.line) : "",
		l.held ? words.retention.held(l.line, l.held) : "",
		l.messages ? words.retention.messages(l.line, l.messages) : "",
	].filter(Boolean);
}

export function Overdue() {
	const { words } = useShown();
	const [lines, set] = useState<readonly Retention[]>([]);

	useEffect(() => {
		/* nobody asked for it: what does not work, the next time does */
		const look = () => void get<{ lines: Retention[] }>("/retention")
			.then((kept) => set(kept.lines))
			.catch((reason: unknown) => {
				if (!(reason instanceof Refused))
					throw reason;
			});
		const timer = setInterval(look, AGAIN_MS);

		look();
		return () => clearInterval(timer);
	}, []);
	return <div role="status" class="banners">
		{[...new Set(lines.filter((l) => l.alarm)
			.flatMap((l) => said(words, l)))]
			.map((text) => <p class="banner wrong" key={text}>{text}</p>)}
	</div>;
}
