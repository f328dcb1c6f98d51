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


/* To just before one of the hours at which it is not safe to ring any more. */
static int64_t to_an_edge(struct world *w)
{
	const int64_t day = 24 * (int64_t)HOUR_MS;
	const int64_t hour = rng_between(&w->rng, 18, 21);
	const int64_t before = rng_below(&w->rng, 20000);

	return hour * HOUR_MS - before - clock_unix(w) % day;
}


/* Some minutes as a rule, at times days; and back again, perhaps. */
void clock_jumps(struct world *w, const struct agenda_item *item)
{
	const bool far = rng_chance(&w->rng, 100);
	const int64_t by = rng_below(&w->rng, far ? 72 * HOUR_MS
						  : 20 * MINUTE_MS);

	if (w->calm)
		return;

	w->clock_off += rng_chance(&w->rng, 500) ? by : -by;
	if (rng_chance(&w->rng, 300))
		w->clock_off = 0;
	if (item->n)
		w->clock_off += to_an_edge(w);
	TELL(w, .type = CORE_CLOCK, .unix_ms = clock_unix(w));
	if (!item->n)
		LATER(w, rng_exponential(&w->rng, w->plan->clock_ms),
		      .what = SIM_CLOCK_JUMPS);
}
