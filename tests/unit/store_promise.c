/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_promise.c  What is owed to callers as the store keeps it.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "store/coarse.h"
#include "store/migrate.h"
#include "store/sqlite_db.h"

#include "oom.h"
#include "store_fixture.h"


static struct store_attempt an_attempt(uint64_t call, uint32_t n)
{
	struct store_attempt a = {
		.call = call,
		.n = n,
		.at = 1699999200000 + 900000 * (int64_t)n,
		.outcome = "open",
		.counsellor = 5,
	};

	return a;
}


static void put(struct store *s, const struct store_promise *p)
{
	assert_int_equal(store_promise_put(s, p, NULL, NULL), 0);
}


/* not with memcmp(): padding */
static void promise_same(const struct store_promise *a,
			 const struct store_promise *b)
{
	assert_int_equal(a->call, b->call);
	assert_string_equal(a->line, b->line);
	assert_string_equal(a->language, b->language);
	assert_string_equal(a->kind, b->kind);
	assert_string_equal(a->state, b->state);
	assert_string_equal(a->words, b->words);
	assert_string_equal(a->hours, b->hours);
	assert_string_equal(a->shown, b->shown);
	assert_string_equal(a->level, b->level);
	assert_int_equal(a->number.dialler, b->number.dialler);
	assert_int_equal(a->number.epoch, b->number.epoch);
	assert_memory_equal(a->number.for_dialler, b->number.for_dialler,
			    STORE_NUMBER);
	assert_memory_equal(a->number.for_epoch, b->number.for_epoch,
			    STORE_NUMBER);
	assert_int_equal(a->made_at, b->made_at);
	assert_int_equal(a->due_at, b->due_at);
	assert_int_equal(a->next_at, b->next_at);
	assert_int_equal(a->owner, b->owner);
	assert_string_equal(a->owner_name, b->owner_name);
	assert_int_equal(a->n_attempts, b->n_attempts);
	assert_int_equal(a->n_snoozed, b->n_snoozed);
	assert_string_equal(a->reason, b->reason);
}


/* ---- rows ---- */

static void test_put_get(void **state)
{
	struct store *s = store_make(*state);
	struct store_person bo = a_person("Bo", "sip:bo@192.0.2.1");
	struct store_promise p = a_promise(7, "+15550100"), got;
	struct store_call call = a_call(7);

	assert_int_equal(store_promise_get(s, 7, &got), ENOENT);

	/* neither call nor owner need be there */
	p.owner = 99;
	put(s, &p);
	assert_int_equal(store_promise_get(s, 7, &got), 0);
	promise_same(&got, &p);

	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_person_add(s, &bo), 0);
	p = a_promise(7, "+15550199");
	p.number.epoch = 12;
	p.number.for_epoch[STORE_NUMBER - 1] = 7;
	SET(p.kind, "message");
	SET(p.state, "due");
	SET(p.words, "name");
	SET(p.hours, "evening");
	SET(p.shown, "neutral");
	SET(p.level, "coordinator");
	SET(p.reason, "duplicate");
	p.made_at = 1;
	p.due_at = INT64_MAX; /* a line that never opens */
	p.next_at = 0;
	p.owner = bo.id;
	p.n_attempts = UINT32_MAX;
	p.n_snoozed = 3;
	put(s, &p);
	assert_int_equal(store_promise_get(s, 7, &got), 0);
	SET(p.line, "main");
	SET(p.language, "en");
	SET(p.owner_name, "Bo");
	promise_same(&got, &p);

	/* what the call says counts, not what is given */
	SET(p.line, "other");
	put(s, &p);
	assert_int_equal(store_promise_get(s, 7, &got), 0);
	assert_string_equal(got.line, "main");
	assert_int_equal(store_promise_get(s, UINT64_MAX, &got), EINVAL);
	store_close(s);
}


static void test_refused(void **state)
{
	struct store *s = store_make(*state);
	struct store_promise p = a_promise(0, "");
	struct store_attempt a = an_attempt(1, 0);
	struct tally t = {0};

	assert_int_equal(store_promise_put(s, &p, tally_handler, &t), EINVAL);
	p = a_promise(1, "");
	SET(p.kind, "");
	assert_int_equal(store_promise_put(s, &p, tally_handler, &t), EINVAL);
	p = a_promise(1, "");
	SET(p.state, "");
	assert_int_equal(store_promise_put(s, &p, tally_handler, &t), EINVAL);
	p = a_promise(1, "");
	p.due_at = -1;
	assert_int_equal(store_promise_put(s, &p, tally_handler, &t), EINVAL);
	assert_int_equal(store_attempt_put(s, &a, tally_handler, &t), EINVAL);
	a = an_attempt(0, 1);
	assert_int_equal(store_attempt_put(s, &a, tally_handler, &t), EINVAL);
	a = an_attempt(1, 1);
	SET(a.outcome, "");
	assert_int_equal(store_attempt_put(s, &a, tally_handler, &t), EINVAL);
	assert_int_equal(t.n_failed, 7);
	assert_int_equal(store_promise_get(s, 1, &p), ENOENT);
	assert_int_equal(store_promise_put(s, NULL, NULL, NULL), EINVAL);
	assert_int_equal(store_attempt_put(s, NULL, NULL, NULL), EINVAL);
	store_close(s);
}


static bool numbers(const struct store_promise *p, void *arg)
{
	char *text = arg;

	(void)sprintf(text + strlen(text), "%" PRIu64 " ", p->call);

	return strlen(text) > 8;
}


static void test_each(void **state)
{
	static const char *const states[] = {"recording", "open",   "due",
					     "ringing",   "kept",   "declined",
					     "closed"};
	struct store *s = store_make(*state);
	char text[32] = "";

	for (uint64_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct store_promise p = a_promise(i + 1, "");

		text_set(p.state, sizeof(p.state), states[i]);
		p.due_at = 100 - (int64_t)(i / 2);
		put(s, &p);
	}

	assert_int_equal(store_promise_each(s, false, numbers, text), 0);
	assert_string_equal(text, "3 4 1 2 "); /* by due time, then call */
	text[0] = '\0';
	assert_int_equal(store_promise_each(s, true, numbers, text), 0);
	assert_string_equal(text, "7 5 6 3 4 "); /* and was stopped */
	store_close(s);
}


/* thousands of old promises do not slow a start down */
static void test_index(void **state)
{
	store_close(store_make(*state));
	assert_true(uses_index(*state, sqlite_promise_sql[STMT_PROMISE_OPEN],
			       "promise_open"));
}


static bool attempts_collect(const struct store_attempt *attempt, void *arg)
{
	struct store_attempt **p = arg;

	*(*p)++ = *attempt;

	return attempt->n == 3;
}


static void test_attempts(void **state)
{
	struct store *s = store_make(*state);
	struct store_attempt a, read[4], *p = read;
	struct tally t = {0};

	for (uint32_t n = 4; n >= 1; n--) {
		a = an_attempt(7, n);
		assert_int_equal(store_attempt_put(s, &a, tally_handler, &t),
				 0);
	}
	a = an_attempt(8, 1);
	assert_int_equal(store_attempt_put(s, &a, NULL, NULL), 0);

	/* its outcome, and nothing else */
	a = an_attempt(7, 2);
	SET(a.outcome, "no_answer");
	a.at = 5;
	a.counsellor = 6;
	assert_int_equal(store_attempt_put(s, &a, NULL, NULL), 0);
	assert_int_equal(t.n_done, 4);

	assert_int_equal(store_attempt_each(s, 7, attempts_collect, &p), 0);
	assert_int_equal(p - read, 3); /* and was stopped */
	for (uint32_t i = 0; i < 3; i++) {
		a = an_attempt(7, i + 1);
		assert_int_equal(read[i].call, 7);
		assert_int_equal(read[i].n, i + 1);
		assert_int_equal(read[i].at, a.at);
		assert_int_equal(read[i].counsellor, 5);
		assert_string_equal(read[i].outcome,
				    i == 1 ? "no_answer" : "open");
	}
	p = read;
	assert_int_equal(store_attempt_each(s, 9, attempts_collect, &p), 0);
	assert_ptr_equal(p, read);

	/* of all calls, from a time on */
	a = an_attempt(9, 1);
	a.at = read[0].at + 5 * COARSE_QUARTER;
	assert_int_equal(store_attempt_put(s, &a, NULL, NULL), 0);
	assert_int_equal(store_attempt_since(NULL, 0, attempts_collect, &p),
			 EINVAL);
	assert_int_equal(store_attempt_since(s, a.at, attempts_collect, &p),
			 0);
	assert_int_equal(p - read, 1);
	assert_int_equal(read[0].call, 9);
	assert_int_equal(store_attempt_since(s, a.at + 1, attempts_collect,
					     &p), 0);
	assert_int_equal(p - read, 1);
	store_close(s);
}


/* A store of the second release, with calls that no release has written. */
static void test_migrate_promises(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *db = other_open(f);
	struct store_promise got;
	struct store *s;
	char text[32] = "";

	assert_int_equal(migrate(db, migrations, 2, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	other_exec(db, "INSERT INTO call VALUES"
		       " (1, 'main', 'en', 'ended', 'message', '', 9, 1, 0, 0),"
		       " (2, 'main', 'en', 'ended', 'talked', '', 9, 1, 2, 0),"
		       " (3, 'main', 'en', 'ended', 'ring_back', '', 8, 1, 0,"
		       " 0)");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_promise_each(s, true, numbers, text), 0);
	assert_string_equal(text, "3 1 ");
	assert_int_equal(store_promise_get(s, 3, &got), 0);
	assert_string_equal(got.kind, "ring_back");
	assert_string_equal(got.state, "open");
	assert_string_equal(got.level, "coordinator");
	assert_int_equal(got.number.dialler, 0);
	assert_int_equal(got.made_at, 8);
	db = other_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM call WHERE"
				       " outcome = '' AND state = 'promised'"),
			 2);
	(void)sqlite3_close(db);
	store_close(s);
}


/* A number in the clear, as it stood before numbers were sealed: it stays to be
 * sealed, nothing is added to it, and it is wiped with the write that seals it
 * or ends the promise. */
static void old_store(const struct fixture *f)
{
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, migrations, 10, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	other_exec(db, "INSERT INTO promise VALUES"
		       " (1, 'ring_back', 'open', 'none', 'any', 'withheld',"
		       " 'owner', '+15550100', 1, 2, 0, 0, 0, 0, ''),"
		       " (2, 'ring_back', 'open', 'none', 'any', 'withheld',"
		       " 'owner', '+15550101', 1, 2, 0, 0, 0, 0, ''),"
		       " (3, 'message', 'open', 'none', 'any', 'withheld',"
		       " 'owner', '', 1, 2, 0, 0, 0, 0, '')");
	(void)sqlite3_close(db);
}


static void test_clear_numbers(void **state)
{
	const struct fixture *f = *state;
	struct secret_text number;
	struct store_promise p;
	struct store *s;
	sqlite3 *db;

	old_store(f);
	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_promise_get(s, 1, &p), 0);
	assert_int_equal(p.number.dialler, 0);
	assert_int_equal(store_promise_clear(s, 1, &number), 0);
	assert_string_equal(secret_reveal(&number), "+15550100");
	assert_int_equal(store_promise_clear(s, 3, &number), ENOENT);

	/* it cannot be sealed yet */
	put(s, &p);
	assert_int_equal(store_promise_clear(s, 1, &number), 0);
	p.number = a_sealed_number("sealed");
	put(s, &p);
	assert_int_equal(store_promise_clear(s, 1, &number), ENOENT);
	assert_false(on_disk(f, "+15550100"));
	assert_true(on_disk(f, "+15550101"));
	p = a_promise(2, "");
	SET(p.state, "closed");
	put(s, &p);
	assert_int_equal(store_promise_clear(s, 2, &number), ENOENT);
	assert_false(on_disk(f, "+15550101"));

	db = other_open(f);
	assert_int_not_equal(sqlite3_exec(db, "INSERT INTO promise_clear"
					      " VALUES (1, '+15550100')",
					  NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	store_close(s);
}


/* ---- without memory ---- */

static int work(void *arg)
{
	const struct store_promise p = a_promise(1, "+15550100");
	const struct store_attempt a = an_attempt(1, 1);
	struct store *s = arg;
	int err;

	err = store_promise_put(s, &p, NULL, NULL);
	if (!err)
		err = store_attempt_put(s, &a, NULL, NULL);

	return err;
}


static void test_oom(void **state)
{
	struct store *s = store_daemon(*state);

	assert_int_equal(oom_loop(work, s), 2);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_put_get),
		STORE_CASE(test_refused),
		STORE_CASE(test_each),
		STORE_CASE(test_index),
		STORE_CASE(test_attempts),
		STORE_CASE(test_migrate_promises),
		STORE_CASE(test_clear_numbers),
		STORE_CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
