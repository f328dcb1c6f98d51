/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alloc.c  The queue, and who is rung for whom (the rule is in alloc.h).
 *
 * Later rules (languages, skills, circles) belong into the strategies and into
 * pick_call(). Must not move the machines in any other way than offer().
 */
#include "alloc.h"
#include "plant.h"
#include "priv.h"


struct strategy {
	/* rings that one call may have at once */
	uint32_t (*max_rings)(const struct core *core);
	/* who is rung next, NULL if nobody is free */
	struct person *(*pick)(const struct core *core);
};


static uint32_t as_set(const struct core *core)
{
	const uint32_t n = core->settings.ring_at_once;

	return n ? n : LIMIT_RING_AT_ONCE;
}


static uint32_t one(const struct core *core)
{
	(void)core;

	return 1;
}


static struct person *free_longest(const struct core *core)
{
	return TAILQ_FIRST(&core->free);
}


/* Numbers stay the same from one start to the next, other than places. */
static struct person *next_in_turn(const struct core *core)
{
	struct person *first = NULL;

	for (size_t i = 0; i < core->n_people; i++) {
		struct person *p = core->by_id[i];

		if (p->state != PERSON_FREE)
			continue;
		if (p->id > core->last_rung)
			return p;
		if (!first)
			first = p;
	}

	return first;
}


static const struct strategy strategies[STRATEGIES] = {
	[STRATEGY_ALL] = {as_set, free_longest},
	[STRATEGY_LONGEST_IDLE] = {one, free_longest},
	[STRATEGY_ROUND_ROBIN] = {one, next_in_turn},
};


static const struct strategy *strategy(const struct core *core)
{
	return &strategies[core->settings.strategy];
}


/*
 * Numbers grow with arrival. A call that comes back from an offer is near
 * the head of the queue, a new one near its tail: look at both ends first.
 */
static void insert(struct call_list *q, struct call *c)
{
	const uint64_t number = c->record.call;
	struct call *other = TAILQ_FIRST(q);

	if (!other || number < other->record.call) {
		TAILQ_INSERT_HEAD(q, c, queued);
		return;
	}

	other = TAILQ_LAST(q, call_list);
	while (other->record.call > number)
		other = TAILQ_PREV(other, call_list, queued);
	TAILQ_INSERT_AFTER(q, other, c, queued);
}


/* where a call with so many rings belongs; NULL if it has enough */
static struct call_list *queue_for(struct core *core, const struct call *c)
{
	if (!c->n_ringing)
		return &core->waiting;
	if (PLANTED_BUG(PLANT_NOT_RUNG_TOO))
		return NULL;

	return c->n_ringing < strategy(core)->max_rings(core) +
				      PLANTED_BUG(PLANT_ONE_TOO_MANY)
		       ? &core->rung
		       : NULL;
}


void alloc_place(struct turn *t, struct call *c)
{
	struct call_list *q = queue_for(t->core, c);

	if (q == c->queue)
		return;

	alloc_remove(t, c);
	if (q)
		insert(q, c);
	c->queue = q;
}


void alloc_remove(struct turn *t, struct call *c)
{
	(void)t;

	if (c->queue)
		TAILQ_REMOVE(c->queue, c, queued);
	c->queue = NULL;
}


static struct call *pick_call(const struct core *core)
{
	struct call *c = TAILQ_FIRST(&core->waiting);

	if (PLANTED_BUG(PLANT_NEWEST_FIRST))
		c = TAILQ_LAST(&core->waiting, call_list);
	if (PLANTED_BUG(PLANT_REST_FIRST) && !TAILQ_EMPTY(&core->rung))
		c = NULL;

	return c ? c : TAILQ_FIRST(&core->rung);
}


static void offer(struct turn *t, struct call *c, struct person *p)
{
	p->offer = person_next_offer(t->core, p);
	if (!PLANTED_BUG(PLANT_ALWAYS_FIRST))
		t->core->last_rung = p->id;
	call_offer(c, p, t);
	person_drive(p, PERSON_EV_OFFER, t);
}


/*
 * Makes LIMIT_RING_AT_ONCE offers at most: it leaves either nobody free or no
 * call that may have one more ring. One event brings at most one call into
 * the queue, takes at most one ring from a call that stays there, and brings
 * at most one counsellor into FREE. So when it runs next there is at most one
 * call that may be rung for, or at most one counsellor who is free.
 */
void alloc_run(struct turn *t)
{
	const struct strategy *s = strategy(t->core);
	struct call *c;
	struct person *p;

	while ((c = pick_call(t->core)) && (p = s->pick(t->core)))
		offer(t, c, p);
}
