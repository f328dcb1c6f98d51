/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * clock.c  The clock on the wall: told each minute, and set wrong at times.
 */
#include "sim.h"


enum {
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
};


int64_t clock_unix(const struct world *w)
{
	return w->plan->unix_ms + w->clock_off + (int64_t)w->now;
}


/* Nothing is left but what the coordinator must see to: see them close it. */
static void closing_time(struct world *w)
{
	if (w->last_orders && check_all_ended(w->check) && !w->disk.n_queued)
		w->over = true;
	else if (check_settled(w->check)) {
		w->last_orders = true;
		coordinator_closes_all(w);
	}
}


void minute(struct world *w, const struct agenda_item *item)
{
	(void)item;
	TELL(w, .type = CORE_CLOCK, .unix_ms = clock_unix(w));
	if (w->calm)
		closing_time(w);
	if (!w->over)
		LATER(w, MINUTE_MS, .what = SIM_MINUTE);
}


/* Some minutes as a rule, at times days; and back again, perhaps. */
void clock_jumps(struct world *w, const struct agenda_item *item)
{
	const bool far = rng_chance(&w->rng, 100);
	const int64_t by = rng_below(&w->rng, far ? 72 * HOUR_MS
						  : 20 * MINUTE_MS);

	(void)item;
	if (w->calm)
		return;

	w->clock_off += rng_chance(&w->rng, 500) ? by : -by;
	if (rng_chance(&w->rng, 300))
		w->clock_off = 0;
	TELL(w, .type = CORE_CLOCK, .unix_ms = clock_unix(w));
	LATER(w, rng_exponential(&w->rng, w->plan->clock_ms),
	      .what = SIM_CLOCK_JUMPS);
}
