/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_guest_gone.c  Somebody goes, or is lost, in a talk with a guest, at that
 * very moment: whoever is left with the caller talks with them.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "guest_talk.h"


/* ---- the guest does not come, or goes ----------------------------------- */

static void a_ring_that_comes_to_nothing(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);

	not_accepted(d, BELA, CAUSE_DECLINED);
	DID(d, "party");
	two(d, call, ANNA);
	assert_int_equal(at(d, BELA), PERSON_RESTING);
}


static void the_ring_time_runs_out(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);

	ring_time_over(d);
	DID(d, "withdraw party");
	two(d, call, ANNA);
	assert_int_equal(at(d, BELA), PERSON_STOPPING_LATE);
	/* too late to end it */
	assert_int_equal(asks(d, CORE_CONSULT_END, 0), EPROTO);
	/* and too late to accept */
	(void)accepted(d, BELA);
	DID(d, "release");
	two(d, call, ANNA);
}


static void failed_rings_count(void **state)
{
	struct desk *d = *state;

	(void)talking(d);
	for (int i = 0; i < CORE_FAILED_RINGS; i++) {
		assert_int_equal(asks(d, CORE_CONSULT, BELA), 0);
		not_accepted(d, BELA, CAUSE_NETWORK);
		if (i < CORE_FAILED_RINGS - 1)
			OK(d, .type = CORE_PERSON_READY, .person = BELA);
	}
	DID(d, "party off_duty");
	assert_int_equal(at(d, BELA), PERSON_OFF);
}


static void the_guest_goes_off_duty(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);

	off_duty(d, BELA);
	DID(d, "withdraw party");
	two(d, call, ANNA);
	not_accepted(d, BELA, CAUSE_NO_ANSWER);

	/* once there, they stay until it is over */
	on_duty(d, BELA);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), 0);
	(void)accepted(d, BELA);
	off_duty(d, BELA);
	DID(d, "");
	assert_int_equal(guest_at(d, call), GUEST_ASIDE);
	off_duty(d, ANNA);
	assert_int_equal(asks(d, CORE_HAND_OVER, 0), 0);
	two(d, call, BELA);
	goes(d, ANNA);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
}


static void the_guest_hangs_up_or_is_lost(void **state)
{
	struct desk *d = *state;
	const uint64_t call = aside(d);

	goes(d, BELA);
	DID(d, "party");
	two(d, call, ANNA);
	assert_int_equal(at(d, BELA), PERSON_WRAP_UP);

	assert_int_equal(asks(d, CORE_CONSULT, CEM), 0);
	is_lost(d, CEM); /* while it rings: the same as not there */
	DID(d, "party");
	two(d, call, ANNA);
	OK(d, .type = CORE_PERSON_READY, .person = BELA);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), 0);
	(void)accepted(d, BELA);
	assert_int_equal(asks(d, CORE_THREE, 0), 0);
	is_lost(d, BELA);
	DID(d, "party");
	two(d, call, ANNA);
}


/* ---- the counsellor goes, or is lost ------------------------------------ */

static void the_guest_takes_over(void **state)
{
	struct desk *d = *state;
	const uint64_t call = aside(d);

	goes(d, ANNA);
	DID(d, "party update");
	two(d, call, BELA);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
}


static void both_are_lost(void **state)
{
	struct desk *d = *state;
	const uint64_t call = three(d);

	off_duty(d, CEM);
	is_lost(d, ANNA);
	DID(d, "party update");
	two(d, call, BELA);
	d->now += 1000;
	is_lost(d, BELA);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_true(asked(d, CORE_PLAY));
	assert_int_equal(record_of(d, call).talk_ms, 11000);
	assert_int_equal(record_of(d, call).counsellor, BELA);
}


/* In the very moment in which the guest accepts: either order. */
static void gone_as_the_guest_accepts(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);
	const uint64_t offer = offer_of(d, BELA);

	goes(d, ANNA);
	DID(d, "withdraw hang_up update");
	assert_int_equal(the(d, CORE_WITHDRAW)->offer, offer);
	assert_false(core_call(d->core, call, NULL));
	(void)accepted(d, BELA);
	DID(d, "release");
	assert_int_equal(at(d, BELA), PERSON_RELEASING);
	goes(d, BELA);
	assert_int_equal(at(d, BELA), PERSON_FREE);
}


/* Whoever goes as the call is handed over: one of the two has it. */
static void handed_over_as_somebody_goes(void **state)
{
	struct desk *d = *state;
	uint64_t call = aside(d), first;

	/* the guest has gone just before */
	goes(d, BELA);
	assert_int_equal(asks(d, CORE_HAND_OVER, 0), EPROTO);
	two(d, call, ANNA);

	/* the counsellor has gone just before */
	d = anew(state);
	call = aside(d);
	first = offer_of(d, ANNA);
	goes(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_HAND_OVER, .offer = first),
			 ENOENT);
	two(d, call, BELA);

	/* or goes, or is lost, just after: that is not the talk's */
	for (int i = 0; i < 2; i++) {
		d = anew(state);
		call = aside(d);
		assert_int_equal(asks(d, CORE_HAND_OVER, 0), 0);
		if (i)
			is_lost(d, ANNA);
		else
			goes(d, ANNA);
		DID(d, "");
		two(d, call, BELA);
		assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	}

	/* and so does the guest: the caller is not forgotten */
	is_lost(d, BELA);
	assert_true(where(d, call) == CALL_WAITING ||
		    where(d, call) == CALL_OFFERED);
}


static void lost_while_the_guest_rings(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);

	is_lost(d, ANNA);
	DID(d, "withdraw update play offer");
	assert_int_equal(the(d, CORE_OFFER)->person, CEM);
	assert_false(the(d, CORE_OFFER)->guest);
	assert_int_equal(where(d, call), CALL_OFFERED);
	assert_int_equal(guest_at(d, call), GUEST_NONE);
	/* whose ring it was may take the call itself, once it has stopped */
	not_accepted(d, CEM, CAUSE_DECLINED);
	not_accepted(d, BELA, CAUSE_NO_ANSWER);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	(void)accepted(d, BELA);
	assert_true(asked(d, CORE_CONNECT));
	two(d, call, BELA);
}


/* ---- the caller goes ---------------------------------------------------- */

static void the_caller_goes(void **state)
{
	struct desk *d = *state;
	uint64_t (*const from[])(struct desk *d) = {ringing, aside, three};
	const char *const words[] = {"withdraw release update",
				     "release release update",
				     "release release update"};

	for (size_t i = 0; i < STEP_COUNT(from); i++) {
		const uint64_t call = from[i](d);

		caller_gone(d, call);
		DID(d, words[i]);
		assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
		assert_int_equal(told(d)->counsellor, ANNA);
		assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);
		assert_int_equal(at(d, BELA), i ? PERSON_HANGING_UP
						: PERSON_STOPPING);
		if (i) { /* a guest writes up as well */
			goes(d, BELA);
			assert_int_equal(at(d, BELA), PERSON_WRAP_UP);
		}
		d = anew(state);
	}
}


static void the_house_closes(void **state)
{
	struct desk *d = *state;
	const uint64_t call = three(d);

	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_HOUSE);
	DID(d, "release release hang_up update");
	assert_int_equal(told(d)->cause, CAUSE_HOUSE);
	assert_false(core_call(d->core, call, NULL));
}


/* ---- rung back, restored ------------------------------------------------ */

static void who_was_rung_back_has_guests_too(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);

	assert_int_equal(asks(d, CORE_CONSULT, 0), EPROTO);
	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	assert_int_equal(asks(d, CORE_CONSULT, 0), EPROTO);
	key(d, call, 1);
	assert_int_equal(where(d, call), CALL_TALKING);
	on_duty(d, BELA);
	assert_int_equal(asks(d, CORE_CONSULT, 0), 0);
	(void)accepted(d, BELA);
	is_lost(d, ANNA);
	two(d, call, BELA);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	DID(d, "release update");
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(told(d)->counsellor, BELA);
}


/* No leg is left after a crash: they have talked, with the last one. */
static void a_crash_in_a_talk_of_three(void **state)
{
	struct desk *d = *state;
	const struct core_record r = {
		.call = FIRST_CALL - 1, .line = LINE, .state = CALL_TALKING,
		.counsellor = BELA};

	OK(d, .type = CORE_RESTORE, .restore = &r);
	DID(d, "update");
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(a_ring_that_comes_to_nothing),
		DESK_WHOLE(the_ring_time_runs_out),
		DESK_WHOLE(failed_rings_count),
		DESK_WHOLE(the_guest_goes_off_duty),
		DESK_WHOLE(the_guest_hangs_up_or_is_lost),
		DESK_WHOLE(the_guest_takes_over),
		DESK_WHOLE(both_are_lost),
		DESK_WHOLE(gone_as_the_guest_accepts),
		DESK_WHOLE(handed_over_as_somebody_goes),
		DESK_WHOLE(lost_while_the_guest_rings),
		DESK_WHOLE(the_caller_goes),
		DESK_WHOLE(the_house_closes),
		DESK_WHOLE(who_was_rung_back_has_guests_too),
		DESK_WHOLE(a_crash_in_a_talk_of_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
