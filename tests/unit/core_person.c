/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_person.c  Counsellors: unreachable ones, and duty.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


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
		settle(&d);
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


/* All ring, and others are always quicker. */
static void a_phone_that_is_away_is_noticed_though_withdrawn(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	for (int i = 1; i < CORE_FAILED_RINGS; i++) {
		caller_gone(d, waiting(d));
		not_accepted(d, ANNA, CAUSE_NETWORK);
		assert_int_equal(at(d, ANNA), PERSON_FREE);
		assert_int_equal(n_failed(d, ANNA), i);
	}
	caller_gone(d, waiting(d));
	not_accepted(d, ANNA, CAUSE_DEAD);
	assert_int_equal(the(d, CORE_OFF_DUTY)->cause, CAUSE_DEAD);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
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


/* --- ready before the time ----------------------------------------------- */

static void ready_ends_wrap_up(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	(void)accepted(d, ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	waiting(d);
	DID(d, "play update");

	OK(d, .type = CORE_PERSON_READY, .person = ANNA);
	DID(d, "offer");
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
	/* and the end of the wrap-up does not come later */
	OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA));
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
	d->now += REST_MS - 1;
	OK(d, .type = CORE_TICK);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
}


static void ready_ends_a_rest_but_not_the_count(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	for (uint32_t i = 1; i < CORE_FAILED_RINGS; i++) {
		not_accepted(d, ANNA, CAUSE_NETWORK);
		assert_int_equal(at(d, ANNA), PERSON_RESTING);
		OK(d, .type = CORE_PERSON_READY, .person = ANNA);
		DID(d, "offer");
		assert_int_equal(n_failed(d, ANNA), i);
	}
	not_accepted(d, ANNA, CAUSE_NETWORK);
	DID(d, "off_duty");
}


static void ready_elsewhere_changes_nothing(void **state)
{
	struct desk *d = *state;

	assert_int_equal(TELL(d, .type = CORE_PERSON_READY, .person = ANNA),
			 ENOENT);
	on_duty(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_PERSON_READY, .person = ANNA),
			 EPROTO);
	waiting(d);
	(void)accepted(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_PERSON_READY, .person = ANNA),
			 EPROTO);
	assert_int_equal(at(d, ANNA), PERSON_TALKING);
	off_duty(d, ANNA);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_int_equal(TELL(d, .type = CORE_PERSON_READY, .person = ANNA),
			 EPROTO);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
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
	(void)state;
	for (int talked = 0; talked < 2; talked++) {
		struct desk d;

		assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
		on_duty(&d, ANNA);
		waiting(&d);
		if (talked)
			accepted(&d, ANNA);
		OK(&d, .type = talked ? CORE_PERSON_GONE : CORE_NOT_ACCEPTED,
		   .offer = offer_of(&d, ANNA));
		settle(&d);
		assert_int_equal(at(&d, ANNA), talked ? PERSON_WRAP_UP
						      : PERSON_RESTING);
		off_duty(&d, ANNA);
		settle(&d);
		assert_int_equal(at(&d, ANNA), PERSON_OFF);
		assert_int_equal(core_deadline(d.core), UINT64_MAX);
		OK(&d, .type = CORE_PERSON_ON, .person = ANNA);
		assert_int_equal(at(&d, ANNA), talked ? PERSON_FREE
						      : PERSON_RINGING);
		core_free(d.core);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_failed_rings_put_off_duty),
		DESK(others_are_rung_when_one_is_unreachable),
		DESK(ring_time_over_is_a_failure),
		DESK(what_is_no_failure),
		DESK(a_ring_that_was_withdrawn_is_no_failure),
		DESK(a_phone_that_is_away_is_noticed_though_withdrawn),
		DESK(a_pick_up_begins_the_count_anew),
		DESK(back_on_duty_begins_the_count_anew),
		DESK(ready_ends_wrap_up),
		DESK(ready_ends_a_rest_but_not_the_count),
		DESK(ready_elsewhere_changes_nothing),
		DESK(nobody_is_offered_off_duty),
		DESK(off_while_ringing_withdraws),
		DESK(off_while_talking_talks_on),
		cmocka_unit_test(off_ends_wrap_up_and_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
