/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk.c  The desk of the core's tests.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


static void on_trace(const struct step_machine *m, uint64_t id, uint8_t from,
		     uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	struct desk *d = arg;

	assert_true(d->n_traced < STEPS);
	d->traced[d->n_traced++] =
		(struct traced){m, id, from, event, next, unexpected};
}


static bool is_open(uint16_t line, int64_t unix_ms, void *arg)
{
	const struct desk *d = arg;

	(void)line;
	(void)unix_ms;
	return !d->closed;
}


/* the next morning, if it is closed */
static int64_t opens(uint16_t line, int64_t unix_ms, void *arg)
{
	return is_open(line, unix_ms, arg) ? unix_ms
					   : MORNING + 24 * 3600 * 1000;
}


static bool is_safe(enum promise_hours hours, int64_t unix_ms, void *arg)
{
	const struct desk *d = arg;

	(void)unix_ms;
	return hours == HOURS_ANY || !d->unsafe;
}


struct core_settings desk_settings(struct desk *d)
{
	struct core_settings s = {
		.strategy = STRATEGY_LONGEST_IDLE,
		.ring_ms = RING_MS,
		.rest_ms = REST_MS,
		.short_ms = SHORT_MS,
		.dials_at_once = 2,
		.n_lines = LIMIT_LINES,
		.first_call = FIRST_CALL,
		.calendar = {is_open, opens, is_safe, d},
		.trace = {on_trace, d},
	};

	for (int i = LINE; i <= OTHER_LINE; i++)
		s.lines[i] = (struct core_line){
			.n_languages = 1,
			.messages = true,
			.ring_back = true,
			.shown = 1U << SHOWN_WITHHELD,
			.max_wait_ms = MAX_WAIT_MS,
			.offer_ms = OFFER_MS,
			.promise_ms = PROMISE_MS,
			.climb_ms = CLIMB_MS,
			.attempts = ATTEMPTS_MAX,
			.attempt_ms = ATTEMPT_MS,
		};

	return s;
}


int desk_open_as(struct desk *d, const struct core_settings *settings)
{
	memset(d, 0, sizeof(*d));
	d->now = 1000;

	return core_alloc(&d->core, settings);
}


int desk_open_with(struct desk *d, enum core_strategy strategy,
		   uint32_t ring_at_once, uint32_t rest_ms, uint32_t short_ms)
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

	return desk_open_as(d, &settings);
}


/* One at a time, the longest idle first: most sentences are about one ring. */
int desk_open(struct desk *d, uint32_t rest_ms, uint32_t short_ms)
{
	return desk_open_with(d, STRATEGY_LONGEST_IDLE, 0, rest_ms, short_ms);
}


int desk_setup(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	*state = d;
	return desk_open(d, REST_MS, SHORT_MS);
}


int desk_setup_all(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	*state = d;
	return desk_open_with(d, STRATEGY_ALL, 0, REST_MS, SHORT_MS);
}


int desk_setup_whole(void **state)
{
	struct desk *d = malloc(sizeof(*d));
	struct core_settings settings;
	int err;

	if (!d)
		return -1;
	*state = d;
	settings = desk_settings(d);
	err = desk_open_as(d, &settings);
	if (!err)
		clock_says(d, MORNING);

	return err;
}


int desk_teardown(void **state)
{
	struct desk *d = *state;

	core_free(d->core);
	free(d);
	return 0;
}


int tell(struct desk *d, struct core_event ev)
{
	d->n_traced = 0;
	return core_step(d->core, &ev, d->now, &d->did);
}


/* What the last step asked for, in words. */
const char *did(const struct desk *d, char *buf, size_t size)
{
	static const char *const words[CORE_ACTIONS] = {
		"record", "update", "answer", "refuse", "play", "typed",
		"type_anew", "check_number", "promise", "record_message",
		"stop_message", "drop_message", "dial", "attempt", "send_key",
		"notice", "offer", "withdraw", "connect", "party", "hang_up",
		"tell", "release", "off_duty",
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


bool asked(const struct desk *d, enum core_action_type type)
{
	for (size_t i = 0; i < d->did.n; i++) {
		if (d->did.v[i].type == type)
			return true;
	}

	return false;
}


const struct core_action *the(const struct desk *d,
				     enum core_action_type type)
{
	for (size_t i = 0; i < d->did.n; i++) {
		if (d->did.v[i].type == type)
			return &d->did.v[i];
	}

	fail_msg("no such action");
	return NULL;
}


const struct core_record *told(const struct desk *d)
{
	const struct core_record *last = NULL;

	for (size_t i = 0; i < d->did.n; i++) {
		if (d->did.v[i].type == CORE_UPDATE)
			last = &d->did.v[i].record;
	}
	assert_non_null(last);

	return last;
}


enum person_state at(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));
	return v.state;
}


uint64_t offer_of(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));
	return v.offer;
}


enum call_state where(const struct desk *d, uint64_t call)
{
	struct core_call_view v;

	return core_call(d->core, call, &v) ? v.state : CALL_NONE;
}


uint32_t rings(const struct desk *d, uint64_t call)
{
	struct core_call_view v;

	assert_true(core_call(d->core, call, &v));
	return v.state == CALL_OFFERED || v.state == CALL_DUE_OFFERED
		       ? v.n_offers
		       : 0;
}


struct core_record record_of(const struct desk *d, uint64_t call)
{
	struct core_record r;

	assert_true(core_get_record(d->core, call, &r));
	return r;
}


void on_duty_as(struct desk *d, uint32_t person, uint32_t languages,
		uint32_t skills)
{
	OK(d, .type = CORE_PERSON, .person = person, .lines = UINT16_MAX,
	   .wrap_up_ms = WRAP_UP_MS, .languages = languages,
	   .skills = skills);
	OK(d, .type = CORE_PERSON_ON, .person = person);
}


void on_duty(struct desk *d, uint32_t person)
{
	on_duty_as(d, person, 1U << EN, 0);
}


void off_duty(struct desk *d, uint32_t person)
{
	OK(d, .type = CORE_PERSON_OFF, .person = person);
}


uint64_t arriving_as(struct desk *d, uint16_t line, uint32_t handle)
{
	const uint64_t call = core_next_call(d->core);

	OK(d, .type = CORE_ARRIVE, .call = call, .line = line,
	   .handle = handle, .number_known = handle != 0);
	return call;
}


uint64_t arriving(struct desk *d)
{
	return arriving_as(d, LINE, 0);
}


uint64_t answering(struct desk *d)
{
	const uint64_t call = arriving(d);

	OK(d, .type = CORE_RECORDED, .call = call);
	return call;
}


uint64_t waiting_as(struct desk *d, uint16_t line, uint32_t handle)
{
	const uint64_t call = arriving_as(d, line, handle);

	OK(d, .type = CORE_RECORDED, .call = call);
	OK(d, .type = CORE_ANSWERED, .call = call);
	return call;
}


uint64_t waiting(struct desk *d)
{
	return waiting_as(d, LINE, 0);
}


uint64_t accepted(struct desk *d, uint32_t person)
{
	const uint64_t offer = offer_of(d, person);

	OK(d, .type = CORE_ACCEPTED, .offer = offer);
	return offer;
}


void not_accepted(struct desk *d, uint32_t person, enum core_cause cause)
{
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, person),
	   .cause = cause);
}


void caller_gone(struct desk *d, uint64_t call)
{
	OK(d, .type = CORE_CALLER_GONE, .call = call,
	   .cause = CAUSE_HUNG_UP);
}


/* What is due now, if it asks for anything, is the last step. */
void settle(struct desk *d)
{
	struct core_actions last = {.n = 0};

	while (core_deadline(d->core) <= d->now) {
		OK(d, .type = CORE_TICK);
		if (d->did.n)
			last = d->did;
	}
	d->did = last;
}


void ring_time_over(struct desk *d)
{
	settle(d);
	d->now = core_deadline(d->core);
	OK(d, .type = CORE_TICK);
}


void until(struct desk *d, uint64_t when)
{
	struct core_actions last = {.n = 0};

	while (core_deadline(d->core) <= when) {
		if (core_deadline(d->core) > d->now)
			d->now = core_deadline(d->core);
		OK(d, .type = CORE_TICK);
		if (d->did.n)
			last = d->did;
	}
	d->did = last;
	d->now = when;
}


void clock_says(struct desk *d, int64_t unix_ms)
{
	OK(d, .type = CORE_CLOCK, .unix_ms = unix_ms);
	if (core_deadline(d->core) <= d->now)
		settle(d);
}


/* ---- the dialogue ------------------------------------------------------- */

static const struct call *inside(const struct desk *d, uint64_t call)
{
	return &d->core->calls[call % LIMIT_CALLS];
}


void key(struct desk *d, uint64_t call, uint8_t k)
{
	OK(d, .type = CORE_KEY, .call = call, .key = k);
}


void played(struct desk *d, uint64_t call)
{
	assert_int_not_equal(inside(d, call)->serial, 0);
	OK(d, .type = CORE_PLAYED, .call = call,
	   .serial = inside(d, call)->serial);
}


void silence(struct desk *d, uint64_t call)
{
	const uint64_t when = inside(d, call)->quiet.when;

	assert_true(when > d->now);
	until(d, when - 1);
	d->now = when;
	while (inside(d, call)->quiet.when == when)
		OK(d, .type = CORE_TICK);
}


/* to the tone, and on */
void speaks(struct desk *d, uint64_t call)
{
	key(d, call, 2);
	played(d, call);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	played(d, call);
	assert_int_equal(where(d, call), CALL_RECORDING);
}


uint64_t message_left(struct desk *d)
{
	const uint64_t call = waiting(d);

	speaks(d, call);
	caller_gone(d, call);
	OK(d, .type = CORE_FILED, .call = call, .ms = 9000,
	   .voiced_ms = 5000);
	assert_int_equal(where(d, call), CALL_PROMISED);
	return call;
}


void asks_ring_back(struct desk *d, uint64_t call, uint8_t words)
{
	key(d, call, 1);
	key(d, call, 1); /* the number is right */
	key(d, call, words);
	key(d, call, 1); /* at any hour */
	assert_int_equal(where(d, call), CALL_SAVING_RING_BACK);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	assert_int_equal(where(d, call), CALL_LEAVING);
}


uint64_t promised(struct desk *d, uint32_t handle)
{
	const uint64_t call = waiting_as(d, LINE, handle);

	asks_ring_back(d, call, 1);
	caller_gone(d, call);
	return call;
}


uint64_t dialling(struct desk *d)
{
	const uint64_t call = promised(d, HANDLE);

	on_duty(d, ANNA);
	settle(d); /* it is theirs now */
	accepted(d, ANNA);
	assert_int_equal(where(d, call), CALL_DIALLING);
	return call;
}


const struct traced *traced(const struct desk *d,
			    const struct step_machine *m, uint8_t event)
{
	for (size_t i = 0; i < d->n_traced; i++) {
		if (d->traced[i].machine == m && d->traced[i].event == event)
			return &d->traced[i];
	}

	fail_msg("no %s was told of %s", m->noun, m->events[event]);
	return NULL;
}
