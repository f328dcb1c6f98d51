/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_recovery.c  `ringback recovery`: what it prints opens, once, and what is
 * mistyped is said in plain words.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "cli/exit.h"
#include "seal/recovery.h"
#include "seal/seal.h"
#include "store/epoch.h"
#include "cli_run.h"
#include "tmpdir.h"
#include "typed.h"

struct fixture {
	char dir[TMPDIR_SIZE];
	struct ran ran;
};


static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct store *store;
	FILE *conf;

	tmpdir_make(f->dir, "recovery");
	assert_int_equal(chdir(f->dir), 0);
	conf = fopen("ringback.conf", "w");
	assert_non_null(conf);
	assert_true(fputs("line \"main\" {\n}\n", conf) >= 0);
	assert_int_equal(fclose(conf), 0);
	assert_int_equal(store_open(&store, ".", STORE_CREATE), 0);
	store_close(store);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


static void recovery_read_key(struct store_recovery *r)
{
	struct store *store;

	assert_int_equal(store_open(&store, ".", STORE_TOOL), 0);
	assert_int_equal(store_recovery_get(store, r), 0);
	store_close(store);
}


/* ---- the tests ----------------------------------------------------------- */

static void test_what_is_printed_opens(void **state)
{
	struct fixture *f = *state;
	struct recovery_share shares[3];
	struct store_recovery r;
	uint8_t private[SEAL_KEY];
	char words[RECOVERY_TEXT];

	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	for (unsigned i = 0; i < 3; i++) {
		words_of(words, f->ran.out, i + 1);
		assert_int_equal(recovery_read(&shares[i], words, NULL), 0);
		assert_int_equal(shares[i].number, i + 1);
	}
	recovery_read_key(&r);
	assert_int_equal(r.need, 2);
	assert_int_equal(r.n, 3);
	assert_int_equal(recovery_join(private, r.public, shares + 1, 2), 0);
	assert_int_equal(recovery_join(private, r.public, shares, 1),
			 ENODATA);
	/* and as a code to be read by a machine */
	assert_non_null(strstr(f->ran.out, "\u2580"));
}


static void test_as_many_as_wanted(void **state)
{
	struct fixture *f = *state;
	struct store_recovery r;

	CLI_RUN(&f->ran, recovery_main, "make", "--shares", "5", "--need",
		"4", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_non_null(strstr(f->ran.out, "---- Share 5 of 5; any 4"));
	recovery_read_key(&r);
	assert_int_equal(r.need, 4);
	assert_int_equal(r.n, 5);

	CLI_RUN(&f->ran, recovery_main, "make", "--shares", "2", "--need",
		"3", "--again", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_USAGE);
	assert_non_null(strstr(f->ran.err, "2 shares cannot open"));
	assert_string_equal(f->ran.out, "");
}


static void test_not_by_mistake(void **state)
{
	struct fixture *f = *state;
	struct store_recovery first, second;

	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	recovery_read_key(&first);
	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_string_equal(f->ran.out, "");
	assert_non_null(strstr(f->ran.err, "there is a recovery key"));
	recovery_read_key(&second);
	assert_memory_equal(second.public, first.public, STORE_PUBLIC);

	CLI_RUN(&f->ran, recovery_main, "make", "--again", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	recovery_read_key(&second);
	assert_memory_not_equal(second.public, first.public, STORE_PUBLIC);
}


static void test_try(void **state)
{
	struct fixture *f = *state;
	struct store_recovery r;
	char words[RECOVERY_TEXT], *last;

	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	words_of(words, f->ran.out, 2);
	typed(words);
	CLI_RUN(&f->ran, recovery_main, "try", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_string_equal(f->ran.out,
			    "This is share 2, and it is right.\n");
	recovery_read_key(&r);
	assert_int_equal(r.shares[0].tried_at, 0);
	assert_true(r.shares[1].tried_at > 0);

	last = strrchr(words, ' ');
	strcpy(last, " xyzzy");
	typed(words);
	CLI_RUN(&f->ran, recovery_main, "try", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, "word 27 is not one"));
	assert_null(strstr(f->ran.err, "xyzzy"));

	*last = '\0';
	typed(words);
	CLI_RUN(&f->ran, recovery_main, "try", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, "has 27 words"));
}


static void test_share_of_another_key(void **state)
{
	struct fixture *f = *state;
	char words[RECOVERY_TEXT];

	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	words_of(words, f->ran.out, 1);
	CLI_RUN(&f->ran, recovery_main, "make", "--again", "--data", ".");
	typed(words);
	CLI_RUN(&f->ran, recovery_main, "try", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_FAILED);
	assert_non_null(strstr(f->ran.err, "not of the recovery key"));
}


/* from then on there is something to seal to */
static void test_lines_have_keys(void **state)
{
	struct fixture *f = *state;
	struct store_epoch e;
	struct store *store;

	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	assert_int_equal(store_open(&store, ".", STORE_TOOL), 0);
	assert_int_equal(store_epoch_current(store, "main", &e), 0);
	assert_int_equal(store_epoch_current(store, "", &e), 0);
	store_close(store);
}


static void test_show(void **state)
{
	struct fixture *f = *state;

	CLI_RUN(&f->ran, recovery_main, "show", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_non_null(strstr(f->ran.out, "No recovery key yet"));
	CLI_RUN(&f->ran, recovery_main, "make", "--data", ".");
	CLI_RUN(&f->ran, recovery_main, "show", "--json", "--data", ".");
	assert_int_equal(f->ran.code, EXIT_DONE);
	assert_non_null(strstr(f->ran.out, "\"tried_at\": null"));
	assert_non_null(strstr(f->ran.out, "\"due\": false"));
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_what_is_printed_opens), WITH(test_as_many_as_wanted),
		WITH(test_not_by_mistake), WITH(test_try),
		WITH(test_share_of_another_key), WITH(test_show),
		WITH(test_lines_have_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
