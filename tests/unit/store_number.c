/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_number.c  No number is left on the disk of what is owed no more.
 */
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

#include "child.h"
#include "guard.h"
#include "store_fixture.h"


static void put(struct store *s, const struct store_promise *p)
{
	assert_int_equal(store_promise_put(s, p, NULL, NULL), 0);
}


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


static void test_over(void **state)
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
		assert_int_equal(got.number.dialler, 0);
		assert_int_equal(got.number.for_dialler[0], 0);
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
static void test_on_a_busy_line(void **state)
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
static void test_by_tool(void **state)
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
static void test_later(void **state)
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


static void test_after_crash(void **state)
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


/* as long as a sealed one */
static void hex_of(char *hex, const char *text)
{
	for (size_t i = 0; i < STORE_NUMBER; i++)
		(void)sprintf(hex + 2 * i, "%02x",
			      i < strlen(text) ? (unsigned)text[i] : 0U);
}


/* Rows grow, shrink and move between pages: wherever a number has been, it is
 * not there any more when its promise is over. */
static void test_wherever(void **state)
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
		char sql[1000], sealed[STORE_NUMBER * 2 + 1];

		open[n] = !close;
		number_of(text, sizeof(text), n, ++serial[n]);
		hex_of(sealed, text);
		(void)snprintf(sql, sizeof(sql),
			       "PRAGMA secure_delete = ON; INSERT INTO promise"
			       " VALUES (%u, 'ring_back', '%s', 'none', 'any',"
			       " 'withheld', '%s', %d, 0, %s%s%s, NULL,"
			       " 1, 1, 1, 1, 1, 1, '')"
			       " ON CONFLICT (call) DO UPDATE SET"
			       " state = excluded.state,"
			       " level = excluded.level,"
			       " dialler = excluded.dialler,"
			       " for_dialler = excluded.for_dialler",
			       n + 1, close ? "kept" : "open",
			       rand_r(&seed) % 2 ? "owner" : "coordinator",
			       close ? 0 : 1, close ? "NULL" : "x'",
			       close ? "" : sealed, close ? "" : "'");
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


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_over),
		STORE_CASE(test_on_a_busy_line),
		STORE_CASE(test_by_tool),
		STORE_CASE(test_later),
		STORE_CASE(test_after_crash),
		STORE_CASE(test_wherever),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
