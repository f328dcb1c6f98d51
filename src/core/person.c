/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person.c  A counsellor: what may happen to them, and what follows.
 *
 * A counsellor leaves FREE with an offer and comes back only after the shell
 * has reported that nothing of its leg is left: that is why nobody can be
 * offered two calls. Must not choose which call is offered (alloc.c).
 */
#include <stdlib.h>

#include "guest.h"
#include "names.h"
#include "pause.h"
#include "plant.h"
#include "sweep.h"


static void ask(struct turn *t, const struct person *p,
		enum core_action_type type)
{
	struct core_action *a = turn_action(t, type);

	a->person = p->id;
	a->offer = p->offer;
	if (p->call)
		a->call = p->call->record.call;
}


/* Has something to do for so long; nothing to do is over at once. */
static void pause_for(struct person *p, uint32_t ms, struct turn *t)
{
	p->offer = 0;
	if (ms)
		deadline_set(&t->core->deadlines, &p->deadline, t->now + ms);
	else
		person_drive(p, PERSON_EV_TIME, t);
}


static void become_free(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	p->offer = 0;
	p->idle_since = t->now;
	TAILQ_INSERT_TAIL(&t->core->free, p, free);
}


static void leave_free(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	TAILQ_REMOVE(&t->core->free, p, free);
}


static void stop_pause(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	deadline_clear(&t->core->deadlines, &p->deadline);
}


static void ready(void *obj, void *arg)
{
	stop_pause(obj, arg);
	become_free(obj, arg);
}


static void ring(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	leave_free(p, t);
	deadline_set(&t->core->deadlines, &p->deadline,
		     t->now + t->core->settings.ring_ms);
	ask(t, p, CORE_OFFER);
	t->actions->v[t->actions->n - 1].guest = guest_is(p);
}


/* how the ring of an offer failed; CAUSE_NONE if that was no failure */
static enum core_cause failure(enum core_cause cause)
{
	static const bool failures[CAUSES] = {
		[CAUSE_BUSY] = true,
		[CAUSE_NO_ANSWER] = true,
		[CAUSE_DEAD] = true,
		[CAUSE_NETWORK] = true,
	};

	return (unsigned)cause < CAUSES && failures[cause] ? cause
							   : CAUSE_NONE;
}


/* Nothing was taken: rests, or is off duty if it fails again and again. */
static void rest_after(struct person *p, enum core_cause failed,
		       struct turn *t)
{
	p->n_failed += failed != CAUSE_NONE;
	if (p->n_failed >= CORE_FAILED_RINGS && failed != CAUSE_NONE &&
	    !PLANTED_BUG(PLANT_NEVER_OFF)) {
		t->cause = failed; /* of what follows from it */
		person_drive(p, PERSON_EV_UNREACHABLE, t);
	}
	else {
		pause_for(p, t->core->settings.rest_ms, t);
	}
}


static void unreachable(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;
	struct core_action *a = turn_action(t, CORE_OFF_DUTY);

	a->person = p->id;
	a->cause = t->cause;
	p->offer = 0;
	sweep_start(t->core);
}


/* The ring was stopped in time. That says nothing of the counsellor, unless
 * the phone turns out to be away: where all ring for each caller and others
 * are quick, a dead phone is noticed by this alone. */
static void stopped(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;
	const bool away =
		t->cause == CAUSE_NETWORK || t->cause == CAUSE_DEAD;

	if (away && p->n_failed + 1 >= CORE_FAILED_RINGS) {
		rest_after(p, t->cause, t);
		return;
	}
	p->n_failed += away;
	pause_for(p, 0, t);
}


/* somebody is there */
static void picked_up(struct person *p)
{
	if (!PLANTED_BUG(PLANT_FAILURES_KEPT))
		p->n_failed = 0;
}


/* Comes on duty: what was before does not count. */
static void count_anew(void *obj, void *arg)
{
	struct person *p = obj;

	(void)arg;
	p->n_failed = 0;
}


static void come_on_duty(void *obj, void *arg)
{
	count_anew(obj, arg);
	become_free(obj, arg);
}


/* The offer comes to nothing: the call has its old place in the queue, or the
 * talk goes on without a guest. */
static void give_back(struct person *p, struct turn *t)
{
	struct call *c = p->call;
	const bool was_guest = guest_is(p);

	deadline_clear(&t->core->deadlines, &p->deadline);
	p->call = NULL;
	if (was_guest)
		guest_drive(c, GUEST_EV_GONE, t);
	else
		call_not_taken(c, p, t);
}


static void not_taken(void *obj, void *arg)
{
	struct turn *t = arg;

	give_back(obj, t);
	rest_after(obj, failure(t->cause), t);
}


static void stop_ringing(void *obj, void *arg)
{
	ask(arg, obj, CORE_WITHDRAW);
	give_back(obj, arg);
}


/* the caller is gone, or talks with somebody else */
static void not_needed(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	ask(t, p, CORE_WITHDRAW);
	deadline_clear(&t->core->deadlines, &p->deadline);
	p->call = NULL;
	if (PLANTED_BUG(PLANT_FREED_EARLY))
		person_drive(p, PERSON_EV_NOT_ACCEPTED, t);
}


static void talk(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;

	picked_up(p);
	deadline_clear(&t->core->deadlines, &p->deadline);
	if (guest_is(p))
		guest_drive(p->call, GUEST_EV_ACCEPTED, t);
	else
		call_taken(p->call, p, t);
}


static void too_late(void *obj, void *arg)
{
	picked_up(obj);
	ask(arg, obj, PLANTED_BUG(PLANT_CROSSING_ACCEPT) ? CORE_CONNECT
							 : CORE_RELEASE);
}


/* an accept crossed the end of the ring time: somebody is there, no rest */
static void crossed(void *obj, void *arg)
{
	picked_up(obj);
	become_free(obj, arg);
}


static void hang_up(void *obj, void *arg)
{
	struct person *p = obj;

	ask(arg, p, CORE_RELEASE);
	p->call = NULL;
}


/* whom they were to talk with is not there: free as soon as they are told */
static void not_reached(void *obj, void *arg)
{
	struct person *p = obj;
	struct turn *t = arg;
	struct core_action *a;

	ask(t, p, CORE_RELEASE);
	a = &t->actions->v[t->actions->n - 1];
	a->play.v[0].prompt = PROMPT_NOT_REACHED;
	a->play.v[0].language = p->call->record.language;
	a->play.n = 1;
	p->call = NULL;
}


static void leg_over(void *obj, void *arg)
{
	struct person *p = obj;

	(void)arg;
	p->offer = 0;
}


static void out_of_talk(struct person *p, enum call_event ev, struct turn *t)
{
	struct call *c = p->call;
	const bool was_guest = guest_is(p);

	p->offer = 0;
	p->call = NULL;
	if (was_guest)
		guest_drive(c, GUEST_EV_GONE, t);
	else if (!guest_takes_over(c, t))
		call_drive(c, ev, t);
}


static void talk_over(void *obj, void *arg)
{
	out_of_talk(obj, CALL_EV_COUNSELLOR_GONE, arg);
}


static void talk_lost(void *obj, void *arg)
{
	out_of_talk(obj, CALL_EV_COUNSELLOR_LOST, arg);
}


static void wrap_up(void *obj, void *arg)
{
	struct person *p = obj;

	pause_for(p, p->wrap_up_ms, arg);
}


static void talk_over_wrap_up(void *obj, void *arg)
{
	talk_over(obj, arg);
	wrap_up(obj, arg);
}


static void talk_lost_wrap_up(void *obj, void *arg)
{
	talk_lost(obj, arg);
	wrap_up(obj, arg);
}


/* What is left of it; the clock may have been another one. */
static void go_on_pausing(struct person *p, uint32_t most_ms, struct turn *t)
{
	const uint64_t until = t->ev->pause->until;
	const uint64_t left = until > t->now ? until - t->now : 0;

	leave_free(p, t);
	pause_for(p, left < most_ms ? (uint32_t)left : most_ms, t);
}


static void writes_up(void *obj, void *arg)
{
	go_on_pausing(obj, ((struct person *)obj)->wrap_up_ms, arg);
}


static void rests(void *obj, void *arg)
{
	struct turn *t = arg;

	go_on_pausing(obj, t->core->settings.rest_ms, t);
}


/* The ring time ran out: no answer, unless the phone knows better. */
static void rang_too_long(void *obj, void *arg)
{
	struct turn *t = arg;
	const enum core_cause failed = failure(t->cause);

	if (failed == CAUSE_NONE && t->cause != CAUSE_DECLINED)
		rest_after(obj, CAUSE_NO_ANSWER, t);
	else
		rest_after(obj, failed, t);
}


/* short names, to keep the table in columns */
#define S(state)    PERSON_##state
#define E(event)    PERSON_EV_##event

static const struct step_rule rules[] = {
	{S(NONE), E(ADD), NULL, S(OFF)},

	{S(OFF), E(ON), come_on_duty, S(FREE)},
	{S(OFF), E(OFF), NULL, S(OFF)},
	{S(OFF), E(RESUME), NULL, S(TALKING_OFF)},

	{S(FREE), E(ON), NULL, S(FREE)},
	{S(FREE), E(OFF), leave_free, S(OFF)},
	{S(FREE), E(OFFER), ring, S(RINGING)},
	{S(FREE), E(RESUME), leave_free, S(TALKING)},
	{S(FREE), E(WRITES_UP), writes_up, S(WRAP_UP)},
	{S(FREE), E(RESTS), rests, S(RESTING)},

	{S(RINGING), E(ON), NULL, S(RINGING)},
	{S(RINGING), E(OFF), stop_ringing, S(STOPPING_OFF)},
	{S(RINGING), E(ACCEPTED), talk, S(TALKING)},
	{S(RINGING), E(NOT_ACCEPTED), not_taken, S(RESTING)},
	{S(RINGING), E(GONE), not_taken, S(RESTING)},
	{S(RINGING), E(CALLER_GONE), not_needed, S(STOPPING)},
	{S(RINGING), E(TAKEN), not_needed, S(STOPPING)},
	{S(RINGING), E(TIME), stop_ringing, S(STOPPING_LATE)},

	{S(STOPPING), E(ON), NULL, S(STOPPING)},
	{S(STOPPING), E(OFF), NULL, S(STOPPING_OFF)},
	{S(STOPPING), E(ACCEPTED), too_late, S(RELEASING)},
	{S(STOPPING), E(NOT_ACCEPTED), stopped, S(RESTING)},
	{S(STOPPING), E(GONE), become_free, S(FREE)},

	{S(STOPPING_LATE), E(ON), NULL, S(STOPPING_LATE)},
	{S(STOPPING_LATE), E(OFF), NULL, S(STOPPING_OFF)},
	{S(STOPPING_LATE), E(ACCEPTED), too_late, S(RELEASING)},
	{S(STOPPING_LATE), E(NOT_ACCEPTED), rang_too_long, S(RESTING)},
	{S(STOPPING_LATE), E(GONE), crossed, S(FREE)},

	{S(RELEASING), E(ON), NULL, S(RELEASING)},
	{S(RELEASING), E(OFF), NULL, S(RELEASING_OFF)},
	{S(RELEASING), E(NOT_ACCEPTED), become_free, S(FREE)},
	{S(RELEASING), E(GONE), become_free, S(FREE)},

	{S(TALKING), E(ON), NULL, S(TALKING)},
	{S(TALKING), E(OFF), NULL, S(TALKING_OFF)},
	{S(TALKING), E(NOT_ACCEPTED), talk_over_wrap_up, S(WRAP_UP)},
	{S(TALKING), E(GONE), talk_over_wrap_up, S(WRAP_UP)},
	{S(TALKING), E(LOST), talk_lost_wrap_up, S(WRAP_UP)},
	{S(TALKING), E(CALLER_GONE), hang_up, S(HANGING_UP)},
	{S(TALKING), E(NOT_REACHED), not_reached, S(RELEASING)},

	{S(HANGING_UP), E(ON), NULL, S(HANGING_UP)},
	{S(HANGING_UP), E(OFF), NULL, S(HANGING_UP_OFF)},
	{S(HANGING_UP), E(NOT_ACCEPTED), wrap_up, S(WRAP_UP)},
	{S(HANGING_UP), E(GONE), wrap_up, S(WRAP_UP)},

	{S(WRAP_UP), E(ON), NULL, S(WRAP_UP)},
	{S(WRAP_UP), E(OFF), stop_pause, S(OFF)},
	{S(WRAP_UP), E(READY), ready, S(FREE)},
	{S(WRAP_UP), E(TIME), become_free, S(FREE)},

	{S(RESTING), E(ON), NULL, S(RESTING)},
	{S(RESTING), E(OFF), stop_pause, S(OFF)},
	{S(RESTING), E(READY), ready, S(FREE)},
	{S(RESTING), E(TIME), become_free, S(FREE)},
	{S(RESTING), E(UNREACHABLE), unreachable, S(OFF)},

	{S(STOPPING_OFF), E(ON), count_anew, S(STOPPING)},
	{S(STOPPING_OFF), E(OFF), NULL, S(STOPPING_OFF)},
	{S(STOPPING_OFF), E(ACCEPTED), too_late, S(RELEASING_OFF)},
	{S(STOPPING_OFF), E(NOT_ACCEPTED), leg_over, S(OFF)},
	{S(STOPPING_OFF), E(GONE), leg_over, S(OFF)},

	{S(RELEASING_OFF), E(ON), count_anew, S(RELEASING)},
	{S(RELEASING_OFF), E(OFF), NULL, S(RELEASING_OFF)},
	{S(RELEASING_OFF), E(NOT_ACCEPTED), leg_over, S(OFF)},
	{S(RELEASING_OFF), E(GONE), leg_over, S(OFF)},

	{S(TALKING_OFF), E(ON), NULL, S(TALKING)},
	{S(TALKING_OFF), E(OFF), NULL, S(TALKING_OFF)},
	{S(TALKING_OFF), E(NOT_ACCEPTED), talk_over, S(OFF)},
	{S(TALKING_OFF), E(GONE), talk_over, S(OFF)},
	{S(TALKING_OFF), E(LOST), talk_lost, S(OFF)},
	{S(TALKING_OFF), E(CALLER_GONE), hang_up, S(HANGING_UP_OFF)},
	{S(TALKING_OFF), E(NOT_REACHED), not_reached, S(RELEASING_OFF)},

	{S(HANGING_UP_OFF), E(ON), NULL, S(HANGING_UP)},
	{S(HANGING_UP_OFF), E(OFF), NULL, S(HANGING_UP_OFF)},
	{S(HANGING_UP_OFF), E(NOT_ACCEPTED), leg_over, S(OFF)},
	{S(HANGING_UP_OFF), E(GONE), leg_over, S(OFF)},
};

static const char *const event_names[PERSON_EVENTS] = {
	[PERSON_EV_ADD] = "add",
	[PERSON_EV_ON] = "on",
	[PERSON_EV_OFF] = "off",
	[PERSON_EV_READY] = "ready",
	[PERSON_EV_OFFER] = "offer",
	[PERSON_EV_ACCEPTED] = "accepted",
	[PERSON_EV_NOT_ACCEPTED] = "not_accepted",
	[PERSON_EV_GONE] = "gone",
	[PERSON_EV_LOST] = "lost",
	[PERSON_EV_CALLER_GONE] = "caller_gone",
	[PERSON_EV_TAKEN] = "taken",
	[PERSON_EV_NOT_REACHED] = "not_reached",
	[PERSON_EV_UNREACHABLE] = "unreachable",
	[PERSON_EV_TIME] = "time",
	[PERSON_EV_RESUME] = "resume",
	[PERSON_EV_WRITES_UP] = "writes_up",
	[PERSON_EV_RESTS] = "rests",
};

const struct step_machine person_machine = {
	.noun = "person",
	.states = person_state_names,
	.events = event_names,
	.rules = rules,
	.n_states = PERSON_STATES,
	.n_events = PERSON_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


int person_step(struct person *p, enum person_event ev, struct turn *t)
{
	const bool paused = pause_is(p->state);
	int err;

	err = step(&person_machine, &p->state, p->id, (uint8_t)ev,
		   &t->core->settings.trace, p, t);
	t->core->n_paused += paused || pause_is(p->state);

	return err;
}


void person_drive(struct person *p, enum person_event ev, struct turn *t)
{
	/* the planted bug is for the simulator's rule to find */
	if (person_step(p, ev, t) && !PLANTED_BUG(PLANT_RUNG_IN_TALK))
		abort();
}


bool person_on_duty(const struct person *p)
{
	static const bool off[PERSON_STATES] = {
		[PERSON_NONE] = true,
		[PERSON_OFF] = true,
		[PERSON_STOPPING_OFF] = true,
		[PERSON_RELEASING_OFF] = true,
		[PERSON_TALKING_OFF] = true,
		[PERSON_HANGING_UP_OFF] = true,
	};

	return !off[p->state];
}


bool person_talks(const struct person *p)
{
	return p->state == PERSON_TALKING || p->state == PERSON_TALKING_OFF;
}
