/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * held.c  A key in locked memory: made, derived, handed on through a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "seal/held.h"


static void assert_same(const struct held *a, const struct held *b)
{
	assert_int_equal(memcmp(held_private(a), held_private(b), SEAL_KEY),
			 0);
	assert_int_equal(memcmp(held_public(a), held_public(b), SEAL_KEY), 0);
}


static void two_are_never_the_same(void **state)
{
	struct held *a, *b;
	uint8_t public[SEAL_KEY];
	(void)state;

	assert_int_equal(held_random(&a), 0);
	assert_int_equal(held_random(&b), 0);
	assert_int_not_equal(memcmp(held_private(a), held_private(b),
				    SEAL_KEY), 0);
	seal_public(public, held_private(a));
	assert_int_equal(memcmp(public, held_public(a), SEAL_KEY), 0);
	held_free(a);
	held_free(b);
}


static void a_boot_secret_gives_always_the_same(void **state)
{
	uint8_t secret[48];
	struct held *a, *b, *c;
	(void)state;

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	assert_int_equal(held_derive(&a, secret, sizeof(secret)), 0);
	assert_int_equal(held_derive(&b, secret, sizeof(secret)), 0);
	secret[47] ^= 1;
	assert_int_equal(held_derive(&c, secret, sizeof(secret)), 0);
	assert_same(a, b);
	assert_int_not_equal(memcmp(held_private(a), held_private(c),
				    SEAL_KEY), 0);
	/* and it is not the secret itself */
	assert_int_not_equal(memcmp(held_private(a), secret, SEAL_KEY), 0);
	held_free(a);
	held_free(b);
	held_free(c);
}


static void a_short_secret_is_none(void **state)
{
	const uint8_t secret[SEAL_KEY] = {1};
	struct held *h = NULL;
	(void)state;

	assert_int_equal(held_derive(&h, secret, SEAL_KEY - 1), EINVAL);
	assert_null(h);
}


static void it_goes_through_a_pipe(void **state)
{
	struct held *a, *b;
	int fds[2];
	(void)state;

	assert_int_equal(held_random(&a), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(held_write(a, fds[1]), 0);
	(void)close(fds[1]);
	assert_int_equal(held_read(&b, fds[0]), 0);
	assert_same(a, b);

	(void)close(fds[0]);
	held_free(a);
	held_free(b);
}


static void in_a_pipe_of_its_own(void **state)
{
	struct held *a, *b;
	uint8_t more;
	int fd = -1;
	(void)state;

	assert_int_equal(held_random(&a), 0);
	assert_int_equal(held_pipe(a, &fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(held_read(&b, fd), 0);
	assert_same(a, b);
	/* its other end is closed */
	assert_int_equal(read(fd, &more, 1), 0);
	(void)close(fd);
	held_free(a);
	held_free(b);
}


static void no_descriptor_is_left(void **state)
{
	struct rlimit was, none;
	struct held *h;
	int fd = -1;
	(void)state;

	assert_int_equal(held_random(&h), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(held_pipe(h, &fd), EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(fd, -1);
	held_free(h);
}


/* whoever should have written it has died, or had none */
static void half_a_key_is_none(void **state)
{
	static const uint8_t some[SEAL_KEY] = {0};
	static const size_t sizes[] = {0, 1, SEAL_KEY - 1, SEAL_KEY};
	(void)state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct held *h = NULL;
		int fds[2];

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		assert_int_equal(write(fds[1], some, sizes[i]), sizes[i]);
		(void)close(fds[1]);
		assert_int_equal(held_read(&h, fds[0]), EINVAL);
		assert_null(h);
		(void)close(fds[0]);
	}
}


static void what_is_no_pipe_gives_none(void **state)
{
	const uint8_t zeros[SEAL_KEY] = {0};
	struct held *h = NULL;
	(void)state;

	assert_int_equal(held_read(&h, -1), EBADF);
	assert_int_equal(held_copy(&h, zeros), EINVAL);
	assert_null(h);
	held_free(NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_are_never_the_same),
		cmocka_unit_test(a_boot_secret_gives_always_the_same),
		cmocka_unit_test(a_short_secret_is_none),
		cmocka_unit_test(it_goes_through_a_pipe),
		cmocka_unit_test(in_a_pipe_of_its_own),
		cmocka_unit_test(no_descriptor_is_left),
		cmocka_unit_test(half_a_key_is_none),
		cmocka_unit_test(what_is_no_pipe_gives_none),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
