/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * day.c  Days, as people count them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "base/day.h"


static void zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}


/* at midnight of the place, summer and winter */
static void test_days(void **state)
{
	static const struct {
		const char *zone;
		int64_t unix_s;
		const char *day;
	} rows[] = {
		{"UTC", 0, "1970-01-01"},
		{"UTC", 1795305599, "2026-11-21"},
		{"UTC", 1795305600, "2026-11-22"},
		{"America/Los_Angeles", 1795305600, "2026-11-21"},
		{"America/Los_Angeles", 1782975599, "2026-07-01"},
		{"America/Los_Angeles", 1782975600, "2026-07-02"},
		{"Pacific/Kiritimati", 1795305600, "2026-11-22"},
	};
	char text[DAY_TEXT];
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		zone(rows[i].zone);
		assert_string_equal(day_text(text,
					     day_of(rows[i].unix_s * 1000)),
				    rows[i].day);
	}
	zone("UTC");
	assert_int_equal(day_of(86400000), 1);
	assert_int_equal(day_of(2 * 86400000LL - 1), 1);
	assert_int_equal(day_of(2 * 86400000LL), 2);
}


static void test_today(void **state)
{
	const int64_t before = time(NULL);
	const uint32_t today = day_today();
	(void)state;

	assert_true(today >= day_of(before * 1000));
	assert_true(today <= day_of((int64_t)time(NULL) * 1000));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
