/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * slot.c  The slots of calls: taken at their beginning, emptied at their end.
 * Must not know why a call ends (call.c).
 */
#include <string.h>

#include "plant.h"
#include "priv.h"
#include "promise.h"
#include "twin.h"


struct call *call_find(const struct core *core, uint64_t number)
{
	const struct call *c = &core->calls[number % LIMIT_CALLS];

	if (!number || c->record.call != number)
		return NULL;

	return (struct call *)c;
}


static void set_up(struct deadline *d, struct call *c, enum deadline_kind kind)
{
	d->owner = c;
	d->kind = (uint8_t)kind;
}


struct call *call_open(struct turn *t, uint64_t number, uint32_t handle)
{
	struct core *core = t->core;
	struct call *c = &core->calls[number % LIMIT_CALLS];
	struct call *other = TAILQ_LAST(&core->open, call_list);

	if (c->state != CALL_NONE)
		return NULL;

	c->record.call = number;
	c->handle = handle;
	c->arrived = t->now;
	c->place = (int64_t)t->now;
	TAILQ_INIT(&c->ringing);
	set_up(&c->quiet, c, DEADLINE_QUIET);
	set_up(&c->news, c, DEADLINE_NEWS);
	set_up(&c->wait, c, DEADLINE_LONG);
	set_up(&c->circle_next, c, DEADLINE_CIRCLE);
	set_up(&c->reserved_end, c, DEADLINE_RESERVED);
	set_up(&c->promise_next, c, DEADLINE_PROMISE);
	alike_add(&core->alike, c);

	while (other && other->record.call > number)
		other = TAILQ_PREV(other, call_list, open);
	if (other)
		TAILQ_INSERT_AFTER(&core->open, other, c, open);
	else
		TAILQ_INSERT_HEAD(&core->open, c, open);

	return c;
}


static void forget(struct core *core, struct call *c)
{
	struct deadline *const deadlines[] = {
		&c->quiet, &c->news, &c->wait, &c->circle_next,
		&c->promise_next, &c->reserved_end};

	for (size_t i = 0; i < STEP_COUNT(deadlines); i++)
		deadline_clear(&core->deadlines, deadlines[i]);
	if (core->sweep == c)
		core->sweep = TAILQ_NEXT(c, open);
	promise_own(core, &c->record.promise, 0);
	twin_leave(c);
	alike_remove(&core->alike, c);
	TAILQ_REMOVE(&core->open, c, open);
	--core->n_calls[c->state];
	++core->n_calls[CALL_NONE];
	memset(c, 0, sizeof(*c));
}


void call_end(struct turn *t, struct call *c, enum call_outcome outcome,
	      enum core_cause cause)
{
	c->record.outcome = outcome;
	c->record.cause = cause;
	if (!PLANTED_BUG(PLANT_NO_LAST_UPDATE) || outcome == OUTCOME_TALKED)
		(void)call_ask_record(t, c, CORE_UPDATE);
	if (PLANTED_BUG(PLANT_RUNG_AGAIN) && outcome == OUTCOME_KEPT)
		(void)call_ask_record(t, c, CORE_DIAL);

	t->freed = c->handle;
	twin_ended(c, t);
	alloc_remove(t, c);
	forget(t->core, c);
}
