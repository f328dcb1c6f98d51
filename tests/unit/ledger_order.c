/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger_order.c  Random words about random calls, on a disk that is full at
 * random: nothing is lost, nothing goes back to what was said before, and no
 * record is on disk before what it speaks of. From a seed.
 *
 * Each word carries a serial number in a column that holds numbers: n_snoozed
 * of promises, counsellor of attempts' first words, talk_ms of calls.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/ledger.h"
#include "clock.h"
#include "disk.h"
#include "guard.h"
#include "tmpdir.h"


enum {
	FAST = 100, /* tried again after 10 ms                */
	GUARD_MS = 60000 * FAST,
	CALLS = 4,
	TRIES = 3,    /* attempts of each                       */
	WORDS = 600,  /* said in one round                      */
	PER_CALL = WORDS + 1,
};

/* what was said, and what must be on disk when we see a later word there */
struct said {
	uint32_t promise;   /* serial of the last that stands     */
	uint32_t making;    /* serial of the one being made, 0    */
	uint32_t serial;    /* of the last promise row            */
	uint32_t attempt[TRIES + 1];
	uint32_t n_calls;
	uint32_t need_promise[PER_CALL];
	uint32_t need_attempt[PER_CALL][TRIES + 1];
	/* highest seen on disk */
	uint32_t seen_promise;
	uint32_t seen_call;
};

struct desk {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct ledger *ledger;
	struct tmr tmr;
	struct rlimit old;
	unsigned seed;
	unsigned n_words;
	unsigned n_promised, n_refused, n_full;
	bool full;
	struct said said[CALLS + 1];
};


static unsigned dice(struct desk *d, unsigned n)
{
	return (unsigned)rand_r(&d->seed) % n;
}


/* ---- what is on disk ---- */

struct tries {
	uint32_t serial[TRIES + 1];
	unsigned n;
};


static bool try_read(const struct store_attempt *a, void *arg)
{
	struct tries *t = arg;

	++t->n;
	t->serial[a->n] = (uint32_t)strtoul(a->outcome, NULL, 10);

	return false;
}


static bool call_check(const struct store_call *row, void *arg)
{
	struct desk *d = arg;
	struct said *s = &d->said[row->id];
	const uint32_t n = (uint32_t)row->talk_ms;
	struct store_promise p = {0};
	struct tries t = {{0}, 0};

	assert_true(n >= s->seen_call && n <= s->n_calls);
	s->seen_call = n;

	/* read after the call: it can only be newer */
	if (store_promise_get(d->store, row->id, &p))
		p.n_snoozed = 0;
	assert_true(p.n_snoozed >= s->need_promise[n]);
	assert_true(p.n_snoozed >= s->seen_promise);
	s->seen_promise = p.n_snoozed;

	assert_int_equal(store_attempt_each(d->store, row->id, try_read, &t),
			 0);
	assert_true(t.n <= TRIES);
	for (unsigned i = 1; i <= TRIES; i++)
		assert_true(t.serial[i] >= s->need_attempt[n][i]);

	return false;
}


static void check(struct desk *d)
{
	assert_int_equal(store_call_each(d->store, 0, call_check, d), 0);
}


static void check_end(struct desk *d)
{
	check(d);
	for (uint64_t call = 1; call <= CALLS; call++) {
		struct said *s = &d->said[call];
		struct tries t = {{0}, 0};

		assert_int_equal(s->seen_call, s->n_calls);
		assert_int_equal(s->seen_promise, s->promise);
		assert_int_equal(store_attempt_each(d->store, call, try_read,
						    &t), 0);
		assert_memory_equal(t.serial, s->attempt, sizeof(t.serial));
	}
}


/* ---- what is said ---- */

static struct store_promise a_promise(uint64_t call, uint32_t serial)
{
	struct store_promise p = {.call = call, .n_snoozed = serial};

	(void)snprintf(p.kind, sizeof(p.kind), "ring_back");
	(void)snprintf(p.state, sizeof(p.state), "open");

	return p;
}


static void say_call(struct desk *d, uint64_t call)
{
	struct said *s = &d->said[call];
	struct store_call row = {.id = call, .arrived_at = 1};

	row.talk_ms = ++s->n_calls;
	(void)snprintf(row.line, sizeof(row.line), "main");
	(void)snprintf(row.language, sizeof(row.language), "en");
	(void)snprintf(row.state, sizeof(row.state), "promised");
	s->need_promise[s->n_calls] = s->promise;
	memcpy(s->need_attempt[s->n_calls], s->attempt, sizeof(s->attempt));
	ledger_update(d->ledger, &row);
}


static void say_promise(struct desk *d, uint64_t call)
{
	struct said *s = &d->said[call];
	const struct store_promise row = a_promise(call, ++s->serial);

	s->promise = s->serial;
	ledger_promise_update(d->ledger, &row);
}


static void say_attempt(struct desk *d, uint64_t call)
{
	struct said *s = &d->said[call];
	struct store_attempt row = {.call = call, .n = 1 + dice(d, TRIES)};

	(void)snprintf(row.outcome, sizeof(row.outcome), "%u",
		       ++s->attempt[row.n]);
	ledger_attempt(d->ledger, &row);
}


static void make_promise(struct desk *d, uint64_t call)
{
	struct said *s = &d->said[call];
	const struct store_promise row = a_promise(call, s->serial + 1);
	const int err = ledger_promise(d->ledger, &row);

	assert_int_equal(err, s->making ? EALREADY : 0);
	if (!err)
		s->making = ++s->serial;
}


static void promised(uint64_t call, int err, void *arg)
{
	struct desk *d = arg;
	struct said *s = &d->said[call];

	assert_true(s->making);
	if (!err && s->making > s->promise)
		s->promise = s->making;
	s->making = 0;
	if (err)
		++d->n_refused;
	else
		++d->n_promised;

	/* as the core does: the promise, then the call that speaks of it */
	if (!err && dice(d, 2)) {
		if (d->said[call].n_calls + 1 < PER_CALL)
			say_call(d, call);
	}
}


static void made(uint64_t call, int err, void *arg)
{
	(void)call;
	(void)err;
	(void)arg;
	fail();
}


static void disk_turn(struct desk *d)
{
	d->full = !d->full;
	if (d->full) {
		disk_fill(d->dir, &d->old);
		++d->n_full;
	}
	else {
		disk_empty(&d->old);
	}
}


static void await_end(void *arg)
{
	struct desk *d = arg;

	check(d);
	if (ledger_behind(d->ledger))
		clock_real_start(&d->tmr, 2, await_end, d);
	else
		re_cancel();
}


static void speak(void *arg)
{
	typedef void(say_h)(struct desk * d, uint64_t call);
	static say_h *const says[] = {say_call, say_call, say_call,
				      say_promise, say_promise, say_attempt,
				      make_promise};
	struct desk *d = arg;

	for (unsigned n = dice(d, 4); n; n--, d->n_words++)
		says[dice(d, ARRAY_SIZE(says))](d, 1 + dice(d, CALLS));
	if (!dice(d, 12))
		disk_turn(d);
	check(d);

	if (d->n_words < WORDS / 2) {
		clock_real_start(&d->tmr, dice(d, 3), speak, d);
		return;
	}
	if (d->full)
		disk_turn(d);
	await_end(d);
}


static void one_round(unsigned seed)
{
	static struct desk desk;
	struct desk *d = &desk;
	struct store *s;

	memset(d, 0, sizeof(*d));
	d->seed = seed;
	clock_get()->speed = FAST;
	tmpdir_make(d->dir, "order");
	assert_int_equal(store_open(&s, d->dir, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
	assert_int_equal(ledger_alloc(&d->ledger, d->store, made, promised, d),
			 0);

	for (uint64_t call = 1; call <= CALLS; call++)
		say_call(d, call);
	speak(d);
	guard_loop(GUARD_MS);
	tmr_cancel(&d->tmr);
	check_end(d);
	assert_true(d->n_full > 0 && d->n_promised > 0);

	mem_deref(d->ledger);
	store_close(d->store);
	tmpdir_remove(d->dir);
}


static void in_order_whatever_the_disk_does(void **state)
{
	(void)state;

	for (unsigned seed = 1; seed <= 6; seed++)
		one_round(seed);
}


/* the house ends in the middle, with room on the disk or without */
static void one_end(unsigned seed)
{
	static struct desk desk;
	struct desk *d = &desk;
	struct store *s;
	bool full;

	memset(d, 0, sizeof(*d));
	d->seed = seed;
	tmpdir_make(d->dir, "order");
	assert_int_equal(store_open(&s, d->dir, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(store_open(&d->store, d->dir, STORE_DAEMON), 0);
	assert_int_equal(ledger_alloc(&d->ledger, d->store, made, promised, d),
			 0);
	if (seed % 2)
		disk_turn(d);
	for (unsigned i = 0; i < WORDS / 4; i++) {
		const uint64_t call = 1 + dice(d, CALLS);

		say_promise(d, call);
		say_attempt(d, call);
		say_call(d, call);
	}
	if (d->full && seed % 4 == 1)
		disk_turn(d);
	mem_deref(d->ledger);
	store_close(d->store);

	full = d->full;
	if (full)
		disk_turn(d);
	assert_int_equal(store_open(&d->store, d->dir, STORE_TOOL), 0);
	if (full)
		check(d);
	else
		check_end(d);
	store_close(d->store);
	tmpdir_remove(d->dir);
}


static void in_order_at_the_end(void **state)
{
	(void)state;

	for (unsigned seed = 0; seed < 8; seed++)
		one_end(seed);
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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order_whatever_the_disk_does),
		cmocka_unit_test(in_order_at_the_end),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
