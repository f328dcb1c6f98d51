/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * party.c  Tests of who hears whom: each mood, with everybody there and with
 * some missing; and of every combination, what must never be heard.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "line/party.h"


/* legs */
enum { CALLER = 1, COUNSELLOR, GUEST, THIRD, EVE, FAY, GUS, LEGS };

#define BIT(leg) (1U << (leg))

static const struct party_truth everybody = {
	.caller = CALLER,
	.counsellor = COUNSELLOR,
	.guest = GUEST,
	.third = THIRD,
	.listener = {EVE, FAY, GUS},
	.whisperer = FAY,
};


static const struct party_row *row_of(const struct party_plan *plan,
				      uint64_t leg)
{
	const struct party_row *found = NULL;

	for (size_t i = 0; i < plan->n; i++) {
		if (plan->row[i].leg != leg)
			continue;
		assert_null(found);
		found = &plan->row[i];
	}

	return found;
}


/* bits of the legs that it hears; bit 0: the hold sound */
static unsigned heard(const struct party_plan *plan, uint64_t leg)
{
	const struct party_row *row = row_of(plan, leg);
	unsigned bits;

	assert_non_null(row);
	bits = row->hold;
	for (uint8_t i = 0; i < row->n; i++) {
		assert_in_range(row->from[i], 1, LEGS - 1);
		assert_false(bits & BIT(row->from[i]));
		bits |= BIT(row->from[i]);
	}

	return bits;
}


struct ears {
	unsigned caller, counsellor, guest, third, listener;
};


static void check(const struct party_truth *t, const struct ears *ears)
{
	struct party_plan plan;

	party_plan(&plan, t);
	assert_int_equal(heard(&plan, CALLER), ears->caller);
	assert_int_equal(heard(&plan, COUNSELLOR), ears->counsellor);
	assert_int_equal(heard(&plan, GUEST), ears->guest);
	assert_int_equal(heard(&plan, THIRD), ears->third);
	assert_int_equal(heard(&plan, EVE), ears->listener);
	assert_int_equal(heard(&plan, FAY), ears->listener);
	assert_int_equal(heard(&plan, GUS), ears->listener);
	assert_int_equal(plan.n, LEGS - 1);
}


static void all_three_with_a_third(void **state)
{
	const struct ears ears = {
		.caller = BIT(COUNSELLOR) | BIT(GUEST) | BIT(THIRD),
		.counsellor = BIT(CALLER) | BIT(GUEST) | BIT(THIRD) | BIT(FAY),
		.guest = BIT(CALLER) | BIT(COUNSELLOR) | BIT(THIRD),
		.third = BIT(CALLER) | BIT(COUNSELLOR) | BIT(GUEST),
		.listener = BIT(CALLER) | BIT(COUNSELLOR) | BIT(GUEST) |
			    BIT(THIRD),
	};
	struct party_truth t = everybody;
	(void)state;

	t.guest_state = GUEST_THREE;
	check(&t, &ears);
}


static void three_while_the_caller_is_held(void **state)
{
	const struct ears ears = {
		.caller = 1,
		.counsellor = BIT(GUEST) | BIT(THIRD) | BIT(FAY),
		.guest = BIT(COUNSELLOR) | BIT(THIRD),
		.third = BIT(COUNSELLOR) | BIT(GUEST),
		.listener = BIT(COUNSELLOR) | BIT(GUEST) | BIT(THIRD),
	};
	struct party_truth t = everybody;
	(void)state;

	t.guest_state = GUEST_THREE;
	t.held = true;
	check(&t, &ears);
}


/* nobody outside hears what the two say to each other */
static void aside(void **state)
{
	const struct ears ears = {
		.caller = 1,
		.counsellor = BIT(GUEST) | BIT(FAY),
		.guest = BIT(COUNSELLOR),
		.third = 1,
		.listener = BIT(COUNSELLOR) | BIT(GUEST),
	};
	struct party_truth t = everybody;
	(void)state;

	t.guest_state = GUEST_ASIDE;
	check(&t, &ears);
	t.held = true;
	check(&t, &ears);
}


static void two_talk(void **state)
{
	const struct party_truth t = {.caller = CALLER,
				      .counsellor = COUNSELLOR};
	struct party_plan plan;
	(void)state;

	party_plan(&plan, &t);
	assert_int_equal(plan.n, 2);
	assert_true(party_is_pair(&plan.row[0], &plan.row[1]));
}


/* the phone of who is asked only rings: nothing of theirs is heard */
static void while_the_guest_is_rung(void **state)
{
	struct party_truth t = {.caller = CALLER, .counsellor = COUNSELLOR,
				.third = THIRD, .listener = {EVE},
				.guest_state = GUEST_RINGING};
	struct party_plan plan;
	(void)state;

	party_plan(&plan, &t);
	assert_int_equal(heard(&plan, CALLER), BIT(COUNSELLOR) | BIT(THIRD));
	assert_int_equal(heard(&plan, COUNSELLOR), BIT(CALLER) | BIT(THIRD));
	assert_int_equal(heard(&plan, THIRD), BIT(CALLER) | BIT(COUNSELLOR));
	assert_int_equal(heard(&plan, EVE),
			 BIT(CALLER) | BIT(COUNSELLOR) | BIT(THIRD));
	assert_false(party_is_pair(&plan.row[0], &plan.row[1]));
}


static void held(void **state)
{
	struct party_truth t = {.caller = CALLER, .counsellor = COUNSELLOR,
				.listener = {EVE}, .held = true};
	struct party_plan plan;
	(void)state;

	party_plan(&plan, &t);
	assert_int_equal(heard(&plan, CALLER), 1);
	assert_int_equal(heard(&plan, COUNSELLOR), 0);
	assert_int_equal(heard(&plan, EVE), BIT(COUNSELLOR));

	t.third = THIRD;
	party_plan(&plan, &t);
	assert_int_equal(heard(&plan, CALLER), 1);
	assert_int_equal(heard(&plan, COUNSELLOR), BIT(THIRD));
	assert_int_equal(heard(&plan, THIRD), BIT(COUNSELLOR));
}


/* each of them there or not, in each mood */
static void never(const struct party_truth *t)
{
	const uint64_t listeners[] = {EVE, FAY, GUS};
	struct party_plan plan;

	party_plan(&plan, t);
	for (size_t i = 0; i < plan.n; i++) {
		const uint64_t leg = plan.row[i].leg;
		const unsigned bits = heard(&plan, leg);

		assert_false(bits & BIT(leg)); /* nobody hears themselves */
		if (bits & 1)
			assert_int_equal(bits, 1);
		for (size_t k = 0; k < 3; k++) {
			if (bits & BIT(listeners[k])) {
				assert_int_equal(leg, COUNSELLOR);
				assert_int_equal(t->whisperer, listeners[k]);
			}
		}
		if (t->held || t->guest_state == GUEST_ASIDE)
			assert_false(bits & BIT(CALLER));
	}
	if (t->caller && (t->held || t->guest_state == GUEST_ASIDE))
		assert_int_equal(heard(&plan, CALLER), 1);
}


static void whoever_is_missing(void **state)
{
	(void)state;

	for (unsigned bits = 0; bits < 1U << 8; bits++) {
		for (unsigned mood = 0; mood < 2 * GUEST_STATES; mood++) {
			struct party_truth t = {
				.caller = bits & 1 ? CALLER : 0,
				.counsellor = bits & 2 ? COUNSELLOR : 0,
				.guest = bits & 4 ? GUEST : 0,
				.third = bits & 8 ? THIRD : 0,
				.listener = {bits & 16 ? EVE : 0,
					     bits & 32 ? FAY : 0,
					     bits & 64 ? GUS : 0},
				.whisperer = (bits & 160) == 160 ? FAY : 0,
				.guest_state = (enum guest_state)(mood / 2),
				.held = mood % 2,
			};

			never(&t);
		}
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_talk),
		cmocka_unit_test(held),
		cmocka_unit_test(while_the_guest_is_rung),
		cmocka_unit_test(aside),
		cmocka_unit_test(all_three_with_a_third),
		cmocka_unit_test(three_while_the_caller_is_held),
		cmocka_unit_test(whoever_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
