/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone_record.c  Where received samples are put.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <re.h>

#include "base/limits.h"
#include "phone/record.h"
#include "oom.h"


enum { N = 160 };

struct fixture {
	struct record *rec;
	int16_t v[N];
};


static int setup(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	*state = f;
	return f ? record_alloc(&f->rec) : -1;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->rec);
	mem_deref(f);
	return 0;
}


static void put(struct fixture *f, uint64_t ms, uint32_t ssrc, uint32_t ts,
		int16_t value)
{
	for (size_t i = 0; i < N; i++)
		f->v[i] = value;
	assert_int_equal(record_put(f->rec, ms, ssrc, ts, f->v, N), 0);
}


static void holds(struct fixture *f, size_t at, int16_t value)
{
	const int16_t *v;
	size_t n;

	v = record_samples(f->rec, &n);
	assert_true(at + N <= n);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(v[at + i], value);
}


static size_t length(struct fixture *f)
{
	size_t n;

	(void)record_samples(f->rec, &n);
	return n;
}


static void test_empty(void **state)
{
	assert_int_equal(length(*state), 0);
}


static void test_jitter_does_not_matter(void **state)
{
	struct fixture *f = *state;

	put(f, 100, 1, 0xffffff60, 1); /* the timestamp wraps */
	put(f, 190, 1, 0, 2);
	put(f, 121, 1, 160, 3);
	assert_int_equal(length(f), 800 + 3 * N);
	holds(f, 800, 1);
	holds(f, 960, 2);
	holds(f, 1120, 3);
}


static void test_lost_and_late(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1, 1000, 1);
	put(f, 40, 1, 1320, 3);
	holds(f, 160, 0);
	put(f, 60, 1, 1160, 2);
	holds(f, 160, 2);
	holds(f, 320, 3);
}


static void test_other_source(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1, 1000, 1);
	put(f, 500, 2, 77, 2);
	holds(f, 4000, 2);
	assert_int_equal(length(f), 4000 + N);
}


static void test_runaway(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1, 1000, 1);
	put(f, 20, 1, 1000 + 6 * 8000, 2);
	assert_int_equal(length(f), 2 * N);
	holds(f, 160, 2);
	put(f, 40, 1, 1000, 3);
	holds(f, 320, 3);
}


static void test_before_the_answer(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1, 1000, 1);
	put(f, 5, 1, 840, 2);
	assert_int_equal(length(f), N);
	holds(f, 0, 1);
}


static void test_limit(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(record_put(f->rec, (uint64_t)LIMIT_SOUND_S * 1000, 1,
				    0, f->v, N), EFBIG);
	assert_int_equal(length(f), 0);
	put(f, 20, 2, 0, 7);
	holds(f, 160, 7);
}


static int record_some(void *arg)
{
	struct record *rec;
	int16_t v[N] = {0};
	int err;
	(void)arg;

	err = record_alloc(&rec);
	if (err)
		return err;
	err = record_put(rec, 0, 1, 0, v, N);
	if (!err)
		err = record_put(rec, 15000, 1, 15000 * 8, v, N);
	mem_deref(rec);

	return err;
}


static void test_oom(void **state)
{
	(void)state;
	assert_true(oom_loop(record_some, NULL) >= 3);
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_empty),
		WITH(test_jitter_does_not_matter),
		WITH(test_lost_and_late),
		WITH(test_other_source),
		WITH(test_runaway),
		WITH(test_before_the_answer),
		WITH(test_limit),
		cmocka_unit_test(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
