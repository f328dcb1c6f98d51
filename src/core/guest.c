/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * guest.c  The guest of a talk: what may happen to them, and what follows.
 *
 * Whoever is left with the caller talks with them: each row that takes a
 * counsellor away leaves another one. Must not ring anybody who is not free,
 * nor take a ring from a caller who waits.
 */
#include <errno.h>
#include <stdlib.h>

#include "guest.h"
#include "names.h"
#include "plant.h"
#include "staff.h"


static void tell_party(const struct call *c, struct turn *t)
{
	(void)call_ask(t, c, CORE_PARTY);
}


/* Their ring is withdrawn, or they are released. */
static void send_away(struct person *p, struct turn *t)
{
	person_drive(p, PERSON_EV_CALLER_GONE, t);
}


/* The call has no guest any more: who it was. */
static struct person *let_go(struct call *c)
{
	struct person *p = c->guest;

	c->guest = NULL;
	return p;
}


static void ring(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	struct person *p = c->guest;

	p->call = c;
	p->offer = person_next_offer(t->core, p);
	person_drive(p, PERSON_EV_OFFER, t);
}


static void there(void *obj, void *arg)
{
	tell_party(obj, arg);
}


static void three(void *obj, void *arg)
{
	if (!PLANTED_BUG(PLANT_THREE_UNTOLD))
		tell_party(obj, arg);
}


static void gone(void *obj, void *arg)
{
	(void)let_go(obj);
	if (!PLANTED_BUG(PLANT_ASIDE_FOR_EVER))
		tell_party(obj, arg);
}


static void end(void *obj, void *arg)
{
	struct person *p = let_go(obj);

	tell_party(obj, arg);
	send_away(p, arg);
}


static void talk_over(void *obj, void *arg)
{
	struct person *p = let_go(obj);

	if (PLANTED_BUG(PLANT_GUEST_LEFT_BEHIND))
		p->call = NULL;
	else
		send_away(p, arg);
}


static void take_over(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->person = let_go(c);
	c->record.counsellor = c->person->id;
	tell_party(c, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
}


static void hand_over(void *obj, void *arg)
{
	struct call *c = obj;
	struct person *first = c->person;

	take_over(c, arg);
	if (!PLANTED_BUG(PLANT_BOTH_STAY))
		send_away(first, arg);
}


/* short names, to keep the table in columns */
#define S(state) GUEST_##state
#define E(event) GUEST_EV_##event

static const struct step_rule rules[] = {
	{S(NONE), E(CONSULT), ring, S(RINGING)},
	{S(NONE), E(RESUME), NULL, S(ASIDE)},
	{S(NONE), E(RESUME_THREE), NULL, S(THREE)},

	{S(RINGING), E(ACCEPTED), there, S(ASIDE)},
	{S(RINGING), E(GONE), gone, S(NONE)},
	{S(RINGING), E(END), end, S(NONE)},
	{S(RINGING), E(COUNSELLOR_GONE), talk_over, S(NONE)},
	{S(RINGING), E(TALK_OVER), talk_over, S(NONE)},

	{S(ASIDE), E(GONE), gone, S(NONE)},
	{S(ASIDE), E(END), end, S(NONE)},
	{S(ASIDE), E(THREE), three, S(THREE)},
	{S(ASIDE), E(HAND_OVER), hand_over, S(NONE)},
	{S(ASIDE), E(COUNSELLOR_GONE), take_over, S(NONE)},
	{S(ASIDE), E(TALK_OVER), talk_over, S(NONE)},

	{S(THREE), E(GONE), gone, S(NONE)},
	{S(THREE), E(END), end, S(NONE)},
	{S(THREE), E(HAND_OVER), hand_over, S(NONE)},
	{S(THREE), E(COUNSELLOR_GONE), take_over, S(NONE)},
	{S(THREE), E(TALK_OVER), talk_over, S(NONE)},
};

static const char *const event_names[GUEST_EVENTS] = {
	[GUEST_EV_CONSULT] = "consult",
	[GUEST_EV_RESUME] = "resume",
	[GUEST_EV_RESUME_THREE] = "resume_three",
	[GUEST_EV_ACCEPTED] = "accepted",
	[GUEST_EV_GONE] = "gone",
	[GUEST_EV_END] = "end",
	[GUEST_EV_THREE] = "three",
	[GUEST_EV_HAND_OVER] = "hand_over",
	[GUEST_EV_COUNSELLOR_GONE] = "counsellor_gone",
	[GUEST_EV_TALK_OVER] = "talk_over",
};

const struct step_machine guest_machine = {
	.noun = "guest",
	.states = guest_state_names,
	.events = event_names,
	.rules = rules,
	.n_states = GUEST_STATES,
	.n_events = GUEST_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


static int move(struct call *c, enum guest_event ev, struct turn *t)
{
	return step(&guest_machine, &c->guest_state, c->record.call,
		    (uint8_t)ev, &t->core->settings.trace, c, t);
}


void guest_drive(struct call *c, enum guest_event ev, struct turn *t)
{
	if (move(c, ev, t))
		abort();
}


/* ---- drivers ------------------------------------------------------------ */

bool guest_is(const struct person *p)
{
	return p->call && p->call->guest == p;
}


bool guest_takes_over(struct call *c, struct turn *t)
{
	const bool may = (c->guest_state == GUEST_ASIDE ||
			  c->guest_state == GUEST_THREE) &&
			 !PLANTED_BUG(PLANT_HEIR_SENT_AWAY);

	if (PLANTED_BUG(PLANT_HEIR_SENT_AWAY))
		guest_talk_over(c, t);
	else if (c->guest)
		guest_drive(c, GUEST_EV_COUNSELLOR_GONE, t);

	return may;
}


void guest_talk_over(struct call *c, struct turn *t)
{
	if (c->guest)
		guest_drive(c, GUEST_EV_TALK_OVER, t);
}


/* ---- what a counsellor asks for ----------------------------------------- */

/* whoever could take the call, longest idle first */
static int find_anybody(struct person **pp, const struct call *c,
			const struct turn *t)
{
	struct person *p;

	TAILQ_FOREACH(p, &t->core->free, free) {
		if (staff_fits(t->core, p, c->record.line,
			       c->record.language)) {
			*pp = p;
			return 0;
		}
	}

	return EBUSY;
}


/* Who is asked by name need not speak the caller's language. */
static int find_person(struct person **pp, const struct call *c,
		       const struct turn *t)
{
	struct person *p = person_find(t->core, t->ev->person);

	if (!p)
		return ENOENT;
	if (!staff_of_line(p, c->record.line) &&
	    !PLANTED_BUG(PLANT_GUEST_OF_ANY_LINE))
		return EPERM;
	if (p->state != PERSON_FREE)
		return EBUSY;

	*pp = p;
	return 0;
}


static int consult(struct call *c, struct turn *t)
{
	struct person *p = NULL;
	int err;

	if (PLANTED_BUG(PLANT_SECOND_GUEST) && c->guest)
		guest_drive(c, GUEST_EV_GONE, t);
	if (c->guest || line_of(t->core, c)->kind == LINE_DETENTION)
		return EPERM;

	err = t->ev->person ? find_person(&p, c, t) : find_anybody(&p, c, t);
	if (err)
		return err;

	c->guest = p;
	return move(c, GUEST_EV_CONSULT, t);
}


int guest_ask(struct person *counsellor, enum guest_event ev, struct turn *t)
{
	struct call *c = counsellor->call;

	if (!c || c->state != CALL_TALKING || c->person != counsellor)
		return EPROTO;

	return ev == GUEST_EV_CONSULT ? consult(c, t) : move(c, ev, t);
}
