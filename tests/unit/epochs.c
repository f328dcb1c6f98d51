/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * epochs.c  Who can open what is sealed for a line, with real keys: as people
 * come, change and leave, and as months pass.
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

#include "epoch/epochs.h"
#include "seal/seal.h"
#include "store/epoch.h"

#include "someone.h"
#include "store_fixture.h"

static const int64_t november = 1793500000000; /* 2026-11-01 */
static const int64_t december = 1796200000000;

/* ---- the tests ----------------------------------------------------------- */

static void test_no_recovery_key(void **state)
{
	struct store *s = store_make(*state);
	struct store_epoch e;

	(void)someone(s, "Bo", "", NULL);
	assert_int_equal(epochs_keep(s, "main", november, &e), ENOKEY);
	store_close(s);
}


static void test_roles(void **state)
{
	struct store *s = store_make(*state);
	const struct someone back = recovery(s);
	const struct someone any = someone(s, "Any", "", NULL);
	const struct someone one = someone(s, "One", "main", "counsellor");
	const struct someone other = someone(s, "Other", "night", "counsellor");
	const struct someone chief = someone(s, "Chief", "main",
					     "coordinator");
	const struct someone all = someone(s, "All", "", "coordinator");
	const struct someone learns = someone(s, "Learns", "main", "trainee");
	const struct someone runs = someone(s, "Runs", "", "operator");
	const struct store_epoch e = keep(s, "main", november);
	const struct store_epoch h = keep(s, EPOCHS_HOUSE, november);

	assert_true(opens(s, &e, &back));
	assert_true(opens(s, &e, &any));
	assert_true(opens(s, &e, &one));
	assert_true(opens(s, &e, &chief));
	assert_true(opens(s, &e, &all));
	assert_false(opens(s, &e, &other));
	assert_false(opens(s, &e, &learns));
	assert_false(opens(s, &e, &runs));

	assert_true(opens(s, &h, &back));
	assert_true(opens(s, &h, &all));
	assert_false(opens(s, &h, &chief));
	assert_false(opens(s, &h, &any));
	assert_int_equal(epochs_entitled(s, "main", 99), 0); /* no role yet */
	assert_int_equal(epochs_entitled(s, "main", other.id), ENOENT);
	store_close(s);
}


static void test_stays_until_something_changes(void **state)
{
	struct store *s = store_make(*state);
	struct store_epoch e, later;

	(void)recovery(s);
	(void)someone(s, "Bo", "", NULL);
	e = keep(s, "main", november);
	assert_int_equal(keep(s, "main", november + 1000).id, e.id);
	assert_int_not_equal(keep(s, "night", november).id, e.id);
	assert_int_equal(keep(s, "main", november).id, e.id);

	later = keep(s, "main", december);
	assert_true(later.id > e.id);
	assert_memory_not_equal(later.public, e.public, SEAL_KEY);
	assert_int_equal(later.month, e.month + 1);
	assert_int_equal(e.month, 12 * 2026 + 10);
	store_close(s);
}


static void test_leaver(void **state)
{
	struct store *s = store_make(*state);
	const struct someone back = recovery(s);
	struct someone bo, cy;
	struct store_epoch was, is;

	bo = someone(s, "Bo", "", NULL);
	cy = someone(s, "Cy", "", NULL);
	was = keep(s, "main", november);
	assert_true(opens(s, &was, &cy));

	/* to another line, then away */
	role(s, &cy, "night", "counsellor");
	is = keep(s, "main", november);
	assert_true(is.id > was.id);
	assert_false(opens(s, &is, &cy));
	assert_false(opens(s, &was, &cy)); /* what they had is gone, too */
	assert_true(opens(s, &was, &bo));
	assert_true(opens(s, &is, &bo));
	assert_true(opens(s, &is, &back));

	was = keep(s, "night", november);
	assert_true(opens(s, &was, &cy));
	assert_int_equal(store_person_remove(s, cy.id), 0);
	is = keep(s, "night", november);
	assert_false(opens(s, &was, &cy));
	assert_false(opens(s, &is, &cy));
	assert_true(opens(s, &is, &bo));
	store_close(s);
}


/* whoever comes reads what comes after; until somebody who can gives more */
static void test_newcomer(void **state)
{
	struct store *s = store_make(*state);
	struct someone bo, cy;
	struct store_epoch was, is;
	struct store_grant more;

	(void)recovery(s);
	bo = someone(s, "Bo", "", NULL);
	was = keep(s, "main", november);
	cy = someone(s, "Cy", "", NULL);
	is = keep(s, "main", november);
	assert_true(is.id > was.id);
	assert_false(opens(s, &was, &cy));
	assert_true(opens(s, &is, &cy));
	assert_true(opens(s, &is, &bo));

	{
		struct opening o = {.who = &bo, .epoch = was.id};
		const struct seal_about about = {SEAL_GRANT, 0, was.id,
						 cy.id};

		assert_int_equal(store_grant_of_person(s, bo.id, grant_try,
						       &o), 0);
		more.epoch = was.id;
		more.person = cy.id;
		memcpy(more.public, cy.public, SEAL_KEY);
		assert_int_equal(seal_make(more.sealed, &about, cy.public,
					   o.private, SEAL_KEY), 0);
	}
	assert_int_equal(store_grant_add(s, &more), 0);
	assert_int_equal(store_grant_add(s, &more), EEXIST);
	assert_true(opens(s, &was, &cy));
	assert_int_equal(keep(s, "main", november).id, is.id);
	assert_true(opens(s, &was, &cy));
	store_close(s);
}


/* a lost passphrase: another key, which opens what comes after */
static void test_new_key(void **state)
{
	struct store *s = store_make(*state);
	struct someone bo, old;
	struct store_epoch was, is;

	(void)recovery(s);
	bo = someone(s, "Bo", "", NULL);
	was = keep(s, "main", november);
	old = bo;
	key_new(s, &bo);
	is = keep(s, "main", november);
	assert_true(is.id > was.id);
	assert_true(opens(s, &is, &bo));
	assert_false(opens(s, &is, &old));
	assert_false(opens(s, &was, &bo));
	store_close(s);
}


static void test_dropped(void **state)
{
	struct store *s = store_make(*state);
	const struct someone back = recovery(s);
	const struct someone bo = someone(s, "Bo", "", NULL);
	const struct store_epoch was = keep(s, "main", november);
	const struct store_epoch night = keep(s, "night", november);
	const struct store_epoch is = keep(s, "main", december);
	struct store_grant grant = {.epoch = was.id, .person = 77};
	unsigned n;

	assert_int_equal(store_epoch_drop(s, is.id), EPERM);
	assert_int_equal(store_epoch_drop(s, 99), ENOENT);
	assert_int_equal(epochs_drop(s, "main", is.month, &n), 0);
	assert_int_equal(n, 1);
	assert_false(opens(s, &was, &bo));
	assert_false(opens(s, &was, &back));
	assert_true(opens(s, &is, &bo));
	assert_true(opens(s, &night, &bo));
	assert_int_equal(store_grant_add(s, &grant), ENOENT);
	assert_int_equal(epochs_drop(s, "main", is.month + 9, &n), 0);
	assert_int_equal(n, 0); /* the current one stays */
	assert_int_equal(keep(s, "main", december).id, is.id);
	store_close(s);
}


static void test_recovery_shares(void **state)
{
	struct store *s = store_make(*state);
	struct store_recovery r;
	uint8_t hash[STORE_HASH];

	assert_int_equal(store_recovery_get(s, &r), ENOENT);
	(void)recovery(s);
	assert_int_equal(store_recovery_get(s, &r), 0);
	assert_int_equal(r.need, 2);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.shares[1].tried_at, 0);
	memset(hash, 2, sizeof(hash));
	assert_int_equal(store_recovery_tried(s, hash, 1234), 0);
	memset(hash, 9, sizeof(hash));
	assert_int_equal(store_recovery_tried(s, hash, 1234), ENOENT);
	assert_int_equal(store_recovery_get(s, &r), 0);
	assert_int_equal(r.shares[0].tried_at, 0);
	assert_int_equal(r.shares[1].tried_at, 1234);
	r.need = 4;
	assert_int_equal(store_recovery_put(s, &r), EINVAL);
	store_close(s);
}


static void test_all_lines(void **state)
{
	static struct config cfg = {.n_lines = 2,
				    .lines = {{.name = "main"},
					      {.name = "night"}}};
	struct store *s = store_make(*state);
	struct store_epoch e;

	assert_int_equal(epochs_keep_all(s, &cfg, november), ENOKEY);
	(void)recovery(s);
	assert_int_equal(epochs_keep_all(s, &cfg, november), 0);
	assert_int_equal(store_epoch_current(s, EPOCHS_HOUSE, &e), 0);
	assert_int_equal(store_epoch_current(s, "main", &e), 0);
	assert_int_equal(store_epoch_current(s, "night", &e), 0);
	assert_int_equal(store_epoch_current(s, "other", &e), ENOENT);
	store_close(s);
}


static void test_identity(void **state)
{
	struct store *s = store_make(*state);
	struct store_identity identity = {.person = 99};

	assert_int_equal(store_identity_get(s, 99, &identity), ENOENT);
	identity.person = 99;
	assert_int_equal(store_identity_put(s, &identity), ENOENT);
	store_close(s);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_no_recovery_key), CASE(test_roles),
		CASE(test_stays_until_something_changes), CASE(test_leaver),
		CASE(test_newcomer), CASE(test_new_key), CASE(test_dropped),
		CASE(test_recovery_shares), CASE(test_identity),
		CASE(test_all_lines),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
