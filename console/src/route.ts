// SPDX-License-Identifier: AGPL-3.0-or-later
/** Which page is shown: the part of the address after '#'. */

export const pages = ["home", "promises", "board", "people", "calls",
	"marks", "recovery", "account"] as const;
export type Page = typeof pages[number];

export type Route =
	| { readonly page: Page }
	| { readonly page: "call"; readonly call: number }
	| { readonly page: "invite"; readonly token: string };

export function route_of(hash: string): Route {
	const invite = /^#invite=([A-Za-z0-9_-]+)$/.exec(hash);

	if (invite?.[1])
		return { page: "invite", token: invite[1] };

	const call = /^#\/call\/([1-9][0-9]{0,14})$/.exec(hash);

	if (call?.[1])
		return { page: "call", call: Number(call[1]) };

	const page = pages.find((name) => hash === `#/${name}`);
	return { page: page ?? "home" };
}

export const coordinators_pages: readonly Page[] = ["board", "people",
	"calls", "recovery"];
