/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_audit.c  The audit log in the store: added to alone, by two processes
 * at one time, and what its chain tells of whoever changed it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/audit.h"

#include "child.h"
#include "guard.h"
#include "store_fixture.h"


enum { AT = 1700000000 };


static struct store_audit a_row(const char *what, uint32_t whom)
{
	struct store_audit row = {.at = AT, .person = 7, .whom = whom};

	SET(row.what, what);

	return row;
}


static void add(struct store *s, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		const struct store_audit row = a_row("person_changed", i);

		assert_int_equal(store_audit_now(s, &row), 0);
	}
}


static struct store_audit_verdict verify(struct store *s, const uint8_t *head)
{
	struct store_audit_verdict v;

	assert_int_equal(store_audit_verify(s, head, &v), 0);

	return v;
}


static void verdict_is(struct store *s, enum store_audit_fault fault,
		       uint64_t n, uint64_t at)
{
	const struct store_audit_verdict v = verify(s, NULL);

	assert_int_equal(v.fault, fault);
	assert_int_equal(v.n, n);
	assert_int_equal(v.at, at);
}


/* somebody who may write the file, and takes the trouble */
static void tamper(const struct fixture *f, const char *sql)
{
	sqlite3 *db = other_open(f);

	other_exec(db, "DROP TRIGGER IF EXISTS audit_is_not_changed");
	other_exec(db, "DROP TRIGGER IF EXISTS audit_is_not_removed");
	other_exec(db, sql);
	(void)sqlite3_close(db);
}


/* ---- adding ---- */

static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return true;
}


/* the link is what Python's hashlib says of the bytes in the headers */
static void test_add(void **state)
{
	static const char expected[] = {
		"\xa8\x8e\x20\x5a\x81\x0b\xf1\x4f\x9c\x80\xa8\x95\x56\x61\xf8"
		"\xbb\x1c\x4c\x31\x68\x81\x86\x34\x2a\x3b\x0a\xd3\x29\xb6\x2d"
		"\xe2\x20"};
	struct store *s = store_make(*state);
	struct store_audit row = a_row("number_looked", 0), got = {0};

	row.at = 1700000000000; /* the second is not kept */
	row.call = 42;
	SET(row.detail, "emergency");
	assert_int_equal(store_audit_now(s, &row), 0);
	assert_int_equal(store_audit_each(s, 0, row_keep, &got), 0);
	assert_int_equal(got.id, 1);
	assert_int_equal(got.at, 1699999980000);
	assert_int_equal(got.person, 7);
	assert_int_equal(got.whom, 0);
	assert_int_equal(got.call, 42);
	assert_string_equal(got.what, "number_looked");
	assert_string_equal(got.detail, "emergency");
	assert_memory_equal(got.link, expected, sizeof(got.link));

	SET(row.what, "what_nobody_knows");
	assert_int_equal(store_audit_now(s, &row), EINVAL);
	row = a_row("listen_began", 0);
	row.at = 0;
	assert_int_equal(store_audit_add(s, &row, NULL, NULL), EINVAL);
	verdict_is(s, STORE_AUDIT_SOUND, 1, 0);
	store_close(s);
}


static void test_durable(void **state)
{
	struct store *s = store_daemon(*state);
	const struct store_audit row = a_row("listen_began", 3);
	struct tally t = {.n_expected = 3};
	uint8_t head[STORE_HASH];

	verdict_is(s, STORE_AUDIT_SOUND, 0, 0);
	for (unsigned i = 0; i < t.n_expected; i++)
		assert_int_equal(
			store_audit_add(s, &row, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 0);
	verdict_is(s, STORE_AUDIT_SOUND, 3, 0);
	assert_int_equal(store_audit_head(s, head), 0);
	assert_int_equal(verify(s, head).head_n, 3);
	store_close(s);
}


/* ---- along with another write ---- */

static void test_along(void **state)
{
	struct store *s = store_make(*state);
	struct store_person bo = a_person("Bo", ""), cy = a_person("Cy", "");
	struct store_audit row = a_row("person_added", 0), got = {0};

	assert_int_equal(store_person_add(s, &bo), 0);
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_person_add(s, &cy), 0);
	assert_int_equal(store_audit_each(s, 1, row_keep, &got), 0);
	assert_int_equal(got.whom, cy.id);
	verdict_is(s, STORE_AUDIT_SOUND, 1, 0);

	/* a write that fails takes its rows with it, and they are forgotten */
	row = a_row("person_removed", 99);
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_person_remove(s, 99), ENOENT);
	assert_int_equal(store_person_set(s, &bo), 0);
	verdict_is(s, STORE_AUDIT_SOUND, 1, 0);

	row = a_row("role_changed", bo.id);
	for (int i = 0; i < STORE_AUDIT_ALONG; i++)
		assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_audit_along(s, &row), ENOSPC);
	assert_int_equal(store_roles_set(s, bo.id, NULL, 0), 0);
	verdict_is(s, STORE_AUDIT_SOUND, 1 + STORE_AUDIT_ALONG, 0);
	store_close(s);
}


static bool details_collect(const struct store_audit *row, void *arg)
{
	char *text = arg;
	const size_t n = strlen(text);

	assert_string_equal(row->what, "role_changed");
	(void)snprintf(text + n, 256 - n, "%u %s ", row->whom, row->detail);

	return false;
}


static void test_roles(void **state)
{
	const struct store_role roles[] = {
		{.role = "coordinator", .line = "main"},
		{.role = "trainee", .line = ""},
	};
	struct store *s = store_make(*state);
	struct store_person bo = a_person("Bo", "");
	struct store_audit row = {.at = AT};
	char text[256] = "";

	assert_int_equal(store_person_add(s, &bo), 0);
	row.whom = bo.id;
	assert_int_equal(store_audit_roles(s, &row, roles, 2), 0);
	assert_int_equal(store_audit_roles(s, &row, NULL, 0), 0);
	row.whom = 99;
	assert_int_equal(store_audit_roles(s, &row, roles, 2), ENOENT);
	row.at = 0; /* no time: refused, and nothing waits for the next write */
	assert_int_equal(store_audit_roles(s, &row, roles, 2), EINVAL);
	assert_int_equal(store_person_set(s, &bo), 0);
	assert_int_equal(store_audit_each(s, 1, details_collect, text), 0);
	assert_string_equal(text, "1 coordinator:main 1 trainee 1 counsellor ");
	store_close(s);
}


/* a row that cannot be written keeps what it tells of from being done */
static void test_along_fails(void **state)
{
	struct store *s = store_make(*state);
	struct store_person bo = a_person("Bo", "");
	struct store_audit row = a_row("person_added", 0);

	tamper(*state, "CREATE TRIGGER full BEFORE INSERT ON audit"
		       " BEGIN SELECT RAISE(ABORT, 'no'); END");
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_not_equal(store_person_add(s, &bo), 0);
	assert_int_equal(store_person_get(s, "Bo", &bo), ENOENT);
	store_close(s);
}


/* ---- two processes ---- */

enum { EACH = 60 };


static void other_process(const struct fixture *f)
{
	struct store *s;

	if (store_open(&s, f->dir, STORE_TOOL))
		_exit(1);
	for (unsigned i = 0; i < EACH; i++) {
		const struct store_audit row = a_row("message_heard", i);

		if (store_audit_now(s, &row))
			_exit(2);
	}
	store_close(s);
	_exit(0);
}


static void test_two_processes(void **state)
{
	const struct store_audit row = a_row("listen_ended", 0);
	struct tally t = {.n_expected = EACH};
	struct fixture *f = *state;
	struct store *s;
	pid_t pid;
	int fd;

	store_close(store_make(f)); /* SQLite's locks do not survive a fork */
	pid = child_fork_pipe(&fd);
	if (!pid)
		other_process(f);
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);
	for (unsigned i = 0; i < EACH; i++)
		assert_int_equal(
			store_audit_add(s, &row, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(child_exit_code(pid), 0);
	(void)close(fd);
	assert_int_equal(t.n_failed, 0);
	verdict_is(s, STORE_AUDIT_SOUND, 2 * EACH, 0);
	store_close(s);
}


/* ---- what the chain tells ---- */

static void test_kept(void **state)
{
	struct store *s = store_make(*state);
	sqlite3 *db = other_open(*state);

	add(s, 2);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL,
				      NULL), SQLITE_CONSTRAINT);
	assert_int_equal(sqlite3_exec(db, "UPDATE audit SET person = 1", NULL,
				      NULL, NULL), SQLITE_CONSTRAINT);
	(void)sqlite3_close(db);
	verdict_is(s, STORE_AUDIT_SOUND, 2, 0);
	store_close(s);
}


/* each field of a row is in its link */
static void test_changed(void **state)
{
	static const char *const changes[] = {
		"at = at + 1",
		"person = 8",
		"what = 'person_removed'",
		"whom = 9",
		"call = 1",
		"detail = 'x'",
		"link = zeroblob(32)",
	};
	struct store *s = store_make(*state);
	char sql[256];

	add(s, 5);
	tamper(*state, "CREATE TABLE kept AS SELECT * FROM audit");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		(void)snprintf(sql, sizeof(sql),
			       "UPDATE audit SET %s WHERE id = 3", changes[i]);
		tamper(*state, sql);
		verdict_is(s, STORE_AUDIT_CHANGED, 2, 3);
		tamper(*state, "DELETE FROM audit; INSERT INTO audit"
			       " SELECT * FROM kept");
		verdict_is(s, STORE_AUDIT_SOUND, 5, 0);
	}
	store_close(s);
}


static void test_missing(void **state)
{
	struct store *s = store_make(*state);
	struct store_audit_verdict v;

	add(s, 6);
	tamper(*state, "DELETE FROM audit WHERE id IN (3, 4)");
	verdict_is(s, STORE_AUDIT_MISSING, 2, 5);
	assert_int_equal(verify(s, NULL).other, 3);

	/* the others closed up */
	tamper(*state, "UPDATE audit SET id = id - 2 WHERE id > 4");
	verdict_is(s, STORE_AUDIT_CHANGED, 2, 3);

	tamper(*state, "DELETE FROM audit WHERE id = 1");
	v = verify(s, NULL);
	assert_int_equal(v.fault, STORE_AUDIT_MISSING);
	assert_int_equal(v.other, 1);
	store_close(s);
}


static void test_moved(void **state)
{
	struct store *s = store_make(*state);

	add(s, 6);
	tamper(*state, "UPDATE audit SET id = 99 WHERE id = 2;"
		       "UPDATE audit SET id = 2 WHERE id = 5;"
		       "UPDATE audit SET id = 5 WHERE id = 99");
	verdict_is(s, STORE_AUDIT_MOVED, 1, 2);
	assert_int_equal(verify(s, NULL).other, 5);
	store_close(s);
}


/* cut off at the end: only an earlier head tells */
static void test_cut(void **state)
{
	uint8_t none[STORE_HASH] = {0}, head[STORE_HASH], early[STORE_HASH];
	struct store *s = store_make(*state);

	assert_int_equal(store_audit_head(s, head), 0);
	assert_memory_equal(head, none, sizeof(head));
	add(s, 2);
	assert_int_equal(store_audit_head(s, early), 0);
	add(s, 4);
	assert_int_equal(store_audit_head(s, head), 0);
	assert_int_equal(verify(s, head).head_n, 6);
	assert_int_equal(verify(s, none).fault, STORE_AUDIT_SOUND);

	tamper(*state, "DELETE FROM audit WHERE id > 4");
	verdict_is(s, STORE_AUDIT_SOUND, 4, 0);
	assert_int_equal(verify(s, head).fault, STORE_AUDIT_CUT);
	assert_int_equal(verify(s, early).fault, STORE_AUDIT_SOUND);
	assert_int_equal(verify(s, early).head_n, 2);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_add),
		STORE_CASE(test_durable),
		STORE_CASE(test_along),
		STORE_CASE(test_roles),
		STORE_CASE(test_along_fails),
		STORE_CASE(test_two_processes),
		STORE_CASE(test_kept),
		STORE_CASE(test_changed),
		STORE_CASE(test_missing),
		STORE_CASE(test_moved),
		STORE_CASE(test_cut),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
