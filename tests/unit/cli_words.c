/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_words.c  Lists of words, typed and stored.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/words.h"


static const struct {
	const char *typed;
	const char *stored; /* NULL: refused */
} cases[] = {
	{"en", "en"},
	{"en,es", "en,es"},
	{" en , es ", "en,es"},
	{"en,es,en", "en,es"},
	{"two words,x", "two words,x"},
	{"none", ""},
	{"none,x", "none,x"},
	{"", NULL},
	{",", NULL},
	{"en,", NULL},
	{",en", NULL},
	{"en,,es", NULL},
	{"en\n", NULL},
	{"\xff", NULL},
};


static void test_take(void **state)
{
	char to[LIMIT_WORDS];
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		int err = words_take(to, cases[i].typed);

		print_message("\"%s\"\n", cases[i].typed);
		assert_int_equal(err, cases[i].stored ? 0 : EINVAL);
		if (!err)
			assert_string_equal(to, cases[i].stored);
	}
}


static void test_long(void **state)
{
	char to[LIMIT_WORDS], word[LIMIT_NAME + 1], all[LIMIT_WORDS + 8];
	(void)state;

	memset(word, 'a', sizeof(word));
	word[LIMIT_NAME - 1] = '\0';
	assert_int_equal(words_take(to, word), 0);
	word[LIMIT_NAME - 1] = 'a';
	word[LIMIT_NAME] = '\0';
	assert_int_equal(words_take(to, word), EINVAL);

	/* as many as fit, and one byte more */
	memset(all, 0, sizeof(all));
	for (size_t i = 0; i < LIMIT_WORDS; i++)
		all[i] = i % 3 == 2 ? ','
		       : i % 3 == 1 ? (char)('a' + i / 3 % 26)
				    : (char)('a' + i / 78);
	all[LIMIT_WORDS - 1] = '\0';
	assert_int_equal(strlen(all), 255);
	all[254] = 'x';
	assert_int_equal(words_take(to, all), 0);
	assert_string_equal(to, all);
	all[255] = 'y';
	assert_int_equal(words_take(to, all), ENOSPC);
}


static void test_has(void **state)
{
	(void)state;
	assert_true(words_has("en,es", "en"));
	assert_true(words_has("en,es", "es"));
	assert_false(words_has("en,es", "e"));
	assert_false(words_has("en,es", "en,es"));
	assert_false(words_has("", ""));
}


static void test_json(void **state)
{
	json_t *array = words_json("en,two words");
	(void)state;

	assert_int_equal(json_array_size(array), 2);
	assert_string_equal(json_string_value(json_array_get(array, 1)),
			    "two words");
	json_decref(array);

	array = words_json("");
	assert_non_null(array);
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
