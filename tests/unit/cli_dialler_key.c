/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_dialler_key.c  Where the keeper has the dialler's key from: a boot
 * credential, or a new one. What it takes from a line that runs is in
 * e2e/test_dialler.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "cli/dialler_key.h"

#include "catch.h"
#include "tmpdir.h"

struct fixture {
	char dir[TMPDIR_SIZE];
};


static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	tmpdir_make(f.dir, "key");
	if (chdir(f.dir) < 0)
		return -1;
	*state = &f;

	return unsetenv("CREDENTIALS_DIRECTORY");
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)unsetenv("CREDENTIALS_DIRECTORY");
	if (chdir("/") < 0)
		return -1;
	tmpdir_remove(f->dir);

	return 0;
}


static void credential(size_t n)
{
	const int fd = open(DIALLER_KEY_CREDENTIAL,
			    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++) {
		const uint8_t byte = (uint8_t)(i * 7 + 1);

		assert_int_equal(write(fd, &byte, 1), 1);
	}
	(void)close(fd);
}


static bool same(const struct held *a, const struct held *b)
{
	return memcmp(held_private(a), held_private(b), SEAL_KEY) == 0;
}


static void a_credential_gives_always_the_same(void **state)
{
	struct fixture *f = *state;
	struct held *a, *b;
	bool again = true;

	credential(32);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->dir, 1), 0);
	assert_int_equal(dialler_key_get(&a, &again), 0);
	assert_int_equal(dialler_key_get(&b, &again), 0);
	assert_true(same(a, b));
	held_free(a);
	held_free(b);
}


static void without_one_each_is_new(void **state)
{
	struct fixture *f = *state;
	struct held *a, *b;
	bool again = true;

	assert_int_equal(dialler_key_get(&a, &again), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->dir, 1), 0);
	assert_int_equal(dialler_key_get(&b, &again), 0);
	assert_false(same(a, b));
	/* there is no line to be asked */
	assert_false(again);
	held_free(a);
	held_free(b);
}


/* it is asked again soon, and then each minute, for ever */
static void asked_again(void **state)
{
	struct held *key, *before;
	bool again;
	(void)state;

	assert_int_equal(dialler_key_get(&key, &again), 0);
	before = key;
	assert_int_equal(dialler_key_again(&key), ENOENT);
	assert_ptr_equal(key, before);
	held_free(key);
	assert_in_range(dialler_key_pause_ms(0), 1000, 5000);
	assert_in_range(dialler_key_pause_ms(5), 1000, 5000);
	assert_int_equal(dialler_key_pause_ms(100), 60000);
	assert_int_equal(dialler_key_pause_ms(UINT32_MAX), 60000);
}


/* the line must start all the same */
static void what_is_none_is_said(void **state)
{
	static const size_t sizes[] = {0, 31, 4096, 5000};
	struct fixture *f = *state;
	struct catch said;
	char text[4096];

	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->dir, 1), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct held *a, *b;
		bool again;
		int err;

		credential(sizes[i]);
		assert_int_equal(dialler_key_boot(&a, f->dir),
				 sizes[i] < 4096 ? EINVAL : EFBIG);
		catch_begin(&said);
		err = dialler_key_get(&a, &again);
		catch_end(&said, text, sizeof(text));
		assert_int_equal(err, 0);
		assert_non_null(strstr(text, "cannot be used"));
		assert_int_equal(dialler_key_get(&b, &again), 0);
		assert_false(same(a, b));
		held_free(a);
		held_free(b);
	}
}


static void what_is_not_there(void **state)
{
	struct held *h;
	(void)state;

	assert_int_equal(dialler_key_boot(&h, NULL), ENOENT);
	assert_int_equal(dialler_key_boot(&h, "/nowhere"), ENOENT);
	assert_int_equal(dialler_key_boot(&h, "."), ENOENT);
	assert_int_equal(mkdir(DIALLER_KEY_CREDENTIAL, 0700), 0);
	assert_int_equal(dialler_key_boot(&h, "."), EISDIR);
	assert_int_equal(rmdir(DIALLER_KEY_CREDENTIAL), 0);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(a_credential_gives_always_the_same),
		WITH(without_one_each_is_new),
		WITH(asked_again),
		WITH(what_is_none_is_said),
		WITH(what_is_not_there),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
