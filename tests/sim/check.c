/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check.c  From what the core was told: what it must do, and did it?
 *
 * Must not look at how the core works (priv.h), nor be told by the world what
 * somebody is about to do: only what was said to the core counts.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "check.h"


struct book_person;

struct book_call {
	uint64_t call; /* 0: empty slot */
	uint64_t arrived;
	uint16_t line;
	char language[LIMIT_LANGUAGE];
	bool recorded, answered, connected;
	uint64_t connected_at;
	struct book_person *person; /* ringing or talking, or NULL */
	TAILQ_ENTRY(book_call) open;
};

TAILQ_HEAD(book_calls, book_call);

struct book_person {
	uint32_t id;
	uint32_t wrap_up_ms;
	bool on;
	uint64_t offer; /* until its leg is reported over */
	struct book_call *call;
	uint64_t rung_at;
	bool accepted, withdrawn;
	bool late; /* withdrawn because its time was over */
	bool wrapping_up;
	uint64_t pause_until; /* 0: none */
};

/* What the event of this step asks for. */
struct expect {
	int err;
	unsigned n[CORE_ACTIONS]; /* offers are not counted here */
	uint64_t call, offer;
	enum core_cause cause;     /* of a refusal */
	struct core_record record; /* of an update */
};

struct check {
	const struct core *core;
	struct core_settings settings;
	uint64_t now;
	uint64_t last_call, n_open;
	enum core_event_type event;
	struct expect expect;
	struct book_calls open; /* in the order of arrival */
	struct book_call calls[LIMIT_CALLS];
	struct book_person people[LIMIT_PEOPLE];
	size_t n_people;
	uint64_t outcomes[OUTCOMES];
	bool skip[CHECK_RULE_COUNT];
	enum check_rule broken;
	char text[200];
};


/* --- the books ----------------------------------------------------------- */

static struct book_call *find_call(struct check *k, uint64_t call)
{
	struct book_call *c = &k->calls[call % LIMIT_CALLS];

	return call && c->call == call ? c : NULL;
}


static struct book_person *find_person(struct check *k, uint32_t id)
{
	for (size_t i = 0; i < k->n_people; i++) {
		if (k->people[i].id == id)
			return &k->people[i];
	}

	return NULL;
}


static struct book_person *find_offer(struct check *k, uint64_t offer)
{
	for (size_t i = 0; offer && i < k->n_people; i++) {
		if (k->people[i].offer == offer)
			return &k->people[i];
	}

	return NULL;
}


static bool is_waiting(const struct book_call *c)
{
	return c->answered && !c->person;
}


static bool is_ringing(const struct book_person *p)
{
	return p->offer && !p->accepted && !p->withdrawn;
}


static void want(struct check *k, enum core_action_type type)
{
	++k->expect.n[type];
}


static void want_update(struct check *k, const struct book_call *c,
			enum call_state state)
{
	struct core_record *r = &k->expect.record;

	want(k, CORE_UPDATE);
	k->expect.call = r->call = c->call;
	r->line = c->line;
	memcpy(r->language, c->language, sizeof(r->language));
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


/* The phone is to stop; the call it rang for waits again, or is over. */
static void withdraw(struct book_person *p, bool late)
{
	p->withdrawn = true;
	p->late = late;
	if (p->call)
		p->call->person = NULL;
	p->call = NULL;
}


/* --- what each event asks for -------------------------------------------- */

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
	memcpy(c->language, ev->language, sizeof(c->language));
	TAILQ_INSERT_TAIL(&k->open, c, open);
	++k->n_open;

	want_update(k, c, CALL_ARRIVING);
	k->expect.n[CORE_UPDATE] = 0;
	want(k, CORE_RECORD);
	return 0;
}


static int told_recorded(struct check *k, const struct core_event *ev)
{
	struct book_call *c = find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (c->recorded)
		return EPROTO;

	c->recorded = true;
	want(k, CORE_ANSWER);
	return 0;
}


static int refused(struct check *k, struct book_call *c,
		   enum core_cause cause)
{
	want(k, CORE_REFUSE);
	k->expect.cause = cause;
	end_call(k, c, OUTCOME_CLOSED, cause);
	return 0;
}


static int told_not_recorded(struct check *k, const struct core_event *ev)
{
	struct book_call *c = find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (c->recorded)
		return EPROTO;

	return refused(k, c, CAUSE_STORE);
}


static int told_answered(struct check *k, const struct core_event *ev)
{
	struct book_call *c = find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (!c->recorded || c->answered)
		return EPROTO;

	c->answered = true;
	want(k, CORE_GREET);
	want_update(k, c, CALL_WAITING);
	return 0;
}


static int told_not_answered(struct check *k, const struct core_event *ev)
{
	struct book_call *c = find_call(k, ev->call);

	if (!c)
		return ENOENT;
	if (!c->recorded || c->answered)
		return EPROTO;

	return refused(k, c, ev->cause);
}


static int told_caller_gone(struct check *k, const struct core_event *ev)
{
	struct book_call *c = find_call(k, ev->call);
	enum call_outcome outcome = OUTCOME_GAVE_UP;
	struct book_person *p;

	if (!c)
		return ENOENT;

	p = c->person;
	if (c->connected)
		outcome = OUTCOME_TALKED;
	else if (k->now - c->arrived < k->settings.short_ms)
		outcome = OUTCOME_SHORT;

	if (p) {
		k->expect.offer = p->offer;
		want(k, p->accepted ? CORE_RELEASE : CORE_WITHDRAW);
	}
	end_call(k, c, outcome, extraordinary(ev->cause));
	if (p) {
		p->call = NULL;
		p->withdrawn = !p->accepted;
	}

	return 0;
}


static int told_accepted(struct check *k, const struct core_event *ev)
{
	struct book_person *p = find_offer(k, ev->offer);

	if (!p)
		return ENOENT;
	if (p->accepted)
		return EPROTO;

	p->accepted = true;
	k->expect.offer = p->offer;
	if (p->withdrawn) {
		want(k, CORE_RELEASE);
		return 0;
	}

	p->call->connected = true;
	p->call->connected_at = k->now;
	want(k, CORE_CONNECT);
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


static int told_leg_over(struct check *k, const struct core_event *ev)
{
	struct book_person *p = find_offer(k, ev->offer);
	uint32_t pause;

	if (!p)
		return ENOENT;

	pause = pause_after(k, p, ev->type == CORE_NOT_ACCEPTED);
	p->wrapping_up = p->accepted;
	p->pause_until = pause ? k->now + pause : 0;

	if (p->call && p->call->connected) {
		want(k, CORE_HANG_UP);
		end_call(k, p->call, OUTCOME_TALKED,
			 extraordinary(ev->cause));
	}
	else if (p->call) {
		p->call->person = NULL;
	}
	p->call = NULL;
	p->offer = 0;
	p->accepted = p->withdrawn = p->late = false;

	return 0;
}


static int told_person(struct check *k, const struct core_event *ev)
{
	struct book_person *p = find_person(k, ev->person);

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
	struct book_person *p = find_person(k, ev->person);

	if (!p)
		return ENOENT;

	p->on = true;
	return 0;
}


static int told_off(struct check *k, const struct core_event *ev)
{
	struct book_person *p = find_person(k, ev->person);

	if (!p)
		return ENOENT;

	if (is_ringing(p)) {
		want(k, CORE_WITHDRAW);
		k->expect.offer = p->offer;
		withdraw(p, false);
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
	k->event = ev->type;
	memset(&k->expect, 0, sizeof(k->expect));
	k->expect.call = ev->call;
	k->expect.err = told[ev->type](k, ev);
}


/* --- what it answered ---------------------------------------------------- */

static bool same_record(const struct core_record *a,
			const struct core_record *b)
{
	return a->call == b->call && a->line == b->line &&
	       !strcmp(a->language, b->language) && a->state == b->state &&
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


/* On a tick, the one ring whose time is over. */
static void did_withdraw(struct check *k, const struct core_action *a)
{
	struct book_person *p;

	if (k->event != CORE_TICK) {
		did_to_offer(k, a);
		return;
	}

	p = find_offer(k, a->offer);
	if (!p || !is_ringing(p) ||
	    k->now < p->rung_at + k->settings.ring_ms) {
		check_broken(k, CHECK_RING_TIME,
			     "offer %" PRIu64 " withdrawn too early",
			     a->offer);
		return;
	}
	want(k, CORE_WITHDRAW);
	withdraw(p, true);
}


static void check_order(struct check *k, const struct book_call *c)
{
	const struct book_call *other;

	TAILQ_FOREACH(other, &k->open, open) {
		if (other == c)
			return;
		if (is_waiting(other)) {
			check_broken(k, CHECK_ORDER,
				     "call %" PRIu64 " offered, but call %"
				     PRIu64 " waits longer",
				     c->call, other->call);
			return;
		}
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
	if (!a->offer || find_offer(k, a->offer))
		return check_broken(k, CHECK_ONE_OFFER,
				    "offer number %" PRIu64 " is in use",
				    a->offer);

	return true;
}


static void did_offer(struct check *k, const struct core_action *a)
{
	struct book_person *p = find_person(k, a->person);
	struct book_call *c = find_call(k, a->call);

	if (!p || !c || !is_waiting(c)) {
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " offered to %" PRIu32 ", which is not waiting "
			     "or not known", a->call, a->person);
		return;
	}
	check_order(k, c);
	if (!check_rung(k, p, a))
		return;

	want(k, CORE_OFFER);
	p->offer = a->offer;
	p->call = c;
	p->rung_at = k->now;
	p->pause_until = 0;
	c->person = p;
}


typedef void(did_h)(struct check *k, const struct core_action *a);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_RECORD] = did_record,
	[CORE_UPDATE] = did_record,
	[CORE_ANSWER] = did_to_call,
	[CORE_REFUSE] = did_to_call,
	[CORE_GREET] = did_to_call,
	[CORE_OFFER] = did_offer,
	[CORE_WITHDRAW] = did_withdraw,
	[CORE_CONNECT] = did_connect,
	[CORE_HANG_UP] = did_to_call,
	[CORE_RELEASE] = did_to_offer,
};


/* Neither more nor less than was asked for. */
static void check_counts(struct check *k, const struct core_actions *actions)
{
	unsigned n[CORE_ACTIONS] = {0};

	for (size_t i = 0; i < actions->n; i++)
		++n[actions->v[i].type];

	for (int type = 0; type < CORE_ACTIONS; type++) {
		if (n[type] != k->expect.n[type])
			check_broken(k, type == CORE_UPDATE ? CHECK_UPDATE
							    : CHECK_ACTIONS,
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
		if (is_waiting(c))
			break;
	}
	if (!c)
		return;

	for (size_t i = 0; i < k->n_people; i++) {
		if (is_available(k, &k->people[i]))
			check_broken(k, CHECK_WORK, "counsellor %" PRIu32
				     " is free while call %" PRIu64
				     " waits", k->people[i].id, c->call);
	}
}


static void check_ring_time(struct check *k)
{
	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *p = &k->people[i];

		if (is_ringing(p) && k->now > p->rung_at +
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
	if (!c->person)
		return CALL_WAITING;

	return c->connected ? CALL_TALKING : CALL_OFFERED;
}


static void view_call(struct check *k, const struct book_call *c)
{
	struct core_call_view v;

	if (!core_call(k->core, c->call, &v) ||
	    v.state != true_call_state(c) || v.arrived != c->arrived ||
	    v.offer != (c->person ? c->person->offer : 0) ||
	    v.person != (c->person ? c->person->id : 0))
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
	    v.call != (p->call ? p->call->call : 0) ||
	    !true_person_state(k, p, v.state))
		check_broken(k, CHECK_VIEW, "counsellor %" PRIu32
			     " is shown wrong", p->id);
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
