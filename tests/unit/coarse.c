/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * coarse.c  What stays of times, by themselves and through the store: a call
 * that is over must not be found by its second, one that goes on keeps it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "store/coarse.h"
#include "store/migrate.h"

#include "store_fixture.h"

/* 2023-11-14 22:13:20.123 UTC */
static const int64_t at = 1700000000123;

enum { SECOND = 1000, MINUTE = 60 * SECOND };


static void moments(void **state)
{
	(void)state;

	assert_int_equal(coarse_moment(at, COARSE_MINUTE), 1699999980000);
	assert_int_equal(coarse_moment(at, COARSE_SIGHT), 1699999800000);
	assert_int_equal(coarse_moment(at, COARSE_QUARTER), 1699999200000);
	assert_int_equal(coarse_moment(at, COARSE_HOUR), 1699999200000);
	assert_int_equal(coarse_moment(1699999200000, COARSE_QUARTER),
			 1699999200000);
	assert_int_equal(coarse_moment(1699999199999, COARSE_QUARTER),
			 1699998300000);

	/* "none", and what must not become it */
	assert_int_equal(coarse_moment(0, COARSE_HOUR), 0);
	assert_int_equal(coarse_moment(7, COARSE_HOUR), 7);
}


/* within 20 seconds or not: that is asked of funders' figures */
static void spans(void **state)
{
	(void)state;

	assert_int_equal(coarse_span(0, COARSE_SECONDS), 0);
	assert_int_equal(coarse_span(1, COARSE_SECONDS), 5 * SECOND);
	assert_int_equal(coarse_span(20 * SECOND, COARSE_SECONDS),
			 20 * SECOND);
	assert_int_equal(coarse_span(20 * SECOND + 1, COARSE_SECONDS),
			 25 * SECOND);
	assert_int_equal(coarse_span(61 * SECOND, COARSE_MINUTE), 2 * MINUTE);
	assert_int_equal(coarse_span(UINT64_MAX, COARSE_MINUTE), UINT64_MAX);
	for (uint64_t ms = 0; ms < 100 * SECOND; ms += 7) {
		for (uint64_t within = 0; within < 100; within += 5)
			assert_int_equal(ms <= within * SECOND,
					 coarse_span(ms, COARSE_SECONDS) <=
						 within * SECOND);
	}
}


static struct store_call call_of(const char *outcome)
{
	struct store_call c = a_call(1);

	text_set(c.outcome, sizeof(c.outcome), outcome);
	c.arrived_at = at;
	c.wait_ms = 7123;
	c.talk_ms = 61001;

	return c;
}


static void a_call_has_its_times_until_it_is_over(void **state)
{
	struct store *s = store_make(*state);
	struct store_call c = call_of(""), got;

	assert_int_equal(store_call_put(s, &c, NULL, NULL), 0);
	assert_int_equal(store_call_get(s, 1, &got), 0);
	assert_int_equal(got.arrived_at, at);
	assert_int_equal(got.wait_ms, 7123);
	assert_int_equal(got.talk_ms, 61001);

	c = call_of("talked");
	assert_int_equal(store_call_put(s, &c, NULL, NULL), 0);
	assert_int_equal(store_call_get(s, 1, &got), 0);
	assert_int_equal(got.arrived_at, 1699999200000);
	assert_int_equal(got.wait_ms, 10 * SECOND);
	assert_int_equal(got.talk_ms, 2 * MINUTE);
	assert_int_equal(c.arrived_at, at); /* the caller's own */
	store_close(s);
}


static void a_promise_too(void **state)
{
	static const char *const over[] = {"kept", "declined", "closed"};
	struct store *s = store_make(*state);
	struct store_promise p = a_promise(1, ""), got;

	p.made_at = p.due_at = p.next_at = at;
	assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
	assert_int_equal(store_promise_get(s, 1, &got), 0);
	assert_int_equal(got.made_at, at);
	assert_int_equal(got.due_at, at);
	assert_int_equal(got.next_at, at);

	for (size_t i = 0; i < ARRAY_SIZE(over); i++) {
		text_set(p.state, sizeof(p.state), over[i]);
		assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
		assert_int_equal(store_promise_get(s, 1, &got), 0);
		assert_int_equal(got.made_at, 1699999200000);
		assert_int_equal(got.due_at, 1699999200000);
		assert_int_equal(got.next_at, 1699999200000);
	}
	store_close(s);
}


static bool attempt_keep(const struct store_attempt *attempt, void *arg)
{
	*(struct store_attempt *)arg = *attempt;

	return true;
}


static bool session_keep(const struct store_session *session, void *arg)
{
	*(struct store_session *)arg = *session;

	return true;
}


static void never_finer(void **state)
{
	struct store *s = store_make(*state);
	struct store_attempt a = {.call = 1, .n = 1, .at = at,
				  .outcome = "busy"};
	struct store_person bo = a_person("Bo", "");
	struct store_session v = {.made_at = at, .seen_at = at};

	assert_int_equal(store_attempt_put(s, &a, NULL, NULL), 0);
	assert_int_equal(store_attempt_each(s, 1, attempt_keep, &a), 0);
	assert_int_equal(a.at, 1699999200000);

	assert_int_equal(store_person_add(s, &bo), 0);
	v.person = bo.id;
	assert_int_equal(store_session_add(s, &v), 0);
	assert_int_equal(store_session_each(s, bo.id, session_keep, &v), 0);
	assert_int_equal(v.made_at, 1699999800000);
	assert_int_equal(v.seen_at, 1699999800000);
	assert_int_equal(store_session_seen(s, v.id, at + 11 * MINUTE, NULL,
					    NULL), 0);
	assert_int_equal(store_session_each(s, bo.id, session_keep, &v), 0);
	assert_int_equal(v.seen_at, 1700000400000);

	assert_int_equal(store_person_off(s, bo.id, "dead", at, NULL, NULL),
			 0);
	assert_int_equal(store_person_find(s, bo.id, &bo), 0);
	assert_int_equal(bo.off_at, 1699999200000);
	store_close(s);
}


/* the finer times were on the disk: what was there is wiped, as a number is */
static void nothing_finer_is_left(void **state)
{
	static const int64_t odd = 0x018bcfe5687bcd; /* bytes like no others */
	static const char bytes[] = "\x01\x8b\xcf\xe5\x68\x7b\xcd";
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_call c = call_of("");

	c.arrived_at = odd;
	assert_int_equal(store_call_put(s, &c, NULL, NULL), 0);
	assert_true(on_disk(f, bytes));
	SET(c.outcome, "talked");
	assert_int_equal(store_call_put(s, &c, NULL, NULL), 0);
	assert_false(on_disk(f, bytes));
	store_close(s);
}


/* what a version before this one has written, but for what goes on */
static void an_older_store(void **state)
{
	enum { BEFORE = 10 };
	const struct fixture *f = *state;
	sqlite3 *db = other_open(f);
	struct store_promise p;
	struct store_call c;
	struct store *s = NULL;

	assert_int_equal(migrate(db, migrations, BEFORE, MIGRATE_FILL, NULL,
				 NULL),
			 SQLITE_OK);
	other_exec(db, "INSERT INTO call (id, line, language, state, outcome,"
		       " reason, arrived_at, wait_ms, talk_ms, counsellor)"
		       " VALUES (1, 'main', 'en', 'ended', 'talked', '',"
		       " 1700000000123, 7123, 61001, 0),"
		       " (2, 'main', 'en', 'promised', '', '',"
		       " 1700000000123, 7123, 61001, 0);"
		       "INSERT INTO promise VALUES (1, 'ring_back', 'kept', '',"
		       " '', '', '', '', 1700000000123, 1700000000123,"
		       " 1700000000123, 0, 0, 0, '');");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_call_get(s, 1, &c), 0);
	assert_int_equal(c.arrived_at, 1699999200000);
	assert_int_equal(c.wait_ms, 10 * SECOND);
	assert_int_equal(c.talk_ms, 2 * MINUTE);
	assert_int_equal(store_call_get(s, 2, &c), 0);
	assert_int_equal(c.arrived_at, at);
	assert_int_equal(store_promise_get(s, 1, &p), 0);
	assert_int_equal(p.made_at, 1699999200000);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
		cmocka_unit_test(spans),
		STORE_CASE(a_call_has_its_times_until_it_is_over),
		STORE_CASE(a_promise_too),
		STORE_CASE(never_finer),
		STORE_CASE(nothing_finer_is_left),
		STORE_CASE(an_older_store),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
