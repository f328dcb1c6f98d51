/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_tally.c  What is counted as lost, and what is not.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/tally.h"


struct row {
	const char *name;
	uint16_t seq[8];
	unsigned n;
	uint64_t n_lost;
};

static const struct row rows[] = {
	{"in order", {1, 2, 3, 4}, 4, 0},
	{"over the edge", {65534, 65535, 0, 1}, 4, 0},
	{"one lost", {1, 2, 4}, 3, 1},
	{"five lost over the edge", {65533, 3}, 2, 5},
	{"late", {1, 3, 2, 4}, 4, 0},
	{"repeated", {1, 1, 1, 2}, 4, 0},
	{"begun anew", {1, 2, 30000, 30001}, 4, 0},
	{"back to the start", {20000, 1, 2}, 3, 0},
};


static void test_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tally t = {0};

		for (unsigned k = 0; k < rows[i].n; k++)
			tally_add(&t, 7, rows[i].seq[k]);
		if (t.n_lost != rows[i].n_lost || t.n_received != rows[i].n)
			fail_msg("%s: %u lost", rows[i].name,
				 (unsigned)t.n_lost);
	}
}


static void test_new_source(void **state)
{
	struct tally t = {0};
	(void)state;

	tally_add(&t, 7, 10);
	tally_add(&t, 8, 20);
	tally_add(&t, 8, 22);
	assert_int_equal(t.n_received, 3);
	assert_int_equal(t.n_lost, 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_new_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
