/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * outgoing.c  Tests of how often callers are rung back.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "line/outgoing.h"
#include "line/ration.h"


enum { T0 = 1000000, AN_HOUR = 20, A_DAY = 30, HOUR = RATION_WITHIN_MS };

static const struct outgoing_terms hourly = {.an_hour = AN_HOUR},
				   daily = {AN_HOUR, A_DAY}, none = {0, 0};


static int ring(struct outgoing *o, unsigned i, uint64_t now)
{
	struct secret_text number;
	char text[32];

	(void)snprintf(text, sizeof(text), "+4930%06u", i);
	assert_int_equal(secret_set(&number, text, strlen(text)), 0);

	return outgoing_take(o, &number, now);
}


static void one_number_is_left_in_peace(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, &hourly), 0);
	for (unsigned i = 0; i < OUTGOING_OF_ONE; i++)
		assert_int_equal(ring(o, 1, T0 + i), 0);
	assert_int_equal(ring(o, 1, T0 + RATION_WITHIN_MS - 1), EDQUOT);
	assert_int_equal(ring(o, 2, T0 + RATION_WITHIN_MS - 1), 0);
	assert_int_equal(ring(o, 1, T0 + RATION_WITHIN_MS), 0);
	mem_deref(o);
}


static void all_together_have_a_limit(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, &hourly), 0);
	for (unsigned i = 0; i < AN_HOUR; i++)
		assert_int_equal(ring(o, i, T0), 0);
	assert_int_equal(ring(o, AN_HOUR, T0 + 1000), EDQUOT);
	assert_int_equal(ring(o, AN_HOUR, T0 + RATION_WITHIN_MS), 0);
	mem_deref(o);
}


static void a_day_has_a_limit(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, NULL), EINVAL);
	assert_int_equal(outgoing_alloc(&o, &daily), 0);
	for (unsigned i = 0; i < A_DAY; i++)
		assert_int_equal(ring(o, i, T0 + i * HOUR / 2), 0);
	/* fifteen hours later */
	assert_int_equal(outgoing_today(o, T0 + A_DAY * HOUR / 2), A_DAY);
	assert_int_equal(ring(o, 99, T0 + A_DAY * HOUR / 2), EDQUOT);
	assert_int_equal(outgoing_wait(o, T0 + A_DAY * HOUR / 2), 9 * HOUR);
	assert_int_equal(ring(o, 99, T0 + RATION_DAY_MS - 1), EDQUOT);
	assert_int_equal(outgoing_wait(o, T0 + RATION_DAY_MS), 0);
	assert_int_equal(outgoing_today(o, T0 + RATION_DAY_MS), A_DAY - 1);
	assert_int_equal(ring(o, 99, T0 + RATION_DAY_MS), 0);
	assert_int_equal(ring(o, 99, T0 + RATION_DAY_MS + 1), EDQUOT);
	mem_deref(o);
}


/* who is refused for all is not charged for their own */
static void what_is_refused_is_not_counted(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, &hourly), 0);
	for (unsigned i = 0; i < AN_HOUR; i++)
		assert_int_equal(ring(o, i, T0), 0);
	for (unsigned i = 0; i < 2 * OUTGOING_OF_ONE; i++)
		assert_int_equal(ring(o, 99, T0 + HOUR - 1), EDQUOT);
	for (unsigned i = 0; i < OUTGOING_OF_ONE; i++)
		assert_int_equal(ring(o, 99, T0 + HOUR), 0);
	assert_int_equal(ring(o, 99, T0 + HOUR), EDQUOT);
	mem_deref(o);
}


/* told after a restart, perhaps of a time before the machine's: then numbers
 * that are not known any more count for all */
static void what_was_before_counts(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, &daily), 0);
	for (unsigned i = 0; i < A_DAY - 1; i++)
		assert_int_equal(outgoing_take(o, NULL, (uint64_t)5 - 20 * HOUR
						       + i * HOUR / 2), 0);
	assert_int_equal(outgoing_wait(o, 5), 0);
	assert_int_equal(ring(o, 1, 5), 0);
	assert_int_equal(ring(o, 2, 5), EDQUOT);
	assert_int_equal(outgoing_wait(o, 5), 4 * HOUR);
	assert_int_equal(ring(o, 2, 5 + 4 * HOUR), 0);
	mem_deref(o);
}


static void or_none(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, &none), 0);
	for (unsigned i = 0; i < 100 * AN_HOUR; i++)
		assert_int_equal(ring(o, i, T0), 0);
	mem_deref(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_number_is_left_in_peace),
		cmocka_unit_test(all_together_have_a_limit),
		cmocka_unit_test(a_day_has_a_limit),
		cmocka_unit_test(what_is_refused_is_not_counted),
		cmocka_unit_test(what_was_before_counts),
		cmocka_unit_test(or_none),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
