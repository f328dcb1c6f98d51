/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crash.c  Our processes die, at any step, and are started again.
 *
 * What was not committed is gone, and so are all legs: trunk and phones end
 * them. The new core is told the time, who is on duty, and what the store
 * holds of open calls. At times the key to their numbers is gone as well, and
 * somebody brings each number back sooner or later.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"


void crash_now(struct world *w)
{
	if (!w->core)
		return;

	++w->report->n_crashes;
	++w->life;
	core_free(w->core);
	w->core = NULL;
	disk_lose(w);
	if (w->plan->key_lost && rng_chance(&w->rng, w->plan->key_lost))
		disk_lock_numbers(w);
	callers_lost(w);
	for (uint32_t i = 0; i < w->plan->n_people; i++)
		memset(&w->people[i].leg, 0, sizeof(w->people[i].leg));
	check_crash(w->check);
	LATER(w, rng_exponential(&w->rng, 3000), .what = SIM_START);
}


void crash(struct world *w, const struct agenda_item *item)
{
	(void)item;
	if (w->calm)
		return;

	if (w->trace)
		(void)fputs("our processes die\n", w->trace);
	crash_now(w);
	LATER(w, rng_exponential(&w->rng, w->plan->crash_ms),
	      .what = SIM_CRASH);
}


enum { NUMBER_BACK_MS = 10 * 60 * 1000 };


static void restore(struct world *w)
{
	const uint64_t last = disk_last(w);

	for (uint64_t call = FIRST_CALL; call <= last; call++) {
		const struct core_record *r = disk_row(w, call);

		/* a copy: the store writes on while the core restores */
		if (r && r->outcome == OUTCOME_OPEN) {
			const struct core_record row = *r;

			TELL(w, .type = CORE_RESTORE, .call = call,
			     .restore = &row);
			if (row.promise.number_waits)
				NEWS(w, rng_exponential(&w->rng,
							NUMBER_BACK_MS),
				     .type = CORE_NUMBER_BACK, .call = call);
		}
	}
}


void start(struct world *w, const struct agenda_item *item)
{
	struct core_settings s = world_settings(w, disk_last(w) + 1);

	(void)item;
	if (core_alloc(&w->core, &s))
		abort();
	w->deadline = UINT64_MAX;
	check_start(w->check, w->core, &s);
	TELL(w, .type = CORE_CLOCK, .unix_ms = clock_unix(w));
	people_return(w);
	restore(w);
	if (w->core) /* or it died in this */
		check_restored(w->check);
}
