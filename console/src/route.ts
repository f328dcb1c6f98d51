// SPDX-License-Identifier: AGPL-3.0-or-later
/** Which page is shown: the part of the address after '#'. */

export const pages = ["home", "promises", "board", "people", "calls",
	"account"] as const;
export type Page = typeof pages[number];

export type Route =
	| { readonly page: Page }
	| { readonly page: "invite"; readonly token: string };

export function route_of(hash: string): Route {
	const invite = /^#invite=([A-Za-z0-9_-]+)$/.exec(hash);

	if (invite?.[1])
		return { page: "invite", token: invite[1] };

	const page = pages.find((name) => hash === `#/${name}`);
	return { page: page ?? "home" };
}

export const coordinators_pages: readonly Page[] = ["board", "people",
	"calls"];
