/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alloc.c  The queue, and who is rung for whom.
 *
 * The longest waiting call is offered to the counsellor who has been free
 * longest. Later rules (languages, several rings for one caller) belong into
 * pick_person() and into what alloc_run() counts as still wanting a ring;
 * must not move the machines in any other way than offer().
 */
#include "alloc.h"
#include "plant.h"
#include "priv.h"


/*
 * Numbers grow with arrival. A call that comes back from an offer is near
 * the head of the queue, a new one near its tail: walk from the nearer end.
 */
void alloc_wait(struct turn *t, struct call *c)
{
	struct call_list *q = &t->core->waiting;
	const uint64_t number = c->record.call;
	struct call *other = TAILQ_FIRST(q);

	if (!other || number < other->record.call) {
		TAILQ_INSERT_HEAD(q, c, waiting);
		return;
	}

	other = TAILQ_LAST(q, call_list);
	while (other->record.call > number)
		other = TAILQ_PREV(other, call_list, waiting);
	TAILQ_INSERT_AFTER(q, other, c, waiting);
}


void alloc_unwait(struct turn *t, struct call *c)
{
	TAILQ_REMOVE(&t->core->waiting, c, waiting);
}


static struct call *pick_call(const struct core *core)
{
	if (PLANTED_BUG(PLANT_NEWEST_FIRST))
		return TAILQ_LAST(&core->waiting, call_list);

	return TAILQ_FIRST(&core->waiting);
}


static struct person *pick_person(const struct core *core,
				  const struct call *c)
{
	(void)c; /* everybody takes every call, so far */

	return TAILQ_FIRST(&core->free);
}


static void offer(struct turn *t, struct call *c, struct person *p)
{
	c->person = p;
	p->call = c;
	p->offer = person_next_offer(t->core, p);
	call_drive(c, CALL_EV_OFFER, t);
	person_drive(p, PERSON_EV_OFFER, t);
}


/*
 * Makes TURN_OFFERS at most: it leaves either no call waiting or nobody free,
 * and one event brings at most one call into the queue and at most one
 * counsellor into FREE; so when it runs next, one of the two is at most one.
 */
void alloc_run(struct turn *t)
{
	struct call *c;
	struct person *p;

	while ((c = pick_call(t->core)) && (p = pick_person(t->core, c)))
		offer(t, c, p);
}
