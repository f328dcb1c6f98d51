/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_promise.c  What is owed to callers as the store keeps it, and that no
 * number is left of what is owed no more.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/migrate.h"
#include "store/sqlite_db.h"

#include "child.h"
#include "guard.h"
#include "oom.h"
#include "store_fixture.h"


static struct store_promise a_promise(uint64_t call, const char *number)
{
	struct store_promise p = {
		.call = call,
		.kind = "ring_back",
		.state = "open",
		.words = "plain",
		.hours = "day",
		.shown = "withheld",
		.level = "owner",
		.made_at = 1700000000000,
		.due_at = 1700000600000,
		.next_at = 1700000060000,
	};

	assert_int_equal(secret_set(&p.number, number, strlen(number)), 0);

	return p;
}


static struct store_attempt an_attempt(uint64_t call, uint32_t n)
{
	struct store_attempt a = {
		.call = call,
		.n = n,
		.at = 1700000000000 + n,
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
	assert_string_equal(secret_reveal(&a->number),
			    secret_reveal(&b->number));
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

	assert_int_equal(migrate(db, migrations, 2, MIGRATE_FILL), SQLITE_OK);
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
	assert_string_equal(secret_reveal(&got.number), "");
	assert_int_equal(got.made_at, 8);
	db = other_open(f);
	assert_int_equal(other_int(db, "SELECT count(*) FROM call WHERE"
				       " outcome = '' AND state = 'promised'"),
			 2);
	(void)sqlite3_close(db);
	store_close(s);
}


/* ---- numbers ---- */

enum { LOOK_MS = 5 };

struct watch {
	const struct fixture *f;
	const char *text;
	struct tmr tmr;
};


static void watch_look(void *arg)
{
	struct watch *w = arg;

	if (on_disk(w->f, w->text))
		tmr_start(&w->tmr, LOOK_MS, watch_look, w);
	else
		re_cancel();
}


static void await_wiped(const struct fixture *f, const char *text)
{
	struct watch w = {.f = f, .text = text};

	tmr_start(&w.tmr, 0, watch_look, &w);
	guard_loop(GUARD_MS);
	tmr_cancel(&w.tmr);
}


/* in a commit of its own, so that the disk has seen it */
static void put_durable(struct store *s, const struct store_promise *p)
{
	struct tally t = {.n_expected = 1};

	assert_int_equal(store_promise_put(s, p, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(t.err, 0);
}


static void test_number_wiped(void **state)
{
	static const char *const over[] = {"kept", "declined", "closed"};
	const struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_promise p, got;

	for (uint64_t i = 0; i < ARRAY_SIZE(over); i++) {
		p = a_promise(i + 1, "+15550100");
		put_durable(s, &p);
		p = a_promise(i + 1, "+15550101");
		put_durable(s, &p);
		await_wiped(f, "+15550100"); /* another took its place */
		assert_true(on_disk(f, "+15550101"));

		/* whatever is given */
		text_set(p.state, sizeof(p.state), over[i]);
		put_durable(s, &p);
		await_wiped(f, "+15550101");
		assert_int_equal(store_promise_get(s, i + 1, &got), 0);
		assert_string_equal(secret_reveal(&got.number), "");
		assert_string_equal(got.state, over[i]);
	}
	store_close(s);
}


struct rush {
	struct store *s;
	uint64_t id;
	bool stop;
};


static void rush_handler(int err, void *arg)
{
	struct rush *r = arg;
	const struct store_call call = a_call(r->id++);

	assert_int_equal(err, 0);
	if (!r->stop)
		assert_int_equal(store_call_put(r->s, &call, rush_handler, r),
				 0);
}


/* it does not wait for a quiet night */
static void test_number_wiped_on_a_busy_line(void **state)
{
	const struct fixture *f = *state;
	struct rush r = {store_daemon(f), 2, false};
	struct store_promise p = a_promise(1, "+15550100");

	for (int i = 0; i < 8; i++)
		rush_handler(0, &r);
	put_durable(r.s, &p);
	SET(p.state, "kept");
	put_durable(r.s, &p);
	await_wiped(f, "+15550100");
	r.stop = true;
	store_close(r.s);
}


/* a tool ends at once, and can wipe nothing later */
static void test_number_wiped_by_tool(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_promise p = a_promise(1, "+15550100");

	put(s, &p);
	assert_true(on_disk(f, "+15550100"));
	SET(p.state, "closed");
	put(s, &p);
	assert_false(on_disk(f, "+15550100"));
	store_close(s);
}


/* somebody reads for a while: it is wiped when they are done, without any
 * other write */
static void test_number_wiped_later(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_daemon(f);
	struct store_promise p = a_promise(1, "+15550100");
	sqlite3 *db;

	put_durable(s, &p);
	SET(p.state, "kept");
	db = other_open(f);
	other_exec(db, "BEGIN");
	(void)other_int(db, "SELECT count(*) FROM promise");
	put_durable(s, &p);
	assert_true(on_disk(f, "+15550100"));
	other_exec(db, "COMMIT");
	await_wiped(f, "+15550100");
	(void)sqlite3_close(db);
	store_close(s);
}


static void await_state(struct store *s, const char *state)
{
	struct store_promise p;

	while (store_promise_get(s, 1, &p) || strcmp(p.state, state) != 0)
		(void)usleep(1000);
}


/* dies before it could wipe, because somebody reads */
static void killed_child(const struct fixture *f, int begin)
{
	struct store_promise p = a_promise(1, "+15550100");
	struct store *s;
	char c;

	if (read(begin, &c, 1) != 1 || store_open(&s, f->dir, STORE_DAEMON) ||
	    store_promise_put(s, &p, NULL, NULL))
		_exit(1);
	await_state(s, "open");
	SET(p.state, "kept");
	if (store_promise_put(s, &p, NULL, NULL))
		_exit(1);
	await_state(s, "kept");
	(void)raise(SIGKILL);
}


static void test_number_wiped_after_crash(void **state)
{
	const struct fixture *f = *state;
	int status, begin[2];
	struct store *s;
	sqlite3 *db;
	pid_t pid;

	store_close(store_make(f)); /* SQLite's locks do not survive a fork */
	assert_int_equal(pipe(begin), 0);
	pid = child_fork();
	if (!pid)
		killed_child(f, begin[0]);
	db = other_open(f);
	other_exec(db, "BEGIN");
	(void)other_int(db, "SELECT count(*) FROM promise");
	assert_int_equal(write(begin[1], "", 1), 1);
	(void)close(begin[0]);
	(void)close(begin[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(on_disk(f, "+15550100"));
	other_exec(db, "COMMIT");

	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);
	await_wiped(f, "+15550100");
	(void)sqlite3_close(db);
	store_close(s);
}


enum { MANY = 400, ROUNDS = 2000 };

static void number_of(char *text, size_t size, unsigned i, unsigned serial)
{
	(void)snprintf(text, size, "+1555%03u%05u", i, serial);
}


/* Rows grow, shrink and move between pages: wherever a number has been, it is
 * not there any more when its promise is over. */
static void test_number_wiped_wherever(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_promise p = a_promise(MANY + 1, "");
	unsigned serial[MANY] = {0}, seed = 1;
	bool open[MANY] = {false};
	char text[32];

	/* not each write wipes: that would hide what it leaves behind */
	sqlite3 *db = other_open(f);

	for (unsigned i = 0; i < ROUNDS; i++) {
		const unsigned n = (unsigned)rand_r(&seed) % MANY;
		const bool close = open[n] && rand_r(&seed) % 2;
		char sql[400];

		open[n] = !close;
		number_of(text, sizeof(text), n, ++serial[n]);
		(void)snprintf(sql, sizeof(sql),
			       "PRAGMA secure_delete = ON; INSERT INTO promise"
			       " VALUES (%u, 'ring_back', '%s', 'none', 'any',"
			       " 'withheld', '%s', '%s', 1, 1, 1, 1, 1, 1, '')"
			       " ON CONFLICT (call) DO UPDATE SET"
			       " state = excluded.state,"
			       " level = excluded.level,"
			       " number = excluded.number",
			       n + 1, close ? "kept" : "open",
			       rand_r(&seed) % 2 ? "owner" : "coordinator",
			       close ? "" : text);
		other_exec(db, sql);
	}
	(void)sqlite3_close(db);
	put(s, &p);

	for (unsigned n = 0; n < MANY; n++) {
		for (unsigned i = 1; i <= serial[n]; i++) {
			number_of(text, sizeof(text), n, i);
			assert_int_equal(on_disk(f, text),
					 open[n] && i == serial[n]);
		}
	}
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
		STORE_CASE(test_number_wiped),
		STORE_CASE(test_number_wiped_on_a_busy_line),
		STORE_CASE(test_number_wiped_by_tool),
		STORE_CASE(test_number_wiped_later),
		STORE_CASE(test_number_wiped_after_crash),
		STORE_CASE(test_number_wiped_wherever),
		STORE_CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
