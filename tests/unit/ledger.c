/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger.c  Records on their way to a real store, on a disk that is full now
 * and then.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <re.h>

#include "line/ledger.h"
#include "tmpdir.h"


enum { LOOK_MS = 5, GUARD_MS = 10000 };

struct desk {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct ledger *ledger;
	struct tmr look;
	struct tmr guard;
	size_t n_made;
	uint64_t made;
	int made_err;
	bool late;
};


static void made(uint64_t call, int err, void *arg)
{
	struct desk *d = arg;

	++d->n_made;
	d->made = call;
	d->made_err = err;
	re_cancel();
}


static int setup(void **state)
{
	static struct desk desk;
	struct desk *d = &desk;
	struct store *s;

	memset(d, 0, sizeof(*d));
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(libre_init(), 0);
	tmpdir_make(d->dir, "ledger");
	assert_int_equal(store_open(&s, d->dir, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
	assert_int_equal(ledger_alloc(&d->ledger, d->store, made, NULL, d),
			 0);
	*state = d;

	return 0;
}


static int teardown(void **state)
{
	struct desk *d = *state;

	mem_deref(d->ledger);
	store_close(d->store);
	tmpdir_remove(d->dir);
	libre_close();

	return 0;
}


static struct store_call a_call(uint64_t id, const char *state,
				const char *outcome)
{
	struct store_call c = {.id = id, .arrived_at = 1};

	(void)snprintf(c.line, sizeof(c.line), "main");
	(void)snprintf(c.language, sizeof(c.language), "en");
	(void)snprintf(c.state, sizeof(c.state), "%s", state);
	(void)snprintf(c.outcome, sizeof(c.outcome), "%s", outcome);

	return c;
}


static void too_late(void *arg)
{
	struct desk *d = arg;

	d->late = true;
	re_cancel();
}


static void look(void *arg)
{
	struct desk *d = arg;

	if (ledger_behind(d->ledger) == 0)
		re_cancel();
	else
		tmr_start(&d->look, LOOK_MS, look, d);
}


static void loop(struct desk *d)
{
	tmr_start(&d->guard, GUARD_MS, too_late, d);
	assert_int_equal(re_main(NULL), 0);
	tmr_cancel(&d->guard);
	tmr_cancel(&d->look);
	assert_false(d->late);
}


static void await_up_to_date(struct desk *d)
{
	look(d);
	loop(d);
	assert_int_equal(ledger_behind(d->ledger), 0);
}


static bool keep(const struct store_call *call, void *arg)
{
	*(struct store_call *)arg = *call;

	return true;
}


static void assert_on_record(struct desk *d, uint64_t id, const char *state,
			     const char *outcome)
{
	struct store_call c = {0};

	assert_int_equal(store_call_each(d->store, 1, keep, &c), 0);
	assert_int_equal(c.id, id);
	assert_string_equal(c.state, state);
	assert_string_equal(c.outcome, outcome);
}


static void a_first_record_is_told_when_durable(void **state)
{
	struct desk *d = *state;
	const struct store_call c = a_call(7, "arriving", "");

	assert_int_equal(ledger_make(d->ledger, &c), 0);
	assert_int_equal(d->n_made, 0);
	loop(d);
	assert_int_equal(d->n_made, 1);
	assert_int_equal(d->made, 7);
	assert_int_equal(d->made_err, 0);
	assert_on_record(d, 7, "arriving", "");
}


static void the_last_word_counts(void **state)
{
	struct desk *d = *state;
	const struct store_call words[] = {a_call(7, "waiting", ""),
					   a_call(7, "talking", ""),
					   a_call(7, "ended", "talked")};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		ledger_update(d->ledger, &words[i]);
	assert_int_equal(ledger_behind(d->ledger), 1);
	await_up_to_date(d);
	assert_on_record(d, 7, "ended", "talked");
}


/* no file of ours may grow: what a full disk looks like to SQLite */
static void disk_fill(struct desk *d, struct rlimit *old)
{
	struct rlimit now;
	struct stat st;
	char wal[TMPDIR_SIZE + 16];

	(void)snprintf(wal, sizeof(wal), "%s/store.db-wal", d->dir);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, old), 0);
	now = *old;
	now.rlim_cur = (rlim_t)st.st_size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}


static void a_full_disk_is_waited_out(void **state)
{
	struct desk *d = *state;
	const struct store_call first = a_call(7, "waiting", "");
	const struct store_call last = a_call(7, "ended", "gave_up");
	const struct store_call other = a_call(8, "arriving", "");
	const struct store_call refused = a_call(8, "ended", "closed");
	struct rlimit old;

	ledger_update(d->ledger, &first);
	await_up_to_date(d);

	disk_fill(d, &old);
	ledger_update(d->ledger, &last);
	assert_int_equal(ledger_make(d->ledger, &other), 0);
	loop(d);
	assert_int_equal(d->made, 8);
	assert_int_equal(d->made_err, ENOSPC);
	ledger_update(d->ledger, &refused);
	assert_int_equal(ledger_behind(d->ledger), 2);
	assert_on_record(d, 7, "waiting", "");

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	await_up_to_date(d);
	assert_on_record(d, 8, "ended", "closed");
}


static void may_end_in_the_middle(void **state)
{
	struct desk *d = *state;
	const struct store_call c = a_call(7, "waiting", "");

	assert_int_equal(ledger_make(d->ledger, &c), 0);
	ledger_update(d->ledger, &c);
	d->ledger = mem_deref(d->ledger);
	store_close(d->store);
	d->store = NULL;
	assert_int_equal(d->n_made, 0);

	/* what was queued is on disk all the same */
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
	assert_on_record(d, 7, "waiting", "");
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_first_record_is_told_when_durable),
		CASE(the_last_word_counts),
		CASE(a_full_disk_is_waited_out),
		CASE(may_end_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
