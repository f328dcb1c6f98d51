/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger.c  Records on their way to a real store, on a disk that is full now
 * and then.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <re.h>

#include "line/ledger.h"
#include "catch.h"
#include "clock.h"
#include "disk.h"
#include "guard.h"
#include "oom.h"
#include "tmpdir.h"


enum { LOOK_MS = 5, FAST = 20, GUARD_MS = 60000 * FAST };

struct told {
	size_t n;
	uint64_t call;
	int err;
};

struct desk {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct ledger *ledger;
	struct tmr look;
	struct told made;
	struct told promised;
	struct told settled;
};


static void made(uint64_t call, int err, void *arg)
{
	struct desk *d = arg;

	++d->made.n;
	d->made.call = call;
	d->made.err = err;
	re_cancel();
}


static void promised(uint64_t call, int err, void *arg)
{
	struct desk *d = arg;

	++d->promised.n;
	d->promised.call = call;
	d->promised.err = err;
	re_cancel();
}


static int setup(void **state)
{
	static struct desk desk;
	struct desk *d = &desk;
	struct store *s;

	memset(d, 0, sizeof(*d));
	clock_get()->speed = FAST;
	tmpdir_make(d->dir, "ledger");
	assert_int_equal(store_open(&s, d->dir, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
	assert_int_equal(ledger_alloc(&d->ledger, d->store, made, promised, d),
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

	return 0;
}


/* the end of the ledger and of the store, and a new store */
static void end_and_begin(struct desk *d)
{
	d->ledger = mem_deref(d->ledger);
	store_close(d->store);
	d->store = NULL;
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
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


static struct store_promise a_promise(uint64_t call, const char *state,
				      const char *number)
{
	struct store_promise p = {.call = call, .kind = "ring_back"};

	(void)snprintf(p.state, sizeof(p.state), "%s", state);
	p.number.dialler = number[0] ? 1 : 0;
	memcpy(p.number.for_dialler, number, strlen(number));

	return p;
}


static struct store_attempt an_attempt(uint64_t call, uint32_t n, int64_t at,
				       const char *outcome)
{
	struct store_attempt a = {.call = call, .n = n, .at = at};

	(void)snprintf(a.outcome, sizeof(a.outcome), "%s", outcome);

	return a;
}


static void look(void *arg)
{
	struct desk *d = arg;

	if (ledger_behind(d->ledger) == 0)
		re_cancel();
	else
		clock_real_start(&d->look, LOOK_MS, look, d);
}


static void await_up_to_date(struct desk *d)
{
	clock_real_start(&d->look, 0, look, d);
	guard_loop(GUARD_MS);
	tmr_cancel(&d->look);
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


static void assert_promise(struct desk *d, uint64_t call, const char *state,
			   const char *number)
{
	struct store_promise p;

	assert_int_equal(store_promise_get(d->store, call, &p), 0);
	assert_string_equal(p.state, state);
	assert_string_equal((char *)p.number.for_dialler, number);
}


/* ---- records ---- */

static void a_first_record_is_told_when_durable(void **state)
{
	struct desk *d = *state;
	const struct store_call c = a_call(7, "arriving", "");

	assert_int_equal(ledger_make(d->ledger, &c), 0);
	assert_int_equal(d->made.n, 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->made.n, 1);
	assert_int_equal(d->made.call, 7);
	assert_int_equal(d->made.err, 0);
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

	disk_fill(d->dir, &old);
	ledger_update(d->ledger, &last);
	assert_int_equal(ledger_make(d->ledger, &other), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->made.call, 8);
	assert_int_equal(d->made.err, 0); /* it waits in memory */
	ledger_update(d->ledger, &refused);
	assert_int_equal(ledger_behind(d->ledger), 2);
	assert_on_record(d, 7, "waiting", "");

	disk_empty(&old);
	await_up_to_date(d);
	assert_on_record(d, 8, "ended", "closed");
}


/* was a timer started for so long? */
static bool waited(uint64_t ms)
{
	const struct clock *clock = clock_get();

	for (size_t i = 0; i < clock->n_starts; i++) {
		if (clock->starts[i] == ms)
			return true;
	}

	return false;
}


static void make_and_wait(struct desk *d, uint64_t id)
{
	const struct store_call c = a_call(id, "arriving", "");

	clock_get()->n_starts = 0;
	assert_int_equal(ledger_make(d->ledger, &c), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->made.call, id);
	assert_int_equal(d->made.err, 0);
}


static void look_late(void *arg)
{
	struct desk *d = arg;

	if (ledger_unwritable(d->ledger))
		re_cancel();
	else
		clock_real_start(&d->look, LOOK_MS, look_late, d);
}


/* one caller finds out that the disk is slow, the next do not; and once it is
 * quick, all wait for it again */
static void a_slow_store_makes_one_wait(void **state)
{
	struct desk *d = *state;
	sqlite3 *other;
	char path[TMPDIR_SIZE + 16];

	(void)snprintf(path, sizeof(path), "%s/store.db", d->dir);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), SQLITE_OK);
	make_and_wait(d, 7);
	assert_true(waited(2000));
	make_and_wait(d, 8);
	assert_true(waited(250));
	assert_false(waited(2000));
	assert_int_equal(ledger_behind(d->ledger), 2);

	clock_real_start(&d->look, 0, look_late, d);
	guard_loop(GUARD_MS);
	assert_true(ledger_unwritable_since(d->ledger) > 0);

	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(other);
	await_up_to_date(d);
	assert_false(ledger_unwritable(d->ledger));
	assert_int_equal(ledger_unwritable_since(d->ledger), 0);
	assert_on_record(d, 8, "arriving", "");

	make_and_wait(d, 9); /* which was quick */
	make_and_wait(d, 10);
	assert_true(waited(2000));
}


static void may_end_in_the_middle(void **state)
{
	struct desk *d = *state;
	const struct store_call c = a_call(7, "waiting", "");

	assert_int_equal(ledger_make(d->ledger, &c), 0);
	ledger_update(d->ledger, &c);
	end_and_begin(d);
	assert_int_equal(d->made.n, 0);

	/* what was queued is on disk all the same */
	assert_on_record(d, 7, "waiting", "");
}


/* no retry makes a row good; the others of the call go on */
static void what_the_store_refuses_is_dropped(void **state)
{
	struct desk *d = *state;
	const struct store_promise bad = a_promise(7, "", "");
	const struct store_call good = a_call(7, "waiting", "");
	struct catch said;
	char text[1024];

	catch_begin(&said);
	ledger_promise_update(d->ledger, &bad);
	ledger_update(d->ledger, &good);
	await_up_to_date(d);
	catch_end(&said, text, sizeof(text));
	assert_on_record(d, 7, "waiting", "");
	assert_non_null(strstr(text, "call 7: its promise stays as it was"));
	assert_null(strstr(strstr(text, "mistake") + 1, "mistake"));
}


/* ---- promises ---- */

static void a_promise_is_told_when_durable(void **state)
{
	struct desk *d = *state;
	const struct store_promise p = a_promise(7, "open", "+15550100");

	assert_int_equal(ledger_promise(d->ledger, &p), 0);
	assert_int_equal(ledger_promise(d->ledger, &p), EALREADY);
	assert_int_equal(ledger_behind(d->ledger), 1);
	assert_int_equal(d->promised.n, 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.n, 1);
	assert_int_equal(d->promised.call, 7);
	assert_int_equal(d->promised.err, 0);
	assert_int_equal(ledger_behind(d->ledger), 0);
	assert_promise(d, 7, "open", "+15550100");
}


static void a_promise_that_fails_is_told_and_forgotten(void **state)
{
	struct desk *d = *state;
	const struct store_promise first = a_promise(7, "open", "+15550100");
	const struct store_promise again = a_promise(7, "open", "+15550101");
	struct store_promise p;
	struct rlimit old;

	disk_fill(d->dir, &old);
	assert_int_equal(ledger_promise(d->ledger, &first), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.err, ENOSPC);
	assert_int_equal(ledger_behind(d->ledger), 0);

	/* the next one waits: nothing is asked of the disk meanwhile */
	assert_int_equal(ledger_promise(d->ledger, &again), 0);
	assert_int_equal(ledger_behind(d->ledger), 1);
	assert_int_equal(ledger_promise(d->ledger, &first), EALREADY);
	disk_empty(&old);
	assert_int_equal(store_promise_get(d->store, 7, &p), ENOENT);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.n, 2);
	assert_int_equal(d->promised.err, 0);
	assert_promise(d, 7, "open", "+15550101");
}


/* as the core does when the caller is gone meanwhile */
static void asked_for_again_and_again(uint64_t call, int err, void *arg)
{
	struct desk *d = arg;
	const struct store_promise p = a_promise(call, "open", "+15550100");

	++d->promised.n;
	d->promised.err = err;
	if (err)
		assert_int_equal(ledger_promise(d->ledger, &p), 0);
	if (!err || d->promised.n == 5)
		re_cancel();
}


static void a_promise_may_be_asked_for_until_it_is_made(void **state)
{
	struct desk *d = *state;
	const struct store_promise p = a_promise(7, "open", "+15550100");
	struct rlimit old;

	mem_deref(d->ledger);
	assert_int_equal(ledger_alloc(&d->ledger, d->store, made,
				      asked_for_again_and_again, d), 0);
	disk_fill(d->dir, &old);
	clock_get()->n_starts = 0;
	assert_int_equal(ledger_promise(d->ledger, &p), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.n, 5);
	assert_true(waited(1000));

	disk_empty(&old);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.n, 6);
	assert_promise(d, 7, "open", "+15550100");
}


/* An update of the old promise cannot be written, and a new one is made in
 * its place: the late update does not come back over it. */
static void a_new_promise_takes_the_place_of_an_old_word(void **state)
{
	struct desk *d = *state;
	const struct store_promise old_word = a_promise(7, "due", "+15550100");
	const struct store_promise new = a_promise(7, "open", "+15550101");
	const struct store_call c = a_call(7, "promised", "");
	struct rlimit old;

	disk_fill(d->dir, &old);
	ledger_promise_update(d->ledger, &old_word);
	ledger_update(d->ledger, &c);
	assert_int_equal(ledger_promise(d->ledger, &new), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.err, ENOSPC);
	disk_empty(&old);
	await_up_to_date(d);
	assert_promise(d, 7, "due", "+15550100"); /* it was not made */

	disk_fill(d->dir, &old);
	ledger_promise_update(d->ledger, &old_word);
	ledger_update(d->ledger, &c);
	assert_int_equal(ledger_promise(d->ledger, &new), 0);
	disk_empty(&old);
	while (d->promised.n < 2 || d->promised.err) {
		guard_loop(GUARD_MS);
		if (d->promised.err)
			assert_int_equal(ledger_promise(d->ledger, &new), 0);
	}
	await_up_to_date(d);
	assert_promise(d, 7, "open", "+15550101");
}


static bool attempt_keep(const struct store_attempt *a, void *arg)
{
	*(struct store_attempt *)arg = *a;

	return false;
}


/* its end must not hide when it began, because that was not on disk yet */
static void an_attempt_keeps_its_beginning(void **state)
{
	struct desk *d = *state;
	struct store_attempt begun = an_attempt(7, 1, 100, "open"), a = {0};
	const struct store_attempt over = an_attempt(7, 1, 900, "busy");
	struct rlimit old;

	begun.counsellor = 5;
	disk_fill(d->dir, &old);
	ledger_attempt(d->ledger, &begun);
	ledger_attempt(d->ledger, &over);
	disk_empty(&old);
	await_up_to_date(d);
	assert_int_equal(store_attempt_each(d->store, 7, attempt_keep, &a), 0);
	assert_int_equal(a.at, 100);
	assert_int_equal(a.counsellor, 5);
	assert_string_equal(a.outcome, "busy");
}


/* the house stops while the disk is full, and gets room before the end */
static void what_waits_is_handed_over_at_the_end(void **state)
{
	struct desk *d = *state;
	const struct store_promise p = a_promise(7, "open", "+15550100");
	const struct store_promise other = a_promise(6, "open", "+15550101");
	const struct store_attempt a = an_attempt(7, 1, 5, "busy");
	const struct store_call c = a_call(7, "promised", "");
	struct store_attempt read = {0};
	struct rlimit old;

	disk_fill(d->dir, &old);
	assert_int_equal(ledger_promise(d->ledger, &other), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(ledger_promise(d->ledger, &other), 0); /* waits */
	ledger_update(d->ledger, &c);
	ledger_attempt(d->ledger, &a);
	ledger_promise_update(d->ledger, &p);
	disk_empty(&old);
	end_and_begin(d);

	assert_on_record(d, 7, "promised", "");
	assert_promise(d, 7, "open", "+15550100");
	assert_promise(d, 6, "open", "+15550101");
	assert_int_equal(store_attempt_each(d->store, 7, attempt_keep, &read),
			 0);
	assert_string_equal(read.outcome, "busy");
}


/* however often it is asked: in an outage the queue fills up in no time */
static void a_promise_waits_for_room_in_the_queue(void **state)
{
	struct desk *d = *state;
	const struct store_promise p = a_promise(7, "open", "+15550100");
	const struct store_call c = a_call(6, "waiting", "");
	sqlite3 *other;
	char path[TMPDIR_SIZE + 16];

	(void)snprintf(path, sizeof(path), "%s/store.db", d->dir);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), SQLITE_OK);
	while (!store_call_put(d->store, &c, NULL, NULL))
		;
	assert_int_equal(ledger_promise(d->ledger, &p), 0);
	assert_int_equal(d->promised.n, 0);
	guard_loop(GUARD_MS);
	assert_int_equal(d->promised.err, ENOSPC);
	assert_int_equal(ledger_promise(d->ledger, &p), 0);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
	(void)sqlite3_close(other);
	while (d->promised.err) {
		guard_loop(GUARD_MS);
		if (d->promised.err)
			assert_int_equal(ledger_promise(d->ledger, &p), 0);
	}
	assert_promise(d, 7, "open", "+15550100");
}


static void settled(uint64_t call, void *arg)
{
	struct desk *d = arg;

	++d->settled.n;
	d->settled.call = call;
	assert_false(ledger_is_behind(d->ledger, call));
	assert_on_record(d, 7, "ended", "closed");
	assert_promise(d, 7, "closed", "");
}


static void a_call_settles_when_all_is_on_disk(void **state)
{
	struct desk *d = *state;
	const struct store_promise p = a_promise(7, "closed", "");
	const struct store_attempt a = an_attempt(7, 1, 5, "busy");
	const struct store_call c = a_call(7, "ended", "closed");
	struct rlimit old;

	ledger_on_settled(d->ledger, settled);
	disk_fill(d->dir, &old);
	ledger_update(d->ledger, &c);
	ledger_attempt(d->ledger, &a);
	ledger_promise_update(d->ledger, &p);
	assert_true(ledger_is_behind(d->ledger, 7));
	assert_false(ledger_is_behind(d->ledger, 8));
	disk_empty(&old);
	await_up_to_date(d);
	assert_int_equal(d->settled.n, 1);
	assert_int_equal(d->settled.call, 7);
}


/* ---- without memory ---- */

static int work(void *arg)
{
	struct desk *d = arg;
	const struct store_promise p = a_promise(7, "open", "+15550100");
	const struct store_promise kept = a_promise(7, "kept", "");
	const struct store_call c = a_call(7, "ended", "promise_kept");
	struct store_promise read;
	int err;

	err = ledger_promise(d->ledger, &p);
	if (err)
		return err;
	guard_loop(GUARD_MS);
	ledger_promise_update(d->ledger, &kept);
	ledger_update(d->ledger, &c);
	await_up_to_date(d);
	assert_int_equal(store_promise_get(d->store, 7, &read), 0);

	return strcmp(read.state, "kept") ? ENOMEM : 0;
}


static int alloc_work(void *arg)
{
	struct desk *d = arg;
	struct ledger *l = NULL;
	int err = ledger_alloc(&l, d->store, made, promised, d);

	mem_deref(l);

	return err;
}


static void without_memory(void **state)
{
	struct desk *d = *state;
	struct catch said;
	char text[4096];

	catch_begin(&said);
	assert_true(oom_loop(alloc_work, d) > 0);
	assert_true(oom_loop(work, d) > 4);
	catch_end(&said, text, sizeof(text));
	assert_non_null(strstr(text, "no memory"));
	assert_null(strstr(text, "5550100"));
	assert_promise(d, 7, "kept", "");
	assert_on_record(d, 7, "ended", "promise_kept");
}


static int group_setup(void **state)
{
	(void)state;

	return libre_init();
}


static int group_teardown(void **state)
{
	(void)state;
	libre_close();

	return 0;
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_first_record_is_told_when_durable),
		CASE(the_last_word_counts),
		CASE(a_full_disk_is_waited_out),
		CASE(a_slow_store_makes_one_wait),
		CASE(may_end_in_the_middle),
		CASE(what_the_store_refuses_is_dropped),
		CASE(a_promise_is_told_when_durable),
		CASE(a_promise_that_fails_is_told_and_forgotten),
		CASE(a_promise_may_be_asked_for_until_it_is_made),
		CASE(a_new_promise_takes_the_place_of_an_old_word),
		CASE(an_attempt_keeps_its_beginning),
		CASE(what_waits_is_handed_over_at_the_end),
		CASE(a_promise_waits_for_room_in_the_queue),
		CASE(a_call_settles_when_all_is_on_disk),
		CASE(without_memory),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
