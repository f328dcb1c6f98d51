/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_alloc.c  Who is rung for whom.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


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
	DID(d, "hang_up withdraw update notice");
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


/* --- who can take whom --------------------------------------------------- */

static void open_for(struct desk *d, enum core_strategy strategy)
{
	struct core_settings s = desk_settings(d);

	s.strategy = strategy;
	s.tier_ms = 20000;
	s.lines[OTHER_LINE].languages[0] = ES;
	s.lines[LINE].organisation = 1;
	s.lines[LINE].region = 10;
	assert_int_equal(desk_open_as(d, &s), 0);
}


static void only_who_speaks_the_language(void **state)
{
	struct desk d;
	uint64_t en, es;

	(void)state;
	open_for(&d, STRATEGY_ALL);
	on_duty_as(&d, ANNA, 1U << ES, 0);
	en = waiting(&d);
	assert_int_equal(where(&d, en), CALL_WAITING);
	d.now += 1000;
	es = waiting_as(&d, OTHER_LINE, 0);
	assert_int_equal(the(&d, CORE_OFFER)->call, es);
	assert_false(core_staffed(d.core, LINE, EN));
	assert_true(core_staffed(d.core, OTHER_LINE, ES));
	core_free(d.core);
}


static void only_who_has_the_skills(void **state)
{
	struct desk d;
	uint64_t call;

	(void)state;
	open_for(&d, STRATEGY_ALL);
	d.core->settings.lines[LINE].skills = 6;
	on_duty_as(&d, ANNA, 1U << EN, 2);
	call = waiting(&d);
	assert_int_equal(where(&d, call), CALL_WAITING);
	on_duty_as(&d, BELA, 1U << EN, 7);
	assert_int_equal(the(&d, CORE_OFFER)->person, BELA);
	core_free(d.core);
}


/* Who speaks two languages is kept for those who need it. */
static void who_can_do_least_else_first(void **state)
{
	static const enum core_strategy strategies[] = {
		STRATEGY_LONGEST_IDLE, STRATEGY_ROUND_ROBIN};

	(void)state;
	for (size_t i = 0; i < STEP_COUNT(strategies); i++) {
		struct desk d;

		open_for(&d, strategies[i]);
		on_duty_as(&d, BELA, 1U << EN | 1U << ES, 0);
		/* nobody asks for the third one */
		on_duty_as(&d, CEM, 1U << EN | 1U << 9, 0);
		(void)waiting(&d);
		assert_int_equal(the(&d, CORE_OFFER)->person, CEM);
		(void)waiting_as(&d, OTHER_LINE, 0);
		assert_int_equal(the(&d, CORE_OFFER)->person, BELA);
		core_free(d.core);
	}
}


/* Whoever learns a language is rung for those who wait for it. */
static void what_people_can_do_may_change(void **state)
{
	struct desk d;

	(void)state;
	open_for(&d, STRATEGY_ALL);
	on_duty(&d, ANNA);
	(void)waiting_as(&d, OTHER_LINE, 0);
	assert_int_equal(at(&d, ANNA), PERSON_FREE);
	OK(&d, .type = CORE_PERSON, .person = ANNA, .lines = UINT16_MAX,
	   .languages = 3);
	DID(&d, "offer");
	core_free(d.core);
}


static void of(struct desk *d, uint32_t person, uint16_t organisation,
	       uint16_t region)
{
	OK(d, .type = CORE_PERSON, .person = person, .lines = UINT16_MAX,
	   .languages = 1,
	   .organisation = organisation, .region = region);
	OK(d, .type = CORE_PERSON_ON, .person = person);
}


static void circles_grow(void **state)
{
	struct desk d;
	uint64_t call, since;

	(void)state;
	open_for(&d, STRATEGY_TIERS);
	of(&d, ANNA, 1, 0);
	of(&d, ANNA + 1, 1, 10);
	of(&d, BELA, 2, 10);
	of(&d, CEM, 3, 30);
	call = waiting(&d);
	since = d.now;
	DID(&d, "play update offer offer");
	assert_int_equal(at(&d, BELA), PERSON_FREE);
	until(&d, since + 19999);
	assert_int_equal(at(&d, BELA), PERSON_FREE);
	d.now = since + 20000;
	while (at(&d, BELA) == PERSON_FREE)
		OK(&d, .type = CORE_TICK);
	assert_int_equal(the(&d, CORE_OFFER)->person, BELA);
	assert_int_equal(the(&d, CORE_OFFER)->call, call);
	assert_int_equal(at(&d, CEM), PERSON_FREE);
	until(&d, since + 39999);
	assert_int_equal(at(&d, CEM), PERSON_FREE);
	until(&d, since + 40000);
	assert_int_equal(at(&d, CEM), PERSON_RINGING);
	core_free(d.core);
}


static void empty_circles_are_left_out(void **state)
{
	struct desk d;

	(void)state;
	open_for(&d, STRATEGY_TIERS);
	of(&d, CEM, 3, 30);
	(void)waiting(&d);
	assert_int_equal(at(&d, CEM), PERSON_RINGING);

	/* and when the last one goes, the next is rung at once */
	of(&d, ANNA, 1, 0);
	(void)waiting(&d);
	of(&d, BELA, 2, 10);
	assert_int_equal(at(&d, ANNA), PERSON_RINGING);
	assert_int_equal(at(&d, BELA), PERSON_RINGING);
	core_free(d.core);
}


static void the_last_of_a_circle_goes(void **state)
{
	struct desk d;
	uint64_t call;

	(void)state;
	open_for(&d, STRATEGY_TIERS);
	of(&d, ANNA, 1, 0);
	of(&d, CEM, 3, 30);
	call = waiting(&d);
	assert_int_equal(at(&d, CEM), PERSON_FREE);
	off_duty(&d, ANNA);
	settle(&d);
	assert_int_equal(at(&d, CEM), PERSON_RINGING);
	assert_int_equal(where(&d, call), CALL_OFFERED);
	core_free(d.core);
}


/* A line opens, and more can be rung than one step may ask for. */
static void more_rings_than_one_step_can_ask_for(void **state)
{
	enum { N = TURN_OFFERS + 8 };
	struct desk d;

	(void)state;
	open_for(&d, STRATEGY_ALL);
	d.closed = true;
	clock_says(&d, MORNING);
	for (uint32_t i = 0; i < N; i++) {
		on_duty(&d, 100 + i);
		(void)waiting(&d);
	}
	assert_int_equal(core_count_people(d.core, PERSON_FREE), N);
	d.closed = false;
	OK(&d, .type = CORE_CLOCK, .unix_ms = MORNING);
	assert_int_equal(core_count_people(d.core, PERSON_FREE), 8);
	settle(&d);
	assert_int_equal(core_count_people(d.core, PERSON_FREE), 0);
	assert_int_equal(core_count_calls(d.core, CALL_OFFERED), N);
	core_free(d.core);
}


/* ---- lines of their own ------------------------------------------------- */

static void is_of(struct desk *d, uint32_t person, uint16_t lines, bool learns)
{
	OK(d, .type = CORE_PERSON, .person = person, .languages = 1,
	   .lines = lines, .learns = learns);
	OK(d, .type = CORE_PERSON_ON, .person = person);
}


static void nobody_is_rung_for_a_line_of_others(void **state)
{
	struct desk *d = *state;

	is_of(d, ANNA, 1u << OTHER_LINE, false);
	assert_true(core_staffed(d->core, OTHER_LINE, EN));
	assert_false(core_staffed(d->core, LINE, EN));
	(void)waiting(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	is_of(d, BELA, 1u << LINE, false);
	assert_int_equal(at(d, BELA), PERSON_RINGING);
	(void)waiting_as(d, OTHER_LINE, 0);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void who_learns_is_not_rung(void **state)
{
	struct desk *d = *state;

	is_of(d, ANNA, UINT16_MAX, true);
	assert_false(core_staffed(d->core, LINE, EN));
	(void)waiting(d);
	assert_int_equal(at(d, ANNA), PERSON_FREE);

	/* until they have learnt it */
	OK(d, .type = CORE_PERSON, .person = ANNA, .languages = 1,
	   .lines = UINT16_MAX);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(only_who_speaks_the_language),
		cmocka_unit_test(only_who_has_the_skills),
		cmocka_unit_test(who_can_do_least_else_first),
		cmocka_unit_test(what_people_can_do_may_change),
		cmocka_unit_test(circles_grow),
		cmocka_unit_test(empty_circles_are_left_out),
		cmocka_unit_test(the_last_of_a_circle_goes),
		cmocka_unit_test(more_rings_than_one_step_can_ask_for),
		DESK(nobody_is_rung_for_a_line_of_others),
		DESK(who_learns_is_not_rung),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
