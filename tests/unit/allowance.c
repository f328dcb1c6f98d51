/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * allowance.c  Tests of so much at once, so much a minute.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/allowance.h"


enum { T0 = 1000000, MINUTE = 60000 };

static const struct allowance_terms few = {.burst = 3, .per_minute = 2};
static struct allowance a;


static int begin(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	allowance_init(&a, &few, T0);
	return 0;
}


static unsigned take_all(uint32_t who, uint64_t now)
{
	unsigned n = 0;

	while (n < 1000 && allowance_take(&a, &who, sizeof(who), now))
		++n;

	return n;
}


static void a_burst_then_so_much_a_minute(void **state)
{
	(void)state;
	assert_int_equal(take_all(1, T0), 3);
	assert_int_equal(take_all(1, T0), 0);
	assert_int_equal(take_all(1, T0 + MINUTE / 2 - 1), 0);
	assert_int_equal(take_all(1, T0 + MINUTE / 2), 1);
	assert_int_equal(take_all(1, T0 + 10 * MINUTE), 3);
}


/* asking every millisecond loses no fraction and gains none */
static void refusals_cost_nothing(void **state)
{
	unsigned n = 0;

	(void)state;
	(void)take_all(1, T0);
	for (uint64_t ms = 1; ms <= 5 * MINUTE; ms++)
		n += take_all(1, T0 + ms);
	assert_int_equal(n, 10);
}


static void others_have_their_own(void **state)
{
	unsigned n = 0;

	(void)state;
	(void)take_all(1, T0);
	for (uint32_t who = 2; who < 102; who++)
		n += take_all(who, T0);
	/* two of a hundred may share */
	assert_true(n >= 3 * 90);
}


static void the_key_decides_who_shares(void **state)
{
	unsigned n_other = 0;

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t who = 1;

		allowance_init(&a, &few, T0);
		(void)take_all(0, T0);
		while (take_all(who, T0))
			++who;
		allowance_init(&a, &few, T0);
		(void)take_all(0, T0);
		n_other += take_all(who, T0) == few.burst;
	}
	assert_true(n_other > 0);
}


static void times_that_jump_give_a_burst_at_most(void **state)
{
	static const uint64_t times[] = {0, T0 - 1, UINT64_MAX, 1,
					 UINT64_MAX / 2, T0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_true(take_all(1, times[i]) <= few.burst);
}


static void nothing_that_comes_back(void **state)
{
	static const struct allowance_terms once = {.burst = 2};

	(void)state;
	allowance_init(&a, &once, T0);
	assert_int_equal(take_all(1, T0), 2);
	assert_int_equal(take_all(1, T0 + 1000 * MINUTE), 0);
}


static void addresses_without_ports_and_by_64_bits(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} pairs[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::1", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	};
	struct sa sa;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		allowance_init(&a, &few, T0);
		assert_int_equal(sa_set_str(&sa, pairs[i].one, 1), 0);
		while (allowance_take_addr(&a, &sa, T0))
			;
		assert_int_equal(sa_set_str(&sa, pairs[i].other, 2), 0);
		assert_int_equal(allowance_take_addr(&a, &sa, T0),
				 !pairs[i].same);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_burst_then_so_much_a_minute, begin),
		cmocka_unit_test_setup(refusals_cost_nothing, begin),
		cmocka_unit_test_setup(others_have_their_own, begin),
		cmocka_unit_test_setup(the_key_decides_who_shares, begin),
		cmocka_unit_test_setup(times_that_jump_give_a_burst_at_most,
				       begin),
		cmocka_unit_test_setup(nothing_that_comes_back, begin),
		cmocka_unit_test_setup(addresses_without_ports_and_by_64_bits,
				       begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
