/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * quality.c  Tests of what is left of reports about sound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "line/quality.h"


static void nothing_was_reported(void **state)
{
	const struct quality q = {.n = 0};
	struct store_sound sound = {9, 9, 9, 9, 9};
	(void)state;

	quality_sum(&sound, &q);
	assert_int_equal(sound.n_reports, 0);
	assert_int_equal(sound.loss_mean, 0);
	assert_int_equal(sound.rtt_ms, 0);
}


static void mean_and_worst(void **state)
{
	static const struct wire_leg_quality reports[] = {
		{.lost_there = 10, .lost_here = 0, .jitter_ms = 4},
		{.lost_there = 0, .lost_here = 30, .jitter_ms = 2,
		 .rtt_ms = 50},
		{.lost_there = 1, .lost_here = 1, .rtt_ms = 20},
	};
	struct quality q = {.n = 0};
	struct store_sound sound;
	(void)state;

	for (size_t i = 0; i < 3; i++)
		quality_take(&q, &reports[i]);
	quality_sum(&sound, &q);
	assert_int_equal(sound.n_reports, 3);
	assert_int_equal(sound.loss_mean, 14); /* 41 / 3, rounded */
	assert_int_equal(sound.loss_worst, 30);
	assert_int_equal(sound.jitter_ms, 4);
	assert_int_equal(sound.rtt_ms, 50);
}


/* A peer that reports nonsense: all is the most that can be lost. */
static void no_more_than_all(void **state)
{
	const struct wire_leg_quality report = {.lost_there = UINT16_MAX,
						.jitter_ms = UINT16_MAX};
	struct quality q = {.n = 0};
	struct store_sound sound;
	(void)state;

	quality_take(&q, &report);
	quality_sum(&sound, &q);
	assert_int_equal(sound.loss_mean, 1000);
	assert_int_equal(sound.loss_worst, 1000);
	assert_int_equal(sound.jitter_ms, UINT16_MAX);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_was_reported),
		cmocka_unit_test(mean_and_worst),
		cmocka_unit_test(no_more_than_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
