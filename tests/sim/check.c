/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check.c  Did the core do what it must (books.c), and is everything as
 * promised now? Must not know why somebody did something.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"


/* --- what it answered ---------------------------------------------------- */

static bool same_record(const struct core_record *a,
			const struct core_record *b)
{
	return a->call == b->call && a->line == b->line &&
	       a->language == b->language && a->state == b->state &&
	       a->outcome == b->outcome && a->cause == b->cause &&
	       a->counsellor == b->counsellor && a->wait_ms == b->wait_ms &&
	       a->talk_ms == b->talk_ms;
}


static void did_record(struct check *k, const struct core_action *a)
{
	const struct core_record *r = &a->record;
	const struct core_record *x = &k->expect.record;

	if (!same_record(r, x))
		check_broken(k, CHECK_RECORD,
			     "call %" PRIu64 " is told as %s, %s, wait %"
			     PRIu64 ", talk %" PRIu64 "; true is %s, %s, "
			     "wait %" PRIu64 ", talk %" PRIu64,
			     r->call, call_state_name(r->state),
			     call_outcome_name(r->outcome), r->wait_ms,
			     r->talk_ms, call_state_name(x->state),
			     call_outcome_name(x->outcome), x->wait_ms,
			     x->talk_ms);
}


static void did_to_call(struct check *k, const struct core_action *a)
{
	if (a->call != k->expect.call)
		check_broken(k, CHECK_ACTIONS,
			     "asked to do %d to call %" PRIu64
			     " on news of call %" PRIu64,
			     (int)a->type, a->call, k->expect.call);
	if (a->type == CORE_REFUSE && a->cause != k->expect.cause)
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " refused with %s", a->call,
			     core_cause_name(a->cause));
}


static void did_to_offer(struct check *k, const struct core_action *a)
{
	if (a->offer != k->expect.offer)
		check_broken(k, CHECK_ACTIONS,
			     "asked to do %d to offer %" PRIu64
			     " on news of offer %" PRIu64,
			     (int)a->type, a->offer, k->expect.offer);
}


static void did_connect(struct check *k, const struct core_action *a)
{
	if (!k->expect.n[CORE_CONNECT] || a->call != k->expect.call ||
	    a->offer != k->expect.offer)
		check_broken(k, CHECK_CONNECT,
			     "call %" PRIu64 " and offer %" PRIu64
			     " must not be connected now",
			     a->call, a->offer);
}


/* A phone that is to stop; on a tick, the one whose time is over. */
static void did_withdraw(struct check *k, const struct core_action *a)
{
	struct book_person *p;

	p = book_find_offer(k, a->offer);
	if (k->event != CORE_TICK) {
		if (!p || !p->to_stop)
			check_broken(k, CHECK_ACTIONS, "offer %" PRIu64
				     " must not be withdrawn", a->offer);
		if (p)
			p->to_stop = false;
		return;
	}

	if (!p || !book_ringing(p) ||
	    k->now < p->rung_at + k->settings.ring_ms) {
		check_broken(k, CHECK_RING_TIME,
			     "offer %" PRIu64 " withdrawn too early",
			     a->offer);
		return;
	}
	book_want(k, CORE_WITHDRAW);
	book_withdraw(p, true);
}


static void check_earlier(struct check *k, const struct book_call *c,
			  const struct book_call *other)
{
	if (book_waiting(other) && other->n_rings < book_max_rings(k) &&
	    (!other->n_rings || c->n_rings))
		check_broken(k, CHECK_ORDER, "call %" PRIu64
			     " offered, but call %" PRIu64 " waits longer",
			     c->call, other->call);
}


static void check_later(struct check *k, const struct book_call *c,
			const struct book_call *other)
{
	if (book_waiting(other) && !other->n_rings && c->n_rings)
		check_broken(k, CHECK_SPREAD, "call %" PRIu64
			     " is given one more ring, call %" PRIu64
			     " has none", c->call, other->call);
}


static void check_order(struct check *k, const struct book_call *c)
{
	const struct book_call *other;
	bool later = false;

	if (c->n_rings >= book_max_rings(k))
		check_broken(k, CHECK_AT_ONCE, "%" PRIu32
			     " phones ring for call %" PRIu64 " already",
			     c->n_rings, c->call);

	TAILQ_FOREACH(other, &k->open, open) {
		if (other == c)
			later = true;
		else if (later)
			check_later(k, c, other);
		else
			check_earlier(k, c, other);
	}
}


/* Somebody who became free in this very step comes after all others. */
static void check_idle(struct check *k, const struct book_person *p)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *other = &k->people[i];

		if (other != p && other->free_since && !other->offer &&
		    (!p->free_since || other->free_since < p->free_since))
			check_broken(k, CHECK_IDLE, "counsellor %" PRIu32
				     " is rung, but %" PRIu32
				     " is free longer", p->id, other->id);
	}
}


/* how many numbers after the last one rung, from 0 */
static uint32_t turns(const struct check *k, uint32_t id)
{
	return id - k->last_rung - 1;
}


static void check_turn(struct check *k, const struct book_person *p)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *other = &k->people[i];

		if (other->free_since && other->on && !other->offer &&
		    turns(k, other->id) < turns(k, p->id))
			check_broken(k, CHECK_TURN, "counsellor %" PRIu32
				     " is rung, but it is the turn of %"
				     PRIu32, p->id, other->id);
	}
}


static bool check_rung(struct check *k, const struct book_person *p,
		       const struct core_action *a)
{
	if (p->offer)
		return check_broken(k, CHECK_ONE_OFFER, "counsellor %" PRIu32
				    " has offer %" PRIu64
				    " and is given offer %" PRIu64,
				    p->id, p->offer, a->offer);
	if (!p->on || k->now < p->pause_until)
		return check_broken(k, CHECK_NOT_FREE, "counsellor %" PRIu32
				    " is rung %s", p->id,
				    !p->on ? "off duty"
				    : p->wrapping_up ? "in wrap-up"
						     : "at rest");
	if (!a->offer || book_find_offer(k, a->offer))
		return check_broken(k, CHECK_ONE_OFFER,
				    "offer number %" PRIu64 " is in use",
				    a->offer);

	return true;
}


static void did_offer(struct check *k, const struct core_action *a)
{
	struct book_person *p = book_find_person(k, a->person);
	struct book_call *c = book_find_call(k, a->call);

	if (!p || !c || !book_waiting(c)) {
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " offered to %" PRIu32 ", which is not waiting "
			     "or not known", a->call, a->person);
		return;
	}
	check_order(k, c);
	if (!check_rung(k, p, a))
		return;
	if (k->settings.strategy == STRATEGY_ROUND_ROBIN)
		check_turn(k, p);
	else
		check_idle(k, p);

	book_want(k, CORE_OFFER);
	p->offer = a->offer;
	p->call = c;
	p->rung_at = k->now;
	p->pause_until = 0;
	++c->n_rings;
	k->last_rung = p->id;
}


static void did_off_duty(struct check *k, const struct core_action *a)
{
	if (!k->expect.n[CORE_OFF_DUTY] || a->person != k->expect.person ||
	    a->cause != k->expect.cause)
		check_broken(k, CHECK_OFF_DUTY, "counsellor %" PRIu32
			     " is put off duty (%s)", a->person,
			     core_cause_name(a->cause));
}


typedef void(did_h)(struct check *k, const struct core_action *a);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_RECORD] = did_record,
	[CORE_UPDATE] = did_record,
	[CORE_ANSWER] = did_to_call,
	[CORE_REFUSE] = did_to_call,
	[CORE_PLAY] = did_to_call,
	[CORE_OFFER] = did_offer,
	[CORE_WITHDRAW] = did_withdraw,
	[CORE_CONNECT] = did_connect,
	[CORE_HANG_UP] = did_to_call,
	[CORE_RELEASE] = did_to_offer,
	[CORE_OFF_DUTY] = did_off_duty,
};


/* the promise that is broken if this is asked for too often or not at all */
static enum check_rule rule_of(const struct check *k, int type)
{
	if (type == CORE_UPDATE)
		return CHECK_UPDATE;
	if (type == CORE_OFF_DUTY)
		return CHECK_OFF_DUTY;
	if (type == CORE_WITHDRAW && k->event == CORE_ACCEPTED)
		return CHECK_STOP;

	return CHECK_ACTIONS;
}


/* Neither more nor less than was asked for. */
static void check_counts(struct check *k, const struct core_actions *actions)
{
	unsigned n[CORE_ACTIONS] = {0};

	for (size_t i = 0; i < actions->n; i++)
		++n[actions->v[i].type];

	for (int type = 0; type < CORE_ACTIONS; type++) {
		if (n[type] != k->expect.n[type])
			check_broken(k, rule_of(k, type),
				     "action %d asked for %u times, not %u",
				     type, n[type], k->expect.n[type]);
	}
}


static bool check_actions(struct check *k, const struct core_actions *actions)
{
	if (actions->n > CORE_ACTIONS_MAX)
		return check_broken(k, CHECK_ACTIONS, "%zu actions",
				    actions->n);

	for (size_t i = 0; i < actions->n; i++) {
		const struct core_action *a = &actions->v[i];

		if ((unsigned)a->type >= CORE_ACTIONS)
			return check_broken(k, CHECK_ACTIONS, "action %d",
					    (int)a->type);
		did[a->type](k, a);
	}
	check_counts(k, actions);

	return k->broken == CHECK_NONE;
}


/* --- what must be true between steps ------------------------------------- */

static bool is_available(const struct check *k, const struct book_person *p)
{
	if (!p->on || p->offer)
		return false;

	return !p->pause_until ||
	       k->now > p->pause_until + CHECK_TICK_LATE_MS;
}


static void check_work(struct check *k)
{
	const struct book_call *c;

	TAILQ_FOREACH(c, &k->open, open) {
		if (book_waiting(c) && c->n_rings < book_max_rings(k))
			break;
	}
	if (!c)
		return;

	for (size_t i = 0; i < k->n_people; i++) {
		if (is_available(k, &k->people[i]))
			check_broken(k, CHECK_WORK, "counsellor %" PRIu32
				     " is free while call %" PRIu64
				     " waits with %" PRIu32 " rings",
				     k->people[i].id, c->call, c->n_rings);
	}
}


static void check_ring_time(struct check *k)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *p = &k->people[i];

		if (book_ringing(p) && k->now > p->rung_at +
						      k->settings.ring_ms +
						      CHECK_TICK_LATE_MS)
			check_broken(k, CHECK_RING_TIME, "counsellor %" PRIu32
				     " is rung for %" PRIu64 " ms", p->id,
				     k->now - p->rung_at);
	}
}


static enum call_state true_call_state(const struct book_call *c)
{
	if (!c->recorded)
		return CALL_ARRIVING;
	if (!c->answered)
		return CALL_ANSWERING;
	if (c->connected)
		return CALL_TALKING;

	return c->n_rings ? CALL_OFFERED : CALL_WAITING;
}


/* The one who talks with them, or one of those who are rung for them. */
static bool true_offer(struct check *k, const struct book_call *c,
		       const struct core_call_view *v)
{
	const struct book_person *p = book_find_offer(k, v->offer);

	if (v->n_offers != (c->connected ? 1 : c->n_rings))
		return false;
	if (!v->n_offers)
		return !v->offer && !v->person;

	return p && p->id == v->person && p->call == c &&
	       p->accepted == c->connected;
}


static void view_call(struct check *k, const struct book_call *c)
{
	struct core_call_view v;

	if (!core_call(k->core, c->call, &v) ||
	    v.state != true_call_state(c) || v.arrived != c->arrived ||
	    !true_offer(k, c, &v))
		check_broken(k, CHECK_VIEW, "call %" PRIu64 " is shown wrong",
			     c->call);
}


static enum person_state true_leg_state(const struct book_person *p)
{
	if (p->withdrawn && p->accepted)
		return p->on ? PERSON_RELEASING : PERSON_RELEASING_OFF;
	if (p->withdrawn && !p->on)
		return PERSON_STOPPING_OFF;
	if (p->withdrawn)
		return p->late ? PERSON_STOPPING_LATE : PERSON_STOPPING;
	if (!p->accepted)
		return PERSON_RINGING;
	if (p->call)
		return p->on ? PERSON_TALKING : PERSON_TALKING_OFF;

	return p->on ? PERSON_HANGING_UP : PERSON_HANGING_UP_OFF;
}


static bool true_person_state(const struct check *k,
			      const struct book_person *p,
			      enum person_state state)
{
	if (p->offer)
		return state == true_leg_state(p);
	if (!p->on)
		return state == PERSON_OFF;
	if (p->pause_until &&
	    state == (p->wrapping_up ? PERSON_WRAP_UP : PERSON_RESTING))
		return true;

	return state == PERSON_FREE && k->now >= p->pause_until;
}


static void view_person(struct check *k, const struct book_person *p)
{
	struct core_person_view v;

	if (!core_person(k->core, p->id, &v) || v.offer != p->offer ||
	    v.n_failed != p->n_failed ||
	    v.call != (p->call ? p->call->call : 0) ||
	    !true_person_state(k, p, v.state))
		check_broken(k, CHECK_VIEW, "counsellor %" PRIu32
			     " is shown wrong", p->id);
}


/* That a pause is over only the core can know: its tick may be late. */
static void note_free(struct check *k, struct book_person *p)
{
	struct core_person_view v;

	if (!core_person(k->core, p->id, &v) || v.state != PERSON_FREE)
		p->free_since = 0;
	else if (!p->free_since)
		p->free_since = k->n_steps;
}


static void count_call(const struct core_call_view *view, void *arg)
{
	uint64_t *n = arg;

	(void)view;
	++*n;
}


static void check_views(struct check *k)
{
	const struct book_call *c;
	uint64_t n = 0;

	TAILQ_FOREACH(c, &k->open, open)
		view_call(k, c);
	for (size_t i = 0; i < k->n_people; i++)
		view_person(k, &k->people[i]);

	core_each_call(k->core, count_call, &n);
	if (n != k->n_open)
		check_broken(k, CHECK_VIEW, "%" PRIu64 " calls shown, %"
			     PRIu64 " are open", n, k->n_open);
}


bool check_step(struct check *k, int err, const struct core_actions *actions)
{
	if (err != k->expect.err &&
	    !check_broken(k, CHECK_ANSWER, "answered %d, not %d, to event %d",
			  err, k->expect.err, (int)k->event))
		return false;

	if (!check_actions(k, actions))
		return false;

	check_work(k);
	check_ring_time(k);
	check_views(k);
	for (size_t i = 0; i < k->n_people; i++)
		note_free(k, &k->people[i]);

	return k->broken == CHECK_NONE;
}


bool check_drained(struct check *k)
{
	if (k->n_open)
		return check_broken(k, CHECK_DRAIN, "%" PRIu64
				    " calls never end", k->n_open);
	if (core_deadline(k->core) != UINT64_MAX)
		return check_broken(k, CHECK_DRAIN, "a deadline is left");
	if (core_count_people(k->core, PERSON_FREE) +
		    core_count_people(k->core, PERSON_OFF) != k->n_people)
		return check_broken(k, CHECK_DRAIN,
				    "a counsellor is neither free nor off");

	return true;
}


/* --- the rest ------------------------------------------------------------ */

struct check *check_alloc(const struct core *core,
			  const struct core_settings *settings)
{
	struct check *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->core = core;
	k->settings = *settings;
	TAILQ_INIT(&k->open);

	return k;
}


void check_free(struct check *k)
{
	free(k);
}


void check_skip(struct check *k, enum check_rule rule)
{
	k->skip[rule] = true;
}


bool check_broken(struct check *k, enum check_rule rule, const char *fmt, ...)
{
	va_list ap;

	if (k->skip[rule] || k->broken != CHECK_NONE)
		return k->broken == CHECK_NONE;

	k->broken = rule;
	va_start(ap, fmt);
	(void)vsnprintf(k->text, sizeof(k->text), fmt, ap);
	va_end(ap);

	return false;
}


enum check_rule check_result(const struct check *k, const char **textp)
{
	if (textp)
		*textp = k->text;

	return k->broken;
}


static const char *const rule_names[CHECK_RULE_COUNT] = {
#define X(rule, name, words) [rule] = name,
	CHECK_RULES(X)
#undef X
};


const char *check_rule_name(enum check_rule rule)
{
	return rule_names[rule];
}


enum check_rule check_rule_decode(const char *name)
{
	for (int rule = 0; rule < CHECK_RULE_COUNT; rule++) {
		if (!strcmp(name, rule_names[rule]))
			return (enum check_rule)rule;
	}

	return CHECK_NONE;
}


uint64_t check_count(const struct check *k, enum call_outcome outcome)
{
	return k->outcomes[outcome];
}
