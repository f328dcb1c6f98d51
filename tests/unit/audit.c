/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audit.c  Rows of the audit log on their way to disk: in order, and tried
 * again until they are there.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/audit.h"

#include "guard.h"
#include "store_fixture.h"

enum { LOOK_MS = 5 };

struct desk {
	const struct fixture *f;
	struct store *s;
	struct audit *a;
	struct tmr tmr;
	bool full;
};


static void note(struct desk *d, uint32_t whom)
{
	struct store_audit row = {.person = 7, .whom = whom};

	SET(row.what, "listen_ended");
	audit_note(d->a, &row);
}


/* nothing can be written; until it is told */
static void disk_fills(struct desk *d)
{
	sqlite3 *db = other_open(d->f);

	other_exec(db, "CREATE TRIGGER full BEFORE INSERT ON audit"
		       " BEGIN SELECT RAISE(ABORT, 'no'); END");
	(void)sqlite3_close(db);
	d->full = true;
}


static void disk_has_room(struct desk *d)
{
	sqlite3 *db = other_open(d->f);

	other_exec(db, "DROP TRIGGER full");
	(void)sqlite3_close(db);
	d->full = false;
}


/* the first try has failed before there is room again */
static void look(void *arg)
{
	struct desk *d = arg;
	struct store_stats stats;

	store_stats_get(d->s, &stats);
	if (d->full && stats.n_failed && !stats.n_queued)
		disk_has_room(d);
	if (!audit_behind(d->a))
		re_cancel();
	else
		tmr_start(&d->tmr, LOOK_MS, look, d);
}


static void settle(struct desk *d)
{
	tmr_start(&d->tmr, 0, look, d);
	guard_loop(GUARD_MS);
	tmr_cancel(&d->tmr);
}


static bool whom_collect(const struct store_audit *row, void *arg)
{
	char *text = arg;
	const size_t n = strlen(text);

	assert_true(row->at > 1700000000000);
	(void)snprintf(text + n, 64 - n, "%u ", row->whom);

	return false;
}


static void rows_are(struct store *s, const char *expected)
{
	struct store_audit_verdict v;
	char text[64] = "";

	assert_int_equal(store_audit_each(s, 0, whom_collect, text), 0);
	assert_string_equal(text, expected);
	assert_int_equal(store_audit_verify(s, NULL, &v), 0);
	assert_int_equal(v.fault, STORE_AUDIT_SOUND);
}


static void desk_open(struct desk *d, const struct fixture *f)
{
	memset(d, 0, sizeof(*d));
	d->f = f;
	d->s = store_daemon(f);
	assert_int_equal(audit_alloc(&d->a, d->s), 0);
}


static void test_in_order(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	for (uint32_t i = 1; i <= 5; i++)
		note(&d, i);
	assert_int_equal(audit_behind(d.a), 5);
	settle(&d);
	rows_are(d.s, "1 2 3 4 5 ");
	mem_deref(d.a);
	store_close(d.s);
}


static void test_again(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	disk_fills(&d);
	note(&d, 1);
	note(&d, 2);
	settle(&d);
	assert_false(d.full);
	rows_are(d.s, "1 2 ");
	mem_deref(d.a);
	store_close(d.s);
}


/* the end comes before anything is on disk */
static void test_end(void **state)
{
	struct desk d;

	desk_open(&d, *state);
	note(&d, 1);
	note(&d, 2);
	note(&d, 3);
	mem_deref(d.a);
	store_close(d.s);
	assert_int_equal(store_open(&d.s, d.f->dir, STORE_TOOL), 0);
	rows_are(d.s, "1 2 3 ");
	store_close(d.s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_in_order),
		STORE_CASE(test_again),
		STORE_CASE(test_end),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
