/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_twin.c  Several promises to ring one number: it rings as if there were
 * one, and nobody who asked is forgotten.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


enum { MANY = 20 };

/* Asks to be rung back at the number of a twin (0: at one of its own); says
 * which words are allowed (1 to 3) and at what hours (1 to 3). */
static uint64_t asks(struct desk *d, uint32_t handle, uint64_t twin,
		     uint8_t words, uint8_t hours)
{
	const uint64_t call = waiting_as(d, LINE, handle);

	key(d, call, 1);
	key(d, call, 1);
	key(d, call, words);
	key(d, call, hours);
	OK(d, .type = CORE_PROMISE_MADE, .call = call, .twin = twin);
	assert_int_equal(where(d, call), CALL_LEAVING);
	d->now += 1000;
	caller_gone(d, call);
	if (core_person(d->core, ANNA, NULL) &&
	    at(d, ANNA) == PERSON_STOPPING) /* was rung for them meanwhile */
		not_accepted(d, ANNA, CAUSE_NONE);

	return call;
}


/* n of them, of callers who have nothing else in common; nobody is on duty */
static void all_ask(struct desk *d, uint64_t *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		calls[i] = asks(d, (uint32_t)(100 + i), i ? calls[i - 1] : 0,
				1, 1);
}


/* how many of them are in the queue or being rung */
static unsigned n_due(struct desk *d, const uint64_t *calls, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		const enum call_state at_ = where(d, calls[i]);

		count += at_ >= CALL_DUE && at_ <= CALL_HANGING_UP;
	}

	return count;
}


/* ANNA is there and takes what rings: the first of them is dialled */
static void dials(struct desk *d, uint64_t first)
{
	if (!core_person(d->core, ANNA, NULL))
		on_duty(d, ANNA);
	settle(d);
	accepted(d, ANNA);
	assert_int_equal(where(d, first), CALL_DIALLING);
}


static void not_reached(struct desk *d, uint64_t call, enum core_cause cause)
{
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = cause);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	settle(d);
}


static void one_number_is_rung_as_one(void **state)
{
	struct desk *d = *state;
	uint64_t calls[MANY];
	unsigned n_rings = 0;

	all_ask(d, calls, MANY);
	on_duty(d, ANNA);
	for (int i = 0; i < 2 * ATTEMPTS_MAX; i++) {
		settle(d);
		assert_true(n_due(d, calls, MANY) <= 1);
		if (at(d, ANNA) == PERSON_RINGING) {
			accepted(d, ANNA);
			assert_true(asked(d, CORE_DIAL));
			assert_int_equal(the(d, CORE_DIAL)->call, calls[0]);
			++n_rings;
			not_reached(d, calls[0], CAUSE_NO_ANSWER);
		}
		until(d, d->now + ((uint64_t)ATTEMPT_MS << i));
	}
	assert_int_equal(n_rings, ATTEMPTS_MAX);
	for (int i = 0; i < MANY; i++) {
		const struct core_promise p = record_of(d, calls[i]).promise;

		assert_int_equal(where(d, calls[i]), CALL_PROMISED);
		assert_int_equal(p.level, LEVEL_COORDINATOR);
		assert_int_equal(p.next_at, INT64_MAX);
	}

	/* who closes the first has looked at them all */
	OK(d, .type = CORE_PROMISE_CLOSE, .call = calls[0],
	   .reason = CLOSE_UNREACHABLE);
	settle(d);
	for (int i = 0; i < MANY; i++)
		assert_false(core_call(d->core, calls[i], NULL));
}


static void who_asks_again_afterwards_is_rung_again(void **state)
{
	struct desk *d = *state;
	const uint64_t first = asks(d, 100, 0, 1, 1);
	uint64_t again;

	dials(d, first);
	not_reached(d, first, CAUSE_DEAD);
	again = asks(d, 101, first, 1, 1);
	assert_int_equal(where(d, again), CALL_DUE_OFFERED);

	/* what is said of the one that was tried is not said of this one */
	OK(d, .type = CORE_PROMISE_CLOSE, .call = first,
	   .reason = CLOSE_UNREACHABLE);
	settle(d);
	assert_int_equal(where(d, again), CALL_DUE_OFFERED);
}


static void one_talk_keeps_them_all(void **state)
{
	struct desk *d = *state;
	uint64_t calls[3];
	struct core_record last = {.call = 0};

	all_ask(d, calls, 3);
	dials(d, calls[0]);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = calls[0]);
	key(d, calls[0], 1);
	OK(d, .type = CORE_DIAL_OVER, .call = calls[0],
	   .cause = CAUSE_HUNG_UP);
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	while (core_deadline(d->core) <= d->now) {
		OK(d, .type = CORE_TICK);
		if (asked(d, CORE_UPDATE))
			last = *told(d);
	}
	assert_int_equal(last.call, calls[2]);
	assert_int_equal(last.outcome, OUTCOME_KEPT);
	assert_int_equal(last.counsellor, ANNA);
	for (int i = 0; i < 3; i++)
		assert_false(core_call(d->core, calls[i], NULL));
}


static void nine_ends_them_all(void **state)
{
	struct desk *d = *state;
	uint64_t calls[2];

	all_ask(d, calls, 2);
	dials(d, calls[0]);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = calls[0]);
	key(d, calls[0], 9);
	assert_int_equal(told(d)->outcome, OUTCOME_DECLINED);
	OK(d, .type = CORE_TICK);
	assert_int_equal(told(d)->call, calls[1]);
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(told(d)->reason, CLOSE_DUPLICATE);
}


/* "The same caller, in another call": then that other one goes on. */
static void a_duplicate_leaves_the_next_one(void **state)
{
	struct desk *d = *state;
	uint64_t calls[3];

	all_ask(d, calls, 3);
	OK(d, .type = CORE_PROMISE_CLOSE, .call = calls[0],
	   .reason = CLOSE_DUPLICATE);
	settle(d);
	assert_int_equal(where(d, calls[1]), CALL_DUE);
	assert_int_equal(where(d, calls[2]), CALL_PROMISED);

	OK(d, .type = CORE_PROMISE_CLOSE, .call = calls[2],
	   .reason = CLOSE_UNSAFE);
	settle(d);
	assert_int_equal(where(d, calls[1]), CALL_DUE);
}


static void what_was_said_is_heard(void **state)
{
	struct desk *d = *state;
	const uint64_t first = asks(d, 100, 0, 1, 1);
	const uint64_t message = waiting_as(d, LINE, 101);

	speaks(d, message);
	OK(d, .type = CORE_KEY, .call = message, .key = 11);
	OK(d, .type = CORE_FILED, .call = message, .voiced_ms = 5000);
	key(d, message, 1); /* and to be rung back */
	key(d, message, 1);
	key(d, message, 1);
	key(d, message, 1);
	OK(d, .type = CORE_PROMISE_MADE, .call = message, .twin = first);
	caller_gone(d, message);
	assert_true(record_of(d, message).promise.has_number);

	OK(d, .type = CORE_PROMISE_KEEP, .call = first);
	settle(d);
	assert_int_equal(where(d, message), CALL_PROMISED);
	assert_int_equal(record_of(d, message).promise.next_at, INT64_MAX);
	on_duty(d, ANNA);
	settle(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
}


static void the_most_careful_wish_counts(void **state)
{
	struct desk *d = *state;
	const uint64_t first = asks(d, 100, 0, 3, 1); /* with the name */

	(void)asks(d, 101, first, 1, 1); /* say nothing */
	dials(d, first);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = first);
	while (where(d, first) == CALL_CONFIRMING) {
		played(d, first);
		silence(d, first);
	}
	assert_int_equal(where(d, first), CALL_HANGING_UP);
}


static void ringing_one_rings_the_first(void **state)
{
	struct desk *d = *state;
	uint64_t calls[2];

	all_ask(d, calls, 2);
	dials(d, calls[0]);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING,
			      .call = calls[1]), EBUSY);
	not_reached(d, calls[0], CAUSE_BUSY);
	assert_int_equal(where(d, calls[0]), CALL_PROMISED);
	OK(d, .type = CORE_PROMISE_RING, .call = calls[1]);
	assert_int_equal(where(d, calls[0]), CALL_DUE_OFFERED);
	assert_int_equal(where(d, calls[1]), CALL_PROMISED);
}


/* One that was tried is rung again, but not beside the new one. */
static void never_two_at_once(void **state)
{
	struct desk *d = *state;
	const uint64_t first = asks(d, 100, 0, 1, 1);
	uint64_t again;

	dials(d, first);
	not_reached(d, first, CAUSE_DEAD);
	again = asks(d, 101, first, 1, 1);
	dials(d, again);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = first),
			 EBUSY);
	not_reached(d, again, CAUSE_BUSY);

	/* now it is the older one's turn, for both */
	OK(d, .type = CORE_PROMISE_RING, .call = first);
	assert_int_equal(where(d, first), CALL_DUE_OFFERED);
	until(d, d->now + 2 * ATTEMPT_MS);
	assert_int_equal(where(d, again), CALL_PROMISED);
}


static void another_number_is_another_telephone(void **state)
{
	struct desk *d = *state;
	uint64_t calls[3];

	all_ask(d, calls, 3);
	calls[2] = asks(d, 200, 0, 1, 1);
	settle(d);
	assert_int_equal(where(d, calls[0]), CALL_DUE);
	assert_int_equal(where(d, calls[2]), CALL_DUE);

	/* nor is the same one of another line, or one that is gone */
	OK(d, .type = CORE_PROMISE_KEEP, .call = calls[2]);
	calls[2] = asks(d, 201, calls[2], 1, 1);
	settle(d);
	assert_int_equal(where(d, calls[2]), CALL_DUE);
}


/* Who withheld a number has none by which they are told again, until they say
 * which one to ring: not while its owner is on the line. */
static void the_number_promised_tells_who_it_is(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);
	uint64_t owner;

	key(d, call, 1);
	for (uint8_t i = 1; i < 5; i++) /* types it */
		key(d, call, i);
	key(d, call, 11);
	OK(d, .type = CORE_NUMBER_GOOD, .call = call);
	for (int i = 0; i < 3; i++)
		key(d, call, 1); /* right; no words; at any hour */
	OK(d, .type = CORE_PROMISE_MADE, .call = call, .handle = HANDLE);
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_DUE);
	owner = waiting_as(d, LINE, HANDLE);
	assert_int_equal(where(d, call), CALL_PROMISED);
	caller_gone(d, owner);
	assert_int_equal(where(d, call), CALL_DUE);
}


static void a_restart_keeps_them_together(void **state)
{
	struct desk *d = *state;
	struct core_record r = {
		.call = FIRST_CALL - 2, .line = LINE, .state = CALL_PROMISED,
		.arrived_at = MORNING - 60000,
		.promise = {.kind = PROMISE_RING_BACK, .has_number = true,
			    .made_at = MORNING - 50000,
			    .due_at = MORNING + PROMISE_MS}};

	OK(d, .type = CORE_RESTORE, .restore = &r);
	r.call = FIRST_CALL - 1;
	r.promise.made_at += 1000;
	OK(d, .type = CORE_RESTORE, .restore = &r, .twin = FIRST_CALL - 2);
	settle(d);
	assert_int_equal(where(d, FIRST_CALL - 2), CALL_DUE);
	assert_int_equal(where(d, FIRST_CALL - 1), CALL_PROMISED);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(one_number_is_rung_as_one),
		DESK_WHOLE(who_asks_again_afterwards_is_rung_again),
		DESK_WHOLE(one_talk_keeps_them_all),
		DESK_WHOLE(nine_ends_them_all),
		DESK_WHOLE(a_duplicate_leaves_the_next_one),
		DESK_WHOLE(what_was_said_is_heard),
		DESK_WHOLE(the_most_careful_wish_counts),
		DESK_WHOLE(ringing_one_rings_the_first),
		DESK_WHOLE(never_two_at_once),
		DESK_WHOLE(another_number_is_another_telephone),
		DESK_WHOLE(the_number_promised_tells_who_it_is),
		DESK_WHOLE(a_restart_keeps_them_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
