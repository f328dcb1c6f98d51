/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wipe.c  Tests that what is freed or moved is not left where it was. Looks at
 * memory that is no longer ours: the C library keeps its lists in the first
 * bytes of it, and gives small pieces back to nobody meanwhile.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>


enum { N = 600, LISTS = 32 };


static char *secret(size_t n)
{
	char *p = malloc(n);

	assert_non_null(p);
	memset(p, 's', n);

	return p;
}


/* so that the compiler knows nothing of it */
static size_t left_at(uintptr_t where, size_t from, size_t to)
{
	const volatile char *p = (const volatile char *)where;
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += p[i] == 's';

	return n;
}


static void what_is_freed_is_gone(void **state)
{
	char *p = secret(N);
	const volatile uintptr_t where = (uintptr_t)p;
	(void)state;

	assert_int_equal(left_at(where, LISTS, N), N - LISTS);
	free(p);
	assert_int_equal(left_at(where, LISTS, N), 0);
	free(NULL);
}


static void what_moves_is_gone_where_it_was(void **state)
{
	char *p = secret(N), *wall = secret(N), *moved;
	const volatile uintptr_t where = (uintptr_t)p;
	(void)state;

	moved = realloc(p, 100 * N);
	assert_non_null(moved);
	assert_int_not_equal((uintptr_t)moved, where);
	assert_int_equal(left_at((uintptr_t)moved, 0, N), N);
	assert_int_equal(left_at(where, LISTS, N), 0);
	free(moved);
	free(wall);
}


static void what_is_cut_off_is_gone(void **state)
{
	char *p = secret(N);
	const volatile uintptr_t where = (uintptr_t)p;
	char *q = realloc(p, N / 2);
	(void)state;

	assert_non_null(q);
	assert_int_equal((uintptr_t)q, where);
	assert_int_equal(left_at(where, 0, N / 2), N / 2);
	assert_int_equal(left_at(where, N / 2 + LISTS, N), 0);
	free(q);
}


static void all_lengths_are_as_before(void **state)
{
	char *p = NULL;
	(void)state;

	for (size_t n = 1; n < 70000; n += 1 + n / 3) {
		p = realloc(p, n);
		assert_non_null(p);
		memset(p, 's', n);
	}
	for (size_t n = 70000; n; n /= 3) {
		p = realloc(p, n);
		assert_non_null(p);
		p[n - 1] = 's';
	}
	assert_null(realloc(p, 0));
}


/* the C library finds that out, as it does where nothing is wiped */
static void what_is_freed_twice_ends_the_program(void **state)
{
	const struct rlimit none = {0, 0};
	char *volatile p;
	pid_t pid;
	int status;
	(void)state;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGABRT, SIG_DFL);
		p = malloc(40);
		free(p);
		free(p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_freed_is_gone),
		cmocka_unit_test(what_moves_is_gone_where_it_was),
		cmocka_unit_test(what_is_cut_off_is_gone),
		cmocka_unit_test(what_is_freed_twice_ends_the_program),
		cmocka_unit_test(all_lengths_are_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
