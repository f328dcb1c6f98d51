/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_nearest.c  What was probably meant.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/nearest.h"


static const char *const words[] = {
	"init", "run", "status", "trunk", "person", "calls", "call", "phone",
};

static const struct {
	const char *word;
	const char *meant;
} cases[] = {
	{"stauts", "status"}, {"statsu", "status"}, {"trunks", "trunk"},
	{"cal", "call"},      {"cals", "calls"},    {"fone", "phone"},
	{"rnu", "run"},       {"person", "person"}, {"coverage", NULL},
	{"x", NULL},          {"", NULL},
	{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", NULL},
};


static void test_cases(void **state)
{
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		const char *w = nearest(cases[i].word, words,
					STEP_COUNT(words));

		print_message("%s: %s\n", cases[i].word, w ? w : "none");
		if (cases[i].meant)
			assert_string_equal(w, cases[i].meant);
		else
			assert_null(w);
	}
}


static void test_no_words(void **state)
{
	(void)state;

	assert_null(nearest("run", NULL, 0));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
