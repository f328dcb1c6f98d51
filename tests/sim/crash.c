/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crash.c  Our processes die, at any step, and are started again.
 *
 * What was not committed is gone. Legs live with media, which does not die with
 * us, but for when the power goes: then trunk and phones end them. The new core
 * is told the time, who is on duty, what the store holds of open calls, and
 * what was kept of those whose callers are still on the line. At times the key to their numbers is gone as well, and
 * somebody brings each number back sooner or later.
 */
#include <stdlib.h>

#include "sim.h"


void crash_now(struct world *w)
{
	const bool all = !rng_chance(&w->rng, w->plan->legs_live);

	if (!w->core)
		return;

	++w->report->n_crashes;
	++w->life;
	core_free(w->core);
	w->core = NULL;
	w->up = false;
	disk_lose(w);
	if (w->plan->key_lost && rng_chance(&w->rng, w->plan->key_lost))
		disk_lock_numbers(w);
	callers_lost(w, all);
	phones_lost(w, all);
	if (all)
		w->n_pauses = 0;
	check_crash(w->check, all);
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


static void restore_call(struct world *w, const struct core_record *row)
{
	const struct caller *c = caller_find(w, row->call);

	if (c && caller_lives(c)) {
		const struct core_kept kept = c->kept;

		++w->report->n_resumed;
		TELL(w, .type = CORE_RESUME, .call = row->call,
		     .restore = row, .kept = &kept, .handle = c->handle);
	}
	else {
		TELL(w, .type = CORE_RESTORE, .call = row->call,
		     .restore = row);
	}
	if (row->promise.number_waits)
		NEWS(w, rng_exponential(&w->rng, NUMBER_BACK_MS),
		     .type = CORE_NUMBER_BACK, .call = row->call);
}


static void pauses_return(struct world *w)
{
	for (size_t i = 0; i < w->n_pauses && w->core; i++)
		TELL(w, .type = CORE_PERSON_PAUSED,
		     .person = w->pauses[i].person, .pause = &w->pauses[i]);
	if (!w->core)
		return;
	w->up = true;
	w->paused = UINT64_MAX;
	check_paused(w->check);
}


static void restore(struct world *w)
{
	const uint64_t last = disk_last(w);

	for (uint64_t call = FIRST_CALL; call <= last && w->core; call++) {
		const struct core_record *r = disk_row(w, call);

		/* a copy: the store writes on while the core restores */
		if (r && r->outcome == OUTCOME_OPEN) {
			const struct core_record row = *r;

			restore_call(w, &row);
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
	pauses_return(w);
	restore(w);
	if (!w->core)
		return; /* it died in this */
	callers_return(w);
	phones_return(w);
	check_restored(w->check);
}
