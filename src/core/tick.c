/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tick.c  Whose time has come, and what for. Must not decide anything itself.
 */
#include "dialogue.h"
#include "promise.h"
#include "staff.h"
#include "sweep.h"
#include "tick.h"


static void person_time(struct turn *t, void *owner)
{
	(void)person_step(owner, PERSON_EV_TIME, t);
}


static void call_silence(struct turn *t, void *owner)
{
	dialogue_silence(owner, t);
}


static void call_news(struct turn *t, void *owner)
{
	dialogue_news(owner, t);
}


static void call_long(struct turn *t, void *owner)
{
	dialogue_long(owner, t);
}


static void call_circle(struct turn *t, void *owner)
{
	staff_circle_widen(t, owner);
}


static void call_reserved(struct turn *t, void *owner)
{
	staff_reserve(t, owner, 0);
}


static void call_promise(struct turn *t, void *owner)
{
	promise_time(owner, t);
}


void tick(struct turn *t)
{
	static void (*const times[DEADLINE_KINDS])(struct turn *t,
						   void *owner) = {
		[DEADLINE_PERSON] = person_time,
		[DEADLINE_QUIET] = call_silence,
		[DEADLINE_NEWS] = call_news,
		[DEADLINE_LONG] = call_long,
		[DEADLINE_CIRCLE] = call_circle,
		[DEADLINE_RESERVED] = call_reserved,
		[DEADLINE_PROMISE] = call_promise,
	};
	struct deadline *d = deadline_pop(&t->core->deadlines, t->now);

	if (d)
		times[d->kind](t, d->owner);
	else
		sweep_go_on(t);
}
