/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_promise.c  What is owed: how it comes about, whose it is, how it climbs,
 * and what people do about it.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


/* ---- how it comes about ------------------------------------------------- */

static void hanging_up_after_the_tone_leaves_a_message(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	key(d, call, 2);
	assert_int_equal(where(d, call), CALL_WAITING);
	played(d, call);
	DID(d, "play promise");
	assert_int_equal(the(d, CORE_PROMISE)->record.promise.kind,
			 PROMISE_MESSAGE);
	assert_false(the(d, CORE_PROMISE)->record.promise.has_number);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	played(d, call);
	assert_true(asked(d, CORE_RECORD_MESSAGE));
	d->now += 7000;
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_FILING);
	d->now += 50;
	OK(d, .type = CORE_FILED, .call = call, .ms = 7000,
	   .voiced_ms = 1000);
	DID(d, "update notice");
	assert_int_equal(told(d)->state, CALL_PROMISED);
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
	assert_int_equal(told(d)->wait_ms, 7000);
	assert_int_equal(told(d)->promise.due_at, MORNING + PROMISE_MS);
}


static void a_silent_message_is_none(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	speaks(d, call);
	d->now += SHORT_MS;
	caller_gone(d, call);
	OK(d, .type = CORE_FILED, .call = call, .ms = 3000, .voiced_ms = 999);
	DID(d, "drop_message update");
	assert_int_equal(told(d)->outcome, OUTCOME_GAVE_UP);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
}


static void silence_is_asked_again(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	speaks(d, call);
	for (int i = 0; i < 2; i++) {
		OK(d, .type = CORE_FILED, .call = call);
		DID(d, "drop_message play");
		assert_int_equal(where(d, call), CALL_SAVING_MESSAGE);
		played(d, call);
		assert_true(asked(d, CORE_RECORD_MESSAGE));
	}
	OK(d, .type = CORE_FILED, .call = call);
	assert_int_equal(where(d, call), CALL_LEAVING);
	played(d, call);
	DID(d, "hang_up update");
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
}


/* Said once, then back to the queue: nothing deletes it but a talk. */
static void what_was_said_stays(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	speaks(d, call);
	key(d, call, 0); /* a person after all */
	assert_true(asked(d, CORE_STOP_MESSAGE));
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 5000);
	assert_int_equal(where(d, call), CALL_WAITING);
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
}


static void gone_before_the_tone_is_no_promise(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	key(d, call, 2);
	played(d, call);
	d->now += SHORT_MS;
	caller_gone(d, call);
	DID(d, "update");
	assert_int_equal(told(d)->outcome, OUTCOME_GAVE_UP);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_MADE, .call = call),
			 ENOENT);
}


static void asked_to_be_rung_back(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);
	const struct core_promise *p;

	key(d, call, 1);
	key(d, call, 1);
	key(d, call, 2); /* plain words */
	key(d, call, 3); /* in the evening */
	DID(d, "play promise");
	p = &the(d, CORE_PROMISE)->record.promise;
	assert_int_equal(p->kind, PROMISE_RING_BACK);
	assert_true(p->has_number);
	assert_int_equal(p->words, WORDS_PLAIN);
	assert_int_equal(p->hours, HOURS_EVENING);
	assert_int_equal(p->shown, SHOWN_WITHHELD);
	assert_int_equal(p->made_at, MORNING);
	assert_int_equal(where(d, call), CALL_SAVING_RING_BACK);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	DID(d, "update play");
	played(d, call);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(where(d, call), CALL_DUE);
}


static void who_types_a_number(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	key(d, call, 1);
	assert_true(asked(d, CORE_TYPE_ANEW));
	for (uint8_t i = 1; i < 5; i++) {
		key(d, call, i);
		assert_true(asked(d, CORE_TYPED));
		assert_int_equal(the(d, CORE_TYPED)->key, i);
	}
	key(d, call, 11);
	assert_true(asked(d, CORE_CHECK_NUMBER));
	OK(d, .type = CORE_NUMBER_BAD, .call = call);
	assert_true(asked(d, CORE_TYPE_ANEW));
	assert_int_equal(TELL(d, .type = CORE_NUMBER_GOOD, .call = call),
			 EPROTO);
	for (uint8_t i = 1; i < 5; i++)
		key(d, call, i);
	key(d, call, 11);
	OK(d, .type = CORE_NUMBER_GOOD, .call = call);

	/* read back, and asked: picked up all the same */
	on_duty(d, ANNA);
	assert_int_equal(where(d, call), CALL_OFFERED);
	accepted(d, ANNA);
	assert_true(asked(d, CORE_CONNECT));
}


/* The number was right: that is a wish, and the careful answers go with it. */
static void hanging_up_after_the_number_was_confirmed(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	key(d, call, 1);
	key(d, call, 1);
	caller_gone(d, call);
	DID(d, "promise update notice");
	assert_int_equal(the(d, CORE_PROMISE)->record.state, CALL_PROMISED);
	assert_int_equal(told(d)->promise.kind, PROMISE_RING_BACK);
	assert_true(told(d)->promise.has_number);
	assert_int_equal(told(d)->promise.words, WORDS_NONE);
	assert_int_equal(told(d)->promise.shown, SHOWN_WITHHELD);

	/* the store fails once */
	OK(d, .type = CORE_PROMISE_NOT_MADE, .call = call);
	DID(d, "");
	until(d, d->now + CORE_ANSWER_MS);
	DID(d, "promise");
	assert_int_equal(where(d, call), CALL_PROMISED);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	assert_int_equal(where(d, call), CALL_DUE);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_MADE, .call = call),
			 EPROTO);
}


static void gone_while_it_is_written_down(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	for (int i = 0; i < 4; i++)
		key(d, call, 1);
	assert_true(asked(d, CORE_PROMISE));
	caller_gone(d, call);
	assert_false(asked(d, CORE_PROMISE));
	assert_int_equal(told(d)->promise.kind, PROMISE_RING_BACK);
	/* not rung before it is on disk: a crash would forget that */
	assert_int_equal(where(d, call), CALL_PROMISED);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	assert_int_equal(where(d, call), CALL_DUE);
}


static void what_cannot_be_written_is_not_promised(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	for (int i = 0; i < 4; i++)
		key(d, call, 1);
	OK(d, .type = CORE_PROMISE_NOT_MADE, .call = call);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
}


/* A message, and to be rung back as well: one promise. */
static void a_message_with_a_number(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	speaks(d, call);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 4000);
	assert_int_equal(where(d, call), CALL_LEAVING);
	asks_ring_back(d, call, 1);
	caller_gone(d, call);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
	assert_true(told(d)->promise.has_number);
	assert_int_equal(where(d, call), CALL_DUE);
}


static void nine_declines(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	key(d, call, 9);
	assert_int_equal(where(d, call), CALL_LEAVING);
	played(d, call);
	DID(d, "hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_DECLINED);
}


static void nine_takes_a_ring_back_back_but_no_message(void **state)
{
	struct desk *d = *state;
	uint64_t call = waiting_as(d, LINE, HANDLE);

	asks_ring_back(d, call, 1);
	key(d, call, 0);
	key(d, call, 9);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_DECLINED);

	call = waiting(d);
	speaks(d, call);
	key(d, call, 0);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 5000);
	key(d, call, 9);
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


static void a_live_talk_ends_it(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	asks_ring_back(d, call, 1);
	key(d, call, 0);
	on_duty(d, ANNA);
	accepted(d, ANNA);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
}


/* Our own fault, at each point. */
static void cut_off_while_speaking(void **state)
{
	struct desk *d = *state;
	uint64_t call = waiting(d);

	speaks(d, call);
	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(where(d, call), CALL_FILING);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 0);
	assert_int_equal(told(d)->promise.kind, PROMISE_CUT_OFF);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);

	call = waiting(d);
	speaks(d, call);
	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 2000);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
}


static void cut_off_with_a_promise_keeps_that(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	asks_ring_back(d, call, 1);
	key(d, call, 0);
	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	assert_int_equal(told(d)->promise.kind, PROMISE_RING_BACK);
}


/* ---- whose it is, and how it climbs ------------------------------------- */

/* leaves a message while ANNA is on duty, whose phone rings meanwhile */
static void speaks_and_goes(struct desk *d, uint64_t call)
{
	speaks(d, call);
	caller_gone(d, call);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 5000);
}


static void owned_by_who_owns_fewest(void **state)
{
	struct desk *d = *state;
	uint64_t first, second;

	on_duty(d, ANNA);
	first = waiting(d);
	not_accepted(d, ANNA, CAUSE_DECLINED);
	speaks_and_goes(d, first);
	assert_int_equal(record_of(d, first).promise.owner, ANNA);
	on_duty(d, BELA);
	second = waiting(d);
	not_accepted(d, BELA, CAUSE_DECLINED);
	speaks_and_goes(d, second);
	assert_int_equal(record_of(d, second).promise.owner, BELA);
}


static void who_goes_hands_over(void **state)
{
	struct desk *d = *state;
	const uint64_t call = message_left(d);

	assert_int_equal(record_of(d, call).promise.owner, 0);
	on_duty_as(d, CEM, 1U << ES, 0);
	settle(d);
	assert_int_equal(record_of(d, call).promise.owner, 0);
	on_duty(d, ANNA);
	settle(d);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.owner, ANNA);
	on_duty(d, BELA);
	settle(d);
	assert_int_equal(record_of(d, call).promise.owner, ANNA);

	off_duty(d, ANNA);
	assert_true(core_deadline(d->core) <= d->now);
	settle(d);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.owner, BELA);
	assert_int_equal(the(d, CORE_NOTICE)->record.promise.owner, BELA);
	off_duty(d, BELA);
	settle(d);
	assert_int_equal(told(d)->promise.owner, 0);
}


static void overdue_climbs(void **state)
{
	struct desk *d = *state;
	const uint64_t call = message_left(d);
	const int64_t due = MORNING + PROMISE_MS;

	clock_says(d, due + CLIMB_MS - 1);
	assert_int_equal(record_of(d, call).promise.level, LEVEL_OWNER);
	clock_says(d, due + CLIMB_MS);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.level, LEVEL_ON_DUTY);
	clock_says(d, due + 2 * CLIMB_MS);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
	clock_says(d, due + 9 * CLIMB_MS);
	DID(d, "");

	/* a clock that was set back changes nothing */
	clock_says(d, MORNING);
	DID(d, "");
	assert_int_equal(record_of(d, call).promise.level,
			 LEVEL_COORDINATOR);
}


/* Between two words of the clock, time goes on. */
static void wall_time_goes_on(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	d->now += 5000;
	call = arriving(d);
	assert_int_equal(record_of(d, call).arrived_at, MORNING + 5000);
}


static void due_after_the_line_opens(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	d->closed = true;
	clock_says(d, MORNING);
	call = message_left(d);
	assert_int_equal(record_of(d, call).promise.due_at,
			 MORNING + 24 * 3600 * 1000 + PROMISE_MS);
}


/* ---- what people do about it -------------------------------------------- */

static void taking_it(void **state)
{
	struct desk *d = *state;
	const uint64_t call = message_left(d);

	on_duty(d, ANNA);
	on_duty(d, BELA);
	settle(d);
	OK(d, .type = CORE_PROMISE_TAKE, .call = call, .person = BELA);
	DID(d, "update notice");
	assert_int_equal(told(d)->promise.owner, BELA);
	off_duty(d, ANNA);
	settle(d);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_TAKE, .call = call,
			      .person = ANNA), EPERM);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_TAKE, .call = call,
			      .person = 99), ENOENT);
	assert_int_equal(record_of(d, call).promise.owner, BELA);
}


static void keeping_and_closing(void **state)
{
	struct desk *d = *state;
	uint64_t call = message_left(d);

	OK(d, .type = CORE_PROMISE_KEEP, .call = call, .person = CEM);
	DID(d, "update");
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(told(d)->counsellor, CEM);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
	assert_false(core_call(d->core, call, NULL));

	call = message_left(d);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_CLOSE, .call = call),
			 EINVAL);
	OK(d, .type = CORE_PROMISE_CLOSE, .call = call,
	   .reason = CLOSE_DUPLICATE);
	assert_int_equal(told(d)->outcome, OUTCOME_CLOSED);
	assert_int_equal(told(d)->reason, CLOSE_DUPLICATE);
}


static void nobody_snoozes_for_ever(void **state)
{
	struct desk *d = *state;
	uint64_t call = message_left(d);

	for (uint32_t i = 0; i < CORE_SNOOZES; i++)
		OK(d, .type = CORE_PROMISE_SNOOZE, .call = call, .ms = 60000);
	DID(d, "update");
	assert_int_equal(told(d)->promise.due_at,
			 MORNING + PROMISE_MS + CORE_SNOOZES * 60000);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_SNOOZE, .call = call,
			      .ms = 1), ERANGE);

	call = message_left(d);
	OK(d, .type = CORE_PROMISE_SNOOZE, .call = call,
	   .ms = CORE_SNOOZE_MS);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_SNOOZE, .call = call,
			      .ms = 1), ERANGE);
	assert_int_equal(record_of(d, call).promise.n_snoozed, 1);
}


/* ---- who asks for it themselves ----------------------------------------- */

/* ANNA is free longer, BELA wants it. */
static uint64_t bela_wants(struct desk *d)
{
	uint64_t call;

	d->closed = true;
	clock_says(d, MORNING);
	call = promised(d, HANDLE);
	on_duty(d, ANNA);
	on_duty(d, BELA);
	settle(d);
	OK(d, .type = CORE_PROMISE_RING, .call = call, .person = BELA);
	DID(d, "update");
	return call;
}


static void opens(struct desk *d)
{
	d->closed = false;
	OK(d, .type = CORE_CLOCK, .unix_ms = MORNING);
	settle(d);
}


static void who_asks_is_rung_alone(void **state)
{
	struct desk *d = *state;
	const uint64_t call = bela_wants(d);

	opens(d);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	assert_int_equal(at(d, BELA), PERSON_RINGING);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	accepted(d, BELA);
	assert_true(asked(d, CORE_DIAL));
}


static void who_asks_and_does_not_answer_is_one_of_many(void **state)
{
	struct desk *d = *state;
	const uint64_t call = bela_wants(d);

	opens(d);
	not_accepted(d, BELA, CAUSE_DECLINED);
	DID(d, "offer");
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
	assert_int_equal(rings(d, call), 1);
}


static void who_asks_and_goes_leaves_it_to_others(void **state)
{
	struct desk *d = *state;

	(void)bela_wants(d);
	OK(d, .type = CORE_PERSON_OFF, .person = BELA);
	settle(d);
	/* and coming back does not take it up again */
	OK(d, .type = CORE_PERSON_ON, .person = BELA);
	opens(d);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void who_asks_and_is_busy_for_long_leaves_it_to_others(void **state)
{
	struct desk *d = *state;
	uint64_t live, call;

	on_duty(d, BELA);
	live = waiting(d);
	(void)accepted(d, BELA);
	call = promised(d, HANDLE);
	OK(d, .type = CORE_PROMISE_RING, .call = call, .person = BELA);
	on_duty(d, ANNA);
	settle(d);
	assert_int_equal(where(d, call), CALL_DUE);
	assert_int_equal(at(d, ANNA), PERSON_FREE);

	until(d, d->now + CORE_RESERVED_MS - 1);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	until(d, d->now + 1);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	assert_int_equal(where(d, live), CALL_TALKING);
}


/* Somebody else's ring-back behind one that waits for BELA. */
static void what_is_reserved_does_not_block_the_others(void **state)
{
	struct desk *d = *state;
	uint64_t call, other;

	on_duty(d, BELA);
	(void)waiting(d);
	(void)accepted(d, BELA);
	call = promised(d, HANDLE);
	other = promised(d, HANDLE + 1);
	OK(d, .type = CORE_PROMISE_RING, .call = call, .person = BELA);
	on_duty(d, ANNA);
	assert_int_equal(where(d, call), CALL_DUE);
	assert_int_equal(where(d, other), CALL_DUE_OFFERED);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void who_may_not_ask(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	d->closed = true;
	clock_says(d, MORNING);
	call = promised(d, HANDLE);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = call,
			      .person = ANNA), ENOENT);
	on_duty(d, ANNA);
	off_duty(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = call,
			      .person = ANNA), EPERM);
	on_duty_as(d, BELA, 1U << ES, 0);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = call,
			      .person = BELA), EPERM);
}


/* Once a caller is there to be talked with, nobody decides behind them. */
static void not_while_they_are_on_the_line(void **state)
{
	static const enum core_event_type verbs[] = {
		CORE_PROMISE_TAKE, CORE_PROMISE_KEEP, CORE_PROMISE_CLOSE,
		CORE_PROMISE_SNOOZE, CORE_PROMISE_RING};
	struct desk *d = *state;
	uint64_t call = waiting_as(d, LINE, HANDLE);

	for (size_t i = 0; i < STEP_COUNT(verbs); i++)
		assert_int_equal(TELL(d, .type = verbs[i], .call = call,
				      .reason = CLOSE_TEST), EBUSY);
	asks_ring_back(d, call, 1);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_KEEP, .call = call),
			 EBUSY);
	caller_gone(d, call);
	on_duty(d, ANNA);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	accepted(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_CLOSE, .call = call,
			      .reason = CLOSE_TEST), EBUSY);
	assert_int_equal(where(d, call), CALL_DIALLING);
}


static void closing_stops_the_ring_for_it(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);

	on_duty(d, ANNA);
	OK(d, .type = CORE_PROMISE_CLOSE, .call = call,
	   .reason = CLOSE_UNSAFE);
	DID(d, "withdraw update");
	assert_int_equal(at(d, ANNA), PERSON_STOPPING);
}


static void a_message_without_a_number_is_not_rung(void **state)
{
	struct desk *d = *state;
	const uint64_t call = message_left(d);

	on_duty(d, ANNA);
	settle(d);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	assert_int_equal(TELL(d, .type = CORE_PROMISE_RING, .call = call),
			 EPERM);
}


/* Ten thousand promises do not make one step long. */
static void the_walk_is_spread(void **state)
{
	enum { N = 1000 };
	struct desk *d = *state;
	size_t n_ticks = 0, n_told = 0;

	for (int i = 0; i < N; i++)
		(void)message_left(d);
	OK(d, .type = CORE_CLOCK,
	   .unix_ms = MORNING + PROMISE_MS + CLIMB_MS);
	DID(d, "");
	while (core_deadline(d->core) <= d->now) {
		OK(d, .type = CORE_TICK);
		assert_true(d->did.n <= 2);
		n_told += asked(d, CORE_NOTICE);
		++n_ticks;
	}
	assert_int_equal(n_told, N);
	assert_true(n_ticks <= N + N / 64 + 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(hanging_up_after_the_tone_leaves_a_message),
		DESK_WHOLE(a_silent_message_is_none),
		DESK_WHOLE(silence_is_asked_again),
		DESK_WHOLE(what_was_said_stays),
		DESK_WHOLE(gone_before_the_tone_is_no_promise),
		DESK_WHOLE(asked_to_be_rung_back),
		DESK_WHOLE(who_types_a_number),
		DESK_WHOLE(hanging_up_after_the_number_was_confirmed),
		DESK_WHOLE(gone_while_it_is_written_down),
		DESK_WHOLE(what_cannot_be_written_is_not_promised),
		DESK_WHOLE(a_message_with_a_number),
		DESK_WHOLE(nine_declines),
		DESK_WHOLE(nine_takes_a_ring_back_back_but_no_message),
		DESK_WHOLE(a_live_talk_ends_it),
		DESK_WHOLE(cut_off_while_speaking),
		DESK_WHOLE(cut_off_with_a_promise_keeps_that),
		DESK_WHOLE(owned_by_who_owns_fewest),
		DESK_WHOLE(who_goes_hands_over),
		DESK_WHOLE(overdue_climbs),
		DESK_WHOLE(wall_time_goes_on),
		DESK_WHOLE(due_after_the_line_opens),
		DESK_WHOLE(taking_it),
		DESK_WHOLE(keeping_and_closing),
		DESK_WHOLE(nobody_snoozes_for_ever),
		DESK_WHOLE(who_asks_is_rung_alone),
		DESK_WHOLE(who_asks_and_does_not_answer_is_one_of_many),
		DESK_WHOLE(who_asks_and_goes_leaves_it_to_others),
		DESK_WHOLE(
			who_asks_and_is_busy_for_long_leaves_it_to_others),
		DESK_WHOLE(what_is_reserved_does_not_block_the_others),
		DESK_WHOLE(who_may_not_ask),
		DESK_WHOLE(not_while_they_are_on_the_line),
		DESK_WHOLE(closing_stops_the_ring_for_it),
		DESK_WHOLE(a_message_without_a_number_is_not_rung),
		DESK_WHOLE(the_walk_is_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
