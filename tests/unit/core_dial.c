/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_dial.c  Ringing back: when, by whom, and what becomes of it.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


/* ---- an attempt --------------------------------------------------------- */

static void the_counsellor_accepts_first(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);
	const struct core_action *a;

	on_duty(d, ANNA);
	DID(d, "offer");
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	accepted(d, ANNA);
	DID(d, "update attempt tell dial");
	assert_int_equal(told(d)->state, CALL_DIALLING);
	assert_int_equal(told(d)->promise.n_attempts, 1);
	a = the(d, CORE_ATTEMPT);
	assert_int_equal(a->attempt, ATTEMPT_OPEN);
	assert_int_equal(a->record.promise.n_attempts, 1);
	a = the(d, CORE_TELL);
	assert_int_equal(a->offer, offer_of(d, ANNA));
	assert_int_equal(a->play.n, 2);
	assert_int_equal(a->play.v[0].prompt, PROMPT_RING_BACK_FOR);
	assert_int_equal(a->play.v[1].prompt, PROMPT_RINGTONE);
	assert_true(a->play.loop);
	a = the(d, CORE_DIAL);
	assert_int_equal(a->call, call);
	assert_int_equal(a->record.promise.kind, PROMISE_RING_BACK);
}


static void a_key_connects(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	d->now += 8000;
	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	DID(d, "play");
	assert_int_equal(where(d, call), CALL_CONFIRMING);
	key(d, call, 1);
	DID(d, "connect attempt update");
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_TALKED);
	assert_int_equal(the(d, CORE_CONNECT)->offer, offer_of(d, ANNA));
	assert_int_equal(told(d)->counsellor, ANNA);
	assert_int_equal(told(d)->wait_ms, 8000);
	d->now += 90000;
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	DID(d, "hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(told(d)->talk_ms, 90000);
	assert_int_equal(TELL(d, .type = CORE_DIAL_OVER, .call = call),
			 ENOENT);
	assert_int_equal(d->n_traced, 0); /* nobody is warned of it */
}


static void they_hang_up_after_the_talk(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	key(d, call, 1);
	/* late news of the leg on which they had called */
	assert_int_equal(TELL(d, .type = CORE_CALLER_GONE, .call = call,
			      .cause = CAUSE_HUNG_UP), EPROTO);
	assert_int_equal(where(d, call), CALL_TALKING);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	DID(d, "release update");
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);
}


static void they_want_no_more(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	key(d, call, 9);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_DECLINED);
	assert_int_equal(told(d)->outcome, OUTCOME_DECLINED);
	assert_false(core_call(d->core, call, NULL));
	assert_int_equal(at(d, ANNA), PERSON_RELEASING);
	assert_int_equal(TELL(d, .type = CORE_DIAL_OVER, .call = call),
			 ENOENT);
	assert_int_equal(d->n_traced, 0);
}


/* Told so, and free at once: no rest, no notes to write. */
static void not_reached(void **state)
{
	static const struct {
		enum core_cause cause;
		enum attempt_outcome outcome;
	} ends[] = {
		{CAUSE_NO_ANSWER, ATTEMPT_NO_ANSWER},
		{CAUSE_BUSY, ATTEMPT_BUSY},
		{CAUSE_DECLINED, ATTEMPT_BUSY},
		{CAUSE_NETWORK, ATTEMPT_NETWORK},
		{CAUSE_HOUSE, ATTEMPT_NETWORK},
	};

	for (size_t i = 0; i < STEP_COUNT(ends); i++) {
		struct desk *d;
		uint64_t call;

		assert_int_equal(desk_setup_whole(state), 0);
		d = *state;
		call = dialling(d);
		OK(d, .type = CORE_DIAL_OVER, .call = call,
		   .cause = ends[i].cause);
		DID(d, "release attempt update");
		assert_int_equal(the(d, CORE_RELEASE)->play.v[0].prompt,
				 PROMPT_NOT_REACHED);
		assert_int_equal(the(d, CORE_ATTEMPT)->attempt,
				 ends[i].outcome);
		assert_int_equal(where(d, call), CALL_PROMISED);
		assert_int_equal(told(d)->promise.next_at,
				 MORNING + ATTEMPT_MS);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
		assert_int_equal(at(d, ANNA), PERSON_FREE);
		(void)desk_teardown(state);
	}
}


static void later_each_time_and_not_for_ever(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);
	int64_t ms = ATTEMPT_MS;

	for (uint32_t i = 1; i < ATTEMPTS_MAX; i++, ms *= 2) {
		const uint64_t now = d->now;

		OK(d, .type = CORE_DIAL_OVER, .call = call,
		   .cause = CAUSE_NO_ANSWER);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
		until(d, now + (uint64_t)ms - 1);
		assert_int_equal(where(d, call), CALL_PROMISED);
		until(d, now + (uint64_t)ms);
		assert_int_equal(where(d, call), CALL_DUE_OFFERED);
		accepted(d, ANNA);
		assert_int_equal(told(d)->promise.n_attempts, i + 1);
	}
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_BUSY);
	DID(d, "release attempt update notice");
	assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	clock_says(d, MORNING + 100 * ms);
	assert_int_equal(where(d, call), CALL_PROMISED);

	/* a person may have it rung all the same */
	OK(d, .type = CORE_PROMISE_RING, .call = call);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
}


static void a_dead_number_is_a_coordinators(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_DEAD);
	assert_true(asked(d, CORE_NOTICE));
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_DEAD);
	assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
	clock_says(d, MORNING + 1000LL * ATTEMPT_MS);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


static void no_key_is_a_voicemail(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	played(d, call);
	silence(d, call);
	played(d, call);
	silence(d, call);
	DID(d, "release hang_up attempt update");
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_VOICEMAIL);
	assert_int_equal(where(d, call), CALL_HANGING_UP);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_false(asked(d, CORE_ATTEMPT));
}


static void the_words_that_were_allowed(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	asks_ring_back(d, call, 3);
	caller_gone(d, call);
	on_duty(d, ANNA);
	accepted(d, ANNA);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	for (int i = 0; i < 2; i++) {
		played(d, call);
		silence(d, call);
	}
	assert_int_equal(where(d, call), CALL_SAYING);
	assert_true(asked(d, CORE_RELEASE));
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt,
			 PROMPT_WORDS_NAME);
	played(d, call);
	DID(d, "hang_up");
	assert_int_equal(where(d, call), CALL_HANGING_UP);
}


static void hung_up_without_a_key(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


/* Not one that counts: at its old place. But their phone has rung. */
static void the_counsellor_hangs_up_first(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	DID(d, "hang_up attempt update");
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_STOPPED);
	assert_int_equal(where(d, call), CALL_HANGING_UP);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
	until(d, d->now + ATTEMPT_MS);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);

	/* picked up already: that was one */
	accepted(d, ANNA);
	assert_int_equal(told(d)->promise.n_attempts, 2);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_int_equal(record_of(d, call).promise.next_at,
			 MORNING + 2 * ATTEMPT_MS);
}


static void closing_stops_an_attempt_for_a_while(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	assert_true(asked(d, CORE_HANG_UP));
	assert_true(asked(d, CORE_RELEASE));
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_STOPPED);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


/* ---- when --------------------------------------------------------------- */

static void not_while_they_are_on_the_line(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);
	uint64_t again;

	assert_int_equal(where(d, call), CALL_DUE);
	again = arriving_as(d, LINE, HANDLE);
	assert_int_equal(where(d, call), CALL_PROMISED);
	on_duty(d, ANNA);
	settle(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	caller_gone(d, again);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);

	/* ringing there while they ring us */
	accepted(d, ANNA);
	(void)arriving_as(d, LINE, HANDLE);
	assert_int_equal(where(d, call), CALL_HANGING_UP);
	assert_true(asked(d, CORE_HANG_UP));
	assert_int_equal(the(d, CORE_ATTEMPT)->attempt, ATTEMPT_STOPPED);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


static void never_two_at_once_for_one_caller(void **state)
{
	struct desk *d = *state;
	const uint64_t first = promised(d, HANDLE);
	const uint64_t second = promised(d, HANDLE);
	const uint64_t other = promised(d, HANDLE + 1);

	assert_int_equal(where(d, first), CALL_DUE);
	assert_int_equal(where(d, second), CALL_PROMISED);
	assert_int_equal(where(d, other), CALL_DUE);
	clock_says(d, MORNING + 1);
	assert_int_equal(where(d, second), CALL_PROMISED);
	OK(d, .type = CORE_PROMISE_KEEP, .call = first);
	assert_int_equal(where(d, second), CALL_DUE);
}


static void held_outside_safe_hours(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);

	key(d, call, 1);
	key(d, call, 1);
	key(d, call, 1);
	key(d, call, 2); /* by day */
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	d->unsafe = true;
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_PROMISED);
	d->unsafe = false;
	clock_says(d, MORNING + 1);
	assert_int_equal(where(d, call), CALL_DUE);
	d->unsafe = true;
	clock_says(d, MORNING + 2);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


/* the hour ends while the counsellor's phone rings */
static void accepted_when_it_is_not_safe_any_more(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);

	on_duty(d, ANNA);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	settle(d);
	d->core->calls[call % LIMIT_CALLS].record.promise.hours =
		HOURS_DAY;
	d->unsafe = true;
	OK(d, .type = CORE_ACCEPTED, .offer = offer_of(d, ANNA));
	DID(d, "release update");
	assert_int_equal(where(d, call), CALL_PROMISED);
	assert_int_equal(record_of(d, call).promise.n_attempts, 0);
	assert_int_equal(at(d, ANNA), PERSON_RELEASING);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_int_equal(at(d, ANNA), PERSON_FREE);

	d->unsafe = false;
	clock_says(d, MORNING + 1);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
}


static void held_while_the_line_is_closed(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);

	on_duty(d, ANNA);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
	settle(d);
	d->closed = true;
	clock_says(d, MORNING + 1);
	DID(d, "withdraw update");
	assert_int_equal(where(d, call), CALL_PROMISED);
}


static void no_more_than_set_at_once(void **state)
{
	struct desk *d = *state;
	uint64_t call[3];

	for (uint32_t i = 0; i < 3; i++)
		call[i] = promised(d, HANDLE + i);
	for (uint32_t i = 0; i < 4; i++)
		on_duty(d, ANNA + i);
	assert_int_equal(where(d, call[0]), CALL_DUE_OFFERED);
	assert_int_equal(where(d, call[1]), CALL_DUE_OFFERED);
	assert_int_equal(where(d, call[2]), CALL_DUE);
	OK(d, .type = CORE_PROMISE_KEEP, .call = call[0]);
	assert_int_equal(where(d, call[2]), CALL_DUE_OFFERED);
}


/* It keeps its place among those who wait, and does not take every turn. */
static void live_callers_are_not_starved(void **state)
{
	struct desk *d = *state;
	uint64_t back[2], live;

	for (uint32_t i = 0; i < 2; i++)
		back[i] = promised(d, HANDLE + i);
	d->now += 1000;
	live = waiting(d);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, back[0]);
	on_duty(d, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, live);
	on_duty(d, CEM);
	assert_int_equal(the(d, CORE_OFFER)->call, back[1]);
}


static void a_retry_does_not_jump_ahead(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);
	uint64_t live;

	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_BUSY);
	off_duty(d, ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	live = waiting(d);
	until(d, d->now + ATTEMPT_MS);
	assert_int_equal(where(d, call), CALL_DUE);
	on_duty(d, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, live);
}


/* by the wall the next attempt is due long before it was reckoned to be */
static void the_clock_is_set_forward(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);
	const struct call *c = &d->core->calls[call % LIMIT_CALLS];

	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_BUSY);
	assert_int_equal(c->place, (int64_t)d->now + ATTEMPT_MS);
	clock_says(d, MORNING + ATTEMPT_MS);
	assert_int_equal(where(d, call), CALL_DUE);
	assert_true(c->place <= (int64_t)d->now);
}


static void a_line_that_does_not_ring_back(void **state)
{
	struct desk *d = *state;
	const uint64_t call = promised(d, HANDLE);

	d->core->settings.lines[LINE].ring_back = false;
	clock_says(d, MORNING + 1);
	assert_int_equal(where(d, call), CALL_PROMISED);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(the_counsellor_accepts_first),
		DESK_WHOLE(a_key_connects),
		DESK_WHOLE(they_hang_up_after_the_talk),
		DESK_WHOLE(they_want_no_more),
		cmocka_unit_test(not_reached),
		DESK_WHOLE(later_each_time_and_not_for_ever),
		DESK_WHOLE(a_dead_number_is_a_coordinators),
		DESK_WHOLE(no_key_is_a_voicemail),
		DESK_WHOLE(the_words_that_were_allowed),
		DESK_WHOLE(hung_up_without_a_key),
		DESK_WHOLE(the_counsellor_hangs_up_first),
		DESK_WHOLE(closing_stops_an_attempt_for_a_while),
		DESK_WHOLE(not_while_they_are_on_the_line),
		DESK_WHOLE(never_two_at_once_for_one_caller),
		DESK_WHOLE(held_outside_safe_hours),
		DESK_WHOLE(accepted_when_it_is_not_safe_any_more),
		DESK_WHOLE(held_while_the_line_is_closed),
		DESK_WHOLE(no_more_than_set_at_once),
		DESK_WHOLE(live_callers_are_not_starved),
		DESK_WHOLE(a_retry_does_not_jump_ahead),
		DESK_WHOLE(the_clock_is_set_forward),
		DESK_WHOLE(a_line_that_does_not_ring_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
