// SPDX-License-Identifier: AGPL-3.0-or-later
/** Starts the page: state, desk, address, view. */
import { render } from "preact";
import { Desk } from "./desk";
import { keep } from "./keep";
import { route_of } from "./route";
import { state_first } from "./state";
import { Store } from "./store";
import { App } from "./views/app";
import { Show } from "./views/ui";
import { language_best } from "./words";

const language = language_best([keep.language() ?? "", ...navigator.languages]);
const store = new Store(state_first(route_of(location.hash), language));
const audio = new Audio(); // what the caller says; silent until accepted

audio.autoplay = true;
audio.muted = true;
document.documentElement.lang = language;
addEventListener("hashchange", () =>
	store.tell({ type: "route", route: route_of(location.hash) }));

const desk = new Desk(store, audio);
/* after a reload browsers let no sound out until a click, on whatever */
addEventListener("click", () => {
	if (store.state.trouble.silent)
		void desk.sounds.wake();
});
const page = document.getElementById("page");

if (page)
	render(<Show desk={desk}><App /></Show>, page);
desk.start();
