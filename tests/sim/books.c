/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * books.c  From each thing the core is told: the facts, and what the core must
 * do now. Must not look at how the core works (priv.h), nor be told by the
 * world what somebody is about to do: only what was said to the core counts.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "books.h"


struct book_call *book_find_call(struct check *k, uint64_t call)
{
	struct book_call *c = &k->calls[call % LIMIT_CALLS];

	return call && c->call == call ? c : NULL;
}


struct book_person *book_find_person(struct check *k, uint32_t id)
{
	for (size_t i = 0; i < k->n_people; i++) {
		if (k->people[i].id == id)
			return &k->people[i];
	}

	return NULL;
}


struct book_person *book_find_offer(struct check *k, uint64_t offer)
{
	for (size_t i = 0; offer && i < k->n_people; i++) {
		if (k->people[i].offer == offer)
			return &k->people[i];
	}

	return NULL;
}


bool book_waiting(const struct book_call *c)
{
	return c->answered && !c->connected;
}


uint32_t book_max_rings(const struct check *k)
{
	if (k->settings.strategy != STRATEGY_ALL)
		return 1;

	return k->settings.ring_at_once ? k->settings.ring_at_once
					: LIMIT_RING_AT_ONCE;
}


bool book_ringing(const struct book_person *p)
{
	return p->offer && !p->accepted && !p->withdrawn;
}


void book_want(struct check *k, enum core_action_type type)
{
	++k->expect.n[type];
}


static void want_update(struct check *k, const struct book_call *c,
			enum call_state state)
{
	struct core_record *r = &k->expect.record;

	book_want(k, CORE_UPDATE);
	k->expect.call = r->call = c->call;
	r->line = c->line;
	r->language = c->language;
	r->state = state;
	if (c->connected) {
		r->counsellor = c->person->id;
		r->wait_ms = c->connected_at - c->arrived;
	}
}


static void end_call(struct check *k, struct book_call *c,
		     enum call_outcome outcome, enum core_cause cause)
{
	struct core_record *r = &k->expect.record;

	want_update(k, c, CALL_ENDED);
	r->outcome = outcome;
	r->cause = cause;
	if (c->connected)
		r->talk_ms = k->now - c->connected_at;
	else
		r->wait_ms = k->now - c->arrived;

	++k->outcomes[outcome];
	--k->n_open;
	TAILQ_REMOVE(&k->open, c, open);
	memset(c, 0, sizeof(*c));
}


static enum core_cause extraordinary(enum core_cause cause)
{
	return cause == CAUSE_HUNG_UP ? CAUSE_NONE : cause;
}


void book_withdraw(struct book_person *p, bool late)
{
	p->withdrawn = true;
	p->late = late;
	if (p->call)
		--p->call->n_rings;
	p->call = NULL;
}


/* all phones that ring for a call, except one, must be stopped */
static void stop_rings(struct check *k, struct book_call *c,
		       const struct book_person *except)
{
	for (size_t i = 0; i < k->n_people; i++) {
		struct book_person *p = &k->people[i];

		if (p == except || p->call != c || !book_ringing(p))
			continue;
		book_want(k, CORE_WITHDRAW);
		p->to_stop = true;
		book_withdraw(p, false);
	}
}


static int told_arrive(struct check *k, const struct core_event *ev)
{
	const uint64_t next = core_next_call(k->core);
	struct book_call *c = &k->calls[ev->call % LIMIT_CALLS];

	if (!next)
		return ENOSPC;
	if (ev->call != next)
		return EINVAL;

	if (c->call || ev->call <= k->last_call)
		(void)check_broken(k, CHECK_ANSWER,
				   "call number %" PRIu64 " given twice",
				   ev->call);
	memset(c, 0, sizeof(*c));
	c->call = k->last_call = ev->call;
	c->arrived = k->now;
	c->line = ev->line;
	c->language = k->settings.lines[ev->line].languages[0];
	TAILQ_INSERT_TAIL(&k->open, c, open);
	++k->n_open;

	want_update(k, c, CALL_ARRIVING);
	k->expect.n[CORE_UPDATE] = 0;
	book_want(k, CORE_RECORD);
	return 0;
}


static int told_recorded(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (c->recorded)
		return EPROTO;

	c->recorded = true;
	book_want(k, CORE_ANSWER);
	return 0;
}


static int refused(struct check *k, struct book_call *c,
		   enum core_cause cause)
{
	book_want(k, CORE_REFUSE);
	k->expect.cause = cause;
	end_call(k, c, OUTCOME_CLOSED, cause);
	return 0;
}


static int told_not_recorded(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (c->recorded)
		return EPROTO;

	return refused(k, c, CAUSE_STORE);
}


static int told_answered(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (!c->recorded || c->answered)
		return EPROTO;

	c->answered = true;
	book_want(k, CORE_PLAY);
	want_update(k, c, CALL_WAITING);
	return 0;
}


static int told_not_answered(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (!c->recorded || c->answered)
		return EPROTO;

	return refused(k, c, ev->cause);
}


/* the call ends, and with it what its counsellor was doing for it */
static void end_both(struct check *k, struct book_call *c,
		     enum call_outcome outcome, enum core_cause cause)
{
	struct book_person *p = c->person;

	stop_rings(k, c, NULL);
	if (p) {
		k->expect.offer = p->offer;
		book_want(k, CORE_RELEASE);
	}
	end_call(k, c, outcome, cause);
	if (p)
		p->call = NULL;
}


static int told_caller_gone(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);
	enum call_outcome outcome = OUTCOME_GAVE_UP;

	if (!c)
		return ENOENT;

	if (c->connected)
		outcome = OUTCOME_TALKED;
	else if (k->now - c->arrived < k->settings.short_ms)
		outcome = OUTCOME_SHORT;

	end_both(k, c, outcome, extraordinary(ev->cause));
	return 0;
}


static int told_close(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (!c->answered)
		return refused(k, c, ev->cause);

	book_want(k, CORE_HANG_UP);
	end_both(k, c, c->connected ? OUTCOME_TALKED : OUTCOME_CLOSED,
		 ev->cause);
	return 0;
}


static int told_accepted(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_offer(k, ev->offer);

	if (!p)
		return ENOENT;
	if (p->accepted)
		return EPROTO;

	p->accepted = true;
	p->n_failed = 0;
	k->expect.offer = p->offer;
	if (p->withdrawn) {
		book_want(k, CORE_RELEASE);
		return 0;
	}

	stop_rings(k, p->call, p);
	p->call->n_rings = 0;
	p->call->person = p;
	p->call->connected = true;
	p->call->connected_at = k->now;
	book_want(k, CORE_CONNECT);
	want_update(k, p->call, CALL_TALKING);
	return 0;
}


static uint32_t pause_after(const struct check *k,
			    const struct book_person *p, bool not_accepted)
{
	if (!p->on)
		return 0;
	if (p->accepted)
		return p->withdrawn ? 0 : p->wrap_up_ms;
	if (!p->withdrawn || (p->late && not_accepted))
		return k->settings.rest_ms;

	return 0;
}


/* CAUSE_NONE if the counsellor was there, or was not to blame */
static enum core_cause failed_with(const struct book_person *p,
				   const struct core_event *ev)
{
	const bool failed = ev->cause == CAUSE_BUSY ||
			    ev->cause == CAUSE_NO_ANSWER ||
			    ev->cause == CAUSE_DEAD ||
			    ev->cause == CAUSE_NETWORK;

	if (!p->on || p->accepted || (p->withdrawn && !p->late))
		return CAUSE_NONE;
	if (failed && !(p->late && ev->type == CORE_PERSON_GONE))
		return ev->cause;

	return p->late && ev->type == CORE_NOT_ACCEPTED &&
			       ev->cause != CAUSE_DECLINED
		       ? CAUSE_NO_ANSWER
		       : CAUSE_NONE;
}


static void count_failure(struct check *k, struct book_person *p,
			  const struct core_event *ev)
{
	const enum core_cause failed = failed_with(p, ev);

	if (p->late && ev->type == CORE_PERSON_GONE)
		p->n_failed = 0; /* picked up, too late */
	if (failed == CAUSE_NONE || ++p->n_failed < CORE_FAILED_RINGS)
		return;

	book_want(k, CORE_OFF_DUTY);
	k->expect.person = p->id;
	k->expect.cause = failed;
	p->on = false;
	p->pause_until = 0;
}


static int told_leg_over(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_offer(k, ev->offer);
	uint32_t pause;

	if (!p)
		return ENOENT;

	pause = pause_after(k, p, ev->type == CORE_NOT_ACCEPTED);
	p->wrapping_up = p->accepted;
	p->pause_until = pause ? k->now + pause : 0;
	count_failure(k, p, ev);

	if (p->call && p->call->connected) {
		book_want(k, CORE_HANG_UP);
		end_call(k, p->call, OUTCOME_TALKED,
			 extraordinary(ev->cause));
	}
	else if (p->call) {
		--p->call->n_rings;
	}
	p->call = NULL;
	p->offer = 0;
	p->accepted = p->withdrawn = p->late = false;

	return 0;
}


static int told_person(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (!ev->person)
		return EINVAL;
	if (!p && k->n_people == LIMIT_PEOPLE)
		return ENOSPC;
	if (!p)
		p = &k->people[k->n_people++];
	p->id = ev->person;
	p->wrap_up_ms = ev->wrap_up_ms;
	return 0;
}


static int told_on(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (!p)
		return ENOENT;

	if (!p->on)
		p->n_failed = 0;
	p->on = true;
	return 0;
}


static int told_off(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (!p)
		return ENOENT;

	if (book_ringing(p)) {
		book_want(k, CORE_WITHDRAW);
		p->to_stop = true;
		book_withdraw(p, false);
	}
	p->on = false;
	p->late = false;
	p->pause_until = 0;
	return 0;
}


static int told_tick(struct check *k, const struct core_event *ev)
{
	(void)k;
	(void)ev;

	return 0;
}


typedef int(told_h)(struct check *k, const struct core_event *ev);

static told_h *const told[CORE_EVENTS] = {
	[CORE_ARRIVE] = told_arrive,
	[CORE_RECORDED] = told_recorded,
	[CORE_NOT_RECORDED] = told_not_recorded,
	[CORE_ANSWERED] = told_answered,
	[CORE_NOT_ANSWERED] = told_not_answered,
	[CORE_CALLER_GONE] = told_caller_gone,
	[CORE_CLOSE] = told_close,
	[CORE_ACCEPTED] = told_accepted,
	[CORE_NOT_ACCEPTED] = told_leg_over,
	[CORE_PERSON_GONE] = told_leg_over,
	[CORE_PERSON] = told_person,
	[CORE_PERSON_ON] = told_on,
	[CORE_PERSON_OFF] = told_off,
	[CORE_TICK] = told_tick,
};


void check_event(struct check *k, const struct core_event *ev, uint64_t now)
{
	k->now = now;
	++k->n_steps;
	k->event = ev->type;
	memset(&k->expect, 0, sizeof(k->expect));
	k->expect.call = ev->call;
	k->expect.err = told[ev->type](k, ev);
}
