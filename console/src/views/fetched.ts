// SPDX-License-Identifier: AGPL-3.0-or-later
import { useCallback, useEffect, useState } from "preact/hooks";
import { get } from "../api";
import { useShown } from "./ui";

/** What a page fetches for itself when it is opened, and anew by again(). */
export function useFetched<T>(path: string): {
	data: T | null; again: () => Promise<unknown> } {
	const { desk } = useShown();
	const [data, set] = useState<T | null>(null);
	const again = useCallback(() => desk.attempt(async () =>
		set(await get<T>(path))), [path]);

	useEffect(() => void again(), [path]);
	return { data, again };
}
