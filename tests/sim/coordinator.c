/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * coordinator.c  Somebody who looks at what is owed, now and then, and does
 * something about it: now this, now that, also where it makes no sense.
 */
#include "sim.h"


/* A call that is or was a promise, as the store has it; 0 if none is found. */
static uint64_t some_promise(struct world *w)
{
	const uint64_t n = disk_last(w) + 1 - FIRST_CALL;

	for (int i = 0; n && i < 30; i++) {
		const uint64_t call =
			FIRST_CALL + rng_below(&w->rng, (uint32_t)n);
		const struct core_record *r = disk_row(w, call);

		if (r && r->promise.kind != PROMISE_NONE &&
		    (r->outcome == OUTCOME_OPEN ||
		     rng_chance(&w->rng, 50)))
			return call;
	}

	return 0;
}


static uint32_t somebody(struct world *w)
{
	const uint32_t i = rng_below(&w->rng, w->plan->n_people + 1);

	return i < w->plan->n_people ? w->people[i].id : 0;
}


static void do_something(struct world *w, uint64_t call)
{
	static const enum core_event_type types[] = {
		CORE_PROMISE_TAKE, CORE_PROMISE_TAKE, CORE_PROMISE_SNOOZE,
		CORE_PROMISE_SNOOZE, CORE_PROMISE_RING, CORE_PROMISE_RING,
		CORE_PROMISE_RING, CORE_PROMISE_KEEP, CORE_PROMISE_CLOSE,
	};
	struct core_event ev = {.call = call};

	ev.type = types[rng_below(&w->rng, STEP_COUNT(types))];
	ev.person = somebody(w);
	ev.reason = (enum close_reason)rng_below(&w->rng, CLOSE_REASONS);
	ev.ms = rng_below(&w->rng, CORE_SNOOZE_MS / 2);
	if (rng_chance(&w->rng, 100))
		ev.ms *= 4;
	world_news(w, world_delay(w), ev);
}


/* Just as it rings: somebody has dealt with it, or wants something else. */
void coordinator_meddles(struct world *w, uint64_t call)
{
	if (!w->calm && w->plan->work_ms && rng_chance(&w->rng, 20))
		do_something(w, call);
}


void work(struct world *w, const struct agenda_item *item)
{
	const uint32_t n = rng_below(&w->rng, 6);

	(void)item;
	if (w->calm)
		return;

	for (uint32_t i = 0; i < n; i++) {
		const uint64_t call = some_promise(w);

		if (call)
			do_something(w, call);
	}
	LATER(w, rng_exponential(&w->rng, w->plan->work_ms), .what = SIM_WORK);
}


void coordinator_closes_all(struct world *w)
{
	const uint64_t last = disk_last(w);

	for (uint64_t call = FIRST_CALL; call <= last; call++) {
		const struct core_record *r = disk_row(w, call);
		const bool keep = rng_chance(&w->rng, 500);

		if (!r || r->outcome != OUTCOME_OPEN)
			continue;
		NEWS(w, 0, .type = keep ? CORE_PROMISE_KEEP
					: CORE_PROMISE_CLOSE,
		     .call = call, .reason = CLOSE_UNREACHABLE);
	}
}
