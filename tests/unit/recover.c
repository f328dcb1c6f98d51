/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recover.c  What the recovery key opens is sealed to whoever is entitled to
 * it, and to nobody else; with real keys.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "epoch/recover.h"
#include "store/backup.h"

#include "oom.h"
#include "someone.h"

static const int64_t november = 1793500000000; /* 2026-11-01 */
static const int64_t december = 1796200000000;

/* who types shares, and how often they were asked */
struct typed {
	struct someone keys[2];
	unsigned n_keys;
	unsigned n_asked;
	int without; /* what it is if they have not got this one */
};


static int keyh(uint8_t private[SEAL_KEY], const uint8_t public[SEAL_KEY],
		void *arg)
{
	struct typed *t = arg;

	++t->n_asked;
	for (unsigned i = 0; i < t->n_keys; i++) {
		if (memcmp(t->keys[i].public, public, SEAL_KEY))
			continue;
		memcpy(private, t->keys[i].private, SEAL_KEY);
		return 0;
	}

	return t->without;
}


/* what they get, in the store */
static size_t give(struct store *s, const struct someone *who,
		   struct typed *t, size_t n_closed)
{
	struct recovered r;
	size_t n;

	assert_int_equal(recover_for(&r, s, who->id, keyh, t), 0);
	assert_int_equal(r.n_closed, n_closed);
	assert_int_equal(store_grants_back(s, r.v, r.n, &n), 0);
	assert_int_equal(n, r.n);
	recover_free(&r);

	return n;
}


static void test_all_have_lost_theirs(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 1};
	struct someone ana = someone(s, "Ana", "", NULL);
	const struct store_epoch first = keep(s, "main", november);
	const struct store_epoch second = keep(s, "main", december);

	/* another key, and none of what the older one had */
	key_new(s, &ana);
	assert_int_equal(store_grant_remove(s, ana.id, "main"), 0);
	assert_false(opens(s, &first, &ana));
	assert_int_equal(give(s, &ana, &t, 0), 2);
	assert_int_equal(t.n_asked, 1);
	assert_true(opens(s, &first, &ana));
	assert_true(opens(s, &second, &ana));

	/* nothing is left, so nobody is asked */
	assert_int_equal(give(s, &ana, &t, 0), 0);
	assert_int_equal(t.n_asked, 1);
	store_close(s);
}


static void test_only_what_is_theirs(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 1};
	const struct store_epoch day = keep(s, "main", november);
	const struct store_epoch night = keep(s, "night", november);
	const struct store_epoch house = keep(s, EPOCHS_HOUSE, november);
	const struct someone one = someone(s, "One", "night", "counsellor");
	const struct someone learns = someone(s, "Learns", "", "trainee");
	const struct someone chief = someone(s, "Chief", "", "coordinator");

	assert_int_equal(give(s, &one, &t, 0), 1);
	assert_false(opens(s, &day, &one));
	assert_true(opens(s, &night, &one));
	assert_false(opens(s, &house, &one));
	assert_int_equal(give(s, &learns, &t, 0), 0);
	assert_int_equal(give(s, &chief, &t, 0), 3);
	assert_true(opens(s, &house, &chief));
	store_close(s);
}


static void test_dropped_is_dropped(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 1};
	const struct store_epoch old = keep(s, "main", november);
	const struct store_epoch now = keep(s, "main", december);
	const struct someone ana = someone(s, "Ana", "", NULL);

	assert_int_equal(epochs_drop(s, "main", now.month, NULL), 0);
	assert_int_equal(give(s, &ana, &t, 0), 1);
	assert_false(opens(s, &old, &ana));
	assert_true(opens(s, &now, &ana));
	store_close(s);
}


static void test_an_older_recovery_key(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 1};
	const struct store_epoch old = keep(s, "main", november);
	struct store_epoch now;
	struct someone ana;

	t.keys[1] = recovery(s);
	now = keep(s, "main", december);
	ana = someone(s, "Ana", "", NULL);

	/* of the one in use there are no shares: no way on */
	t.without = EINVAL;
	assert_int_equal(recover_for(&(struct recovered){0}, s, ana.id, keyh,
				     &t), EINVAL);
	assert_int_equal(t.n_asked, 1);

	/* of the older one none: what the other opens is something */
	t.without = ENODATA;
	t.keys[0] = t.keys[1];
	assert_int_equal(give(s, &ana, &t, 1), 1);
	assert_true(opens(s, &now, &ana));
	assert_false(opens(s, &old, &ana));
	store_close(s);
}


static void test_both_recovery_keys(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 2};
	const struct store_epoch old = keep(s, "main", november);
	struct someone ana;

	t.keys[1] = recovery(s);
	(void)keep(s, "main", december);
	ana = someone(s, "Ana", "", NULL);
	assert_int_equal(give(s, &ana, &t, 0), 2);
	assert_int_equal(t.n_asked, 2);
	assert_true(opens(s, &old, &ana));
	store_close(s);
}


static void test_nobody(void **state)
{
	struct store *s = store_make(*state);
	struct typed t = {.keys = {recovery(s)}, .n_keys = 1};
	struct store_person p = a_person("Keyless", "");
	struct recovered r;

	assert_int_equal(store_person_add(s, &p), 0);
	(void)keep(s, "main", november);
	assert_int_equal(recover_for(&r, s, p.id, keyh, &t), ENOENT);
	assert_int_equal(recover_for(&r, s, 77, keyh, &t), ENOENT);
	assert_int_equal(t.n_asked, 0);
	store_close(s);
}


struct no_memory {
	struct store *s;
	uint32_t person;
	struct typed t;
};


static int recover_once(void *arg)
{
	struct no_memory *m = arg;
	struct recovered r;
	const int err = recover_for(&r, m->s, m->person, keyh, &m->t);

	if (err)
		return err;
	assert_int_equal(r.n, 2);
	recover_free(&r);

	return 0;
}


static void test_no_memory(void **state)
{
	struct store *s = store_make(*state);
	struct no_memory m = {
		.s = s, .t = {.keys = {recovery(s)}, .n_keys = 1}};

	(void)keep(s, "main", november);
	(void)keep(s, "main", december);
	m.person = someone(s, "Ana", "", NULL).id;
	assert_true(oom_loop(recover_once, &m) > 0);
	store_close(s);
}


/* ---- after a restore ----------------------------------------------------- */

struct all {
	struct store_grant v[16];
	size_t n;
};


static bool grant_keep(const struct store_grant *grant, void *arg)
{
	struct all *all = arg;

	all->v[all->n++] = *grant;

	return all->n == 16;
}


static bool is_dropped(const struct store_epoch *epoch, void *arg)
{
	struct store_epoch *e = arg;

	if (epoch->id != e->id)
		return false;
	*e = *epoch;

	return true;
}


static bool dropped(struct store *s, uint64_t id)
{
	struct store_epoch e = {.id = id};

	assert_int_equal(store_epoch_each(s, is_dropped, &e), 0);
	assert_true(e.month > 0);

	return e.dropped;
}


static void test_keyless_are_dropped(void **state)
{
	struct store *s = store_make(*state);
	const struct someone back = recovery(s);
	const struct someone ana = someone(s, "Ana", "", NULL);
	const struct store_epoch old = keep(s, "main", november);
	const struct store_epoch now = keep(s, "main", december);
	struct all kept = {.n = 0};
	unsigned n;

	assert_int_equal(store_grant_of_epoch(s, now.id, grant_keep, &kept),
			 0);
	assert_int_equal(kept.n, 2);
	assert_int_equal(store_restored(s), 0);
	assert_false(opens(s, &now, &ana));
	assert_int_equal(store_grants_back(s, kept.v, kept.n, NULL), 0);
	assert_int_equal(recover_drop_keyless(s, &n), 0);
	assert_int_equal(n, 1);
	assert_true(dropped(s, old.id));
	assert_false(dropped(s, now.id));
	assert_true(opens(s, &now, &ana));
	assert_true(opens(s, &now, &back));
	assert_int_equal(recover_drop_keyless(s, &n), 0);
	assert_int_equal(n, 0);

	/* and what is sealed from now on is sealed to another one */
	assert_true(keep(s, "main", december).id > now.id + STORE_EPOCH_JUMP);
	store_close(s);
}


/* a telephone that the dialler may have the key to yet */
static void test_keyless_with_a_number(void **state)
{
	const struct fixture *f = *state;
	struct store *s = store_make(f);
	const struct someone back = recovery(s);
	const struct store_epoch old = keep(s, "main", november);
	const struct store_epoch now = keep(s, "main", december);
	sqlite3 *db = other_open(f);
	char sql[200];
	unsigned n;

	(void)someone(s, "Ana", "", NULL);
	(void)snprintf(sql, sizeof(sql), "UPDATE person SET phone_dialler = 1,"
		       " phone_epoch = %u, phone_for_dialler = zeroblob(200),"
		       " phone_for_epoch = zeroblob(200)", (unsigned)old.id);
	other_exec(db, sql);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO note (call, person, day,"
		       " epoch, sealed) VALUES (1, 1, 20000, %u, x'00')",
		       (unsigned)old.id);
	other_exec(db, sql);
	assert_int_equal(store_restored(s), 0);
	assert_int_equal(recover_drop_keyless(s, &n), 0);
	assert_int_equal(n, 1);
	assert_false(dropped(s, old.id));
	assert_true(dropped(s, now.id));
	assert_false(opens(s, &old, &back));
	assert_int_equal(other_int(db, "SELECT count(*) FROM note"), 0);
	assert_int_equal(other_int(db, "SELECT count(*) FROM person"
				   " WHERE phone_epoch > 0"), 1);
	(void)sqlite3_close(db);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_all_have_lost_theirs),
		STORE_CASE(test_only_what_is_theirs),
		STORE_CASE(test_dropped_is_dropped),
		STORE_CASE(test_an_older_recovery_key),
		STORE_CASE(test_both_recovery_keys),
		STORE_CASE(test_nobody),
		STORE_CASE(test_no_memory),
		STORE_CASE(test_keyless_are_dropped),
		STORE_CASE(test_keyless_with_a_number),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
