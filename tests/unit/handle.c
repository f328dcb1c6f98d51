/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handle.c  Tests of handles: the same for the same caller, and for nobody
 * else, today.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <sodium.h>

#include "seal/handle.h"


enum { MANY = 2000 };


static uint32_t of(const struct handles *h, uint16_t line, unsigned n)
{
	struct secret_text number;
	char text[32];
	const int len = snprintf(text, sizeof(text), "+49%u", n);

	assert_int_equal(secret_set(&number, text, (size_t)len), 0);

	return handle_of(h, line, &number);
}


/* how many of many callers have the same handle in two worlds */
static unsigned n_same(const struct handles *a, uint16_t line_a,
		       const uint32_t *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MANY; i++)
		n += of(a, line_a, i) == b[i];

	return n;
}


static void test_handle(void **state)
{
	const struct secret_text nobody = {""};
	uint32_t v[MANY];
	struct handles *h, *other;
	(void)state;

	assert_int_equal(handles_alloc(&h), 0);
	assert_int_equal(handles_alloc(&other), 0);
	handles_day(h, 1);
	for (unsigned i = 0; i < MANY; i++) {
		v[i] = of(h, 0, i);
		assert_in_range(v[i], 1, (1 << HANDLE_BITS) - 1);
	}

	/* the same all day long */
	handles_day(h, 1);
	assert_int_equal(n_same(h, 0, v), MANY);
	assert_int_equal(handle_of(h, 0, &nobody), 0);

	/* chance alone: 2000 of 2^20 */
	assert_true(n_same(h, 1, v) < 5);
	assert_true(n_same(other, 0, v) < 5);

	/* another day, and not even the same day again */
	handles_day(h, 2);
	assert_true(n_same(h, 0, v) < 5);
	handles_day(h, 1);
	assert_true(n_same(h, 0, v) < 5);

	handles_free(h);
	handles_free(other);
	handles_free(NULL);
}


/* how many different ones there are says how many bits there are */
static void test_bits(void **state)
{
	static uint8_t seen[1 << HANDLE_BITS];
	struct handles *h;
	unsigned n = 0;
	(void)state;

	assert_int_equal(handles_alloc(&h), 0);
	for (unsigned i = 0; i < 1 << HANDLE_BITS; i++) {
		const uint32_t v = of(h, 0, i);

		n += !seen[v];
		seen[v] = 1;
	}
	/* 1 - 1/e of them all */
	assert_in_range(n, 655000, 671000);
	handles_free(h);
}


static int setup(void **state)
{
	(void)state;
	return sodium_init() < 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handle),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
