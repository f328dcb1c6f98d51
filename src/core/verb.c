/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * verb.c  What coordinators and counsellors do about a promise: take it, put
 * it off, have it rung, keep it, close it. Must not touch a caller who is on
 * the line or being dialled.
 */
#include <errno.h>

#include "promise.h"
#include "staff.h"
#include "twin.h"
#include "verb.h"


static int may_take(const struct call *c, const struct turn *t)
{
	const struct person *p = person_find(t->core, t->ev->person);

	(void)c;
	if (!p)
		return ENOENT;

	return person_on_duty(p) ? 0 : EPERM;
}


static int64_t snoozed_to(const struct call *c, const struct turn *t)
{
	const int64_t due = c->record.promise.due_at, now = turn_unix(t);

	return (due > now ? due : now) + t->ev->ms;
}


static int may_snooze(const struct call *c, const struct turn *t)
{
	const struct core_promise *p = &c->record.promise;
	const int64_t first = p->kind == PROMISE_CUT_OFF
				      ? p->made_at
				      : promise_first_due(t->core, c,
							  p->made_at);
	const int64_t last = first + CORE_SNOOZE_MS;

	return p->n_snoozed >= CORE_SNOOZES || snoozed_to(c, t) > last
		       ? ERANGE
		       : 0;
}


static int may_ring(const struct call *c, const struct turn *t)
{
	const struct person *p = person_find(t->core, t->ev->person);

	if (c->record.promise.number_waits)
		return ENOKEY;
	if (t->ev->person && !p)
		return ENOENT;
	if (p && !(person_on_duty(p) &&
		   staff_fits(t->core, p, c->record.line, c->record.language)))
		return EPERM;

	return c->record.promise.has_number ? 0 : EPERM;
}


static int may_keep(const struct call *c, const struct turn *t)
{
	(void)c;
	(void)t;

	return 0;
}


static int may_dismiss(const struct call *c, const struct turn *t)
{
	(void)c;

	return t->ev->reason > CLOSE_NONE && t->ev->reason < CLOSE_REASONS
		       ? 0
		       : EINVAL;
}


int verb_step(struct call *c, enum call_event verb, struct turn *t)
{
	static int (*const checks[CALL_EVENTS])(const struct call *c,
						const struct turn *t) = {
		[CALL_EV_TAKE] = may_take,
		[CALL_EV_SNOOZE] = may_snooze,
		[CALL_EV_RING] = may_ring,
		[CALL_EV_KEEP] = may_keep,
		[CALL_EV_DISMISS] = may_dismiss,
	};
	int err;

	if (!call_expects(c, verb))
		return EBUSY;
	if (verb == CALL_EV_RING) {
		c = twin_first(c);
		if (!call_expects(c, verb))
			return EBUSY;
	}

	err = checks[verb](c, t);

	return err ? err : call_step(c, verb, t);
}


static void tell(struct call *c, struct turn *t)
{
	(void)call_ask_record(t, c, CORE_UPDATE);
	(void)call_ask_record(t, c, CORE_NOTICE);
}


void verb_row_take(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	promise_own(t->core, &c->record.promise, t->ev->person);
	tell(c, t);
}


void verb_row_snooze(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->record.promise.due_at = snoozed_to(c, t);
	++c->record.promise.n_snoozed;
	(void)call_ask_record(t, c, CORE_UPDATE);
}


void verb_row_ring(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->record.promise.next_at = 0;
	staff_reserve(t, c, t->ev->person);
	if (c->place > (int64_t)t->now)
		c->place = (int64_t)t->now;
	(void)call_ask_record(t, c, CORE_UPDATE);
	if (c->state == CALL_PROMISED)
		promise_look(c, t);
}


void verb_row_keep(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->record.counsellor = t->ev->person;
	call_out_of_queue(t, c);
	call_end(t, c, OUTCOME_KEPT, CAUSE_NONE);
}


void verb_row_dismiss(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->record.reason = t->ev->reason;
	call_out_of_queue(t, c);
	call_end(t, c, OUTCOME_CLOSED, CAUSE_NONE);
}
