/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registrar.c  Telephones register, or try to, and who may not tries others
 * things: nobody is at home without Ben's secret, and it is rung nowhere but
 * where it was shown (world.h).
 */
#include "say.h"


static void proven(const struct world *w)
{
	HOLDS(!registrar_has(w->registrar, BEN) || w->peer[0].proven);
	HOLDS(!registrar_knows(w->registrar, ANA));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static say_h *const says[] = {
		say_register, say_register, say_register, say_request,
		say_again,    say_register, say_raw,      say_answer,
	};
	struct food f = {data, n};
	struct world *w;

	fuzz_quietly();
	w = world_begin();
	w->polite = food_byte(&f) & 1;
	say_all(w, &f, says, sizeof(says) / sizeof(says[0]));
	proven(w);
	world_end(w);

	return 0;
}
