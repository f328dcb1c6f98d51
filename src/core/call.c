/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * call.c  A call for help: what may happen to it, and what follows.
 *
 * Every way out of the table ends in end(): there is no other, and it is the
 * only place that gives an outcome. Must not choose who is rung (alloc.c).
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "names.h"
#include "plant.h"
#include "priv.h"


static void ask(struct turn *t, const struct call *c,
		enum core_action_type type)
{
	struct core_action *a = turn_action(t, type);

	a->call = c->record.call;
	a->cause = c->record.cause;
}


static void ask_record(struct turn *t, const struct call *c,
		       enum core_action_type type)
{
	struct core_action *a = turn_action(t, type);

	a->call = c->record.call;
	a->record = c->record;
	a->record.state = c->state;
}


static enum core_cause extraordinary(enum core_cause cause)
{
	return cause == CAUSE_HUNG_UP ? CAUSE_NONE : cause;
}


static void end(struct turn *t, struct call *c, enum call_outcome outcome,
		enum core_cause cause)
{
	c->record.outcome = outcome;
	c->record.cause = cause;
	if (outcome == OUTCOME_TALKED)
		c->record.talk_ms = t->now - c->talking_since;
	else
		c->record.wait_ms = t->now - c->arrived;

	if (!PLANTED_BUG(PLANT_NO_LAST_UPDATE) || outcome == OUTCOME_TALKED)
		ask_record(t, c, CORE_UPDATE);

	TAILQ_REMOVE(&t->core->open, c, open);
	memset(c, 0, sizeof(*c));
}


static void refuse(struct turn *t, struct call *c, enum core_cause cause)
{
	c->record.cause = cause;
	ask(t, c, CORE_REFUSE);
	end(t, c, OUTCOME_CLOSED, cause);
}


static void give_up(struct turn *t, struct call *c)
{
	const bool early = t->now - c->arrived < t->core->settings.short_ms;

	end(t, c, early ? OUTCOME_SHORT : OUTCOME_GAVE_UP,
	    extraordinary(t->cause));
}


static void arrive(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	TAILQ_INIT(&c->ringing);
	TAILQ_INSERT_TAIL(&t->core->open, c, open);
	ask_record(t, c, CORE_RECORD);
}


static void answer(void *obj, void *arg)
{
	ask(arg, obj, CORE_ANSWER);
}


static void not_recorded(void *obj, void *arg)
{
	/* the update tells a store that has recovered by then */
	refuse(arg, obj, CAUSE_STORE);
}


/* nobody has answered the caller yet: say no */
static void refuse_for_cause(void *obj, void *arg)
{
	struct turn *t = arg;

	refuse(t, obj, t->cause);
}


static void answered(void *obj, void *arg)
{
	ask(arg, obj, CORE_PLAY);
	ask_record(arg, obj, CORE_UPDATE);
	alloc_place(arg, obj);
}


static void leave_ringing(struct call *c, struct person *p)
{
	TAILQ_REMOVE(&c->ringing, p, ringing);
	--c->n_ringing;
}


/* Each of them is asked to stop, for the reason that the event says. */
static void stop_ringing(struct turn *t, struct call *c, enum person_event ev)
{
	struct person *p;

	while ((p = TAILQ_FIRST(&c->ringing))) {
		leave_ringing(c, p);
		person_drive(p, ev, t);
	}
}


static void gone_unanswered(void *obj, void *arg)
{
	give_up(arg, obj);
}


static void gone_waiting(void *obj, void *arg)
{
	alloc_remove(arg, obj);
	stop_ringing(arg, obj, PERSON_EV_CALLER_GONE);
	give_up(arg, obj);
}


static void gone_talking(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	person_drive(c->person, PERSON_EV_CALLER_GONE, t);
	end(t, c, OUTCOME_TALKED, extraordinary(t->cause));
}


static void close_waiting(void *obj, void *arg)
{
	struct turn *t = arg;

	alloc_remove(t, obj);
	stop_ringing(t, obj, PERSON_EV_CALLER_GONE);
	ask(t, obj, CORE_HANG_UP);
	end(t, obj, OUTCOME_CLOSED, t->cause);
}


static void close_talking(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	person_drive(c->person, PERSON_EV_CALLER_GONE, t);
	ask(t, c, CORE_HANG_UP);
	end(t, c, OUTCOME_TALKED, t->cause);
}


static void counsellor_gone(void *obj, void *arg)
{
	struct turn *t = arg;

	ask(t, obj, CORE_HANG_UP);
	end(t, obj, OUTCOME_TALKED, extraordinary(t->cause));
}


/* one ring more or less */
static void place(void *obj, void *arg)
{
	alloc_place(arg, obj);
}


static void taken(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	struct core_action *a;

	c->talking_since = t->now;
	c->record.wait_ms = t->now - c->arrived;
	c->record.counsellor = c->person->id;

	a = turn_action(t, CORE_CONNECT);
	a->call = c->record.call;
	a->person = c->person->id;
	a->offer = c->person->offer;
	alloc_remove(t, c);
	if (!PLANTED_BUG(PLANT_OTHERS_RING_ON))
		stop_ringing(t, c, PERSON_EV_TAKEN);
	ask_record(t, c, CORE_UPDATE);
}


static const struct step_rule rules[] = {
	{CALL_NONE, CALL_EV_ARRIVE, arrive, CALL_ARRIVING},

	{CALL_ARRIVING, CALL_EV_RECORDED, answer, CALL_ANSWERING},
	{CALL_ARRIVING, CALL_EV_NOT_RECORDED, not_recorded, CALL_ENDED},
	{CALL_ARRIVING, CALL_EV_GONE, gone_unanswered, CALL_ENDED},
	{CALL_ARRIVING, CALL_EV_CLOSE, refuse_for_cause, CALL_ENDED},

	{CALL_ANSWERING, CALL_EV_ANSWERED, answered, CALL_WAITING},
	{CALL_ANSWERING, CALL_EV_NOT_ANSWERED, refuse_for_cause, CALL_ENDED},
	{CALL_ANSWERING, CALL_EV_GONE, gone_unanswered, CALL_ENDED},
	{CALL_ANSWERING, CALL_EV_CLOSE, refuse_for_cause, CALL_ENDED},

	{CALL_WAITING, CALL_EV_OFFER, place, CALL_OFFERED},
	{CALL_WAITING, CALL_EV_GONE, gone_waiting, CALL_ENDED},
	{CALL_WAITING, CALL_EV_CLOSE, close_waiting, CALL_ENDED},

	{CALL_OFFERED, CALL_EV_OFFER, place, CALL_OFFERED},
	{CALL_OFFERED, CALL_EV_NOT_TAKEN, place, CALL_OFFERED},
	{CALL_OFFERED, CALL_EV_NONE_LEFT, place, CALL_WAITING},
	{CALL_OFFERED, CALL_EV_TAKEN, taken, CALL_TALKING},
	{CALL_OFFERED, CALL_EV_GONE, gone_waiting, CALL_ENDED},
	{CALL_OFFERED, CALL_EV_CLOSE, close_waiting, CALL_ENDED},

	{CALL_TALKING, CALL_EV_COUNSELLOR_GONE, counsellor_gone, CALL_ENDED},
	{CALL_TALKING, CALL_EV_GONE, gone_talking, CALL_ENDED},
	{CALL_TALKING, CALL_EV_CLOSE, close_talking, CALL_ENDED},
};

static const char *const event_names[CALL_EVENTS] = {
	[CALL_EV_ARRIVE] = "arrive",
	[CALL_EV_RECORDED] = "recorded",
	[CALL_EV_NOT_RECORDED] = "not_recorded",
	[CALL_EV_ANSWERED] = "answered",
	[CALL_EV_NOT_ANSWERED] = "not_answered",
	[CALL_EV_GONE] = "gone",
	[CALL_EV_CLOSE] = "close",
	[CALL_EV_OFFER] = "offer",
	[CALL_EV_NOT_TAKEN] = "not_taken",
	[CALL_EV_NONE_LEFT] = "none_left",
	[CALL_EV_TAKEN] = "taken",
	[CALL_EV_COUNSELLOR_GONE] = "counsellor_gone",
};

const struct step_machine call_machine = {
	.noun = "call",
	.states = call_state_names,
	.events = event_names,
	.rules = rules,
	.n_states = CALL_STATES,
	.n_events = CALL_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


int call_step(struct call *c, enum call_event ev, struct turn *t)
{
	return step(&call_machine, &c->state, c->record.call, (uint8_t)ev,
		    &t->core->settings.trace, c, t);
}


void call_drive(struct call *c, enum call_event ev, struct turn *t)
{
	if (call_step(c, ev, t))
		abort();
}


void call_offer(struct call *c, struct person *p, struct turn *t)
{
	p->call = c;
	TAILQ_INSERT_TAIL(&c->ringing, p, ringing);
	++c->n_ringing;
	call_drive(c, CALL_EV_OFFER, t);
}


void call_not_taken(struct call *c, struct person *p, struct turn *t)
{
	leave_ringing(c, p);
	call_drive(c, c->n_ringing ? CALL_EV_NOT_TAKEN : CALL_EV_NONE_LEFT,
		   t);
}


void call_taken(struct call *c, struct person *p, struct turn *t)
{
	leave_ringing(c, p);
	c->person = p;
	call_drive(c, CALL_EV_TAKEN, t);
}
