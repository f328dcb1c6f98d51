/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_mark.c  Callers who are blocked or have a care plan, as the store keeps
 * them.
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

#include "store/audit.h"
#include "store/epoch.h"
#include "store/mark.h"

#include "store_fixture.h"


enum { TODAY = 20778 };


static void epoch_new(struct store *s, uint64_t id, const char *line)
{
	struct store_epoch e = {.id = id, .month = 24322, .public = {1}};

	SET(e.line, line);
	assert_int_equal(store_epoch_add(s, &e, NULL, 0), 0);
}


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static struct store_mark a_mark(uint64_t id, uint64_t epoch)
{
	struct store_mark m = {
		.id = id, .kind = STORE_MARK_BLOCK,
		.reason = STORE_MARK_THREATS, .call = 5, .person = 1,
		.made_day = TODAY, .review_day = TODAY + 90, .epoch = epoch,
		.sealed = {3, 1, 4},
	};

	SET(m.line, "main");

	return m;
}


/* line "main" is sealed to 2, "youth" to 3 */
static struct store *store_ready(void **state)
{
	struct store *s = store_make(*state);

	epoch_new(s, 1, "main");
	epoch_new(s, 2, "main");
	epoch_new(s, 3, "youth");

	return s;
}


static void mark_same(const struct store_mark *a, const struct store_mark *b)
{
	assert_int_equal(a->id, b->id);
	assert_string_equal(a->line, b->line);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->call, b->call);
	assert_int_equal(a->person, b->person);
	assert_int_equal(a->made_day, b->made_day);
	assert_int_equal(a->review_day, b->review_day);
	assert_int_equal(a->epoch, b->epoch);
	assert_memory_equal(a->sealed, b->sealed, sizeof(a->sealed));
}


struct ids {
	uint64_t v[4];
	size_t n;
};


static bool id_keep(const struct store_mark *mark, void *arg)
{
	struct ids *ids = arg;

	ids->v[ids->n++] = mark->id;

	return ids->n == 4;
}


static struct ids ids_of(struct store *s)
{
	struct ids ids = {.n = 0};

	assert_int_equal(store_mark_each(s, id_keep, &ids), 0);

	return ids;
}


static void test_words(void **state)
{
	static const struct {
		const char *kind, *reason;
		int err;
	} rows[] = {
		{"block", "abuse", 0}, {"block", "flood", 0},
		{"plan", "plan", 0},   {"block", "plan", EINVAL},
		{"plan", "abuse", EINVAL}, {"", "", EINVAL},
	};
	enum store_mark_kind kind;
	enum store_mark_reason reason;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(store_mark_decode(&kind, &reason,
						   rows[i].kind,
						   rows[i].reason),
				 rows[i].err);
		if (rows[i].err)
			continue;
		assert_string_equal(store_mark_kind_name(kind), rows[i].kind);
		assert_string_equal(store_mark_reason_name(reason),
				    rows[i].reason);
	}
	assert_int_equal(store_mark_days(STORE_MARK_BLOCK), 90);
	assert_int_equal(store_mark_days(STORE_MARK_PLAN), 365);
}


static void test_marks(void **state)
{
	struct store *s = store_ready(state);
	const uint32_t bo = person_new(s, "Bo");
	struct store_mark a = a_mark(77, 2), b = a_mark(12, 2), got;
	struct ids ids;

	b.kind = STORE_MARK_PLAN;
	b.reason = STORE_MARK_CARE;
	b.person = bo;
	b.made_day = TODAY + 1;
	b.review_day = TODAY + 366;
	assert_int_equal(store_mark_add(s, &a), 0);
	assert_int_equal(store_mark_add(s, &b), 0);
	assert_int_equal(store_mark_add(s, &a), EEXIST);
	ids = ids_of(s);
	assert_int_equal(ids.n, 2);
	assert_int_equal(ids.v[0], 77); /* the oldest first */
	assert_int_equal(ids.v[1], 12);

	assert_int_equal(store_mark_get(s, 12, &got), 0);
	mark_same(&got, &b);
	assert_string_equal(got.name, "Bo");
	assert_false(got.lost);
	assert_int_equal(store_mark_get(s, 13, &got), ENOENT);

	/* who has made it may go */
	assert_int_equal(store_person_remove(s, bo), 0);
	assert_int_equal(store_mark_get(s, 12, &got), 0);
	assert_string_equal(got.name, "");
	assert_int_equal(got.person, bo);

	assert_int_equal(store_mark_remove(s, 77), 0);
	assert_int_equal(store_mark_remove(s, 77), ENOENT);
	assert_int_equal(ids_of(s).n, 1);
	store_close(s);
}


/* none is for ever, nor sealed to a key of before or of another line */
static void test_refused(void **state)
{
	struct store *s = store_ready(state);
	struct store_mark m = a_mark(7, 1);

	assert_int_equal(store_mark_add(s, &m), ESTALE);
	m.epoch = 3;
	assert_int_equal(store_mark_add(s, &m), ESTALE);
	m.epoch = 4;
	assert_int_equal(store_mark_add(s, &m), ESTALE);
	m = a_mark(7, 2);
	m.review_day = TODAY + 91;
	assert_int_equal(store_mark_add(s, &m), EINVAL);
	m.review_day = TODAY;
	assert_int_equal(store_mark_add(s, &m), EINVAL);
	m = a_mark(7, 2);
	m.reason = STORE_MARK_CARE;
	assert_int_equal(store_mark_add(s, &m), EINVAL);
	m = a_mark(0, 2);
	assert_int_equal(store_mark_add(s, &m), EINVAL);
	assert_int_equal(ids_of(s).n, 0);
	store_close(s);
}


static void test_review(void **state)
{
	struct store *s = store_ready(state);
	struct store_mark m = a_mark(7, 2), got;

	assert_int_equal(store_mark_add(s, &m), 0);
	assert_false(store_mark_due(&m, TODAY + 89));
	assert_true(store_mark_due(&m, TODAY + 90));

	/* somebody came meanwhile: its own epoch goes, the new one too */
	epoch_new(s, 4, "main");
	m.review_day = TODAY + 100;
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), 0);
	m.epoch = 4;
	m.sealed[0] = 9;
	m.review_day = TODAY + 140;
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), 0);
	assert_int_equal(store_mark_get(s, 7, &got), 0);
	mark_same(&got, &m);

	m.review_day = TODAY + 141;
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), EINVAL);
	m.review_day = TODAY + 50;
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), EINVAL);
	m.review_day = TODAY + 130;
	m.epoch = 1; /* neither its own nor the current one */
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), ESTALE);
	m.epoch = 3; /* another line's */
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), ESTALE);
	m.epoch = 4;
	m.id = 8;
	assert_int_equal(store_mark_review(s, &m, TODAY + 50), ENOENT);
	assert_int_equal(store_mark_get(s, 7, &got), 0);
	assert_int_equal(got.review_day, TODAY + 140);
	store_close(s);
}


/* what nobody can open any more is said to be so */
static void test_lost(void **state)
{
	struct store *s = store_ready(state);
	struct store_mark m = a_mark(7, 2), got;

	assert_int_equal(store_mark_add(s, &m), 0);
	epoch_new(s, 4, "main");
	assert_int_equal(store_epoch_drop(s, 2), 0);
	assert_int_equal(store_mark_get(s, 7, &got), 0);
	assert_true(got.lost);
	store_close(s);
}


static bool row_keep(const struct store_audit *row, void *arg)
{
	*(struct store_audit *)arg = *row;

	return false;
}


/* on record with what says so, or not at all */
static void test_along(void **state)
{
	struct store *s = store_ready(state);
	struct store_audit row = {.at = 7, .person = 9, .call = 5};
	struct store_audit last = {.id = 0};
	struct store_mark m = a_mark(7, 2);

	SET(row.what, "mark_made");
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_mark_add(s, &m), 0);
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_mark_add(s, &m), EEXIST);
	SET(row.what, "mark_removed");
	assert_int_equal(store_audit_along(s, &row), 0);
	assert_int_equal(store_mark_remove(s, 7), 0);
	assert_int_equal(store_audit_each(s, 0, row_keep, &last), 0);
	assert_int_equal(last.id, 2);
	assert_string_equal(last.what, "mark_removed");
	assert_int_equal(last.call, 5);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_words),
		STORE_CASE(test_marks),
		STORE_CASE(test_refused),
		STORE_CASE(test_review),
		STORE_CASE(test_lost),
		STORE_CASE(test_along),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
