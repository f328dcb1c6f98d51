/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wrong_clock.c  What was recorded while the clock was wrong, once it is right:
 * it is not deleted as if it were as old as its clock said, and makes nothing
 * else stay longer, or go sooner.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "epoch/epochs.h"
#include "epoch/retention.h"
#include "store/keep.h"
#include "store/note.h"

#include "someone.h"
#include "store_fixture.h"


static const int64_t hour = 3600000;
static const int64_t day = 86400000;
static const int64_t november = 1795000320000; /* 2026-11-18 11:12 UTC */
enum { NOVEMBER = 12 * 2026 + 10, MONTHS = 2 };

static const char said[] = "what was sealed in the browser, once";


struct house {
	struct store *s;
	struct config *cfg;
	uint32_t person;
};


/* a line that is in use, with a clock that is right */
static struct house house_make(const struct fixture *f)
{
	struct house h = {store_make(f), calloc(1, sizeof(*h.cfg)), 0};

	assert_non_null(h.cfg);
	h.cfg->n_lines = 1;
	SET(h.cfg->lines[0].name, "main");
	h.cfg->lines[0].keep_notes = MONTHS;
	h.cfg->lines[0].keep_calls = MONTHS;
	h.cfg->lines[0].keep_messages = 90;
	(void)recovery(h.s);
	h.person = someone(h.s, "Bo", "", NULL).id;
	assert_int_equal(store_looked_set(h.s, (uint32_t)(november / day)),
			 0);
	assert_int_equal(epochs_keep_all(h.s, h.cfg, november), 0);

	return h;
}


static void house_end(struct house *h)
{
	store_close(h->s);
	free(h->cfg);
}


/* what ringback-web does each hour */
static struct retention_gone look(const struct house *h, int64_t now,
				  int wanted)
{
	struct retention_gone gone;

	assert_int_equal(epochs_keep_all(h->s, h->cfg, now), 0);
	assert_int_equal(retention_upkeep(h->s, h->cfg, now, &gone), wanted);

	return gone;
}


/* a call, and what somebody writes of it; no day is 0 on record */
static void work(const struct house *h, uint64_t id, int64_t now)
{
	const uint32_t today = now < day ? 1 : (uint32_t)(now / day);
	struct store_note n = {
		.call = id, .person = h->person, .day = today,
		.sealed = (const uint8_t *)said, .n_sealed = sizeof(said),
	};
	struct store_epoch e;

	call_on_record(h->s, id, "main", "talked", now);
	assert_int_equal(store_epoch_current(h->s, "main", &e), 0);
	n.epoch = e.id;
	assert_int_equal(store_note_add(h->s, &n), 0);
	assert_int_equal(store_draft_put(h->s, id, h->person, today,
					 (const uint8_t *)said, sizeof(said)),
			 0);
}


static bool any_note(const struct store_note *note, void *arg)
{
	(void)note;
	*(bool *)arg = true;

	return true;
}


static bool has_note(const struct house *h, uint64_t call)
{
	bool any = false;

	assert_int_equal(store_note_each(h->s, call, any_note, &any), 0);

	return any;
}


static void any_draft(const uint8_t *sealed, size_t n, void *arg)
{
	(void)sealed;
	(void)n;
	*(bool *)arg = true;
}


static bool has_draft(const struct house *h, uint64_t call)
{
	bool any = false;

	(void)store_draft_get(h->s, call, h->person, any_draft, &any);

	return any;
}


static int64_t arrived(const struct house *h, uint64_t id)
{
	struct store_call call;

	assert_int_equal(store_call_get(h->s, id, &call), 0);

	return call.arrived_at;
}


/* ---- cases --------------------------------------------------------------- */

static void behind(const struct fixture *f, int64_t clock)
{
	struct house h = house_make(f);
	struct retention_gone gone;
	struct store_epoch e;

	work(&h, 1, november);
	(void)look(&h, clock, ESTALE);
	work(&h, 2, clock + hour);
	call_on_record(h.s, 3, "main", "", clock + hour); /* it goes on */
	gone = look(&h, november + 3 * hour, 0);
	assert_int_equal(gone.n_epochs + gone.n_calls + gone.n_drafts, 0);
	assert_true(has_note(&h, 2));
	assert_true(has_draft(&h, 2));
	assert_int_equal(arrived(&h, 2) / day, november / day);
	assert_int_equal(store_epoch_current(h.s, "main", &e), 0);
	assert_int_equal(e.month, NOVEMBER);

	/* whoever has it in mind says when it came, again */
	call_on_record(h.s, 3, "main", "talked", clock + hour);
	gone = look(&h, november + 4 * hour, 0);
	assert_int_equal(gone.n_calls, 0);
	assert_int_equal(arrived(&h, 3) / day, november / day);
	house_end(&h);
}


/* no battery: it is 1970 until the clock is told */
static void test_beginning_of_time(void **state)
{
	behind(*state, hour);
}


/* or the year in which the machine was made */
static void test_years_behind(void **state)
{
	behind(*state, november - 1200 * day);
}


/* nothing of it stays longer than what came before and after */
static void test_goes_when_it_is_due(void **state)
{
	struct house h = house_make(*state);
	struct retention_gone gone;

	work(&h, 1, november);
	(void)look(&h, hour, ESTALE);
	work(&h, 2, 2 * hour);
	work(&h, 3, november + hour);
	for (int64_t d = 7; d <= 71; d += 8) { /* to 28 January */
		gone = look(&h, november + d * day, 0);
		assert_int_equal(gone.n_calls, 0);
		assert_true(has_note(&h, 2));
	}
	gone = look(&h, november + 76 * day, 0); /* 2 February */
	assert_int_equal(gone.n_calls, 3);
	assert_false(has_note(&h, 2));
	assert_false(has_draft(&h, 2));
	assert_false(on_disk(*state, said));
	house_end(&h);
}


/* what was recorded meanwhile stays for as much longer; nothing else does, and
 * nothing goes sooner */
static void test_ahead(void **state)
{
	const int64_t year = 365 * day;
	struct house h = house_make(*state);
	struct retention_gone gone;

	work(&h, 1, november);
	(void)look(&h, november + year, ESTALE);
	work(&h, 2, november + year);
	gone = look(&h, november + hour, 0);
	assert_int_equal(gone.n_epochs + gone.n_calls + gone.n_drafts, 0);
	work(&h, 3, november + hour);
	assert_int_equal(arrived(&h, 3) / day, november / day);

	assert_int_equal(store_looked_set(h.s, (uint32_t)(november / day) + 76),
			 0);
	gone = look(&h, november + 76 * day, 0);
	assert_int_equal(gone.n_calls, 2);
	assert_false(has_note(&h, 1) || has_note(&h, 3));
	assert_true(has_note(&h, 2));
	assert_int_equal(store_looked_set(h.s, (uint32_t)((november + year) /
							  day) + 76), 0);
	gone = look(&h, november + year + 76 * day, 0);
	assert_int_equal(gone.n_calls, 1);
	assert_false(has_note(&h, 2));
	assert_false(on_disk(*state, said));
	house_end(&h);
}


/* off for longer than anything is kept: its clock is right, and its day is */
static void test_after_a_long_pause(void **state)
{
	const int64_t now = november + 400 * day;
	struct house h = house_make(*state);
	struct retention_gone gone;

	work(&h, 1, november);
	(void)look(&h, now, ESTALE);
	work(&h, 2, now);
	assert_int_equal(arrived(&h, 2) / day, now / day);
	assert_int_equal(retention_run(h.s, h.cfg, now, &gone), 0);
	assert_int_equal(gone.n_calls, 1);
	assert_false(has_note(&h, 1));
	assert_true(has_note(&h, 2));
	assert_true(has_draft(&h, 2));
	house_end(&h);
}


/* what is said of a call later does not make it younger */
static void test_no_second_youth(void **state)
{
	struct house h = house_make(*state);
	const int64_t later = november + 100 * day;

	call_on_record(h.s, 1, "main", "", november);
	assert_int_equal(store_looked_set(h.s, (uint32_t)(later / day)), 0);
	call_on_record(h.s, 1, "main", "talked", november);
	assert_int_equal(arrived(&h, 1) / day, november / day);
	assert_int_equal(look(&h, later, 0).n_calls, 1);
	house_end(&h);
}


/* a day or a week is a clock that is set; nothing is kept by the day */
static void test_a_little(void **state)
{
	struct house h = house_make(*state);

	call_on_record(h.s, 1, "main", "talked", november - STORE_TRUST * day);
	assert_int_equal(arrived(&h, 1) / day, november / day - STORE_TRUST);
	call_on_record(h.s, 2, "main", "talked",
		       november - (STORE_TRUST + 1) * day);
	assert_int_equal(arrived(&h, 2) / day, november / day);
	house_end(&h);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_beginning_of_time),
		STORE_CASE(test_years_behind),
		STORE_CASE(test_goes_when_it_is_due),
		STORE_CASE(test_ahead),
		STORE_CASE(test_after_a_long_pause),
		STORE_CASE(test_no_second_youth),
		STORE_CASE(test_a_little),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
