/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_guest.c  A second counsellor in a talk: whom one may ask, aside, all
 * three, handed over.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "guest_talk.h"
#include "machine.h"


/* ---- in the ordinary way ------------------------------------------------ */

static void the_guest_is_rung(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);
	const struct core_action *offer = the(d, CORE_OFFER);

	DID(d, "offer");
	assert_true(offer->guest);
	assert_int_equal(offer->call, call);
	assert_int_equal(offer->person, BELA);
	assert_int_equal(offer->offer, offer_of(d, BELA));
	assert_int_equal(view(d, call).guest, offer->offer);
	assert_int_equal(view(d, call).guest_person, BELA);
	assert_int_equal(view(d, call).person, ANNA);
	assert_int_equal(view(d, call).n_offers, 1);
	assert_int_equal(at(d, BELA), PERSON_RINGING);
}


static void they_talk_aside_then_all_three(void **state)
{
	struct desk *d = *state;
	const uint64_t call = aside(d);

	DID(d, "party");
	assert_int_equal(the(d, CORE_PARTY)->call, call);
	assert_int_equal(at(d, BELA), PERSON_TALKING);
	assert_int_equal(view(d, call).person, ANNA);
	assert_int_equal(view(d, call).guest_person, BELA);
	assert_int_equal(record_of(d, call).counsellor, ANNA);
	assert_int_equal(asks(d, CORE_THREE, 0), 0);
	DID(d, "party");
	assert_int_equal(guest_at(d, call), GUEST_THREE);
	assert_int_equal(asks(d, CORE_THREE, 0), EPROTO);
}


static void the_guest_is_let_go(void **state)
{
	struct desk *d = *state;
	uint64_t (*const from[])(struct desk *d) = {ringing, aside, three};
	const char *const words[] = {"party withdraw", "party release",
				     "party release"};

	for (size_t i = 0; i < STEP_COUNT(from); i++) {
		const uint64_t call = from[i](d);
		const uint64_t offer = offer_of(d, BELA);

		assert_int_equal(asks(d, CORE_CONSULT_END, 0), 0);
		DID(d, words[i]);
		assert_int_equal(d->did.v[1].offer, offer);
		two(d, call, ANNA);
		assert_int_equal(at(d, BELA), i ? PERSON_HANGING_UP
						: PERSON_STOPPING);
		assert_int_equal(asks(d, CORE_CONSULT_END, 0), EPROTO);
		d = anew(state);
	}
}


static void handed_over(struct desk *d, uint64_t call)
{
	const uint64_t first = offer_of(d, ANNA);

	d->now += 1000;
	assert_int_equal(asks(d, CORE_HAND_OVER, 0), 0);
	DID(d, "party update release");
	assert_int_equal(the(d, CORE_RELEASE)->offer, first);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(told(d)->state, CALL_TALKING);
	two(d, call, BELA);
	assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);
	goes(d, ANNA);
	DID(d, "");
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);

	/* one talk, from its beginning */
	d->now += 1000;
	caller_gone(d, call);
	DID(d, "release update");
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->counsellor, BELA);
	assert_int_equal(told(d)->talk_ms, 12000);
}


static void aside_and_handed_over(void **state)
{
	handed_over(*state, aside(*state));
}


static void three_and_handed_over(void **state)
{
	handed_over(*state, three(*state));
}


static void the_new_one_may_ask_too(void **state)
{
	struct desk *d = *state;
	const uint64_t call = aside(d);
	uint64_t offer;

	assert_int_equal(asks(d, CORE_HAND_OVER, 0), 0);
	offer = offer_of(d, BELA);
	/* who has handed over has nothing to say any more */
	assert_int_equal(asks(d, CORE_CONSULT, CEM), EPROTO);
	OK(d, .type = CORE_CONSULT, .offer = offer, .person = CEM);
	assert_int_equal(view(d, call).guest_person, CEM);
	assert_int_equal(view(d, call).person, BELA);
}


/* ---- who may be asked --------------------------------------------------- */

static void whoever_is_free_longest(void **state)
{
	struct desk *d = *state;
	const uint64_t call = talking(d);

	assert_int_equal(asks(d, CORE_CONSULT, 0), 0);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	assert_int_equal(view(d, call).guest_person, BELA);
	not_accepted(d, BELA, CAUSE_DECLINED);
	assert_int_equal(asks(d, CORE_CONSULT, 0), 0);
	assert_int_equal(the(d, CORE_OFFER)->person, CEM);
	not_accepted(d, CEM, CAUSE_DECLINED);
	assert_int_equal(asks(d, CORE_CONSULT, 0), EBUSY);
	two(d, call, ANNA);
}


static void anybody_speaks_the_language(void **state)
{
	struct desk *d = *state;

	(void)talking(d);
	on_duty_as(d, BELA, 1U << ES, 0);
	assert_int_equal(asks(d, CORE_CONSULT, 0), 0);
	assert_int_equal(the(d, CORE_OFFER)->person, CEM);
	assert_int_equal(asks(d, CORE_CONSULT_END, 0), 0);
	/* by name: for advice one need not speak it */
	assert_int_equal(asks(d, CORE_CONSULT, BELA), 0);
}


static void who_is_not_of_the_line(void **state)
{
	struct desk *d = *state;
	const struct core_event off_line = {
		.type = CORE_PERSON, .person = BELA, .languages = 1U << EN,
		.lines = 1U << OTHER_LINE};
	struct core_event learns = off_line;

	(void)talking(d);
	learns.lines = UINT16_MAX;
	learns.learns = true;
	assert_int_equal(tell(d, off_line), 0);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), EPERM);
	assert_int_equal(tell(d, learns), 0);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), EPERM);
	assert_int_equal(asks(d, CORE_CONSULT, 0), 0);
	assert_int_equal(the(d, CORE_OFFER)->person, CEM);
}


static void who_is_not_free(void **state)
{
	struct desk *d = *state;

	(void)talking(d);
	assert_int_equal(asks(d, CORE_CONSULT, ANNA), EBUSY);
	assert_int_equal(asks(d, CORE_CONSULT, 4711), ENOENT);
	off_duty(d, BELA);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), EBUSY);
	(void)waiting(d); /* CEM rings */
	assert_int_equal(asks(d, CORE_CONSULT, CEM), EBUSY);
	assert_int_equal(asks(d, CORE_CONSULT, 0), EBUSY);
	DID(d, "");
}


static void one_guest_at_most(void **state)
{
	struct desk *d = *state;
	const uint64_t call = ringing(d);

	assert_int_equal(asks(d, CORE_CONSULT, CEM), EPERM);
	(void)accepted(d, BELA);
	assert_int_equal(asks(d, CORE_CONSULT, CEM), EPERM);
	assert_int_equal(asks(d, CORE_CONSULT, 0), EPERM);
	assert_int_equal(view(d, call).guest_person, BELA);
	assert_int_equal(at(d, CEM), PERSON_FREE);
}


/* The guest asks for nothing: it is not their caller. */
static void a_guest_does_not_ask(void **state)
{
	static const enum core_event_type verbs[] = {
		CORE_CONSULT, CORE_CONSULT_END, CORE_THREE, CORE_HAND_OVER};
	struct desk *d = *state;
	const uint64_t call = aside(d);

	for (size_t i = 0; i < STEP_COUNT(verbs); i++) {
		assert_int_equal(TELL(d, .type = verbs[i],
				      .offer = offer_of(d, BELA)), EPROTO);
		assert_int_equal(guest_at(d, call), GUEST_ASIDE);
	}
}


static void detention_lines_have_none(void **state)
{
	struct desk *d = *state;
	struct core_settings settings = desk_settings(d);

	core_free(d->core);
	settings.lines[LINE].kind = LINE_DETENTION;
	assert_int_equal(desk_open_as(d, &settings), 0);
	(void)talking(d);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), EPERM);
	assert_int_equal(asks(d, CORE_CONSULT, 0), EPERM);
}


static void not_before_a_talk(void **state)
{
	struct desk *d = *state;

	on_duty(d, ANNA);
	(void)waiting(d);
	on_duty(d, BELA);
	assert_int_equal(asks(d, CORE_CONSULT, BELA), EPROTO);
	assert_int_equal(asks(d, CORE_HAND_OVER, 0), EPROTO);
	(void)accepted(d, ANNA);
	assert_int_equal(asks(d, CORE_THREE, 0), EPROTO);
	assert_int_equal(asks(d, CORE_CONSULT_END, 0), EPROTO);
	assert_int_equal(asks(d, CORE_HAND_OVER, 0), EPROTO);
}


/* ---- the table ---------------------------------------------------------- */

static void every_pair(void **state)
{
	(void)state;

	machine_walk(&guest_machine);
	assert_string_equal(guest_state_name(GUEST_ASIDE), "aside");
	assert_string_equal(guest_state_name(GUEST_STATES), "unknown");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(the_guest_is_rung),
		DESK_WHOLE(they_talk_aside_then_all_three),
		DESK_WHOLE(the_guest_is_let_go),
		DESK_WHOLE(aside_and_handed_over),
		DESK_WHOLE(three_and_handed_over),
		DESK_WHOLE(the_new_one_may_ask_too),
		DESK_WHOLE(whoever_is_free_longest),
		DESK_WHOLE(anybody_speaks_the_language),
		DESK_WHOLE(who_is_not_of_the_line),
		DESK_WHOLE(who_is_not_free),
		DESK_WHOLE(one_guest_at_most),
		DESK_WHOLE(a_guest_does_not_ask),
		DESK_WHOLE(detention_lines_have_none),
		DESK_WHOLE(not_before_a_talk),
		cmocka_unit_test(every_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
