/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * surge.c  Tests of who comes in when more calls come than people make.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include <re.h>

#include "line/surge.h"


enum { T0 = 1000000, MINUTE = 60000, A_MINUTE = 60, PLACES = 40 };

static const struct surge_terms usual = {.calls_a_minute = A_MINUTE,
					 .places = PLACES};

static struct surge *surge;


static int begin(void **state)
{
	(void)state;
	return sodium_init() < 0 || surge_alloc(&surge, &usual, T0);
}


static int end(void **state)
{
	(void)state;
	surge = mem_deref(surge);
	return 0;
}


/* handle 0 for all: nobody has passed */
static enum surge_verdict comes(const char *number, uint32_t handle,
				uint64_t now)
{
	struct secret_text text;

	assert_int_equal(secret_set(&text, number, strlen(number)), 0);
	return surge_arrive(surge, &text, handle, now);
}


/* number i, each of another range */
static enum surge_verdict someone(uint32_t i, uint64_t now)
{
	char number[32];

	(void)snprintf(number, sizeof(number), "+49%07u000", i);
	return comes(number, i + 1, now);
}


static void a_few_come_in(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < A_MINUTE; i++)
		assert_int_equal(someone(i, T0), SURGE_COME);
	assert_false(surge_is_on(surge, T0));
}


/* also one who calls all day, again and again */
static void more_than_people_make(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < A_MINUTE; i++)
		(void)someone(i, T0);
	assert_int_equal(someone(1000, T0), SURGE_ASK);
	assert_true(surge_is_on(surge, T0));
	assert_int_equal(someone(1001, T0 + MINUTE), SURGE_ASK);

	/* it is over when it has been quiet */
	assert_true(surge_is_on(surge, T0 + MINUTE + SURGE_ON_MS - 1));
	assert_false(surge_is_on(surge, T0 + MINUTE + SURGE_ON_MS));
	assert_int_equal(someone(1002, T0 + MINUTE + SURGE_ON_MS),
			 SURGE_COME);
}


static void one_number_is_busy_beyond_its_own(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		n += comes("+4930123456", 1, T0) != SURGE_BUSY;
	assert_int_equal(n, SURGE_NUMBER_BURST);

	/* and that concerns nobody else */
	assert_true(surge_is_on(surge, T0));
	assert_int_equal(someone(5, T0), SURGE_COME);
	assert_int_equal(surge_turned_away(surge), 1000 - n);
	assert_int_equal(surge_since(surge), T0);
	assert_int_equal(comes("+4930123456", 1, T0 + MINUTE), SURGE_COME);
}


/* who has pressed the key is not asked again, and not held up by others */
static void whoever_has_passed(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < A_MINUTE; i++)
		(void)someone(i, T0);
	assert_int_equal(someone(500, T0), SURGE_ASK);
	surge_settled(surge);
	surge_know(surge, 501);
	for (uint32_t i = 0; i < 10 * PLACES; i++)
		(void)someone(1000 + i, T0);
	assert_int_equal(someone(2000, T0), SURGE_BUSY);
	assert_int_equal(someone(500, T0), SURGE_COME);
	/* but its own number has a budget all the same */
	for (unsigned i = 0; i < SURGE_NUMBER_BURST; i++)
		(void)someone(500, T0);
	assert_int_equal(someone(500, T0), SURGE_BUSY);
}


static void half_of_the_places_are_kept(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		n += someone(i, T0) == SURGE_ASK;
	assert_int_equal(n, PLACES / 2);
	surge_settled(surge);
	assert_int_equal(someone(2000, T0), SURGE_ASK);
	assert_int_equal(someone(2001, T0), SURGE_BUSY);
}


/* numbers that count up; and those that are withheld */
static void ranges_are_asked(void **state)
{
	unsigned n_come = 0, n_ask = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		char number[32];
		enum surge_verdict v;

		(void)snprintf(number, sizeof(number), "+4930123%03u", i);
		v = comes(number, 0, T0);
		n_come += v == SURGE_COME;
		n_ask += v == SURGE_ASK;
	}
	assert_int_equal(n_come, SURGE_RANGE_BURST);
	assert_int_equal(n_ask, PLACES / 4);

	/* which leaves room for numbers that are not in it */
	for (uint32_t i = 0; i < A_MINUTE - SURGE_RANGE_BURST; i++)
		assert_int_equal(someone(i, T0), SURGE_COME);
	for (uint32_t i = 0; i < PLACES / 4; i++)
		assert_int_equal(someone(100 + i, T0), SURGE_ASK);
	assert_int_equal(someone(200, T0), SURGE_BUSY);
}


static void withheld_ones_are_one_range(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SURGE_RANGE_BURST; i++)
		assert_int_equal(comes("", 0, T0), SURGE_COME);
	assert_int_equal(comes("", 0, T0), SURGE_ASK);
	assert_int_equal(someone(1, T0), SURGE_COME);
}


static void a_line_that_wants_none_of_it(void **state)
{
	static const struct surge_terms never = {.places = 2};

	(void)state;
	surge = mem_deref(surge);
	assert_int_equal(surge_alloc(&surge, &never, T0), 0);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(comes("+4930123456", 1, T0), SURGE_COME);
	assert_false(surge_is_on(surge, T0));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(a_few_come_in),
		T(more_than_people_make),
		T(one_number_is_busy_beyond_its_own),
		T(whoever_has_passed),
		T(half_of_the_places_are_kept),
		T(ranges_are_asked),
		T(withheld_ones_are_one_range),
		T(a_line_that_wants_none_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
