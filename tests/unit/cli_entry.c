/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_entry.c  What `ringback person` and `ringback trunk` do alike, while no
 * line runs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/step.h"
#include "cli/exit.h"
#include "store/store.h"
#include "cli_run.h"
#include "tmpdir.h"


struct fixture {
	char dir[TMPDIR_SIZE];
	struct ran ran;
};

static const struct {
	command_h *h;
	const char *noun;
	const char *empty;
	const char *add[3]; /* an option and its value, and what it shows */
} nouns[] = {
	{person_main, "person", "Nobody yet.",
	 {"--phone", "sip:a@192.0.2.1", "en"}},
	{trunk_main, "trunk", "No trunk yet",
	 {"--from", "192.0.2.0/24", "192.0.2.0/24"}},
};


static int setup(void **state)
{
	static struct fixture f;
	const struct config_choice choice = {.name = "Test"};
	struct store *store;

	tmpdir_make(f.dir, "entry");
	if (chdir(f.dir) < 0 || config_write(".", &choice) ||
	    store_open(&store, ".", STORE_CREATE))
		return -1;
	store_close(store);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	if (chdir("/") < 0)
		return -1;
	tmpdir_remove(f->dir);

	return 0;
}


static void ran_well(const struct fixture *f)
{
	assert_string_equal(f->ran.err, "");
	assert_int_equal(f->ran.code, EXIT_DONE);
}


static void failed(const struct fixture *f, const char *said)
{
	print_message("%s", f->ran.err);
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, said));
}


static void test_added_listed_removed(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < STEP_COUNT(nouns); i++) {
		command_h *h = nouns[i].h;

		CLI_RUN(&f->ran, h, "list", "--data", ".");
		ran_well(f);
		assert_non_null(strstr(f->ran.out, nouns[i].empty));

		CLI_RUN(&f->ran, h, "add", "One", nouns[i].add[0],
			nouns[i].add[1], "--data", ".");
		ran_well(f);
		CLI_RUN(&f->ran, h, "list", "--data", ".");
		ran_well(f);
		assert_non_null(strstr(f->ran.out, "One "));
		assert_non_null(strstr(f->ran.out, nouns[i].add[2]));
		assert_null(strstr(f->ran.out, "sip:"));

		CLI_RUN(&f->ran, h, "remove", "One", "--data", ".");
		ran_well(f);
		CLI_RUN(&f->ran, h, "list", "--json", "--data", ".");
		ran_well(f);
		assert_string_equal(f->ran.out, "[]\n");
	}
}


static void test_names(void **state)
{
	struct fixture *f = *state;
	char said[64];

	for (size_t i = 0; i < STEP_COUNT(nouns); i++) {
		command_h *h = nouns[i].h;

		CLI_RUN(&f->ran, h, "remove", "One", "--data", ".");
		(void)snprintf(said, sizeof(said), "ringback %s list shows",
			       nouns[i].noun);
		failed(f, said);

		for (int n = 0; n < 2; n++)
			CLI_RUN(&f->ran, h, "add", "One", nouns[i].add[0],
				nouns[i].add[1], "--data", ".");
		(void)snprintf(said, sizeof(said), "already a %s of that",
			       nouns[i].noun);
		failed(f, said);
	}
}


static void test_wrong_usage(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < STEP_COUNT(nouns); i++) {
		CLI_RUN(&f->ran, nouns[i].h, "remove", "--data", ".");
		assert_int_equal(f->ran.code, EXIT_USAGE);
		CLI_RUN(&f->ran, nouns[i].h, "list", "One", "--data", ".");
		assert_int_equal(f->ran.code, EXIT_USAGE);
	}
}


static void test_no_store(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink("store.db"), 0);
	for (size_t i = 0; i < STEP_COUNT(nouns); i++) {
		CLI_RUN(&f->ran, nouns[i].h, "list", "--data", ".");
		assert_int_equal(f->ran.code, EXIT_FAILED);
		assert_string_equal(f->ran.out, "");
		CLI_RUN(&f->ran, nouns[i].h, "remove", "One", "--data", ".");
		assert_int_equal(f->ran.code, EXIT_FAILED);
	}
}


static void test_duty(void **state)
{
	struct fixture *f = *state;

	CLI_RUN(&f->ran, person_main, "add", "One", "--phone",
		"sip:a@192.0.2.1", "--data", ".");
	ran_well(f);
	CLI_RUN(&f->ran, person_main, "on", "One", "--data", ".");
	ran_well(f);
	CLI_RUN(&f->ran, person_main, "list", "--json", "--data", ".");
	assert_non_null(strstr(f->ran.out, "\"on_duty\": true"));
	CLI_RUN(&f->ran, person_main, "off", "One", "--data", ".");
	ran_well(f);
	CLI_RUN(&f->ran, person_main, "list", "--json", "--data", ".");
	assert_non_null(strstr(f->ran.out, "\"on_duty\": false"));
	CLI_RUN(&f->ran, person_main, "on", "Two", "--data", ".");
	failed(f, "no person of that name");
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_added_listed_removed),
		WITH(test_names),
		WITH(test_wrong_usage),
		WITH(test_no_store),
		WITH(test_duty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
