/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_telephone.c  People's telephones as the store keeps them: a number that
 * is sealed is not in the clear any more, one that waits comes back, and who was
 * off duty for that with it.
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

#include "store/migrate.h"
#include "store/telephone.h"

#include "store_fixture.h"

#define CLEAR "tel:+4930plant"


static struct store_number a_number(uint32_t dialler, uint64_t epoch,
				    char fill)
{
	struct store_number n = {.dialler = dialler, .epoch = epoch};

	memset(n.for_dialler, fill, sizeof(n.for_dialler));
	if (epoch)
		memset(n.for_epoch, fill + 1, sizeof(n.for_epoch));

	return n;
}


static void number_is_same(const struct store_number *a,
			   const struct store_number *b)
{
	assert_int_equal(a->dialler, b->dialler);
	assert_int_equal(a->epoch, b->epoch);
	assert_memory_equal(a->for_dialler, b->for_dialler, STORE_NUMBER);
	assert_memory_equal(a->for_epoch, b->for_epoch, STORE_NUMBER);
}


static struct store_person read_bo(struct store *s)
{
	struct store_person p;

	assert_int_equal(store_person_get(s, "Bo", &p), 0);

	return p;
}


/* Bo with this telephone */
static struct store_person add_bo(struct store *s, const char *phone)
{
	struct store_person p = a_person("Bo", phone);

	assert_int_equal(store_person_add(s, &p), 0);

	return read_bo(s);
}


static void test_state(void **state)
{
	struct store_person p = {.id = 1};
	(void)state;

	assert_string_equal(store_telephone_state(&p, 0), "none");
	assert_string_equal(store_telephone_state(&p, 7), "none");
	assert_false(store_telephone_is_number(&p));
	SET(p.phone.hidden, "sip:bo@192.0.2.1");
	assert_string_equal(store_telephone_state(&p, 0), "ready");
	assert_false(store_telephone_is_number(&p));
	SET(p.phone.hidden, CLEAR);
	assert_string_equal(store_telephone_state(&p, 0), "ready");
	assert_true(store_telephone_is_number(&p));
	SET(p.phone.hidden, "");
	p.number.dialler = 7;
	assert_string_equal(store_telephone_state(&p, 7), "ready");
	assert_string_equal(store_telephone_state(&p, 8), "waits");
	assert_string_equal(store_telephone_state(&p, 0), "waits");
	assert_true(store_telephone_is_number(&p));
}


static void test_set(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = add_bo(s, CLEAR), got;

	assert_string_equal(secret_reveal(&p.phone), CLEAR);
	assert_int_equal(p.number.dialler, 0);
	memset(&p.phone, 0, sizeof(p.phone));
	p.number = a_number(3, 9, 'd');
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_false(on_disk(*state, CLEAR));
	got = read_bo(s);
	assert_string_equal(secret_reveal(&got.phone), "");
	number_is_same(&got.number, &p.number);

	/* without a recovery key */
	p.number = a_number(3, 0, 'f');
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_false(on_disk(*state, "dddddddd"));
	got = read_bo(s);
	number_is_same(&got.number, &p.number);

	/* what else is changed of them leaves it, from an older look too */
	got.number = a_number(0, 0, 0);
	SET(got.phone.hidden, "sip:other@x");
	SET(got.region, "north");
	assert_int_equal(store_person_set(s, &got), 0);
	got = read_bo(s);
	assert_string_equal(got.region, "north");
	assert_string_equal(secret_reveal(&got.phone), "");
	number_is_same(&got.number, &p.number);

	p.id = 99;
	assert_int_equal(store_telephone_set(s, &p), ENOENT);
	assert_int_equal(store_telephone_set(s, NULL), EINVAL);
	assert_int_equal(store_person_remove(s, got.id), 0);
	assert_false(on_disk(*state, "ffffffff"));
	store_close(s);
}


static void test_seal(void **state)
{
	struct store *s = store_make(*state);
	const struct store_person clear = add_bo(s, CLEAR);
	const struct store_number one = a_number(3, 0, 'a');
	const struct store_number two = a_number(3, 9, 'k');
	struct store_person got;

	assert_int_equal(store_telephone_seal(s, &clear, &one, NULL, NULL), 0);
	got = read_bo(s);
	assert_string_equal(secret_reveal(&got.phone), "");
	number_is_same(&got.number, &one);
	assert_false(on_disk(*state, CLEAR));

	/* somebody was faster; then the epoch is another one */
	assert_int_equal(store_telephone_seal(s, &clear, &two, NULL, NULL),
			 ENOENT);
	number_is_same(&got.number, &one);
	assert_int_equal(store_telephone_seal(s, &got, &two, NULL, NULL), 0);
	assert_int_equal(store_telephone_seal(s, &got, &two, NULL, NULL),
			 ENOENT);
	got = read_bo(s);
	number_is_same(&got.number, &two);

	/* a new one that was given meanwhile is not lost */
	SET(got.phone.hidden, CLEAR "2");
	assert_int_equal(store_telephone_set(s, &got), 0);
	assert_int_equal(store_telephone_seal(s, &clear, &one, NULL, NULL),
			 ENOENT);
	assert_int_equal(store_telephone_seal(s, &got, &(struct store_number){.dialler = 0},
					      NULL, NULL), EINVAL);
	store_close(s);
}


/* as the line does it: the handler runs when it is on disk; in the clear it
 * is gone soon after */
static void test_seal_later(void **state)
{
	struct store *s = store_daemon(*state);
	const struct store_person clear = add_bo(s, CLEAR);
	const struct store_number one = a_number(3, 0, 'a');
	struct tally t = {.n_expected = 1};
	struct store_person got;

	assert_int_equal(store_telephone_seal(s, &clear, &one, tally_handler,
					      &t), 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(t.n_failed, 0);
	got = read_bo(s);
	number_is_same(&got.number, &one);
	store_close(s);
	assert_false(on_disk(*state, CLEAR));
}


/* the key of a line that runs now */
static void dialler_new(struct store *s)
{
	struct store_dialler d = {.public = {1}, .made_at = 1};

	assert_int_equal(store_dialler_add(s, &d), 0);
}


static void test_back(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = add_bo(s, ""), got;
	const struct store_number anew = a_number(5, 0, 'x');

	dialler_new(s);
	assert_int_equal(store_telephone_back(s, p.id, 5, anew.for_dialler),
			 ENOENT);
	p.number = a_number(3, 9, 'a');
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, STORE_OFF_WAITS, 77, NULL,
					  NULL), 0);
	assert_int_equal(store_telephone_back(s, 99, 5, anew.for_dialler),
			 ENOENT);
	assert_int_equal(store_telephone_back(s, p.id, 0, anew.for_dialler),
			 EINVAL);
	assert_int_equal(store_telephone_back(s, p.id, 5, anew.for_dialler),
			 0);
	got = read_bo(s);
	p.number.dialler = 5;
	memcpy(p.number.for_dialler, anew.for_dialler, STORE_NUMBER);
	number_is_same(&got.number, &p.number);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "");
	assert_int_equal(got.off_at, 0);
	assert_int_equal(store_telephone_back(s, p.id, 5, anew.for_dialler),
			 ENOENT); /* it does not wait any more */
	store_close(s);
}


/* the line was about to put them off duty, and the page was faster */
static void test_back_before_off(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = add_bo(s, ""), got;

	dialler_new(s); /* its id is 1 */
	p.number = a_number(1, 9, 'a');
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, STORE_OFF_WAITS, 77, NULL,
					  NULL), ENOENT);
	got = read_bo(s);
	assert_true(got.on_duty);
	assert_int_equal(store_person_off(s, p.id, "dead", 77, NULL, NULL),
			 0);
	store_close(s);
}


/* whoever is off duty for another reason stays so */
static void test_off_for_another_reason(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = add_bo(s, CLEAR), got;

	dialler_new(s);
	assert_int_equal(store_person_off(s, p.id, "no_answer", 77, NULL,
					  NULL), 0);
	assert_int_equal(store_telephone_set(s, &p), 0);
	got = read_bo(s);
	assert_false(got.on_duty);
	assert_string_equal(got.off_reason, "no_answer");
	assert_int_equal(got.off_at, 77);

	assert_int_equal(store_person_off(s, p.id, STORE_OFF_WAITS, 78, NULL,
					  NULL), 0);
	assert_int_equal(store_telephone_set(s, &p), 0);
	got = read_bo(s);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "");
	store_close(s);
}


/* from before numbers were sealed */
static void test_migrate(void **state)
{
	const struct fixture *f = *state;
	struct store_person got;
	struct store *s;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, migrations, 11, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	other_exec(db, "INSERT INTO person (name, phone, accept, wrap_up_s,"
		       " on_duty, languages, skills, organisation, region)"
		       " VALUES ('Bo', '" CLEAR "', 'key', 30, 1, '', '', '',"
		       " '')");
	(void)sqlite3_close(db);
	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	got = read_bo(s);
	assert_string_equal(secret_reveal(&got.phone), CLEAR);
	assert_int_equal(got.number.dialler, 0);
	assert_string_equal(store_telephone_state(&got, 3), "ready");
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_state),
		STORE_CASE(test_set),
		STORE_CASE(test_seal),
		STORE_CASE(test_seal_later),
		STORE_CASE(test_back),
		STORE_CASE(test_back_before_off),
		STORE_CASE(test_off_for_another_reason),
		STORE_CASE(test_migrate),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
