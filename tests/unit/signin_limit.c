/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * signin_limit.c  Tests of pauses between guesses: they grow, end, and are each
 * one's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/signin_limit.h"


enum { BO = 17, CY = 18 };

static const struct signin_terms terms = {
	.n_free = 3, .most_s = 60, .forget_s = 600,
};


static void test_grows(void **state)
{
	static const uint32_t expected[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 60,
					    60, 60};
	struct signin_limit *l;
	uint64_t now = 1000;
	(void)state;

	assert_int_equal(signin_limit_alloc(&l, &terms), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(signin_limit_wait(l, BO, now), 0);
		signin_limit_failed(l, BO, now);
		assert_int_equal(signin_limit_wait(l, BO, now), expected[i]);
		assert_int_equal(signin_limit_wait(l, CY, now), 0);
		now += expected[i] * 1000;
	}
	for (unsigned i = 0; i < 100; i++)
		signin_limit_failed(l, BO, now);
	assert_int_equal(signin_limit_wait(l, BO, now), 60);
	assert_int_equal(signin_limit_wait(l, BO, now + 59999), 1);
	signin_limit_passed(l, BO);
	assert_int_equal(signin_limit_wait(l, BO, now), 0);
	signin_limit_failed(l, BO, now);
	assert_int_equal(signin_limit_wait(l, BO, now), 0);
	free(l);
}


static void test_forgets(void **state)
{
	struct signin_limit *l;
	(void)state;

	assert_int_equal(signin_limit_alloc(&l, &terms), 0);
	for (unsigned i = 0; i < 5; i++)
		signin_limit_failed(l, BO, 0);
	assert_int_equal(signin_limit_wait(l, BO, 0), 2);
	/* two of five are forgotten */
	signin_limit_failed(l, BO, 1200000);
	assert_int_equal(signin_limit_wait(l, BO, 1200000), 1);
	signin_limit_failed(l, BO, 1200000 + 100 * 600000);
	assert_int_equal(signin_limit_wait(l, BO, 1200000 + 100 * 600000), 0);
	free(l);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
