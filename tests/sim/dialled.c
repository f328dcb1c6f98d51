/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialled.c  The caller's phone when we ring back: they pick up, their
 * voicemail does, somebody else, or nobody. Each DIAL has one DIAL_OVER.
 */
#include "sim.h"


/* How it goes: the first row whose share the die is in. */
static const struct {
	uint32_t share; /* per cent */
	bool picks_up, voicemail;
	enum core_cause cause; /* if nobody picks up */
	uint32_t within_ms;
} ways[] = {
	{50, true, false, CAUSE_NONE, 25000},
	{17, true, true, CAUSE_NONE, 25000},
	{13, false, false, CAUSE_NO_ANSWER, 60000},
	{7, false, false, CAUSE_BUSY, 2000},
	{3, false, false, CAUSE_DEAD, 2000},
	{5, false, false, CAUSE_NETWORK, 8000},
	{2, false, false, CAUSE_DECLINED, 8000},
	{2, false, false, CAUSE_HOUSE, 10},
	{1, false, false, CAUSE_NO_CODEC, 3000},
};


void do_dial(struct world *w, const struct core_action *a)
{
	struct caller *c = caller_find(w, a->call);
	uint32_t dice = rng_below(&w->rng, 100);
	size_t i = 0;

	if (!c)
		return;

	++w->report->n_dials;
	while (dice >= ways[i].share)
		dice -= ways[i++].share;
	c->dial = DIAL_RINGING;
	c->voicemail = ways[i].voicemail;
	if (rng_chance(&w->rng, w->plan->house_closes))
		LATER(w, rng_below(&w->rng, 60000), .what = SIM_HOUSE_CLOSES,
		      .call = a->call);
	LATER(w, rng_below(&w->rng, ways[i].within_ms),
	      .what = ways[i].picks_up ? SIM_DIAL_PICKED_UP : SIM_DIAL_ENDS,
	      .call = a->call, .cause = ways[i].cause);
}


/* The last word on that leg: once. */
void dial_over(struct world *w, struct caller *c, enum core_cause cause)
{
	c->dial = DIAL_ENDING;
	c->talking = false;
	NEWS(w, world_delay(w), .type = CORE_DIAL_OVER, .call = c->call,
	     .cause = cause);
}


void dial_picked_up(struct world *w, const struct agenda_item *item)
{
	struct caller *c = caller_find(w, item->call);

	if (!c || c->dial != DIAL_RINGING)
		return;

	c->dial = DIAL_UP;
	NEWS(w, 0, .type = CORE_DIAL_ANSWERED, .call = c->call);
	if (rng_chance(&w->rng, c->voicemail ? 700 : 100))
		LATER(w, rng_below(&w->rng, 120000),
		      .what = SIM_CALLER_HANGS_UP, .call = c->call);
}


void dial_ends(struct world *w, const struct agenda_item *item)
{
	struct caller *c = caller_find(w, item->call);

	if (c && c->dial == DIAL_RINGING)
		dial_over(w, c, item->cause);
}


void dial_hang_up(struct world *w, struct caller *c, enum core_cause cause)
{
	if (c->dial == DIAL_RINGING || c->dial == DIAL_UP)
		dial_over(w, c, cause);
}
