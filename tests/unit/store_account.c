/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_account.c  Accounts, invitations and roles as the store keeps them,
 * and what goes with a person who is removed.
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

#include "store_fixture.h"


enum { NOW = 1000, LATER = 2000 };


static struct store_invitation an_invitation(uint32_t person, uint8_t fill)
{
	struct store_invitation i = {.person = person, .ends_at = LATER};

	memset(i.hash, fill, sizeof(i.hash));

	return i;
}


static struct store_account an_account(uint8_t fill)
{
	struct store_account a = {.opslimit = 3, .memlimit = 67108864};

	memset(a.salt, fill, sizeof(a.salt));
	memset(a.proof, fill, sizeof(a.proof));

	return a;
}


static void account_same(const struct store_account *a,
			 const struct store_account *b)
{
	assert_int_equal(a->person, b->person);
	assert_memory_equal(a->salt, b->salt, sizeof(a->salt));
	assert_memory_equal(a->proof, b->proof, sizeof(a->proof));
	assert_int_equal(a->opslimit, b->opslimit);
	assert_int_equal(a->memlimit, b->memlimit);
	assert_string_equal(secret_reveal(&a->totp), secret_reveal(&b->totp));
	assert_int_equal(a->totp_counter, b->totp_counter);
}


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


/* invited, and taken up */
static struct store_account account_new(struct store *s, uint32_t person,
					uint8_t fill)
{
	const struct store_invitation i = an_invitation(person, fill);
	struct store_account a = an_account(fill);

	assert_int_equal(store_invitation_put(s, &i), 0);
	assert_int_equal(store_invitation_accept(s, i.hash, NOW, &a), 0);

	return a;
}


static void test_accept(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo");
	const struct store_invitation i = an_invitation(bo, 1);
	struct store_invitation got;
	struct store_account a = an_account(7), read;

	assert_int_equal(store_account_get(s, bo, &read), ENOENT);
	assert_int_equal(store_invitation_put(s, &i), 0);
	assert_int_equal(store_invitation_get(s, i.hash, &got), 0);
	assert_int_equal(got.person, bo);
	assert_int_equal(got.ends_at, LATER);
	assert_false(got.used);

	/* over, then taken up, then used */
	assert_int_equal(store_invitation_accept(s, i.hash, LATER, &a),
			 ENOENT);
	assert_int_equal(store_account_get(s, bo, &read), ENOENT);
	assert_int_equal(store_invitation_accept(s, i.hash, NOW, &a), 0);
	assert_int_equal(a.person, bo);
	assert_int_equal(store_account_get(s, bo, &read), 0);
	account_same(&read, &a);
	assert_int_equal(store_invitation_get(s, i.hash, &got), 0);
	assert_true(got.used);
	a = an_account(8);
	assert_int_equal(store_invitation_accept(s, i.hash, NOW, &a), ENOENT);
	assert_int_equal(store_account_get(s, bo, &read), 0);
	assert_int_equal(read.proof[0], 7);
	store_close(s);
}


/* an account that the schema refuses does not use the invitation up */
static void test_accept_whole(void **state)
{
	struct store *s = store_make(*state);
	const struct store_invitation i =
		an_invitation(person_new(s, "Bo"), 1);
	struct store_account a = an_account(7);

	assert_int_equal(store_invitation_put(s, &i), 0);
	a.opslimit = 0;
	assert_int_equal(store_invitation_accept(s, i.hash, NOW, &a), EINVAL);
	a.opslimit = 3;
	assert_int_equal(store_invitation_accept(s, i.hash, NOW, &a), 0);
	store_close(s);
}


static void test_invited_anew(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_invitation old = an_invitation(bo, 1);
	struct store_invitation next = an_invitation(bo, 2);
	struct store_session on = {.person = bo, .made_at = 1, .seen_at = 1};
	struct store_account a;

	(void)account_new(s, cy, 9);
	(void)account_new(s, bo, 3);
	assert_int_equal(store_session_add(s, &on), 0);
	assert_int_equal(store_invitation_put(s, &old), 0);
	assert_int_equal(store_account_get(s, bo, &a), ENOENT);
	assert_int_equal(store_session_get(s, on.hash, &on), ENOENT);
	assert_int_equal(store_account_get(s, cy, &a), 0);

	assert_int_equal(store_invitation_put(s, &next), 0);
	assert_int_equal(store_invitation_accept(s, old.hash, NOW, &a),
			 ENOENT);
	next.person = 99;
	assert_int_equal(store_invitation_put(s, &next), ENOENT);
	store_close(s);
}


static void test_totp(void **state)
{
	struct store *s = store_make(*state);
	struct store_account a = account_new(s, person_new(s, "Bo"), 3), got;

	assert_int_equal(secret_set(&a.totp, "PLANTEDSECRET", 13), 0);
	a.totp_counter = 50;
	assert_int_equal(store_account_totp(s, a.person, &a.totp, 50), 0);
	assert_int_equal(store_account_get(s, a.person, &got), 0);
	account_same(&got, &a);

	/* a code is good once, and none before it */
	assert_int_equal(store_account_code(s, a.person, 50), EALREADY);
	assert_int_equal(store_account_code(s, a.person, 51), 0);
	assert_int_equal(store_account_code(s, a.person, 51), EALREADY);
	assert_int_equal(store_account_code(s, a.person, 49), EALREADY);
	assert_int_equal(store_account_code(s, 99, 60), EALREADY);

	secret_wipe(&a.totp);
	assert_int_equal(store_account_totp(s, a.person, &a.totp, 0), 0);
	assert_false(on_disk(*state, "PLANTEDSECRET"));
	assert_int_equal(store_account_totp(s, 99, &a.totp, 0), ENOENT);
	store_close(s);
}


static bool roles_collect(const struct store_role *role, void *arg)
{
	char *text = arg;
	const size_t n = strlen(text);

	(void)snprintf(text + n, 256 - n, "%u/%s/%s ", role->person,
		       role->line, role->role);

	return false;
}


static void roles_are(struct store *s, uint32_t person, const char *expected)
{
	char text[256] = "";

	assert_int_equal(store_role_each(s, person, roles_collect, text), 0);
	assert_string_equal(text, expected);
}


static void test_roles(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_role v[] = {
		{.line = "main", .role = "coordinator"},
		{.line = "", .role = "counsellor"},
	};

	roles_are(s, bo, "");
	assert_int_equal(store_roles_set(s, bo, v, 2), 0);
	assert_int_equal(store_roles_set(s, cy, v, 1), 0);
	roles_are(s, bo, "1//counsellor 1/main/coordinator ");
	roles_are(s, 0, "1//counsellor 1/main/coordinator"
			" 2/main/coordinator ");

	/* a wrong one changes nothing */
	SET(v[1].role, "queen");
	assert_int_equal(store_roles_set(s, bo, v, 2), EINVAL);
	v[1] = v[0];
	assert_int_equal(store_roles_set(s, bo, v, 2), EINVAL);
	assert_int_equal(store_roles_set(s, 99, v, 1), ENOENT);
	assert_int_equal(store_roles_set(s, 99, NULL, 0), ENOENT);
	roles_are(s, bo, "1//counsellor 1/main/coordinator ");

	assert_int_equal(store_roles_set(s, bo, v, 1), 0);
	roles_are(s, bo, "1/main/coordinator ");
	assert_int_equal(store_roles_set(s, bo, NULL, 0), 0);
	roles_are(s, bo, "");
	store_close(s);
}


static void test_removed(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	const struct store_role role = {.line = "", .role = "operator"};
	struct store_session on = {.person = bo, .made_at = 1, .seen_at = 1};
	struct store_account a;
	sqlite3 *db;

	(void)account_new(s, cy, 9);
	(void)account_new(s, bo, 3);
	assert_int_equal(store_session_add(s, &on), 0);
	assert_int_equal(store_roles_set(s, bo, &role, 1), 0);
	assert_int_equal(store_person_remove(s, bo), 0);
	assert_int_equal(store_account_get(s, bo, &a), ENOENT);
	assert_int_equal(store_session_get(s, on.hash, &on), ENOENT);
	roles_are(s, 0, "");
	db = other_open(*state);
	assert_int_equal(other_int(db, "SELECT count(*) FROM invitation"), 1);
	(void)sqlite3_close(db);
	assert_int_equal(store_account_get(s, cy, &a), 0);
	store_close(s);
}


static void test_key(void **state)
{
	struct store *s = store_make(*state);
	uint8_t first[STORE_HASH], second[STORE_HASH], other[STORE_HASH];

	memset(first, 1, sizeof(first));
	memset(second, 2, sizeof(second));
	memset(other, 3, sizeof(other));
	assert_int_equal(store_key(s, "salts", first), 0);
	assert_int_equal(first[0], 1);
	assert_int_equal(store_key(s, "salts", second), 0);
	assert_memory_equal(second, first, sizeof(first));
	assert_int_equal(store_key(s, "another", other), 0);
	assert_int_equal(other[0], 3);
	store_close(s);
}


/* Two talks of one call: the mean of all reports, the worst of any. */
static void test_call_sound(void **state)
{
	const struct store_sound first = {3, 10, 100, 7, 0},
				 second = {1, 51, 51, 9, 80};
	const struct store_sound none = {.loss_mean = 1},
				 much = {1, 0, 1001, 0, 0};
	struct store *s = store_make(*state);
	struct store_call call = a_call(7), got;

	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_call_get(s, 7, &got), 0);
	assert_int_equal(got.sound.n_reports, 0);
	assert_int_equal(store_call_sound(s, 7, &none, NULL, NULL), EINVAL);
	assert_int_equal(store_call_sound(s, 7, &much, NULL, NULL), EINVAL);
	assert_int_equal(store_call_sound(s, 8, &first, NULL, NULL), ENOENT);
	assert_int_equal(store_call_sound(s, 7, &first, NULL, NULL), 0);
	assert_int_equal(store_call_sound(s, 7, &second, NULL, NULL), 0);
	/* what the line writes of the call leaves it */
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_call_get(s, 7, &got), 0);
	assert_int_equal(got.sound.n_reports, 4);
	assert_int_equal(got.sound.loss_mean, 20); /* 81 / 4, rounded */
	assert_int_equal(got.sound.loss_worst, 100);
	assert_int_equal(got.sound.jitter_ms, 9);
	assert_int_equal(got.sound.rtt_ms, 80);
	store_close(s);
}


static void test_call_result(void **state)
{
	struct store *s = store_make(*state);
	struct store_call call = a_call(7), got;

	assert_int_equal(store_call_get(s, 7, &got), ENOENT);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	assert_int_equal(store_call_get(s, 7, &got), 0);
	call_same(&got, &call);
	assert_int_equal(store_call_result(s, 7, "helped"), 0);
	assert_int_equal(store_call_result(s, 7, "cured"), EINVAL);
	assert_int_equal(store_call_result(s, 8, "helped"), ENOENT);

	/* the line writes the call again, and knows nothing of this */
	SET(call.outcome, "talked");
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	SET(call.result, "helped");
	assert_int_equal(store_call_get(s, 7, &got), 0);
	call_same(&got, &call);
	store_close(s);
}


/* a store of before: people keep their numbers, and removed people theirs */
static void test_migrate_people(void **state)
{
	const struct fixture *f = *state;
	struct store_person p = a_person("Di", ""), got;
	struct store *s = NULL;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, migrations, 3, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	other_exec(db, "INSERT INTO person (name, phone, accept, wrap_up_s,"
		       " on_duty, off_reason, off_at, languages, skills,"
		       " organisation, region) VALUES ('Bo', 'sip:bo@x',"
		       " 'answer', 5, 1, 'busy', 9, 'en', 'legal', 'o', 'r'),"
		       " ('Cy', 'sip:cy@x', 'answer', 5, 1, '', 0, '', '',"
		       " '', '')");
	other_exec(db, "DELETE FROM person WHERE name = 'Cy'");
	(void)sqlite3_close(db);

	assert_int_equal(store_open(&s, f->dir, STORE_TOOL), 0);
	assert_int_equal(store_person_find(s, 1, &got), 0);
	assert_string_equal(got.name, "Bo");
	assert_string_equal(secret_reveal(&got.phone), "sip:bo@x");
	assert_int_equal(got.wrap_up_s, 5);
	assert_true(got.on_duty);
	assert_string_equal(got.off_reason, "busy");
	assert_int_equal(got.off_at, 9);
	assert_string_equal(got.languages, "en");
	assert_string_equal(got.skills, "legal");
	assert_string_equal(got.organisation, "o");
	assert_string_equal(got.region, "r");
	assert_int_equal(store_person_find(s, 2, &got), ENOENT);
	assert_int_equal(store_person_add(s, &p), 0);
	assert_int_equal(p.id, 3);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_accept),
		STORE_CASE(test_accept_whole),
		STORE_CASE(test_invited_anew),
		STORE_CASE(test_totp),
		STORE_CASE(test_roles),
		STORE_CASE(test_removed),
		STORE_CASE(test_key),
		STORE_CASE(test_call_sound),
		STORE_CASE(test_call_result),
		STORE_CASE(test_migrate_people),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
