/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_call.c  Calls for help as the store keeps them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "store/sqlite_db.h"

#include "store_fixture.h"


static bool calls_collect(const struct store_call *call, void *arg)
{
	struct store_call **p = arg;

	*(*p)++ = *call;

	return false;
}


static bool calls_stop(const struct store_call *call, void *arg)
{
	unsigned *n = arg;
	(void)call;

	return ++*n == 2;
}


static void test_calls(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(3), read[4], *p = read;
	struct tally t = {0};
	uint64_t last = 99;
	unsigned n = 0;

	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 0);
	put_many(s, 1, 3, &t);
	assert_int_equal(t.n_done, 3); /* a tool's handlers run at once */
	assert_int_equal(t.n_failed, 0);

	SET(call.state, "ended");
	SET(call.outcome, "closed");
	SET(call.reason, "restart");
	SET(call.line, "nacht");
	call.wait_ms = INT64_MAX;
	call.talk_ms = 60000;
	call.counsellor = 77;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);

	assert_int_equal(store_call_each(s, 0, calls_collect, &p), 0);
	assert_int_equal(p - read, 3);
	call_same(&read[0], &call);
	call = a_call(2);
	call_same(&read[1], &call);
	assert_int_equal(read[2].id, 1);

	p = read;
	assert_int_equal(store_call_each(s, 1, calls_collect, &p), 0);
	assert_int_equal(p - read, 1);
	assert_int_equal(store_call_each(s, 0, calls_stop, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 3);
	store_close(s);
}


static bool calls_nested(const struct store_call *call, void *arg)
{
	struct store *s = arg;
	struct store_call other = a_call(call->id + 100);
	unsigned n = 0;

	/* writing is fine, reading the same is not */
	assert_int_equal(store_call_put(s, &other, NULL, NULL), 0);
	assert_int_equal(store_call_each(s, 0, calls_stop, &n), EBUSY);
	assert_int_equal(n, 0);

	return false;
}


static void test_nested(void **state)
{
	struct store *s = store_make(*state);
	struct tally t = {0};

	put_many(s, 1, 3, &t);
	assert_int_equal(store_call_each(s, 0, calls_nested, s), 0);
	assert_int_equal(count_calls(*state), 6);
	store_close(s);
}


static void test_bad_calls(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(0);
	struct tally t = {0};

	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call((uint64_t)INT64_MAX + 1);
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call(1);
	call.talk_ms = UINT64_MAX;
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	call = a_call(1);
	call.line[0] = '\0';
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), EINVAL);
	assert_int_equal(t.n_done, 4);
	assert_int_equal(t.n_failed, 4);

	assert_int_equal(count_calls(*state), 0);
	call = a_call(1);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	store_close(s);
}


static void test_open(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call, read[4], *p = read;
	unsigned n = 0;

	for (uint64_t id = 5; id >= 1; id--) {
		call = a_call(id);
		SET(call.outcome, id % 2 ? "" : "talked");
		assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	}

	assert_int_equal(store_call_open(s, calls_collect, &p), 0);
	assert_int_equal(p - read, 3);
	for (uint64_t i = 0; i < 3; i++) {
		call = a_call(2 * i + 1);
		call_same(&read[i], &call);
	}
	assert_int_equal(store_call_open(s, calls_stop, &n), 0);
	assert_int_equal(n, 2);
	assert_true(uses_index(*state, sqlite_call_sql[STMT_CALL_OPEN],
			       "call_open"));
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_calls),
		STORE_CASE(test_nested),
		STORE_CASE(test_bad_calls),
		STORE_CASE(test_open),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
