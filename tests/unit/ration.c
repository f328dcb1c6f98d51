/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ration.c  So often within any hour, each for themselves.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "line/ration.h"


enum { MOST = 3, HOUR = RATION_WITHIN_MS };


static void test_so_often(void **state)
{
	struct ration *r;
	(void)state;

	assert_int_equal(ration_alloc(NULL, MOST), EINVAL);
	assert_int_equal(ration_alloc(&r, 0), EINVAL);
	assert_int_equal(ration_alloc(&r, MOST), 0);
	assert_int_equal(ration_take(r, 1, 0, 5), 0);
	assert_int_equal(ration_take(r, 1, 1, 10), 0);
	assert_int_equal(ration_take(r, 1, 2, 20), 0);
	assert_int_equal(ration_take(r, 1, 1, 30), EDQUOT);
	assert_int_equal(ration_take(r, 2, 4, 30), EDQUOT);
	assert_int_equal(ration_take(r, 2, 3, 30), 0);
	assert_int_equal(ration_take(r, 2, 1, 30), EDQUOT);

	/* the first of theirs is an hour ago, then the others too */
	assert_int_equal(ration_take(r, 1, 1, 9 + HOUR), EDQUOT);
	assert_int_equal(ration_take(r, 1, 2, 10 + HOUR), EDQUOT);
	assert_int_equal(ration_take(r, 1, 1, 10 + HOUR), 0);
	assert_int_equal(ration_take(r, 1, 1, 19 + HOUR), EDQUOT);
	assert_int_equal(ration_take(r, 1, 2, 20 + HOUR), 0);
	assert_int_equal(ration_take(r, 1, 1, 20 + HOUR), EDQUOT);
	mem_deref(r);
}


/* who has done nothing for an hour costs no memory */
static void test_many_people(void **state)
{
	struct ration *r;
	(void)state;

	assert_int_equal(ration_alloc(&r, MOST), 0);
	for (uint32_t i = 1; i < 1000; i++)
		assert_int_equal(ration_take(r, i, MOST, i * (uint64_t)HOUR),
				 0);
	assert_int_equal(ration_take(r, 999, 1, 999 * (uint64_t)HOUR),
			 EDQUOT);
	mem_deref(r);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_so_often),
		cmocka_unit_test(test_many_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
