/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * guests.c  Counsellors who ask each other for advice in a talk, hand over,
 * change their minds, and press the wrong button.
 */
#include <errno.h>

#include "sim.h"


enum { NOBODY = 3 }; /* no id of anybody */


/* Whom they ask: whoever is free, somebody, somebody who is not there. */
static uint32_t whom(struct world *w)
{
	const uint32_t dice = rng_below(&w->rng, 1000);

	if (dice < 450)
		return 0;
	if (dice < 480)
		return NOBODY;

	return w->people[rng_below(&w->rng, w->plan->n_people)].id;
}


static void later(struct world *w, uint64_t ms, uint64_t offer,
		  enum core_event_type verb)
{
	LATER(w, ms, .what = SIM_CONSULTS, .offer = offer, .n = verb);
}


/* The fitting one most of the time, any at all else. */
void consults(struct world *w, const struct agenda_item *item)
{
	static const enum core_event_type verbs[] = {
		CORE_CONSULT, CORE_CONSULT_END, CORE_THREE, CORE_HAND_OVER,
	};
	enum core_event_type verb = (enum core_event_type)item->n;
	struct core_event ev = {.offer = item->offer};

	if (rng_chance(&w->rng, 150))
		verb = verbs[rng_below(&w->rng, STEP_COUNT(verbs))];
	ev.type = verb;
	if (verb == CORE_CONSULT)
		ev.person = whom(w);
	if (world_tell(w, &ev) == EBUSY && rng_chance(&w->rng, 800))
		later(w, rng_below(&w->rng, 20000), item->offer,
		      CORE_CONSULT); /* and again */
}


/* somebody has enough, at this moment or another */
static void somebody_goes(struct world *w, uint64_t ms, uint64_t call,
			  uint64_t offer)
{
	if (rng_chance(&w->rng, 500))
		LATER(w, ms, .what = SIM_CALLER_HANGS_UP, .call = call);
	else
		LATER(w, ms, .what = SIM_PHONE_HANGS_UP, .offer = offer);
}


/* A talk begins: perhaps they ask, more than once, soon or late. */
void guests_perhaps(struct world *w, uint64_t offer)
{
	while (rng_chance(&w->rng, w->plan->consults))
		later(w, rng_below(&w->rng, w->plan->talk_ms), offer,
		      CORE_CONSULT);
}


/* A guest is rung: it is just now that things happen. */
void guests_ring(struct world *w, uint64_t call)
{
	struct core_call_view v;
	const uint32_t ring_ms = w->settings.ring_ms;

	if (!core_call(w->core, call, &v))
		return;
	if (rng_chance(&w->rng, 150)) /* enough of waiting, or just then */
		later(w, rng_below(&w->rng, ring_ms + 200), v.offer,
		      CORE_CONSULT_END);
	if (rng_chance(&w->rng, 80))
		later(w, ring_ms, v.offer, CORE_CONSULT_END);
	if (rng_chance(&w->rng, 150))
		somebody_goes(w, rng_below(&w->rng, 5000), call, v.offer);
}


static enum core_event_type next_verb(struct world *w, enum guest_state state)
{
	const uint32_t dice = rng_below(&w->rng, 1000);

	if (state == GUEST_NONE)
		return CORE_CONSULT;
	if (dice < 400)
		return CORE_HAND_OVER;

	return dice < 800 && state == GUEST_ASIDE ? CORE_THREE
						  : CORE_CONSULT_END;
}


/* Who hears whom has changed: something comes next, and the talk has an end
 * also if those who were to end it are not in it any more. */
void do_party(struct world *w, const struct core_action *a)
{
	const uint32_t talk_ms = w->plan->talk_ms;
	struct core_call_view v;
	uint64_t ms;

	if (!core_call(w->core, a->call, &v))
		return;

	ms = rng_exponential(&w->rng, talk_ms);
	somebody_goes(w, ms, a->call, v.offer);
	if (v.guest && rng_chance(&w->rng, 400)) /* perhaps both at once */
		LATER(w, ms, .what = SIM_PHONE_HANGS_UP, .offer = v.guest);
	if (v.guest ? rng_chance(&w->rng, 800)
		    : rng_chance(&w->rng, w->plan->consults))
		later(w, rng_below(&w->rng, talk_ms), v.offer,
		      next_verb(w, v.guest_state));
	if (v.guest && rng_chance(&w->rng, 200)) /* just as somebody goes */
		later(w, ms + world_delay(w) / 2, v.offer,
		      next_verb(w, v.guest_state));
	if (rng_chance(&w->rng, w->plan->house_closes))
		LATER(w, world_delay(w), .what = SIM_HOUSE_CLOSES,
		      .call = a->call);
}
