/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_call.c  A caller from arrival to the end.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


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
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
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
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
	assert_int_equal(told(d)->cause, CAUSE_NO_CODEC);
}


/* --- the caller goes ----------------------------------------------------- */

static void reach(struct desk *d, enum call_state s)
{
	if (s == CALL_OFFERED)
		on_duty(d, ANNA);
	arriving(d);
	if (s >= CALL_ANSWERING)
		OK(d, .type = CORE_RECORDED, .call = FIRST_CALL);
	if (s >= CALL_WAITING)
		OK(d, .type = CORE_ANSWERED, .call = FIRST_CALL);
	assert_int_equal(where(d, FIRST_CALL), s);
}


/* somebody is there, and does not answer now */
static void somebody_rests(struct desk *d)
{
	on_duty(d, CEM);
	not_accepted(d, CEM, CAUSE_DECLINED);
	settle(d);
}


static void gone_early_is_short(void **state)
{
	static const enum call_state states[] = {
		CALL_ARRIVING, CALL_ANSWERING, CALL_WAITING, CALL_OFFERED};

	(void)state;
	for (size_t i = 0; i < STEP_COUNT(states); i++) {
		for (int late = 0; late < 2; late++) {
			struct desk d;

			assert_int_equal(desk_open(&d, REST_MS, SHORT_MS), 0);
			reach(&d, states[i]);
			if (states[i] == CALL_WAITING)
				somebody_rests(&d);
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

	somebody_rests(d);
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
	settle(d);
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
	assert_int_equal(told(d)->outcome, OUTCOME_BLOCKED);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
}


/* our own fault is no reason to forget them */
static void closing_stops_the_ring_and_owes(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	waiting(d);
	OK(d, .type = CORE_CLOSE, .call = FIRST_CALL, .cause = CAUSE_RESTART);
	DID(d, "hang_up withdraw update notice");
	assert_int_equal(told(d)->outcome, OUTCOME_OPEN);
	assert_int_equal(told(d)->state, CALL_PROMISED);
	assert_int_equal(told(d)->cause, CAUSE_RESTART);
	assert_int_equal(told(d)->promise.kind, PROMISE_CUT_OFF);
	assert_int_equal(told(d)->promise.level, LEVEL_COORDINATOR);
	assert_int_equal(told(d)->promise.owner, 0);
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
	OK(d, .type = CORE_PERSON, .person = ANNA, .lines = UINT16_MAX,
	   .languages = 1);
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


int main(void)
{
	const struct CMUnitTest tests[] = {
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
		DESK(closing_stops_the_ring_and_owes),
		DESK(closing_a_talk_ends_both_sides),
		DESK(counsellor_gone_ends_the_talk),
		DESK(free_and_offered_the_instant_wrap_up_ends),
		DESK(no_wrap_up_asked_for_is_no_wrap_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
