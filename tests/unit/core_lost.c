/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_lost.c  A counsellor whose browser or phone vanishes in a talk: the
 * caller waits again, at the old place.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


static void anna_is_lost(struct desk *d)
{
	OK(d, .type = CORE_PERSON_LOST, .offer = offer_of(d, ANNA),
	   .cause = CAUSE_NETWORK);
}


/* they have talked for ten seconds */
static uint64_t lost(struct desk *d)
{
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	(void)accepted(d, ANNA);
	d->now += 10000;
	anna_is_lost(d);

	return call;
}


/* the same, of somebody whom we had rung back */
static uint64_t lost_back(struct desk *d)
{
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	key(d, call, 1);
	assert_int_equal(where(d, call), CALL_TALKING);
	d->now += 10000;
	anna_is_lost(d);
	assert_int_equal(where(d, call), CALL_WAITING);

	return call;
}


static void the_caller_is_not_hung_up_on(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost(d);
	const struct core_playlist *play;

	DID(d, "update play");
	play = &the(d, CORE_PLAY)->play;
	assert_int_equal(play->v[0].prompt, PROMPT_STAY);
	assert_int_equal(play->v[1].prompt, PROMPT_RINGING_FOR_YOU);
	assert_int_equal(play->v[play->n - 1].prompt, PROMPT_HOLD);
	assert_true(play->loop);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	assert_int_equal(offer_of(d, ANNA), 0);
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(told(d)->counsellor, ANNA);
	assert_int_equal(told(d)->talk_ms, 10000);
}


/* Of a number that was being typed when somebody picked up nothing is left. */
static void what_was_being_typed_is_forgotten(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	key(d, call, 1);
	key(d, call, 2); /* another number */
	key(d, call, 5);
	assert_true(asked(d, CORE_TYPED));
	(void)accepted(d, ANNA);
	anna_is_lost(d);
	DID(d, "type_anew update play");
	assert_int_equal(where(d, call), CALL_WAITING);
}


static void they_come_before_who_came_later(void **state)
{
	struct desk *d = *state;
	uint64_t call, later;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	(void)accepted(d, ANNA);
	d->now += 1000;
	later = waiting(d);
	anna_is_lost(d);
	on_duty(d, BELA);
	assert_int_equal(where(d, call), CALL_OFFERED);
	assert_int_equal(where(d, later), CALL_WAITING);

	/* both talks count */
	(void)accepted(d, BELA);
	assert_true(asked(d, CORE_CONNECT));
	d->now += 5000;
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(told(d)->talk_ms, 6000);
}


static void who_hangs_up_then_has_talked(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost(d);

	d->now += 1000;
	caller_gone(d, call);
	DID(d, "update");
	assert_int_equal(told(d)->state, CALL_ENDED);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->talk_ms, 10000);
}


static void who_declines_then_has_talked(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost(d);

	key(d, call, 9);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
}


static void what_they_ask_for_then_is_owed(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost(d);

	off_duty(d, ANNA);
	asks_ring_back(d, call, 1);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(told(d)->promise.kind, PROMISE_RING_BACK);
	assert_int_equal(where(d, call), CALL_DUE);
}


/* Confirmed before the talk, not after it. */
static void what_they_asked_for_before_is_settled(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	key(d, call, 1);
	key(d, call, 1);
	on_duty(d, ANNA);
	(void)accepted(d, ANNA);
	anna_is_lost(d);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->promise.kind, PROMISE_NONE);
}


static void a_message_from_before_stays(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	speaks(d, call);
	key(d, call, 0);
	OK(d, .type = CORE_FILED, .call = call, .voiced_ms = 5000);
	on_duty(d, ANNA);
	(void)accepted(d, ANNA);
	anna_is_lost(d);
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_int_equal(told(d)->promise.kind, PROMISE_MESSAGE);
}


static void nobody_waits_for_nobody(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting(d);
	(void)accepted(d, ANNA);
	off_duty(d, ANNA);
	anna_is_lost(d);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt, PROMPT_NOBODY);
}


/* Nobody to keep: as if they had hung up. */
static void lost_before_a_talk(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	anna_is_lost(d);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(where(d, call), CALL_HANGING_UP);
	assert_int_equal(TELL(d, .type = CORE_PERSON_LOST, .offer = 4711),
			 ENOENT);
}


static void rung_back_and_lost(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost_back(d);

	DID(d, "update play");
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt, PROMPT_STAY);
	assert_string_equal(promise_state_name(told(d)), "ringing");
	/* late news of the leg on which they had called; keys mean nothing */
	assert_int_equal(TELL(d, .type = CORE_CALLER_GONE, .call = call),
			 EPROTO);
	key(d, call, 9);
	DID(d, "");
	on_duty(d, BELA);
	(void)accepted(d, BELA);
	assert_true(asked(d, CORE_CONNECT));
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
}


static void rung_back_lost_and_hung_up(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost_back(d);

	on_duty(d, BELA);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	DID(d, "withdraw update");
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(told(d)->cause, CAUSE_NONE);
	assert_int_equal(told(d)->talk_ms, 10000);
}


/* The last one goes off duty: they are told, and rung once more. */
static void rung_back_lost_and_nobody_there(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost_back(d);
	const int64_t now = MORNING;

	off_duty(d, ANNA);
	settle(d);
	played(d, call);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(where(d, call), CALL_HANGING_UP);
	OK(d, .type = CORE_DIAL_OVER, .call = call);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_true(record_of(d, call).promise.next_at >= now + ATTEMPT_MS);
	assert_int_equal(record_of(d, call).promise.n_attempts, 1);
	until(d, d->now + ATTEMPT_MS);
	assert_int_equal(where(d, call), CALL_DUE);
}


static void a_line_that_was_not_dialled_is_not_over(void **state)
{
	struct desk *d = *state;
	const uint64_t call = lost(d);

	assert_int_equal(TELL(d, .type = CORE_DIAL_OVER, .call = call),
			 EPROTO);
	assert_int_equal(where(d, call), CALL_WAITING);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(the_caller_is_not_hung_up_on),
		DESK_WHOLE(what_was_being_typed_is_forgotten),
		DESK_WHOLE(they_come_before_who_came_later),
		DESK_WHOLE(who_hangs_up_then_has_talked),
		DESK_WHOLE(who_declines_then_has_talked),
		DESK_WHOLE(what_they_ask_for_then_is_owed),
		DESK_WHOLE(what_they_asked_for_before_is_settled),
		DESK_WHOLE(a_message_from_before_stays),
		DESK_WHOLE(nobody_waits_for_nobody),
		DESK_WHOLE(lost_before_a_talk),
		DESK_WHOLE(rung_back_and_lost),
		DESK_WHOLE(rung_back_lost_and_hung_up),
		DESK_WHOLE(rung_back_lost_and_nobody_there),
		DESK_WHOLE(a_line_that_was_not_dialled_is_not_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
