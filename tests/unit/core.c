/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core.c  Tests of the core: every pair of both machines, and each sentence
 * about what callers and counsellors meet.
 *
 * A "desk" is a core with a clock and the answers of its last step. What the
 * core asked for is compared as words: "play update offer".
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/core.h"
#include "core/priv.h"
#include "oom.h"


enum {
	ANNA = 7001, /* ids of the database: any number */
	BELA = 12,
	CEM = 8000,
	RING_MS = 20000,
	REST_MS = 30000,
	SHORT_MS = 5000,
	WRAP_UP_MS = 60000,
	FIRST_CALL = 4711,
	STEPS = 2 * LIMIT_RING_AT_ONCE + 16,
};

struct traced {
	const struct step_machine *machine;
	uint64_t id;
	uint8_t from, event, next;
	bool unexpected;
};

struct desk {
	struct core *core;
	struct core_actions did;
	uint64_t now;
	size_t n_traced; /* of the last step */
	struct traced traced[STEPS];
};


static void on_trace(const struct step_machine *m, uint64_t id, uint8_t from,
		     uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	struct desk *d = arg;

	assert_true(d->n_traced < STEPS);
	d->traced[d->n_traced++] =
		(struct traced){m, id, from, event, next, unexpected};
}


static int desk_open_with(struct desk *d, enum core_strategy strategy,
			  uint32_t ring_at_once, uint32_t rest_ms,
			  uint32_t short_ms)
{
	const struct core_settings settings = {
		.n_lines = LIMIT_LINES,
		.strategy = strategy,
		.ring_at_once = ring_at_once,
		.ring_ms = RING_MS,
		.rest_ms = rest_ms,
		.short_ms = short_ms,
		.first_call = FIRST_CALL,
		.trace = {on_trace, d},
	};

	memset(d, 0, sizeof(*d));
	d->now = 1000;

	return core_alloc(&d->core, &settings);
}


/* One at a time, the longest idle first: most sentences are about one ring. */
static int desk_open(struct desk *d, uint32_t rest_ms, uint32_t short_ms)
{
	return desk_open_with(d, STRATEGY_LONGEST_IDLE, 0, rest_ms, short_ms);
}


static int setup(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	*state = d;
	return desk_open(d, REST_MS, SHORT_MS);
}


static int teardown(void **state)
{
	struct desk *d = *state;

	core_free(d->core);
	free(d);
	return 0;
}


static int tell(struct desk *d, struct core_event ev)
{
	d->n_traced = 0;
	return core_step(d->core, &ev, d->now, &d->did);
}


#define TELL(d, ...) tell((d), (struct core_event){__VA_ARGS__})
#define OK(d, ...)   assert_int_equal(TELL((d), __VA_ARGS__), 0)


/* What the last step asked for, in words. */
static const char *did(const struct desk *d, char *buf, size_t size)
{
	static const char *const words[CORE_ACTIONS] = {
		"record", "update", "answer", "refuse", "play", "typed",
		"type_anew", "check_number", "promise", "record_message",
		"stop_message", "drop_message", "dial", "attempt", "send_key",
		"notice", "offer", "withdraw", "connect", "hang_up", "tell",
		"release", "off_duty",
	};

	buf[0] = '\0';
	for (size_t i = 0; i < d->did.n; i++) {
		const size_t n = strlen(buf);

		assert_true(d->did.v[i].type < CORE_ACTIONS);
		assert_true(n + 12 < size);
		if (n)
			strcat(buf, " ");
		strcat(buf, words[d->did.v[i].type]);
	}

	return buf;
}


#define DID(d, words)                                                       \
	do {                                                                \
		char buf_[256];                                             \
		assert_string_equal(did((d), buf_, sizeof(buf_)), (words)); \
	} while (0)


/* The first action of a type in the last step. */
static const struct core_action *the(const struct desk *d,
				     enum core_action_type type)
{
	for (size_t i = 0; i < d->did.n; i++) {
		if (d->did.v[i].type == type)
			return &d->did.v[i];
	}

	fail_msg("no such action");
	return NULL;
}


static const struct core_record *told(const struct desk *d)
{
	return &the(d, CORE_UPDATE)->record;
}


static enum person_state at(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));
	return v.state;
}


static uint64_t offer_of(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));
	return v.offer;
}


static enum call_state where(const struct desk *d, uint64_t call)
{
	struct core_call_view v;

	return core_call(d->core, call, &v) ? v.state : CALL_NONE;
}


static void on_duty(struct desk *d, uint32_t person)
{
	OK(d, .type = CORE_PERSON, .person = person,
	   .wrap_up_ms = WRAP_UP_MS, .languages = 1);
	OK(d, .type = CORE_PERSON_ON, .person = person);
}


static uint64_t arriving(struct desk *d)
{
	const uint64_t call = core_next_call(d->core);

	OK(d, .type = CORE_ARRIVE, .call = call, .line = 3,);
	return call;
}


static uint64_t answering(struct desk *d)
{
	const uint64_t call = arriving(d);

	OK(d, .type = CORE_RECORDED, .call = call);
	return call;
}


static uint64_t waiting(struct desk *d)
{
	const uint64_t call = answering(d);

	OK(d, .type = CORE_ANSWERED, .call = call);
	return call;
}


static uint64_t accepted(struct desk *d, uint32_t person)
{
	const uint64_t offer = offer_of(d, person);

	OK(d, .type = CORE_ACCEPTED, .offer = offer);
	return offer;
}


static void caller_gone(struct desk *d, uint64_t call)
{
	OK(d, .type = CORE_CALLER_GONE, .call = call,
	   .cause = CAUSE_HUNG_UP);
}


static void ring_time_over(struct desk *d)
{
	d->now = core_deadline(d->core);
	OK(d, .type = CORE_TICK);
}


/* --- every pair ---------------------------------------------------------- */

enum { __ = 255 }; /* not expected */

#define C(state) CALL_##state
#define P(state) PERSON_##state

/* columns: arrive, recorded, not_recorded, answered, not_answered, gone,
   close, offer, not_taken, none_left, taken, counsellor_gone */
static const uint8_t call_next[CALL_STATES][CALL_EVENTS] = {
	[CALL_NONE] = {C(ARRIVING), __, __, __, __, __, __, __, __, __, __,
		       __},
	[CALL_ARRIVING] = {__, C(ANSWERING), C(ENDED), __, __, C(ENDED),
			   C(ENDED), __, __, __, __, __},
	[CALL_ANSWERING] = {__, __, __, C(WAITING), C(ENDED), C(ENDED),
			    C(ENDED), __, __, __, __, __},
	[CALL_WAITING] = {__, __, __, __, __, C(ENDED), C(ENDED), C(OFFERED),
			  __, __, __, __},
	[CALL_OFFERED] = {__, __, __, __, __, C(ENDED), C(ENDED), C(OFFERED),
			  C(OFFERED), C(WAITING), C(TALKING), __},
	[CALL_TALKING] = {__, __, __, __, __, C(ENDED), C(ENDED), __, __, __,
			  __, C(ENDED)},
	[CALL_ENDED] = {__, __, __, __, __, __, __, __, __, __, __, __},
};

/* columns: add, on, off, offer, accepted, not_accepted, gone, caller_gone,
   taken, unreachable, time */
static const uint8_t person_next[PERSON_STATES][PERSON_EVENTS] = {
	[PERSON_NONE] = {P(OFF), __, __, __, __, __, __, __, __, __, __},
	[PERSON_OFF] = {__, P(FREE), P(OFF), __, __, __, __, __, __, __, __},
	[PERSON_FREE] = {__, P(FREE), P(OFF), P(RINGING), __, __, __, __, __,
			 __, __},
	[PERSON_RINGING] = {__, P(RINGING), P(STOPPING_OFF), __, P(TALKING),
			    P(RESTING), P(RESTING), P(STOPPING), P(STOPPING),
			    __, P(STOPPING_LATE)},
	[PERSON_STOPPING] = {__, P(STOPPING), P(STOPPING_OFF), __,
			     P(RELEASING), P(FREE), P(FREE), __, __, __, __},
	[PERSON_STOPPING_LATE] = {__, P(STOPPING_LATE), P(STOPPING_OFF), __,
				  P(RELEASING), P(RESTING), P(FREE), __, __,
				  __, __},
	[PERSON_RELEASING] = {__, P(RELEASING), P(RELEASING_OFF), __, __,
			      P(FREE), P(FREE), __, __, __, __},
	[PERSON_TALKING] = {__, P(TALKING), P(TALKING_OFF), __, __, P(WRAP_UP),
			    P(WRAP_UP), P(HANGING_UP), __, __, __},
	[PERSON_HANGING_UP] = {__, P(HANGING_UP), P(HANGING_UP_OFF), __, __,
			       P(WRAP_UP), P(WRAP_UP), __, __, __, __},
	[PERSON_WRAP_UP] = {__, P(WRAP_UP), P(OFF), __, __, __, __, __, __, __,
			    P(FREE)},
	[PERSON_RESTING] = {__, P(RESTING), P(OFF), __, __, __, __, __, __,
			    P(OFF), P(FREE)},
	[PERSON_STOPPING_OFF] = {__, P(STOPPING), P(STOPPING_OFF), __,
				 P(RELEASING_OFF), P(OFF), P(OFF), __, __, __,
				 __},
	[PERSON_RELEASING_OFF] = {__, P(RELEASING), P(RELEASING_OFF), __, __,
				  P(OFF), P(OFF), __, __, __, __},
	[PERSON_TALKING_OFF] = {__, P(TALKING), P(TALKING_OFF), __, __, P(OFF),
				P(OFF), P(HANGING_UP_OFF), __, __, __},
	[PERSON_HANGING_UP_OFF] = {__, P(HANGING_UP), P(HANGING_UP_OFF), __,
				   __, P(OFF), P(OFF), __, __, __, __},
};


/* A desk whose first call (if any) is in this state. */
static void reach_call(struct desk *d, enum call_state s)
{
	if (s >= CALL_OFFERED)
		on_duty(d, ANNA);
	if (s >= CALL_ARRIVING)
		arriving(d);
	if (s >= CALL_ANSWERING)
		OK(d, .type = CORE_RECORDED, .call = FIRST_CALL);
	if (s >= CALL_WAITING)
		OK(d, .type = CORE_ANSWERED, .call = FIRST_CALL);
	if (s == CALL_TALKING)
		accepted(d, ANNA);
	if (s == CALL_ENDED)
		caller_gone(d, FIRST_CALL);
}


/* A second phone rings for the first call too. */
static void also_rings(struct desk *d)
{
	on_duty(d, BELA);
	assert_int_equal(where(d, FIRST_CALL), CALL_OFFERED);
}


/* What the shell says when this happens. */
static int cause_call(struct desk *d, enum call_event e)
{
	static const enum core_event_type types[CALL_EVENTS] = {
		[CALL_EV_ARRIVE] = CORE_ARRIVE,
		[CALL_EV_RECORDED] = CORE_RECORDED,
		[CALL_EV_NOT_RECORDED] = CORE_NOT_RECORDED,
		[CALL_EV_ANSWERED] = CORE_ANSWERED,
		[CALL_EV_NOT_ANSWERED] = CORE_NOT_ANSWERED,
		[CALL_EV_GONE] = CORE_CALLER_GONE,
		[CALL_EV_CLOSE] = CORE_CLOSE,
		[CALL_EV_NOT_TAKEN] = CORE_NOT_ACCEPTED,
		[CALL_EV_NONE_LEFT] = CORE_NOT_ACCEPTED,
		[CALL_EV_TAKEN] = CORE_ACCEPTED,
		[CALL_EV_COUNSELLOR_GONE] = CORE_PERSON_GONE,
	};
	struct core_call_view v = {.call = FIRST_CALL};

	if (e == CALL_EV_OFFER) {
		on_duty(d, where(d, FIRST_CALL) == CALL_OFFERED ? BELA : ANNA);
		return 0;
	}
	if (e == CALL_EV_NOT_TAKEN)
		also_rings(d);

	(void)core_call(d->core, FIRST_CALL, &v);
	return TELL(d, .type = types[e], .call = FIRST_CALL,
		    .offer = v.offer);
}


static const struct traced *traced(const struct desk *d,
				   const struct step_machine *m, uint8_t event)
{
	for (size_t i = 0; i < d->n_traced; i++) {
		if (d->traced[i].machine == m && d->traced[i].event == event)
			return &d->traced[i];
	}

	fail_msg("no %s was told of %s", m->noun, m->events[event]);
	return NULL;
}


static void expect_traced(const struct desk *d, const struct step_machine *m,
			  uint8_t from, uint8_t event, uint8_t next)
{
	const struct traced *tr = traced(d, m, event);

	assert_int_equal(tr->from, from);
	assert_int_equal(tr->next, next == __ ? from : next);
	assert_int_equal(tr->unexpected, next == __);
}


/* Moves the object itself: nothing in the whole core may change. */
static void expect_refused(struct desk *d, const struct step_machine *m,
			   uint8_t s, uint8_t e)
{
	struct core *before = malloc(sizeof(*before));
	struct turn t = {.core = d->core, .now = d->now, .actions = &d->did};
	struct call *c = &d->core->calls[FIRST_CALL % LIMIT_CALLS];
	struct person *p = &d->core->people[0];
	int err;

	assert_non_null(before);
	memcpy(before, d->core, sizeof(*before));
	d->did.n = 0;
	d->n_traced = 0;

	err = m == &call_machine ? call_step(c, e, &t) : person_step(p, e, &t);

	assert_int_equal(err, EPROTO);
	assert_int_equal(d->did.n, 0);
	expect_traced(d, m, s, e, __);
	assert_memory_equal(before, d->core, sizeof(*before));
	free(before);
}


static void walk_call(enum call_state s, enum call_event e)
{
	const uint8_t next = call_next[s][e];
	struct desk d;

	assert_int_equal(desk_open_with(&d, STRATEGY_ALL, 0, REST_MS,
					SHORT_MS), 0);
	if (s == CALL_ENDED) {
		/* its slot is empty: all that comes is late news */
		reach_call(&d, s);
		if (e != CALL_EV_ARRIVE && e != CALL_EV_OFFER &&
		    e != CALL_EV_NOT_TAKEN)
			assert_int_equal(cause_call(&d, e), ENOENT);
		assert_null(step_find(&call_machine, s, e));
	}
	else if (next == __) {
		reach_call(&d, s);
		expect_refused(&d, &call_machine, s, e);
	}
	else {
		reach_call(&d, s);
		assert_int_equal(cause_call(&d, e), 0);
		expect_traced(&d, &call_machine, s, e, next);
		if (next == CALL_ENDED)
			assert_false(core_call(d.core, FIRST_CALL, NULL));
	}
	core_free(d.core);
}


static void __attribute__((unused)) every_pair_of_call(void **state)
{
	(void)state;
	for (int s = 0; s < CALL_STATES; s++) {
		for (int e = 0; e < CALL_EVENTS; e++)
			walk_call(s, e);
	}
}


/* A desk where the first counsellor (if any) is in this state. */
static void reach_person(struct desk *d, enum person_state s)
{
	switch (s) {
	case PERSON_NONE:
		break;
	case PERSON_OFF:
		OK(d, .type = CORE_PERSON, .person = ANNA,
		   .wrap_up_ms = WRAP_UP_MS, .languages = 1);
		break;
	case PERSON_FREE:
		on_duty(d, ANNA);
		break;
	case PERSON_RINGING:
		on_duty(d, ANNA);
		waiting(d);
		break;
	case PERSON_STOPPING:
		reach_person(d, PERSON_RINGING);
		caller_gone(d, FIRST_CALL);
		break;
	case PERSON_STOPPING_LATE:
		reach_person(d, PERSON_RINGING);
		ring_time_over(d);
		break;
	case PERSON_RELEASING:
		reach_person(d, PERSON_STOPPING);
		accepted(d, ANNA);
		break;
	case PERSON_TALKING:
		reach_person(d, PERSON_RINGING);
		accepted(d, ANNA);
		break;
	case PERSON_HANGING_UP:
		reach_person(d, PERSON_TALKING);
		caller_gone(d, FIRST_CALL);
		break;
	case PERSON_WRAP_UP:
		reach_person(d, PERSON_HANGING_UP);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
		break;
	case PERSON_RESTING:
		reach_person(d, PERSON_RINGING);
		OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA));
		break;
	case PERSON_STOPPING_OFF:
	case PERSON_RELEASING_OFF:
	case PERSON_TALKING_OFF:
	case PERSON_HANGING_UP_OFF:
		reach_person(d, s == PERSON_STOPPING_OFF ? PERSON_STOPPING
			     : s == PERSON_RELEASING_OFF ? PERSON_RELEASING
			     : s == PERSON_TALKING_OFF	 ? PERSON_TALKING
							 : PERSON_HANGING_UP);
		OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
		break;
	case PERSON_STATES:
		fail();
	}
}


/* Rested, and rung again; three times without success. */
static int third_failure(struct desk *d)
{
	for (int i = 0; i < CORE_FAILED_RINGS - 1; i++) {
		ring_time_over(d);
		OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA),
		   .cause = CAUSE_BUSY);
	}
	d->now = core_deadline(d->core);
	OK(d, .type = CORE_TICK);
	return TELL(d, .type = CORE_NOT_ACCEPTED,
		    .offer = offer_of(d, ANNA), .cause = CAUSE_BUSY);
}


static int cause_person(struct desk *d, enum person_event e)
{
	static const enum core_event_type types[PERSON_EVENTS] = {
		[PERSON_EV_ADD] = CORE_PERSON,
		[PERSON_EV_ON] = CORE_PERSON_ON,
		[PERSON_EV_OFF] = CORE_PERSON_OFF,
		[PERSON_EV_ACCEPTED] = CORE_ACCEPTED,
		[PERSON_EV_NOT_ACCEPTED] = CORE_NOT_ACCEPTED,
		[PERSON_EV_GONE] = CORE_PERSON_GONE,
		[PERSON_EV_CALLER_GONE] = CORE_CALLER_GONE,
		[PERSON_EV_TIME] = CORE_TICK,
	};
	struct core_person_view v = {0};

	if (e == PERSON_EV_TAKEN) {
		on_duty(d, BELA);
		return TELL(d, .type = CORE_ACCEPTED,
			    .offer = offer_of(d, BELA));
	}
	if (e == PERSON_EV_UNREACHABLE)
		return third_failure(d);

	if (e == PERSON_EV_OFFER) {
		answering(d);
		return TELL(d, .type = CORE_ANSWERED, .call = FIRST_CALL);
	}
	if (e == PERSON_EV_TIME)
		d->now = core_deadline(d->core);

	(void)core_person(d->core, ANNA, &v);
	return TELL(d, .type = types[e], .person = ANNA, .offer = v.offer,
		    .call = v.call);
}


static void walk_person(enum person_state s, enum person_event e)
{
	const uint8_t next = person_next[s][e];
	struct desk d;

	assert_int_equal(desk_open_with(&d, STRATEGY_ALL, 0, REST_MS,
					SHORT_MS), 0);
	reach_person(&d, s);
	if (next == __) {
		expect_refused(&d, &person_machine, s, e);
	}
	else {
		assert_int_equal(cause_person(&d, e), 0);
		expect_traced(&d, &person_machine, s, e, next);
	}
	core_free(d.core);
}


static void every_pair_of_person(void **state)
{
	(void)state;
	for (int s = 0; s < PERSON_STATES; s++) {
		for (int e = 0; e < PERSON_EVENTS; e++)
			walk_person(s, e);
	}
}


/* The same from outside: what core_step() refuses changes nothing. */
static void refused_events_change_nothing(void **state)
{
	static const struct {
		enum core_event_type type;
		enum person_event event;
	} outside[] = {
		{CORE_ACCEPTED, PERSON_EV_ACCEPTED},
		{CORE_NOT_ACCEPTED, PERSON_EV_NOT_ACCEPTED},
		{CORE_PERSON_GONE, PERSON_EV_GONE},
	};
	struct core *before = malloc(sizeof(*before));

	(void)state;
	assert_non_null(before);
	for (int s = PERSON_OFF; s < PERSON_STATES; s++) {
		for (size_t i = 0; i < STEP_COUNT(outside); i++) {
			struct desk d;
			uint64_t offer;

			if (person_next[s][outside[i].event] != __)
				continue;

			assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
			reach_person(&d, s);
			offer = offer_of(&d, ANNA);
			memcpy(before, d.core, sizeof(*before));
			assert_int_equal(TELL(&d, .type = outside[i].type,
					      .offer = offer),
					 offer ? EPROTO : ENOENT);
			assert_int_equal(d.did.n, 0);
			assert_memory_equal(before, d.core, sizeof(*before));
			assert_int_equal(d.n_traced, 1);
			assert_true(d.traced[0].unexpected);
			core_free(d.core);
		}
	}
	free(before);
}


/* --- arriving ------------------------------------------------------------ */

static void an_arrival_is_recorded_first(void **state)
{
	struct desk *d = *state;
	const struct core_record *r;

	assert_int_equal(core_next_call(d->core), FIRST_CALL);
	assert_int_equal(arriving(d), FIRST_CALL);
	DID(d, "record");
	r = &the(d, CORE_RECORD)->record;
	assert_int_equal(r->call, FIRST_CALL);
	assert_int_equal(r->line, 3);
	assert_int_equal(r->state, CALL_ARRIVING);
	assert_int_equal(r->outcome, OUTCOME_OPEN);
	assert_int_equal(core_next_call(d->core), FIRST_CALL + 1);
}


static void answered_once_on_record(void **state)
{
	struct desk *d = *state;
	const uint64_t call = arriving(d);

	OK(d, .type = CORE_RECORDED, .call = call);
	DID(d, "answer");
	assert_int_equal(the(d, CORE_ANSWER)->call, call);
	assert_int_equal(where(d, call), CALL_ANSWERING);
}


static void refused_if_the_store_fails(void **state)
{
	struct desk *d = *state;
	const uint64_t call = arriving(d);

	d->now += 300;
	OK(d, .type = CORE_NOT_RECORDED, .call = call);
	DID(d, "refuse update");
	assert_int_equal(the(d, CORE_REFUSE)->call, call);
	assert_int_equal(the(d, CORE_REFUSE)->cause, CAUSE_STORE);
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(told(d)->cause, CAUSE_STORE);
	assert_int_equal(told(d)->wait_ms, 300);
}


static void greeted_when_answered(void **state)
{
	struct desk *d = *state;
	const uint64_t call = answering(d);

	OK(d, .type = CORE_ANSWERED, .call = call);
	DID(d, "play update");
	assert_int_equal(the(d, CORE_PLAY)->call, call);
	assert_int_equal(told(d)->state, CALL_WAITING);
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(where(d, call), CALL_WAITING);
}


static void offered_at_once_if_somebody_is_free(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting(d);
	DID(d, "play update offer");
	assert_int_equal(the(d, CORE_OFFER)->call, call);
	assert_int_equal(the(d, CORE_OFFER)->person, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->offer, offer_of(d, ANNA));
	assert_int_equal(where(d, call), CALL_OFFERED);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void closed_if_it_cannot_be_answered(void **state)
{
	struct desk *d = *state;
	const uint64_t call = answering(d);

	OK(d, .type = CORE_NOT_ANSWERED, .call = call,
	   .cause = CAUSE_NO_CODEC);
	DID(d, "refuse update");
	assert_int_equal(the(d, CORE_REFUSE)->cause, CAUSE_NO_CODEC);
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(told(d)->cause, CAUSE_NO_CODEC);
}


/* --- the caller goes ----------------------------------------------------- */

static void gone_early_is_short(void **state)
{
	static const enum call_state states[] = {
		CALL_ARRIVING, CALL_ANSWERING, CALL_WAITING, CALL_OFFERED};

	(void)state;
	for (size_t i = 0; i < STEP_COUNT(states); i++) {
		for (int late = 0; late < 2; late++) {
			struct desk d;

			assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
			reach_call(&d, states[i]);
			d.now += late ? SHORT_MS : SHORT_MS - 1;
			caller_gone(&d, FIRST_CALL);
			DID(&d, states[i] == CALL_OFFERED ? "withdraw update"
							  : "update");
			assert_int_equal(told(&d)->outcome,
					 late ? OUTCOME_GAVE_UP
					      : OUTCOME_SHORT);
			assert_int_equal(told(&d)->state, CALL_ENDED);
			assert_int_equal(told(&d)->cause, CAUSE_NONE);
			assert_int_equal(told(&d)->wait_ms,
					 SHORT_MS - !late);
			assert_int_equal(told(&d)->talk_ms, 0);
			core_free(d.core);
		}
	}
}


static void an_extraordinary_end_is_kept(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	d->now += SHORT_MS;
	OK(d, .type = CORE_CALLER_GONE, .call = call,
	   .cause = CAUSE_RESTART);
	assert_int_equal(told(d)->outcome, OUTCOME_GAVE_UP);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
}


static void caller_gone_stops_the_ring(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	offer = offer_of(d, ANNA);
	caller_gone(d, FIRST_CALL);
	DID(d, "withdraw update");
	assert_int_equal(the(d, CORE_WITHDRAW)->offer, offer);
	assert_int_equal(at(d, ANNA), PERSON_STOPPING);
	assert_int_equal(core_deadline(d->core), UINT64_MAX);

	/* not offered another call before this leg is over */
	waiting(d);
	DID(d, "play update");
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer,
	   .cause = CAUSE_NO_ANSWER);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 1);
}


static void caller_gone_ends_the_talk(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	d->now += 4000;
	offer = accepted(d, ANNA);
	d->now += 90000;
	caller_gone(d, FIRST_CALL);
	DID(d, "release update");
	assert_int_equal(the(d, CORE_RELEASE)->offer, offer);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->wait_ms, 4000);
	assert_int_equal(told(d)->talk_ms, 90000);
	assert_int_equal(told(d)->counsellor, ANNA);
	assert_int_equal(told(d)->cause, CAUSE_NONE);
	assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);

	d->now += 20;
	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	DID(d, "");
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	assert_int_equal(core_deadline(d->core), d->now + WRAP_UP_MS);
}


static void closing_refuses_whom_nobody_answered(void **state)
{
	struct desk *d = *state;

	arriving(d);
	OK(d, .type = CORE_CLOSE, .call = FIRST_CALL, .cause = CAUSE_RESTART);
	DID(d, "refuse update");
	assert_int_equal(the(d, CORE_REFUSE)->cause, CAUSE_RESTART);
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
}


static void closing_stops_the_ring(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	OK(d, .type = CORE_CLOSE, .call = FIRST_CALL, .cause = CAUSE_RESTART);
	DID(d, "withdraw hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(at(d, ANNA), PERSON_STOPPING);
}


static void closing_a_talk_ends_both_sides(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	accepted(d, ANNA);
	d->now += 5000;
	OK(d, .type = CORE_CLOSE, .call = FIRST_CALL, .cause = CAUSE_RESTART);
	DID(d, "release hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
	assert_int_equal(told(d)->talk_ms, 5000);
	assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);
}


/* --- offers -------------------------------------------------------------- */

static void accepting_connects(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	d->now += 7000;
	offer = accepted(d, ANNA);
	DID(d, "connect update");
	assert_int_equal(the(d, CORE_CONNECT)->call, FIRST_CALL);
	assert_int_equal(the(d, CORE_CONNECT)->offer, offer);
	assert_int_equal(told(d)->state, CALL_TALKING);
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(told(d)->counsellor, ANNA);
	assert_int_equal(told(d)->wait_ms, 7000);
	assert_int_equal(told(d)->talk_ms, 0);
	assert_int_equal(at(d, ANNA), PERSON_TALKING);
	assert_int_equal(core_deadline(d->core), UINT64_MAX);
}


static void an_accept_that_crosses_is_released(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	caller_gone(d, FIRST_CALL);
	offer = accepted(d, ANNA);
	DID(d, "release");
	assert_int_equal(the(d, CORE_RELEASE)->offer, offer);
	assert_int_equal(at(d, ANNA), PERSON_RELEASING);

	/* told twice, asked once */
	assert_int_equal(TELL(d, .type = CORE_ACCEPTED, .offer = offer),
			 EPROTO);
	DID(d, "");

	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	assert_int_equal(offer_of(d, ANNA), 0);
}


static void declining_rests_and_the_next_is_asked(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	waiting(d);
	offer = offer_of(d, ANNA);
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer,
	   .cause = CAUSE_DECLINED);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
	assert_int_equal(offer_of(d, ANNA), 0);
}


static void the_only_counsellor_is_asked_again_after_a_rest(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA),
	   .cause = CAUSE_BUSY);
	DID(d, "");
	assert_int_equal(where(d, FIRST_CALL), CALL_WAITING);
	assert_int_equal(core_deadline(d->core), d->now + REST_MS);

	d->now += REST_MS - 1;
	OK(d, .type = CORE_TICK);
	DID(d, "");
	d->now += 1;
	OK(d, .type = CORE_TICK);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	assert_int_equal(the(d, CORE_OFFER)->person, ANNA);
}


static void a_returned_call_keeps_its_place(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d); /* rings ANNA */
	d->now += 1000;
	waiting(d);
	waiting(d);
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA));
	DID(d, "");
	on_duty(d, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	on_duty(d, BELA + 1);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 1);
}


static void the_queue_is_by_arrival_not_by_answer(void **state)
{
	struct desk *d = *state;
	uint64_t call[3];

	for (size_t i = 0; i < 3; i++)
		call[i] = answering(d);

	OK(d, .type = CORE_ANSWERED, .call = call[2]);
	OK(d, .type = CORE_ANSWERED, .call = call[0]);
	OK(d, .type = CORE_ANSWERED, .call = call[1]);
	for (uint32_t i = 0; i < 3; i++) {
		on_duty(d, BELA + i);
		assert_int_equal(the(d, CORE_OFFER)->call, call[i]);
	}
}


static void the_longest_idle_is_asked_first(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	d->now += 10;
	on_duty(d, BELA);
	waiting(d);
	assert_int_equal(the(d, CORE_OFFER)->person, ANNA);
	caller_gone(d, FIRST_CALL);
	d->now += 10;
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA));

	/* ANNA became free after BELA did */
	waiting(d);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
}


static void ring_time_over_asks_the_next(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	waiting(d);
	offer = offer_of(d, ANNA);
	assert_int_equal(core_deadline(d->core), d->now + RING_MS);
	ring_time_over(d);
	DID(d, "withdraw offer");
	assert_int_equal(the(d, CORE_WITHDRAW)->offer, offer);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	assert_int_equal(at(d, ANNA), PERSON_STOPPING_LATE);

	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer,
	   .cause = CAUSE_NO_ANSWER);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
}


static void picked_up_as_ring_time_ran_out(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	offer = offer_of(d, ANNA);
	ring_time_over(d);
	DID(d, "withdraw");
	OK(d, .type = CORE_ACCEPTED, .offer = offer);
	DID(d, "release");
	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	/* somebody is there: no rest, the call is theirs now */
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->person, ANNA);
	assert_int_not_equal(the(d, CORE_OFFER)->offer, offer);
}


static void no_rest_asked_for_is_no_rest(void **state)
{
	struct desk d;

	(void)state;
	assert_int_equal(desk_open(&d, 0, 0), 0);
	on_duty(&d, ANNA);
	waiting(&d);
	OK(&d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(&d, ANNA));
	DID(&d, "offer"); /* one: not a loop */
	caller_gone(&d, FIRST_CALL);
	assert_int_equal(told(&d)->outcome, OUTCOME_GAVE_UP);
	core_free(d.core);
}


/* --- several rings ------------------------------------------------------- */

static int setup_all(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	*state = d;
	return desk_open_with(d, STRATEGY_ALL, 0, REST_MS, SHORT_MS);
}


static uint32_t rings(const struct desk *d, uint64_t call)
{
	struct core_call_view v;

	assert_true(core_call(d->core, call, &v));
	return v.state == CALL_OFFERED ? v.n_offers : 0;
}


static void not_accepted(struct desk *d, uint32_t person,
			 enum core_cause cause)
{
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, person),
	   .cause = cause);
}


static void all_who_are_free_ring(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	on_duty(d, CEM);
	waiting(d);
	DID(d, "play update offer offer offer");
	assert_int_equal(rings(d, FIRST_CALL), 3);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
	assert_int_equal(at(d, BELA), PERSON_RINGING);
	assert_int_equal(at(d, CEM), PERSON_RINGING);
}


static void the_first_pick_up_stops_all_others(void **state)
{
	struct desk *d = *state;
	uint64_t anna, cem;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	on_duty(d, CEM);
	waiting(d);
	anna = offer_of(d, ANNA);
	cem = offer_of(d, CEM);
	accepted(d, BELA);
	DID(d, "connect withdraw withdraw update");
	assert_int_equal(d->did.v[0].offer, offer_of(d, BELA));
	assert_int_equal(d->did.v[1].offer, anna);
	assert_int_equal(d->did.v[2].offer, cem);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(at(d, ANNA), PERSON_STOPPING);
	assert_int_equal(core_deadline(d->core), UINT64_MAX);

	/* it was not their fault: no rest, no failure */
	not_accepted(d, ANNA, CAUSE_NO_ANSWER);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	waiting(d);
	DID(d, "play update offer");
	not_accepted(d, CEM, CAUSE_NO_ANSWER);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 1);
}


static void the_second_pick_up_is_released(void **state)
{
	struct desk *d = *state;
	uint64_t anna;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	waiting(d);
	accepted(d, BELA);
	anna = accepted(d, ANNA);
	DID(d, "release");
	assert_int_equal(the(d, CORE_RELEASE)->offer, anna);
	assert_int_equal(where(d, FIRST_CALL), CALL_TALKING);
	OK(d, .type = CORE_PERSON_GONE, .offer = anna);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	assert_int_equal(at(d, BELA), PERSON_TALKING);
}


static void who_becomes_free_is_rung_too(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	on_duty(d, BELA);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	assert_int_equal(rings(d, FIRST_CALL), 2);
}


/* One decline or dead number leaves the others ringing. */
static void the_others_ring_on(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	on_duty(d, CEM);
	waiting(d);
	not_accepted(d, ANNA, CAUSE_DEAD);
	DID(d, "");
	assert_int_equal(rings(d, FIRST_CALL), 2);
	not_accepted(d, CEM, CAUSE_DECLINED);
	assert_int_equal(rings(d, FIRST_CALL), 1);
	not_accepted(d, BELA, CAUSE_BUSY);
	assert_int_equal(where(d, FIRST_CALL), CALL_WAITING);
}


static void caller_gone_stops_all_rings(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	waiting(d);
	caller_gone(d, FIRST_CALL);
	DID(d, "withdraw withdraw update");
	waiting(d);
	waiting(d);
	not_accepted(d, ANNA, CAUSE_NO_ANSWER);
	not_accepted(d, BELA, CAUSE_NO_ANSWER);
	OK(d, .type = CORE_CLOSE, .call = FIRST_CALL + 1,
	   .cause = CAUSE_RESTART);
	DID(d, "withdraw hang_up update");
}


/* Three callers wait, three come on duty: one each, the longest wait first. */
static void one_each_and_then_the_rest(void **state)
{
	static const uint32_t who[] = {ANNA, BELA, CEM};
	struct desk *d = *state;

	for (int i = 0; i < 3; i++)
		waiting(d);
	for (uint32_t i = 0; i < 3; i++) {
		on_duty(d, who[i]);
		DID(d, "offer");
		assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + i);
	}
	on_duty(d, CEM + 1);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
	on_duty(d, CEM + 2);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL);
}


/* Nobody is free when the second caller comes: the first pick-up frees all
 * others, and they are rung for the second one, and then for the third. */
static void a_pick_up_hands_the_others_on(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	on_duty(d, CEM);
	for (int i = 0; i < 3; i++)
		waiting(d);
	DID(d, "play update");
	assert_int_equal(rings(d, FIRST_CALL), 3);
	accepted(d, CEM);
	not_accepted(d, BELA, CAUSE_NO_ANSWER);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 1);
	not_accepted(d, ANNA, CAUSE_NO_ANSWER);
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 2);
}


static void not_more_at_once_than_set(void **state)
{
	struct desk d;

	(void)state;
	assert_int_equal(desk_open_with(&d, STRATEGY_ALL, 2, REST_MS,
					SHORT_MS), 0);
	for (uint32_t i = 0; i < 5; i++)
		on_duty(&d, ANNA + i);
	waiting(&d);
	DID(&d, "play update offer offer");
	waiting(&d);
	DID(&d, "play update offer offer");
	waiting(&d);
	DID(&d, "play update offer");

	/* a ring less is a ring more for the same caller */
	not_accepted(&d, ANNA, CAUSE_DECLINED);
	DID(&d, "");
	on_duty(&d, BELA);
	DID(&d, "offer");
	assert_int_equal(the(&d, CORE_OFFER)->call, FIRST_CALL);
	core_free(d.core);
}


/* The most that one step can ask for, both ways. */
static void the_limit_rings_and_stops_at_once(void **state)
{
	struct desk *d = *state;

	for (uint32_t i = 0; i < LIMIT_RING_AT_ONCE + 1; i++)
		on_duty(d, ANNA + i);
	waiting(d);
	assert_int_equal(d->did.n, 2 + LIMIT_RING_AT_ONCE);
	assert_int_equal(rings(d, FIRST_CALL), LIMIT_RING_AT_ONCE);
	assert_int_equal(core_count_people(d->core, PERSON_FREE), 1);
	accepted(d, ANNA);
	assert_int_equal(d->did.n, 2 + LIMIT_RING_AT_ONCE - 1);
	assert_int_equal(core_count_people(d->core, PERSON_STOPPING),
			 LIMIT_RING_AT_ONCE - 1);
}


static void round_robin_asks_in_turn(void **state)
{
	static const uint32_t turn[] = {BELA, ANNA, CEM, BELA, ANNA};
	struct desk d;

	(void)state;
	assert_int_equal(desk_open_with(&d, STRATEGY_ROUND_ROBIN, 0, 0, 0),
			 0);
	on_duty(&d, CEM);
	on_duty(&d, ANNA);
	on_duty(&d, BELA);
	for (size_t i = 0; i < STEP_COUNT(turn); i++) {
		const uint64_t call = waiting(&d);

		DID(&d, "play update offer");
		assert_int_equal(the(&d, CORE_OFFER)->person, turn[i]);
		caller_gone(&d, call);
		not_accepted(&d, turn[i], CAUSE_NO_ANSWER);
	}

	/* who is busy is passed over */
	OK(&d, .type = CORE_PERSON_OFF, .person = CEM);
	waiting(&d);
	assert_int_equal(the(&d, CORE_OFFER)->person, BELA);
	core_free(d.core);
}


/* --- unreachable --------------------------------------------------------- */

static uint32_t n_failed(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));
	return v.n_failed;
}


/* A ring that ends like this, and the rest after it: rung again. */
static void fails(struct desk *d, enum core_cause cause)
{
	not_accepted(d, ANNA, cause);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
	d->now = core_deadline(d->core);
	OK(d, .type = CORE_TICK);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void three_failed_rings_put_off_duty(void **state)
{
	static const enum core_cause causes[] = {
		CAUSE_NO_ANSWER, CAUSE_BUSY, CAUSE_DEAD, CAUSE_NETWORK};

	(void)state;
	for (size_t i = 0; i < STEP_COUNT(causes); i++) {
		struct desk d;

		assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
		on_duty(&d, ANNA);
		waiting(&d);
		fails(&d, CAUSE_NETWORK);
		fails(&d, causes[i]);
		not_accepted(&d, ANNA, causes[i]);
		DID(&d, "off_duty");
		assert_int_equal(the(&d, CORE_OFF_DUTY)->person, ANNA);
		assert_int_equal(the(&d, CORE_OFF_DUTY)->cause, causes[i]);
		assert_int_equal(at(&d, ANNA), PERSON_OFF);
		assert_int_equal(offer_of(&d, ANNA), 0);
		assert_int_equal(core_deadline(d.core), UINT64_MAX);

		/* a clean count for who comes back */
		OK(&d, .type = CORE_PERSON_ON, .person = ANNA);
		DID(&d, "offer");
		assert_int_equal(n_failed(&d, ANNA), 0);
		core_free(d.core);
	}
}


static void others_are_rung_when_one_is_unreachable(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	fails(d, CAUSE_DEAD);
	fails(d, CAUSE_DEAD);
	on_duty(d, BELA);
	not_accepted(d, ANNA, CAUSE_DEAD);
	DID(d, "off_duty offer");
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
}


static void ring_time_over_is_a_failure(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	for (uint32_t i = 0; i < CORE_FAILED_RINGS; i++) {
		assert_int_equal(n_failed(d, ANNA), i);
		ring_time_over(d);
		DID(d, "withdraw");
		not_accepted(d, ANNA, CAUSE_HUNG_UP);
		if (i < CORE_FAILED_RINGS - 1)
			ring_time_over(d);
	}
	DID(d, "off_duty");
	assert_int_equal(the(d, CORE_OFF_DUTY)->cause, CAUSE_NO_ANSWER);
}


static void what_is_no_failure(void **state)
{
	static const enum core_cause causes[] = {
		CAUSE_DECLINED, CAUSE_NONE, CAUSE_HUNG_UP, CAUSE_HOUSE,
		CAUSE_RESTART, CAUSE_NO_CODEC, CAUSE_BAD_PEER};
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	fails(d, CAUSE_BUSY);
	fails(d, CAUSE_BUSY);
	for (size_t i = 0; i < STEP_COUNT(causes); i++) {
		fails(d, causes[i]);
		/* nor does it begin the count anew */
		assert_int_equal(n_failed(d, ANNA), 2);
	}
	ring_time_over(d);
	not_accepted(d, ANNA, CAUSE_DECLINED);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
}


static void a_ring_that_was_withdrawn_is_no_failure(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	for (int i = 0; i < CORE_FAILED_RINGS + 1; i++) {
		const uint64_t call = waiting(d);

		caller_gone(d, call);
		not_accepted(d, ANNA, CAUSE_NO_ANSWER);
		assert_int_equal(at(d, ANNA), PERSON_FREE);
	}
	assert_int_equal(n_failed(d, ANNA), 0);
}


static void a_pick_up_begins_the_count_anew(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	fails(d, CAUSE_NETWORK);
	fails(d, CAUSE_NETWORK);
	accepted(d, ANNA);
	assert_int_equal(n_failed(d, ANNA), 0);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	ring_time_over(d);

	/* also one that comes too late */
	waiting(d);
	fails(d, CAUSE_NETWORK);
	fails(d, CAUSE_NETWORK);
	ring_time_over(d);
	offer = accepted(d, ANNA);
	DID(d, "release");
	assert_int_equal(n_failed(d, ANNA), 0);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	fails(d, CAUSE_NETWORK);
	fails(d, CAUSE_NETWORK);
	ring_time_over(d);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_int_equal(n_failed(d, ANNA), 0);
}


static void back_on_duty_begins_the_count_anew(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	fails(d, CAUSE_NETWORK);
	fails(d, CAUSE_NETWORK);
	OK(d, .type = CORE_PERSON_ON, .person = ANNA);
	assert_int_equal(n_failed(d, ANNA), 2);
	OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
	OK(d, .type = CORE_PERSON_ON, .person = ANNA);
	assert_int_equal(at(d, ANNA), PERSON_STOPPING);
	assert_int_equal(n_failed(d, ANNA), 0);
}


/* --- the talk ends ------------------------------------------------------- */

static void counsellor_gone_ends_the_talk(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	offer = accepted(d, ANNA);
	d->now += 5555;
	OK(d, .type = CORE_PERSON_GONE, .offer = offer,
	   .cause = CAUSE_HUNG_UP);
	DID(d, "hang_up update");
	assert_int_equal(the(d, CORE_HANG_UP)->call, FIRST_CALL);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->talk_ms, 5555);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);

	/* a BYE of the caller that crossed our own */
	assert_int_equal(TELL(d, .type = CORE_CALLER_GONE,
			      .call = FIRST_CALL), ENOENT);
	DID(d, "");
}


static void free_and_offered_the_instant_wrap_up_ends(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	waiting(d);
	waiting(d);
	accepted(d, ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	DID(d, "hang_up update");
	d->now += WRAP_UP_MS;
	OK(d, .type = CORE_TICK);
	DID(d, "offer");
	assert_int_equal(the(d, CORE_OFFER)->call, FIRST_CALL + 1);
}


static void no_wrap_up_asked_for_is_no_wrap_up(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	/* known already: changes their wrap-up and nothing else */
	OK(d, .type = CORE_PERSON, .person = ANNA, .languages = 1);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	assert_int_equal(d->n_traced, 0);
	waiting(d);
	waiting(d);
	accepted(d, ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	DID(d, "hang_up update offer");
	accepted(d, ANNA);
	caller_gone(d, FIRST_CALL + 1);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_int_equal(at(d, ANNA), PERSON_FREE);
}


/* --- duty ---------------------------------------------------------------- */

static void nobody_is_offered_off_duty(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
	waiting(d);
	DID(d, "play update");
	OK(d, .type = CORE_PERSON_ON, .person = ANNA);
	DID(d, "offer");
}


static void off_while_ringing_withdraws(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	on_duty(d, BELA);
	waiting(d);
	offer = offer_of(d, ANNA);
	OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
	DID(d, "withdraw offer");
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
}


static void off_while_talking_talks_on(void **state)
{
	struct desk *d = *state;
	uint64_t offer;

	on_duty(d, ANNA);
	waiting(d);
	offer = accepted(d, ANNA);
	OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
	DID(d, "");
	assert_int_equal(where(d, FIRST_CALL), CALL_TALKING);
	OK(d, .type = CORE_PERSON_ON, .person = ANNA);
	assert_int_equal(at(d, ANNA), PERSON_TALKING);
	OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	DID(d, "hang_up update");
	assert_int_equal(at(d, ANNA), PERSON_OFF);
	assert_int_equal(core_deadline(d->core), UINT64_MAX);
}


static void off_ends_wrap_up_and_rest(void **state)
{
	static const enum person_state states[] = {PERSON_WRAP_UP,
						   PERSON_RESTING};

	(void)state;
	for (size_t i = 0; i < STEP_COUNT(states); i++) {
		struct desk d;

		assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
		reach_person(&d, states[i]);
		OK(&d, .type = CORE_PERSON_OFF, .person = ANNA);
		assert_int_equal(at(&d, ANNA), PERSON_OFF);
		assert_int_equal(core_deadline(d.core), UINT64_MAX);
		OK(&d, .type = CORE_PERSON_ON, .person = ANNA);
		assert_true(at(&d, ANNA) == PERSON_FREE ||
			    at(&d, ANNA) == PERSON_RINGING);
		core_free(d.core);
	}
}


/* --- limits, strangers and mistakes -------------------------------------- */

static void strangers_are_late_news(void **state)
{
	struct desk *d = *state;

	for (int type = CORE_RECORDED; type < CORE_EVENTS; type++) {
		if (type == CORE_PERSON || type == CORE_TICK)
			continue;
		assert_int_equal(TELL(d, .type = type, .call = 99,
				      .offer = 4711, .person = 5), ENOENT);
		assert_int_equal(TELL(d, .type = type), ENOENT);
		assert_int_equal(d->n_traced, 1);
		assert_true(d->traced[0].unexpected);
		DID(d, "");
	}
}


static void mistakes_of_the_shell(void **state)
{
	struct desk *d = *state;
	struct core_event ev = {.type = CORE_ARRIVE, .call = FIRST_CALL};
	struct core *core = NULL;
	struct core_settings settings = {.n_lines = LIMIT_LINES, .ring_ms = 1, .first_call = 1};

	assert_int_equal(TELL(d, .type = CORE_EVENTS), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_PERSON), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_ARRIVE,
			      .call = FIRST_CALL + 1), EINVAL);
	ev.line = LIMIT_LINES;
	assert_int_equal(tell(d, ev), EINVAL);
	assert_int_equal(core_next_call(d->core), FIRST_CALL);

	arriving(d);
	d->now -= 1;
	assert_int_equal(TELL(d, .type = CORE_TICK), EINVAL);

	assert_int_equal(core_step(NULL, &ev, 0, &d->did), EINVAL);
	assert_int_equal(core_step(d->core, NULL, 0, &d->did), EINVAL);
	assert_int_equal(core_step(d->core, &ev, 0, NULL), EINVAL);
	assert_int_equal(core_alloc(NULL, &settings), EINVAL);
	assert_int_equal(core_alloc(&core, NULL), EINVAL);
	settings.ring_ms = 0;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.ring_ms = 1;
	settings.first_call = 0;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.first_call = 1;
	settings.strategy = STRATEGIES;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	settings.strategy = STRATEGY_ALL;
	settings.ring_at_once = LIMIT_RING_AT_ONCE + 1;
	assert_int_equal(core_alloc(&core, &settings), EINVAL);
	assert_null(core);
	core_free(NULL);
}


static void full_of_calls(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < LIMIT_CALLS; i++)
		waiting(d);
	assert_int_equal(core_next_call(d->core), 0);
	assert_int_equal(TELL(d, .type = CORE_ARRIVE, .call = 1), ENOSPC);
	assert_int_equal(core_count_calls(d->core, CALL_WAITING),
			 LIMIT_CALLS);

	/* numbers whose slot is taken are skipped, never given twice */
	caller_gone(d, FIRST_CALL + 5);
	assert_int_equal(core_next_call(d->core),
			 FIRST_CALL + LIMIT_CALLS + 5);
	arriving(d);
	assert_int_equal(core_next_call(d->core), 0);
	caller_gone(d, FIRST_CALL);
	assert_int_equal(core_next_call(d->core),
			 FIRST_CALL + 2 * LIMIT_CALLS);
}


static void full_of_people(void **state)
{
	struct desk *d = *state;

	/* ids come in any order */
	for (uint32_t i = 0; i < LIMIT_PEOPLE; i++)
		on_duty(d, 1 + i * 2654435761u);
	assert_int_equal(TELL(d, .type = CORE_PERSON, .person = 2), ENOSPC);
	assert_int_equal(core_count_people(d->core, PERSON_FREE),
			 LIMIT_PEOPLE);
	for (uint32_t i = 0; i < LIMIT_PEOPLE; i++)
		assert_int_equal(at(d, 1 + i * 2654435761u), PERSON_FREE);
	assert_false(core_person(d->core, 2, NULL));

	/* who is off duty makes room, and may come back when others go */
	OK(d, .type = CORE_PERSON_OFF, .person = 1);
	on_duty(d, 2);
	assert_false(core_person(d->core, 1, NULL));
	assert_int_equal(TELL(d, .type = CORE_PERSON_ON, .person = 1), ENOENT);
	assert_int_equal(TELL(d, .type = CORE_PERSON, .person = 1), ENOSPC);
	assert_int_equal(core_count_people(d->core, PERSON_FREE),
			 LIMIT_PEOPLE);
	OK(d, .type = CORE_PERSON_OFF, .person = 2);
	on_duty(d, 1);
	assert_int_equal(at(d, 1), PERSON_FREE);
	assert_false(core_person(d->core, 2, NULL));
}


/* people come and go for years: the numbers do not run out */
static void more_people_than_there_is_room_for(void **state)
{
	struct desk *d = *state;

	for (uint32_t i = 1; i <= 3 * LIMIT_PEOPLE; i++) {
		on_duty(d, i);
		assert_int_equal(at(d, i), PERSON_FREE);
		OK(d, .type = CORE_PERSON_OFF, .person = i);
	}
	waiting(d);
	on_duty(d, 77);
	accepted(d, 77);
	assert_int_equal(at(d, 77), PERSON_TALKING);
}


static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}


/* Wrap-ups of all lengths, some of them ended from outside, end in order. */
static void deadlines_come_in_order(void **state)
{
	enum { N = LIMIT_PEOPLE };
	struct desk *d = *state;
	uint64_t *due = calloc(N, sizeof(*due));
	size_t n = 0;

	assert_non_null(due);
	for (uint32_t i = 1; i <= N; i++) {
		const uint32_t ms = 1 + i * 2654435761u % 100000;

		OK(d, .type = CORE_PERSON, .person = i, .wrap_up_ms = ms,
		   .languages = 1);
		OK(d, .type = CORE_PERSON_ON, .person = i);
		waiting(d);
		accepted(d, i);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, i));
		if (i % 3)
			due[n++] = d->now + ms;
	}
	for (uint32_t i = 3; i <= N; i += 3)
		OK(d, .type = CORE_PERSON_OFF, .person = i);

	qsort(due, n, sizeof(*due), by_value);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(core_deadline(d->core), due[i]);
		d->now = due[i];
		OK(d, .type = CORE_TICK);
		assert_int_equal(d->n_traced, 1);
	}
	assert_int_equal(core_deadline(d->core), UINT64_MAX);
	free(due);
}


/* --- looking ------------------------------------------------------------- */

struct seen {
	size_t n;
	uint64_t last;
};


static void see_call(const struct core_call_view *view, void *arg)
{
	struct seen *seen = arg;

	assert_true(view->call > seen->last);
	seen->last = view->call;
	++seen->n;
}


static void see_person(const struct core_person_view *view, void *arg)
{
	struct seen *seen = arg;

	assert_true(view->person == ANNA || view->person == BELA);
	seen->last += view->person;
	++seen->n;
}


static void views(void **state)
{
	struct desk *d = *state;
	struct core_call_view c;
	struct core_person_view p;
	struct seen calls = {0}, people = {0};

	on_duty(d, ANNA);
	OK(d, .type = CORE_PERSON, .person = BELA, .languages = 1);
	waiting(d);
	waiting(d);
	arriving(d);

	assert_true(core_call(d->core, FIRST_CALL, &c));
	assert_int_equal(c.call, FIRST_CALL);
	assert_int_equal(c.arrived, 1000);
	assert_int_equal(c.person, ANNA);
	assert_int_equal(c.n_offers, 1);
	assert_int_equal(c.offer, offer_of(d, ANNA));
	assert_true(core_person(d->core, ANNA, &p));
	assert_int_equal(p.call, FIRST_CALL);
	assert_int_equal(p.deadline, 1000 + RING_MS);
	assert_int_equal(p.idle_since, 1000);

	core_each_call(d->core, see_call, &calls);
	assert_int_equal(calls.n, 3);
	core_each_person(d->core, see_person, &people);
	assert_int_equal(people.n, 2);
	assert_int_equal(people.last, ANNA + BELA);
	assert_int_equal(core_count_calls(d->core, CALL_ARRIVING), 1);
	assert_int_equal(core_count_calls(d->core, CALL_OFFERED), 1);
	assert_int_equal(core_count_people(d->core, PERSON_OFF), 1);
	assert_false(core_call(d->core, 0, &c));
	assert_false(core_call(d->core, FIRST_CALL + 3, &c));
}


static void names(void **state)
{
	(void)state;

	for (int i = 0; i < OUTCOMES; i++) {
		enum call_outcome o = OUTCOMES;

		assert_int_equal(call_outcome_decode(
					 &o, call_outcome_name(i)), 0);
		assert_int_equal(o, i);
	}
	for (int i = 0; i < CALL_STATES; i++) {
		enum call_state s = CALL_STATES;

		assert_int_equal(call_state_decode(&s, call_state_name(i)),
				 0);
		assert_int_equal(s, i);
	}
	for (int i = 0; i < PERSON_STATES; i++)
		assert_string_not_equal(person_state_name(i), "unknown");
	for (int i = 0; i < CAUSES; i++)
		assert_string_not_equal(core_cause_name(i), "unknown");

	assert_string_equal(call_state_name(CALL_WAITING), "waiting");
	assert_string_equal(call_outcome_name(OUTCOME_GAVE_UP), "gave_up");
	assert_string_equal(core_cause_name(CAUSE_NO_ANSWER), "no_answer");
	assert_string_equal(person_state_name(PERSON_WRAP_UP), "wrap_up");
	assert_string_equal(call_state_name(CALL_STATES), "unknown");
}


static void names_of_nothing(void **state)
{
	enum call_outcome o = OUTCOME_SHORT;
	enum call_state s = CALL_TALKING;

	(void)state;
	assert_int_equal(call_outcome_decode(&o, "perhaps"), EINVAL);
	assert_int_equal(call_outcome_decode(&o, NULL), EINVAL);
	assert_int_equal(call_outcome_decode(NULL, "open"), EINVAL);
	assert_int_equal(call_state_decode(&s, ""), EINVAL);
	assert_int_equal(call_state_decode(NULL, "none"), EINVAL);
	assert_int_equal(o, OUTCOME_SHORT);
	assert_int_equal(s, CALL_TALKING);
}


/* --- memory -------------------------------------------------------------- */

static int whole_life(void *arg)
{
	struct desk *d = arg;
	int err = desk_open(d, REST_MS, SHORT_MS);

	if (err)
		return err;

	reach_person(d, PERSON_HANGING_UP_OFF);
	core_free(d->core);
	return 0;
}


static void one_allocation_and_no_more(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	(void)state;
	assert_non_null(d);
	assert_int_equal(oom_loop(whole_life, d), 1);
	free(d);
}


#define DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define DESK_ALL(test)                                                      \
	cmocka_unit_test_setup_teardown(test, setup_all, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_person),
		cmocka_unit_test(refused_events_change_nothing),
		DESK(an_arrival_is_recorded_first),
		DESK(answered_once_on_record),
		DESK(refused_if_the_store_fails),
		DESK(greeted_when_answered),
		DESK(offered_at_once_if_somebody_is_free),
		DESK(closed_if_it_cannot_be_answered),
		cmocka_unit_test(gone_early_is_short),
		DESK(an_extraordinary_end_is_kept),
		DESK(caller_gone_stops_the_ring),
		DESK(caller_gone_ends_the_talk),
		DESK(closing_refuses_whom_nobody_answered),
		DESK(closing_stops_the_ring),
		DESK(closing_a_talk_ends_both_sides),
		DESK(accepting_connects),
		DESK(an_accept_that_crosses_is_released),
		DESK(declining_rests_and_the_next_is_asked),
		DESK(the_only_counsellor_is_asked_again_after_a_rest),
		DESK(a_returned_call_keeps_its_place),
		DESK(the_queue_is_by_arrival_not_by_answer),
		DESK(the_longest_idle_is_asked_first),
		DESK(ring_time_over_asks_the_next),
		DESK(picked_up_as_ring_time_ran_out),
		cmocka_unit_test(no_rest_asked_for_is_no_rest),
		DESK_ALL(all_who_are_free_ring),
		DESK_ALL(the_first_pick_up_stops_all_others),
		DESK_ALL(the_second_pick_up_is_released),
		DESK_ALL(who_becomes_free_is_rung_too),
		DESK_ALL(the_others_ring_on),
		DESK_ALL(caller_gone_stops_all_rings),
		DESK_ALL(one_each_and_then_the_rest),
		DESK_ALL(a_pick_up_hands_the_others_on),
		cmocka_unit_test(not_more_at_once_than_set),
		DESK_ALL(the_limit_rings_and_stops_at_once),
		cmocka_unit_test(round_robin_asks_in_turn),
		cmocka_unit_test(three_failed_rings_put_off_duty),
		DESK(others_are_rung_when_one_is_unreachable),
		DESK(ring_time_over_is_a_failure),
		DESK(what_is_no_failure),
		DESK(a_ring_that_was_withdrawn_is_no_failure),
		DESK(a_pick_up_begins_the_count_anew),
		DESK(back_on_duty_begins_the_count_anew),
		DESK(counsellor_gone_ends_the_talk),
		DESK(free_and_offered_the_instant_wrap_up_ends),
		DESK(no_wrap_up_asked_for_is_no_wrap_up),
		DESK(nobody_is_offered_off_duty),
		DESK(off_while_ringing_withdraws),
		DESK(off_while_talking_talks_on),
		cmocka_unit_test(off_ends_wrap_up_and_rest),
		DESK(strangers_are_late_news),
		DESK(mistakes_of_the_shell),
		DESK(full_of_calls),
		DESK(full_of_people),
		DESK(more_people_than_there_is_room_for),
		DESK(deadlines_come_in_order),
		DESK(views),
		cmocka_unit_test(names),
		cmocka_unit_test(names_of_nothing),
		cmocka_unit_test(one_allocation_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
