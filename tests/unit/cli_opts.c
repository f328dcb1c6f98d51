/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_opts.c  Options by table.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/step.h"
#include "cli/exit.h"
#include "cli/opts.h"


struct settings {
	const char *data;
	const char *name;
	const char *second;
	uint32_t limit;
	uint32_t wait_ms;
	int how;
	bool json;
};

static const char *const hows[] = {"answer", "key", NULL};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name), "", 0, 0,
	 NULL},
	{OPT_NUMBER, "--limit", "N", offsetof(struct settings, limit), "", 1,
	 1000, NULL},
	{OPT_SECONDS, "--wait", "S", offsetof(struct settings, wait_ms), "",
	 0, 0, NULL},
	{OPT_WORD, "--how", "HOW", offsetof(struct settings, how), "", 0, 0,
	 hows},
	{OPT_PLACE, "SECOND", NULL, offsetof(struct settings, second), "", 0,
	 0, NULL},
};

static const struct opts options = {
	"test NAME SECOND", "For a test.", rows, STEP_COUNT(rows),
};

enum { ARGS = 12 };

static const struct settings untouched = {.how = -1};


/* argv of a real program is not const */
static int parse(struct settings *set, const char *const args[])
{
	char *argv[ARGS];
	int argc;

	*set = untouched;
	for (argc = 0; args[argc]; argc++)
		memcpy(&argv[argc], &args[argc], sizeof(argv[argc]));

	return opts_read(&options, argc, argv, set);
}


static void test_all(void **state)
{
	const char *args[] = {"one", "--data", "/x", "--limit=7", "two",
			      "--json", "--wait", "2.5", "--how", "key", NULL};
	struct settings set;
	(void)state;

	assert_int_equal(parse(&set, args), 0);
	assert_string_equal(set.name, "one");
	assert_string_equal(set.second, "two");
	assert_string_equal(set.data, "/x");
	assert_int_equal(set.limit, 7);
	assert_int_equal(set.wait_ms, 2500);
	assert_int_equal(set.how, 1);
	assert_true(set.json);
}


static void test_defaults_stay(void **state)
{
	const char *args[] = {"one", "two", NULL};
	struct settings set;
	(void)state;

	assert_int_equal(parse(&set, args), 0);
	assert_null(set.data);
	assert_int_equal(set.how, -1);
	assert_int_equal(set.limit, 0);
	assert_false(set.json);
}


static void test_wrong(void **state)
{
	const char *cases[][ARGS] = {
		{NULL},
		{"one", NULL},
		{"one", "two", "three", NULL},
		{"one", "two", "--nonsense", NULL},
		{"one", "two", "--jsn", NULL},
		{"one", "two", "--json=1", NULL},
		{"one", "two", "--json", "--json", NULL},
		{"one", "two", "--data", NULL},
		{"one", "two", "--data", "", NULL},
		{"one", "", NULL},
		{"one", "two", "--data=a", "--data", "b", NULL},
		{"one", "two", "--limit", "0", NULL},
		{"one", "two", "--limit", "1001", NULL},
		{"one", "two", "--limit", "-1", NULL},
		{"one", "two", "--limit", "5x", NULL},
		{"one", "two", "--limit", "", NULL},
		{"one", "two", "--limit", "99999999999999999999", NULL},
		{"one", "two", "--wait", "0", NULL},
		{"one", "two", "--wait", "-1", NULL},
		{"one", "two", "--wait", "nan", NULL},
		{"one", "two", "--wait", "1e99", NULL},
		{"one", "two", "--how", "never", NULL},
		{"one", "two", "--", NULL},
	};
	struct settings set;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		int err = parse(&set, cases[i]);

		print_message("case %zu\n", i);
		assert_int_equal(err, EINVAL);
		assert_int_equal(opts_exit(err), EXIT_USAGE);
	}
}


static void test_help(void **state)
{
	const char *args[] = {"--limit", "rubbish", "--help", NULL};
	struct settings set;
	int err;
	(void)state;

	err = parse(&set, args);
	assert_int_equal(err, ECANCELED);
	assert_int_equal(opts_exit(err), EXIT_DONE);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_defaults_stay),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
