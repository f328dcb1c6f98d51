/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_writer.c  The writer thread: what is durable when, in which order, and
 * at what cost.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "guard.h"
#include "store_fixture.h"


struct order {
	struct store *s;
	const struct fixture *f;
	uint64_t next;
	uint64_t n;
	bool returned; /* from the call that queued the write */
};


static void order_handler(int err, void *arg)
{
	struct order *o = arg;
	uint64_t last = 0;

	assert_int_equal(err, 0);
	assert_true(o->returned);
	++o->next;

	/* what we are told of is on disk, for everybody */
	assert_int_equal(store_call_last(o->s, &last), 0);
	assert_true(last >= o->next);
	assert_true((uint64_t)count_calls(o->f) >= o->next);

	if (o->next == o->n)
		re_cancel();
}


static void test_durable_in_order(void **state)
{
	struct order o = {store_daemon(*state), *state, 0, 50, false};

	for (uint64_t i = 1; i <= o.n; i++) {
		const struct store_call call = a_call(i);

		assert_int_equal(store_call_put(o.s, &call, order_handler, &o),
				 0);
	}
	o.returned = true;
	guard_loop(GUARD_MS);
	assert_int_equal(o.next, o.n);
	store_close(o.s);
}


static void test_same_call_in_order(void **state)
{
	struct store *s = store_daemon(*state);
	struct store_call call = a_call(1), read;
	struct tally t = {.n_expected = 1};

	for (unsigned i = 0; i <= 100; i++) {
		call.talk_ms = i;
		assert_int_equal(
			store_call_put(s, &call,
				       i == 100 ? tally_handler : NULL, &t),
			0);
	}
	guard_loop(GUARD_MS);
	assert_int_equal(store_call_each(s, 0, call_keep, &read), 0);
	assert_int_equal(read.talk_ms, 100);
	store_close(s);
}


/* what somebody waits for comes after what was queued before it */
static void test_waited_in_order(void **state)
{
	struct store *s = store_daemon(*state);
	struct tally t = {.n_expected = 20};
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");

	put_many(s, 1, 20, &t);
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(count_calls(*state), 20);
	assert_int_equal(t.n_done, 0);
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 0);
	store_close(s);
}


static void test_group_commit(void **state)
{
	enum { N = 1000 };
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_call bad = a_call(0);
	struct tally t = {.n_expected = N + 1};
	struct store_stats stats;
	sqlite3 *db = other_open(f);

	/* nothing is committed as long as another holds the lock */
	other_exec(db, "BEGIN IMMEDIATE");
	put_many(s, 1, N / 2, &t);
	assert_int_equal(store_call_put(s, &bad, tally_handler, &t), 0);
	put_many(s, 1 + N / 2, N / 2, &t);
	store_stats_get(s, &stats);
	assert_int_equal(stats.n_queued, N + 1);
	assert_int_equal(stats.n_commits, 0);
	other_exec(db, "COMMIT");
	guard_loop(GUARD_MS);

	/* one for what was queued when the writer woke, one for the rest */
	store_stats_get(s, &stats);
	assert_int_equal(stats.n_queued, 0);
	assert_int_equal(stats.n_written, N);
	assert_in_range(stats.n_commits, 1, 2);

	/* the bad one failed alone */
	assert_int_equal(stats.n_failed, 1);
	assert_int_equal(t.n_failed, 1);
	assert_int_equal(t.err, EINVAL);
	assert_int_equal(count_calls(f), N);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_queue_limit(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_call call = a_call(LIMIT_STORE_QUEUE + 1);
	struct tally t = {.n_expected = LIMIT_STORE_QUEUE};
	sqlite3 *db = other_open(f);

	other_exec(db, "BEGIN IMMEDIATE");
	put_many(s, 1, LIMIT_STORE_QUEUE, &t);
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), ENOSPC);
	other_exec(db, "COMMIT");
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 0);
	assert_int_equal(count_calls(f), LIMIT_STORE_QUEUE);

	t.n_expected += 1;
	assert_int_equal(store_call_put(s, &call, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_close_drains(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct tally t = {0};

	put_many(s, 1, 500, &t);
	store_close(s);
	assert_int_equal(count_calls(f), 500);
	assert_int_equal(t.n_done, 0);
	store_close(NULL);
}


struct closer {
	struct store *s;
	unsigned n;
};


static void closer_handler(int err, void *arg)
{
	struct closer *c = arg;

	assert_int_equal(err, 0);
	assert_int_equal(++c->n, 1);
	store_close(c->s);
	re_cancel();
}


static void test_close_in_handler(void **state)
{
	struct fixture *f = *state;
	struct closer c = {store_daemon(f), 0};
	sqlite3 *db = other_open(f);

	/* all in one batch, or in two: the first handler closes */
	other_exec(db, "BEGIN IMMEDIATE");
	for (uint64_t i = 1; i <= 10; i++) {
		const struct store_call call = a_call(i);

		assert_int_equal(
			store_call_put(c.s, &call, closer_handler, &c), 0);
	}
	other_exec(db, "COMMIT");
	(void)sqlite3_close(db);
	guard_loop(GUARD_MS);
	assert_int_equal(c.n, 1);
	assert_int_equal(count_calls(f), 10);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_durable_in_order),
		STORE_CASE(test_same_call_in_order),
		STORE_CASE(test_waited_in_order),
		STORE_CASE(test_group_commit),
		STORE_CASE(test_queue_limit),
		STORE_CASE(test_close_drains),
		STORE_CASE(test_close_in_handler),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
