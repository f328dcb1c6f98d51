/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_keep.c  What leaves the store leaves it whole, and nothing else does.
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

#include "store/epoch.h"
#include "store/keep.h"
#include "store/mark.h"
#include "store/note.h"

#include "store_fixture.h"


/* calls that are over have come in a quarter of an hour */
enum { DAY = 20778, QUARTER = 900000, OLD = 10 * QUARTER, MANY = 450 };

static const char said[] = "what was sealed in the browser, once";


static void epoch_new(struct store *s, uint64_t id, const char *line)
{
	struct store_epoch e = {.id = id, .month = 24322, .public = {1}};
	struct store_grant g = {.epoch = id, .public = {2}};

	SET(e.line, line);
	memset(g.sealed, 'A' + (int)id, sizeof(g.sealed));
	assert_int_equal(store_epoch_add(s, &e, &g, 1), 0);
}


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static void note_new(struct store *s, uint64_t call, uint32_t person,
		     uint64_t epoch)
{
	struct store_note n = {
		.call = call, .person = person, .epoch = epoch, .day = DAY,
		.sealed = (const uint8_t *)said, .n_sealed = sizeof(said),
	};

	assert_int_equal(store_note_add(s, &n), 0);
}


static void draft_new(struct store *s, uint64_t call, uint32_t person,
		      uint32_t day)
{
	assert_int_equal(store_draft_put(s, call, person, day,
					 (const uint8_t *)"draft", 5), 0);
}


static void mark_new(struct store *s, uint64_t id, uint64_t call,
		     uint64_t epoch, uint32_t days)
{
	struct store_mark m = {
		.id = id, .kind = STORE_MARK_BLOCK, .call = call,
		.reason = STORE_MARK_ABUSE, .person = 1, .made_day = DAY,
		.review_day = DAY + days, .epoch = epoch,
	};

	SET(m.line, "main");
	memset(m.sealed, 'Z', sizeof(m.sealed));
	assert_int_equal(store_mark_add(s, &m), 0);
}


/* a call with all that can hang on one */
static void case_new(struct store *s, uint64_t id, uint32_t person)
{
	const struct store_attempt attempt = {
		.call = id, .n = 1, .at = 5, .outcome = "busy"};
	struct store_promise promise = a_promise(id, "");

	call_on_record(s, id, "main", "", OLD);
	note_new(s, id, person, 1);
	note_new(s, id, person, 1);
	draft_new(s, id, person, DAY);
	mark_new(s, id, id, 1, 9);
	assert_int_equal(store_attempt_put(s, &attempt, NULL, NULL), 0);
	assert_int_equal(store_promise_put(s, &promise, NULL, NULL), 0);
}


static int rows_of(const struct fixture *f, uint64_t call)
{
	sqlite3 *db = other_open(f);
	char sql[512];
	int n;

	(void)snprintf(sql, sizeof(sql),
		       "SELECT count(*) FROM (SELECT id AS call FROM call"
		       " UNION ALL SELECT call FROM note"
		       " UNION ALL SELECT call FROM draft"
		       " UNION ALL SELECT call FROM mark"
		       " UNION ALL SELECT call FROM attempt"
		       " UNION ALL SELECT call FROM promise)"
		       " WHERE call = %llu", (unsigned long long)call);
	n = other_int(db, sql);
	(void)sqlite3_close(db);

	return n;
}


static int forget(struct store *s, uint64_t call)
{
	struct store_audit row = {.at = 7, .person = 3, .call = call};

	SET(row.what, "case_forgotten");

	return store_call_forget(s, &row, NULL, NULL);
}


static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return false;
}


static void test_forget(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo");
	struct store_audit row = {.id = 0};
	struct store_audit_verdict v;

	epoch_new(s, 1, "main");
	case_new(s, 5, bo);
	case_new(s, 6, bo);
	assert_int_equal(rows_of(*state, 6), 7);
	assert_int_equal(forget(s, 6), 0);
	assert_int_equal(rows_of(*state, 6), 0);
	assert_int_equal(rows_of(*state, 5), 7);

	assert_int_equal(store_audit_each(s, 0, row_keep, &row), 0);
	assert_int_equal(row.id, 1);
	assert_int_equal(row.person, 3);
	assert_int_equal(row.call, 6);
	assert_string_equal(row.what, "case_forgotten");
	assert_string_equal(row.detail,
			    "2 notes, 1 drafts, 1 attempts, 1 promises, 1 marks");
	assert_int_equal(store_audit_verify(s, NULL, &v), 0);
	assert_int_equal(v.fault, STORE_AUDIT_SOUND);

	assert_true(on_disk(*state, said));
	assert_int_equal(forget(s, 5), 0);
	assert_false(on_disk(*state, said));
	assert_false(on_disk(*state, "ZZZZZZZZZZZZZZZZ"));
	store_close(s);
}


/* nothing is said of what never was */
static void test_forget_nothing(void **state)
{
	struct store *s = store_make(*state);
	struct store_audit row = {.id = 0};

	assert_int_equal(forget(s, 6), ENOENT);
	assert_int_equal(forget(s, 0), EINVAL);
	row.at = 1;
	row.call = 6;
	assert_int_equal(store_call_forget(s, &row, NULL, NULL), EINVAL);
	assert_int_equal(store_audit_each(s, 0, row_keep, &row), 0);
	assert_int_equal(row.id, 0);
	store_close(s);
}


/* another call must not come to be thought of as this one */
static void test_numbers(void **state)
{
	struct store *s = store_make(*state);
	uint64_t last;

	call_on_record(s, 5, "main", "talked", OLD);
	call_on_record(s, 9, "main", "talked", OLD);
	assert_int_equal(forget(s, 9), 0);
	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 9);
	assert_int_equal(forget(s, 5), 0);
	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 9);
	call_on_record(s, 10, "main", "talked", OLD);
	assert_int_equal(store_call_last(s, &last), 0);
	assert_int_equal(last, 10);
	store_close(s);
}


/* of this line, over, and before then */
static void test_calls_drop(void **state)
{
	struct store *s = store_make(*state);
	struct store_promise owed = a_promise(4, "");
	struct store_call call;
	unsigned n;

	call_on_record(s, 1, "main", "talked", OLD);
	call_on_record(s, 2, "main", "", OLD);
	call_on_record(s, 3, "youth", "talked", OLD);
	call_on_record(s, 4, "main", "talked", OLD);
	assert_int_equal(store_promise_put(s, &owed, NULL, NULL), 0);
	call_on_record(s, 5, "main", "talked", OLD + QUARTER);
	for (unsigned i = 0; i < MANY; i++)
		call_on_record(s, 10 + i, "main", "kept", OLD);

	assert_int_equal(store_calls_drop(s, "main", OLD + QUARTER, &n), 0);
	assert_int_equal(n, MANY + 1);
	assert_int_equal(count_calls(*state), 4);
	for (uint64_t id = 2; id <= 5; id++)
		assert_int_equal(store_call_get(s, id, &call), 0);
	assert_int_equal(store_calls_drop(s, "main", OLD + QUARTER, &n), 0);
	assert_int_equal(n, 0);
	store_close(s);
}


static bool grant_count(const struct store_grant *grant, void *arg)
{
	(void)grant;
	++*(unsigned *)arg;

	return false;
}


static unsigned grants_of(struct store *s, uint64_t epoch)
{
	unsigned n = 0;

	assert_int_equal(store_grant_of_epoch(s, epoch, grant_count, &n), 0);

	return n;
}


/* what was sealed goes first, the keys when they may */
static void test_epoch(void **state)
{
	const struct store_grant old = {.epoch = 1, .person = 4};
	struct store_promise p = a_promise(5, "");
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo");

	call_on_record(s, 5, "main", "talked", OLD);
	epoch_new(s, 1, "main");
	note_new(s, 5, bo, 1);
	assert_int_equal(store_epoch_drop(s, 1), EPERM);
	assert_true(on_disk(*state, said));

	assert_int_equal(store_epoch_clear(s, 1), 0);
	assert_false(on_disk(*state, said));
	assert_true(on_disk(*state, "BBBBBBBBBBBBBBBB"));
	assert_int_equal(grants_of(s, 1), 1);

	note_new(s, 5, bo, 1);
	epoch_new(s, 2, "main");

	/* not as long as there is a number that it may have to bring back */
	p.number.dialler = 1;
	p.number.epoch = 1;
	assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
	assert_int_equal(store_epoch_drop(s, 1), ENOTEMPTY);
	assert_int_equal(grants_of(s, 1), 1);
	SET(p.state, "kept");
	assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
	assert_int_equal(store_epoch_drop(s, 1), 0);
	assert_false(on_disk(*state, said));
	assert_false(on_disk(*state, "BBBBBBBBBBBBBBBB"));
	assert_true(on_disk(*state, "CCCCCCCCCCCCCCCC"));
	assert_int_equal(grants_of(s, 1), 0);

	/* a colleague's page may have it still: it does not come back */
	assert_int_equal(store_grant_add(s, &old), ENOENT);
	assert_int_equal(grants_of(s, 1), 0);

	/* a line that is not there any more has no current one to keep */
	assert_int_equal(store_epoch_close(s, "main"), 0);
	assert_int_equal(store_epoch_drop(s, 2), 0);
	store_close(s);
}


static void test_drafts(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo");
	unsigned n;

	for (uint64_t id = 1; id <= 3; id++) {
		call_on_record(s, id, "main", "talked", OLD);
		draft_new(s, id, bo, DAY + (uint32_t)id);
	}
	draft_new(s, 1, bo, DAY + 2); /* written on */
	assert_int_equal(store_drafts_drop(s, DAY + 2, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_drafts_drop(s, DAY + 3, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows_of(*state, 3), 2);
	store_close(s);
}


/* those that people can open, and those that still mean something, stay; also
 * when the record of their call goes */
static void test_marks(void **state)
{
	struct store *s = store_make(*state);
	unsigned n;

	call_on_record(s, 1, "main", "talked", OLD);
	epoch_new(s, 1, "main");
	mark_new(s, 1, 1, 1, 5);
	mark_new(s, 2, 1, 1, 6);
	assert_int_equal(store_calls_drop(s, "main", OLD + 1, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows_of(*state, 1), 2);
	assert_int_equal(store_marks_drop(s, DAY + 50, &n), 0);
	assert_int_equal(n, 0);
	epoch_new(s, 2, "main");
	mark_new(s, 3, 1, 2, 5);
	assert_int_equal(store_epoch_drop(s, 1), 0);
	assert_int_equal(store_marks_drop(s, DAY + 5, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows_of(*state, 1), 2);

	/* its call's record is gone: a wish to forget it is heard all the
	 * same */
	assert_int_equal(forget(s, 1), 0);
	assert_int_equal(rows_of(*state, 1), 0);
	store_close(s);
}


struct kept {
	struct store_kept v[3];
	size_t n;
};


static bool kept_add(const struct store_kept *one, void *arg)
{
	struct kept *kept = arg;

	kept->v[kept->n++] = *one;

	return kept->n == 3;
}


static void test_kept(void **state)
{
	struct store *s = store_make(*state);
	struct kept kept = {.n = 0};

	assert_int_equal(store_kept_each(s, kept_add, &kept), 0);
	assert_int_equal(kept.n, 0);
	call_on_record(s, 1, "main", "", OLD - QUARTER);
	call_on_record(s, 2, "main", "talked", OLD + 7 * QUARTER);
	call_on_record(s, 3, "main", "talked", OLD + 6 * QUARTER);
	call_on_record(s, 4, "gone", "talked", OLD);
	assert_int_equal(store_kept_each(s, kept_add, &kept), 0);
	assert_int_equal(kept.n, 2);
	assert_string_equal(kept.v[0].line, "gone");
	assert_int_equal(kept.v[0].n, 1);
	assert_int_equal(kept.v[0].oldest, OLD);
	assert_string_equal(kept.v[1].line, "main");
	assert_int_equal(kept.v[1].n, 2);
	assert_int_equal(kept.v[1].oldest, OLD + 6 * QUARTER);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_forget),
		STORE_CASE(test_forget_nothing),
		STORE_CASE(test_numbers),
		STORE_CASE(test_calls_drop),
		STORE_CASE(test_epoch),
		STORE_CASE(test_drafts),
		STORE_CASE(test_marks),
		STORE_CASE(test_kept),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
