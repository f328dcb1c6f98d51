/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * retention.c  What goes when, month by month; what is never lost; and when
 * somebody must look.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "base/message.h"
#include "epoch/epochs.h"
#include "epoch/retention.h"
#include "store/keep.h"
#include "store/note.h"
#include "store/telephone.h"

#include "store_fixture.h"


static const int64_t day = 86400000;
static const int64_t december = 1796083200000; /* 2026-12-01 00:00 UTC */
enum { DECEMBER = 12 * 2026 + 11, MONTHS = 3, CALLS = 4, DAYS = 5 };

static const char said[] = "what was sealed in the browser, once";


static struct config *config_make(void)
{
	struct config *cfg = calloc(1, sizeof(*cfg));

	assert_non_null(cfg);
	cfg->n_lines = 1;
	SET(cfg->lines[0].name, "main");
	cfg->lines[0].keep_notes = MONTHS;
	cfg->lines[0].keep_calls = CALLS;
	cfg->lines[0].keep_messages = DAYS;

	return cfg;
}


static void epoch_new(struct store *s, uint64_t id, const char *line,
		      uint32_t month)
{
	struct store_epoch e = {.id = id, .month = month, .public = {1}};
	struct store_grant g = {.epoch = id, .public = {2}};

	SET(e.line, line);
	assert_int_equal(store_epoch_add(s, &e, &g, 1), 0);
}


static void note_new(struct store *s, uint64_t call, uint64_t epoch)
{
	struct store_note n = {
		.call = call, .person = 1, .epoch = epoch, .day = 20000,
		.sealed = (const uint8_t *)said, .n_sealed = sizeof(said),
	};

	assert_int_equal(store_note_add(s, &n), 0);
}


static void owe(struct store *s, uint64_t id, const char *line,
		int64_t made_at)
{
	struct store_promise p = a_promise(id, "");

	call_on_record(s, id, line, "", made_at);
	p.made_at = made_at;
	assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
}


struct all {
	struct retention v[4];
	size_t n;
};


static bool keep(const struct retention *r, void *arg)
{
	struct all *all = arg;

	all->v[all->n++] = *r;

	return all->n == 4;
}


/* with a clock that is not in doubt */
static struct all look(struct store *s, const struct config *cfg, int64_t now)
{
	struct all all = {.n = 0};

	assert_int_equal(store_looked_set(s, (uint32_t)(now / day)), 0);
	assert_int_equal(retention_each(s, cfg, now, keep, &all), 0);
	assert_true(all.n >= 1);
	assert_string_equal(all.v[0].line, "main");

	return all;
}


static struct retention_gone run(struct store *s, const struct config *cfg,
				 int64_t now)
{
	struct retention_gone gone;

	assert_int_equal(retention_run(s, cfg, now, &gone), 0);

	return gone;
}


struct kept_epochs {
	uint64_t ids[8];
	size_t n;
};


static bool epoch_keep(const struct store_epoch *e, void *arg)
{
	struct kept_epochs *k = arg;

	if (!e->dropped)
		k->ids[k->n++] = e->id;

	return k->n == 8;
}


/* exactly these are not dropped */
static void epochs_are(struct store *s, const char *ids)
{
	struct kept_epochs k = {.n = 0};
	char text[64] = "";
	size_t n = 0;

	assert_int_equal(store_epoch_each(s, epoch_keep, &k), 0);
	for (size_t i = 0; i < k.n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u",
				      i ? " " : "", (unsigned)k.ids[i]);
	assert_string_equal(text, ids);
}


/* ---- cases --------------------------------------------------------------- */

/* whole months: the first day of the one after the last that is kept */
static void test_when(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct all all;

	epoch_new(s, 1, "main", DECEMBER - MONTHS);
	epoch_new(s, 2, "main", DECEMBER);
	all = look(s, cfg, december);
	assert_int_equal(all.n, 1);
	assert_true(all.v[0].configured);
	assert_int_equal(all.v[0].keep_notes, MONTHS);
	assert_int_equal(all.v[0].due, december + 31 * day); /* January */
	assert_false(all.v[0].overdue);
	assert_int_equal(run(s, cfg, december).n_epochs, 0);
	assert_int_equal(run(s, cfg, december + 31 * day - 1).n_epochs, 0);
	epochs_are(s, "1 2");

	all = look(s, cfg, december + 32 * day);
	assert_false(retention_alarm(&all.v[0]));
	all = look(s, cfg, december + 32 * day + 1);
	assert_true(all.v[0].overdue);
	assert_true(retention_alarm(&all.v[0]));
	assert_int_equal(run(s, cfg, december + 31 * day).n_epochs, 1);
	epochs_are(s, "2");
	all = look(s, cfg, december + 32 * day + 1);
	assert_false(retention_alarm(&all.v[0]));
	assert_int_equal(all.v[0].oldest, december);
	free(cfg);
	store_close(s);
}


static void test_notes_go(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();

	call_on_record(s, 1, "main", "talked", december - 100 * day);
	epoch_new(s, 1, "main", DECEMBER - MONTHS - 1);
	note_new(s, 1, 1);
	epoch_new(s, 2, "main", DECEMBER);
	note_new(s, 1, 2);
	assert_int_equal(run(s, cfg, december).n_epochs, 1);
	assert_true(on_disk(*state, said)); /* that of epoch 2 */
	assert_int_equal(run(s, cfg, december).n_epochs, 0);
	assert_int_equal(run(s, cfg, december + 400 * day).n_epochs, 0);
	epochs_are(s, "2"); /* which is current: another month brings another */
	epoch_new(s, 3, "main", DECEMBER + 13);
	assert_int_equal(run(s, cfg, december + 400 * day).n_epochs, 1);
	assert_false(on_disk(*state, said));
	epochs_are(s, "3");
	free(cfg);
	store_close(s);
}


static void test_calls_go(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct store_call call;
	struct all all;

	/* December keeps those of August, July's last one goes */
	call_on_record(s, 1, "main", "talked", december - 123 * day);
	call_on_record(s, 2, "main", "talked", december - 122 * day);
	call_on_record(s, 3, "main", "", december - 400 * day);
	all = look(s, cfg, december);
	assert_int_equal(all.v[0].oldest, december - 123 * day);
	assert_int_equal(all.v[0].due, december);
	assert_int_equal(run(s, cfg, december).n_calls, 1);
	assert_int_equal(store_call_get(s, 1, &call), ENOENT);
	assert_int_equal(store_call_get(s, 2, &call), 0);
	assert_int_equal(store_call_get(s, 3, &call), 0);
	all = look(s, cfg, december);
	assert_int_equal(all.v[0].due, december + 31 * day);
	free(cfg);
	store_close(s);
}


/* what is owed is not made worthless: its key stays, which is an alarm, and
 * what was written goes all the same */
static void test_promise_holds(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct store_promise p;
	struct all all;

	epoch_new(s, 1, "main", DECEMBER - MONTHS - 4);
	epoch_new(s, 2, "main", DECEMBER - MONTHS - 2);
	call_on_record(s, 9, "main", "talked", december - 10 * day);
	note_new(s, 9, 2);
	epoch_new(s, 3, "main", DECEMBER);
	owe(s, 5, "main", december - 140 * day); /* July */
	all = look(s, cfg, december);
	assert_int_equal(all.v[0].n_held, 1);
	assert_true(retention_alarm(&all.v[0]));

	assert_int_equal(run(s, cfg, december).n_epochs, 1);
	epochs_are(s, "2 3");
	assert_false(on_disk(*state, said));
	all = look(s, cfg, december);
	assert_true(all.v[0].overdue && all.v[0].n_held == 1);

	assert_int_equal(store_promise_get(s, 5, &p), 0);
	SET(p.state, "closed");
	assert_int_equal(store_promise_put(s, &p, NULL, NULL), 0);
	assert_int_equal(run(s, cfg, december).n_epochs, 1);
	epochs_are(s, "3");
	all = look(s, cfg, december);
	assert_false(retention_alarm(&all.v[0]));
	free(cfg);
	store_close(s);
}


/* a message that nobody deals with */
static void test_messages(void **state)
{
	static const uint8_t head[MESSAGE_HEAD] = {
		'R', 'B', 'S', 1, 'M', 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
	};
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	struct config *cfg = config_make();
	char path[MESSAGE_PATH], before[512];
	FILE *file;

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(mkdir(message_folder, 0700), 0);
	owe(s, 5, "main", december);
	owe(s, 6, "main", december);
	assert_int_equal(look(s, cfg, december + 90 * day).v[0].n_messages, 0);
	message_path(path, 5);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(head, sizeof(head), 1, file), 1);
	for (unsigned i = 0; i < MESSAGE_LID + MESSAGE_SEALED; i++)
		assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);

	assert_int_equal(look(s, cfg, december + DAYS * day).v[0].n_messages,
			 0);
	assert_int_equal(
		look(s, cfg, december + DAYS * day + 1).v[0].n_messages, 1);
	(void)run(s, cfg, december + 4000 * day);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(chdir(before), 0);
	free(cfg);
	store_close(s);
}


/* taken out of the configuration: it does not stay for ever */
static void test_line_gone(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	const int64_t then = december + 31 * day; /* January */
	struct all all;

	epoch_new(s, 1, "youth", DECEMBER - RETENTION_NOTES + 1);
	call_on_record(s, 1, "night", "talked", december - 731 * day); /* 2 years */
	all = look(s, cfg, then);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[1].line, "youth");
	assert_false(all.v[1].configured);
	assert_int_equal(all.v[1].keep_notes, RETENTION_NOTES);
	assert_string_equal(all.v[2].line, "night");
	assert_int_equal(all.v[2].keep_calls, RETENTION_CALLS);
	assert_int_equal(run(s, cfg, december).n_epochs, 0);
	assert_int_equal(count_calls(*state), 0);
	assert_int_equal(run(s, cfg, then).n_epochs, 0);
	assert_int_equal(run(s, cfg, then + 31 * day).n_epochs, 1);
	epochs_are(s, "");
	assert_int_equal(look(s, cfg, then).n, 1);
	free(cfg);
	store_close(s);
}


/* keys to people's telephones: as long as a number needs them */
static void test_house(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct store_person p = a_person("Bo", "");

	epoch_new(s, 1, EPOCHS_HOUSE, DECEMBER - 3);
	epoch_new(s, 2, EPOCHS_HOUSE, DECEMBER - 3);
	epoch_new(s, 3, EPOCHS_HOUSE, DECEMBER - 1);
	epoch_new(s, 4, EPOCHS_HOUSE, DECEMBER);
	assert_int_equal(store_person_add(s, &p), 0);
	p.number.dialler = 1;
	p.number.epoch = 1;
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_int_equal(store_epoch_drop(s, 1), ENOTEMPTY);
	assert_int_equal(run(s, cfg, december).n_epochs, 1);
	epochs_are(s, "1 3 4");
	assert_int_equal(store_person_remove(s, p.id), 0);
	assert_int_equal(run(s, cfg, december).n_epochs, 1);
	epochs_are(s, "3 4");
	free(cfg);
	store_close(s);
}


static void test_drafts(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct store_person p = a_person("Bo", "");

	call_on_record(s, 1, "main", "", december);
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_draft_put(s, 1, p.id,
					 (uint32_t)(december / day),
					 (const uint8_t *)said, sizeof(said)),
			 0);
	assert_int_equal(run(s, cfg, december + 30 * day).n_drafts, 0);
	assert_true(on_disk(*state, said));
	assert_int_equal(run(s, cfg, december + 31 * day).n_drafts, 1);
	assert_false(on_disk(*state, said));
	free(cfg);
	store_close(s);
}


/* by itself: how many epochs go, none as the clock is not believed */
static void upkeep(struct store *s, const struct config *cfg, int64_t now,
		   int wanted, unsigned n)
{
	struct retention_gone gone = {.n_epochs = 99};
	struct all all = {.n = 0};

	assert_int_equal(retention_each(s, cfg, now, keep, &all), 0);
	assert_int_equal(all.v[0].doubted, wanted == ESTALE);
	if (all.v[0].doubted) {
		assert_true(retention_alarm(&all.v[0]));
		assert_false(all.v[0].overdue); /* who would delete, then? */
	}
	assert_int_equal(retention_upkeep(s, cfg, now, &gone), wanted);
	assert_int_equal(gone.n_epochs, n);
}


/* forth and back, by a month, by years: nothing that was not due goes, however
 * often it is looked, and whatever is put on record meanwhile */
static void test_clock(void **state)
{
	static const int64_t jumps[] = {9, 31, 400, 3650, -10, -400, -20700};
	struct store *s = store_make(*state);
	struct config *cfg = config_make();

	epoch_new(s, 1, "main", DECEMBER - MONTHS - 1);
	epoch_new(s, 2, "main", DECEMBER - MONTHS);
	epoch_new(s, 3, "main", DECEMBER);
	assert_int_equal(store_looked_set(s, (uint32_t)(december / day)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jumps); i++) {
		const int64_t now = december + jumps[i] * day;

		upkeep(s, cfg, now, ESTALE, 0);
		call_on_record(s, 10 + i, "main", "", now);
		upkeep(s, cfg, now + day, ESTALE, 0);
	}
	epochs_are(s, "1 2 3");
	upkeep(s, cfg, december + 8 * day, 0, 1);
	epochs_are(s, "2 3");

	/* each look moves it on */
	for (int64_t i = 16; i <= 32; i += 8)
		upkeep(s, cfg, december + i * day, 0, i == 32);
	epochs_are(s, "3");
	free(cfg);
	store_close(s);
}


/* off for half a year: a person says that the clock is right */
static void test_vouched(void **state)
{
	const int64_t now = december + 180 * day;
	struct store *s = store_make(*state);
	struct config *cfg = config_make();
	struct all all = {.n = 0};

	epoch_new(s, 1, "main", DECEMBER);
	epoch_new(s, 2, "main", DECEMBER + 5);
	assert_int_equal(store_looked_set(s, (uint32_t)(december / day)), 0);
	upkeep(s, cfg, now, ESTALE, 0);
	assert_int_equal(retention_each(s, cfg, now, keep, &all), 0);
	assert_int_equal(all.v[0].looked, december);
	assert_int_equal(run(s, cfg, now).n_epochs, 1);
	epochs_are(s, "2");
	upkeep(s, cfg, now + day, 0, 0);
	upkeep(s, cfg, december, ESTALE, 0);
	free(cfg);
	store_close(s);
}


static void test_refused(void **state)
{
	struct store *s = store_make(*state);
	struct config *cfg = config_make();

	assert_int_equal(retention_each(NULL, cfg, december, keep, NULL),
			 EINVAL);
	assert_int_equal(retention_each(s, NULL, december, keep, NULL),
			 EINVAL);
	assert_int_equal(retention_each(s, cfg, december, NULL, NULL),
			 EINVAL);
	assert_int_equal(retention_run(s, NULL, december, NULL), EINVAL);
	assert_int_equal(retention_upkeep(NULL, cfg, december, NULL), EINVAL);
	assert_int_equal(retention_run(s, cfg, 0, NULL), 0);
	free(cfg);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_when),
		STORE_CASE(test_notes_go),
		STORE_CASE(test_calls_go),
		STORE_CASE(test_promise_holds),
		STORE_CASE(test_messages),
		STORE_CASE(test_line_gone),
		STORE_CASE(test_house),
		STORE_CASE(test_drafts),
		STORE_CASE(test_clock),
		STORE_CASE(test_vouched),
		STORE_CASE(test_refused),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
