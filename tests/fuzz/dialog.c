/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialog.c  Callers, telephones and strangers say what they like, in and around
 * dialogs, and time passes: whatever it was, no leg is left of it, nobody is
 * rung whom the line did not choose (world.h).
 */
#include "say.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static say_h *const says[] = {
		say_request, say_answer, say_request, say_answer,
		say_again,   say_key,    say_request, say_raw,
	};
	struct food f = {data, n};
	struct world *w;

	fuzz_quietly();
	w = world_begin();
	w->polite = food_byte(&f) & 1;
	say_all(w, &f, says, sizeof(says) / sizeof(says[0]));
	w->polite |= food_byte(&f) & 1;
	world_end(w);

	return 0;
}
