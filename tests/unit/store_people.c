/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_people.c  Counsellors and trunks as the store keeps them, and that
 * nothing is left of those who were removed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "store/migrate.h"
#include "store/telephone.h"

#include "store_fixture.h"


static void person_same(const struct store_person *a,
			const struct store_person *b)
{
	assert_int_equal(a->id, b->id);
	assert_string_equal(a->name, b->name);
	assert_string_equal(secret_reveal(&a->phone),
			    secret_reveal(&b->phone));
	assert_int_equal(a->accept, b->accept);
	assert_int_equal(a->wrap_up_s, b->wrap_up_s);
	assert_int_equal(a->on_duty, b->on_duty);
	assert_string_equal(a->off_reason, b->off_reason);
	assert_int_equal(a->off_at, b->off_at);
	assert_string_equal(a->languages, b->languages);
	assert_string_equal(a->skills, b->skills);
	assert_string_equal(a->organisation, b->organisation);
	assert_string_equal(a->region, b->region);
}


static bool people_names(const struct store_person *person, void *arg)
{
	(void)strcat(strcat(arg, person->name), " ");

	return false;
}


static void test_people(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct store_person ana = a_person("ana", "sip:ana@192.0.2.2");
	char names[64] = "";

	SET(p.languages, "en,es-mx");
	SET(p.skills, "legal,military");
	SET(p.organisation, "Casa Norte");
	SET(p.region, "north");
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_add(s, &ana), 0);
	assert_true(p.id && ana.id && p.id != ana.id);
	got = p;
	assert_int_equal(store_person_add(s, &got), EEXIST);

	assert_int_equal(store_person_get(s, "nobody", &got), ENOENT);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);

	p.accept = STORE_ACCEPT_KEY;
	p.on_duty = false;
	p.wrap_up_s = 0;
	SET(p.name, "Cy");
	SET(p.languages, "");
	SET(p.skills, "medical");
	SET(p.organisation, "");
	SET(p.region, "south");
	assert_int_equal(store_person_set(s, &p), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), ENOENT);
	assert_int_equal(store_person_get(s, "Cy", &got), 0);
	person_same(&got, &p);

	assert_int_equal(store_person_each(s, people_names, names), 0);
	assert_string_equal(names, "ana Cy ");

	SET(p.name, "ana");
	assert_int_equal(store_person_set(s, &p), EEXIST);
	p.id = 99;
	assert_int_equal(store_person_set(s, &p), ENOENT);
	assert_int_equal(store_person_remove(s, 99), ENOENT);
	p.name[0] = '\0';
	assert_int_equal(store_person_add(s, &p), EINVAL);
	p = a_person("Di", "sip:di@192.0.2.4");
	p.accept = (enum store_accept)7;
	assert_int_equal(store_person_add(s, &p), EINVAL);
	store_close(s);
}


static void test_person_off(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct tally t = {0};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, "no_answer", 1700000000123,
					  tally_handler, &t), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	p.on_duty = false;
	SET(p.off_reason, "no_answer");
	p.off_at = 1699999200000; /* the quarter of an hour */
	person_same(&got, &p);

	/* set as read: nothing is lost; then cleared */
	assert_int_equal(store_person_set(s, &got), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);
	p.on_duty = true;
	SET(p.off_reason, "");
	p.off_at = 0;
	assert_int_equal(store_person_set(s, &p), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	person_same(&got, &p);

	assert_int_equal(store_person_off(s, 99, "busy", 1, NULL, NULL),
			 ENOENT);
	assert_int_equal(store_person_off(s, p.id, "busy", -1, NULL, NULL),
			 EINVAL);
	assert_int_equal(store_person_off(s, p.id, NULL, 1, NULL, NULL),
			 EINVAL);
	assert_int_equal(store_person_off(s, p.id,
					  "a reason that is as long as 32 b",
					  1, NULL, NULL), EINVAL);
	store_close(s);
}


/* The line's way: the handler runs in the loop, when it is on disk. */
static void test_person_off_later(void **state)
{
	struct store *s = store_daemon(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1"), got;
	struct tally t = {.n_expected = 2};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(store_person_off(s, p.id, "dead", 7, tally_handler,
					  &t), 0);
	assert_int_equal(store_person_off(s, 99, "dead", 7, tally_handler,
					  &t), 0);
	assert_int_equal(t.n_done, 0);
	assert_int_equal(re_main(NULL), 0);
	assert_int_equal(t.n_done, 2);
	assert_int_equal(t.n_failed, 1);
	assert_int_equal(t.err, ENOENT);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	assert_false(got.on_duty);
	assert_string_equal(got.off_reason, "dead");
	assert_int_equal(got.off_at, 7);
	store_close(s);
}


/* A store of the first release, with somebody in it: what they speak is for
 * the reader to know. */
static void test_migrate_people(void **state)
{
	const struct fixture *f = *state;
	struct store_person got;
	struct store *s;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, migrations, 1, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	other_exec(db, "INSERT INTO person (name, phone, accept, wrap_up_s,"
		       " on_duty) VALUES ('Bo', 'sip:bo@192.0.2.1', 'answer',"
		       " 30, 1)");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_person_get(s, "Bo", &got), 0);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "");
	assert_int_equal(got.off_at, 0);
	assert_string_equal(got.languages, "");
	assert_string_equal(got.skills, "");
	assert_string_equal(got.organisation, "");
	assert_string_equal(got.region, "");
	assert_int_equal(store_person_off(s, got.id, "busy", 5, NULL, NULL),
			 0);
	store_close(s);
}


static void test_person_removed(void **state)
{
	struct store *s = store_make(*state);
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct store_call call = a_call(1), read;
	uint32_t id;

	assert_int_equal(store_person_add(s, &p), 0);
	id = p.id;
	call.counsellor = id;
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_call_each(s, 0, call_keep, &read), 0);
	assert_string_equal(read.counsellor_name, "Bo");

	assert_int_equal(store_person_remove(s, id), 0);
	assert_int_equal(store_person_remove(s, id), ENOENT);
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_not_equal(p.id, id); /* another Bo took no old call */
	assert_int_equal(store_call_each(s, 0, call_keep, &read), 0);
	assert_string_equal(read.counsellor_name, "");
	assert_int_equal(read.counsellor, id);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	store_close(s);
}


static bool trunks_collect(const struct store_trunk *trunk, void *arg)
{
	struct store_trunk **p = arg;

	*(*p)++ = *trunk;

	return false;
}


static void test_trunks(void **state)
{
	struct store *s = store_make(*state);
	struct store_trunk a = {.name = "zebra", .from = "192.0.2.0/24"};
	struct store_trunk b = {
		.name = "amt",
		.kind = STORE_TRUNK_REGISTER,
		.secret_file = "/etc/secret",
	};
	struct store_trunk c = {.name = "out", .from = "192.0.2.0/24"};
	struct store_trunk read[3], *p = read;

	assert_int_equal(secret_set(&b.uri, "sip:u@example.org", 17), 0);
	assert_int_equal(store_trunk_add(s, &a), 0);
	assert_int_equal(store_trunk_add(s, &b), 0);
	read[0] = a;
	assert_int_equal(store_trunk_add(s, &read[0]), EEXIST);
	SET(read[0].name, "other");
	read[0].from[0] = '\0';
	assert_int_equal(store_trunk_add(s, &read[0]), EINVAL);

	assert_int_equal(store_trunk_each(s, trunks_collect, &p), 0);
	assert_int_equal(p - read, 2);
	assert_memory_equal(&read[0], &b, sizeof(b));
	assert_memory_equal(&read[1], &a, sizeof(a));

	/* static, and to dial out by */
	assert_int_equal(secret_set(&c.uri, "sip:192.0.2.9:5080", 18), 0);
	assert_int_equal(store_trunk_add(s, &c), 0);
	p = read;
	assert_int_equal(store_trunk_each(s, trunks_collect, &p), 0);
	assert_int_equal(p - read, 3);
	assert_memory_equal(&read[1], &c, sizeof(c));
	assert_int_equal(store_trunk_remove(s, "out"), 0);

	assert_int_equal(store_trunk_remove(s, "zebra"), 0);
	assert_int_equal(store_trunk_remove(s, "zebra"), ENOENT);
	p = read;
	assert_int_equal(store_trunk_each(s, trunks_collect, &p), 0);
	assert_int_equal(p - read, 1);
	store_close(s);
}


/* ---- removed is gone from the disk ---- */

static void wiped(const struct fixture *f, struct store *s)
{
	struct store_person p = a_person("Bo", "sip:plant-one@192.0.2.1");
	const char *const plant[] = {"plant-one", "plant-two", "plant-three"};
	struct store_trunk t = {
		.name = "amt",
		.kind = STORE_TRUNK_REGISTER,
		.secret_file = "/etc/secret",
	};

	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(secret_set(&t.uri, "sip:plant-three@x", 17), 0);
	assert_int_equal(store_trunk_add(s, &t), 0);
	assert_true(on_disk(f, plant[0]));
	assert_true(on_disk(f, plant[2]));

	assert_int_equal(secret_set(&p.phone, "sip:plant-two@x", 15), 0);
	assert_int_equal(store_telephone_set(s, &p), 0);
	assert_true(on_disk(f, plant[1]));
	assert_false(on_disk(f, plant[0]));

	assert_int_equal(store_person_remove(s, p.id), 0);
	assert_false(on_disk(f, plant[1]));
	assert_int_equal(store_trunk_remove(s, "amt"), 0);
	assert_false(on_disk(f, plant[2]));
}


static void test_wiped(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_make(f);

	wiped(f, s);
	store_close(s);
	assert_int_equal(store_open(&s, f->dir, STORE_DAEMON), 0);
	wiped(f, s);
	store_close(s);
}


/* somebody reads while a number is removed: it is wiped a little later */
static void test_wiped_later(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_make(f);
	struct store_person p = a_person("Bo", "sip:plant-one@192.0.2.1");
	struct store_call call = a_call(1);
	sqlite3 *db;

	assert_int_equal(store_person_add(s, &p), 0);
	db = other_open(f);
	other_exec(db, "BEGIN");
	assert_int_equal(other_int(db, "SELECT count(*) FROM person"), 1);
	assert_int_equal(store_person_remove(s, p.id), 0);
	assert_true(on_disk(f, "plant-one"));
	other_exec(db, "COMMIT");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_false(on_disk(f, "plant-one"));
	(void)sqlite3_close(db);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_people),
		STORE_CASE(test_person_off),
		STORE_CASE(test_person_off_later),
		STORE_CASE(test_migrate_people),
		STORE_CASE(test_person_removed),
		STORE_CASE(test_trunks),
		STORE_CASE(test_wiped),
		STORE_CASE(test_wiped_later),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
