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


enum { T0 = 1000000, AN_HOUR = 20 };


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

	assert_int_equal(outgoing_alloc(&o, AN_HOUR), 0);
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

	assert_int_equal(outgoing_alloc(&o, AN_HOUR), 0);
	for (unsigned i = 0; i < AN_HOUR; i++)
		assert_int_equal(ring(o, i, T0), 0);
	assert_int_equal(ring(o, AN_HOUR, T0 + 1000), EDQUOT);
	assert_int_equal(ring(o, AN_HOUR, T0 + RATION_WITHIN_MS), 0);
	mem_deref(o);
}


static void or_none(void **state)
{
	struct outgoing *o;
	(void)state;

	assert_int_equal(outgoing_alloc(&o, 0), 0);
	for (unsigned i = 0; i < 100 * AN_HOUR; i++)
		assert_int_equal(ring(o, i, T0), 0);
	mem_deref(o);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_number_is_left_in_peace),
		cmocka_unit_test(all_together_have_a_limit),
		cmocka_unit_test(or_none),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
