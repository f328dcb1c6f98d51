/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_session.c  Who is signed in, as the store keeps it.
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

#include "guard.h"
#include "store_fixture.h"


static uint32_t person_new(struct store *s, const char *name)
{
	struct store_person p = a_person(name, "");

	assert_int_equal(store_person_add(s, &p), 0);

	return p.id;
}


static struct store_session session_new(struct store *s, uint32_t person,
					uint8_t fill)
{
	struct store_session v = {.person = person, .made_at = fill,
				  .seen_at = fill};

	memset(v.hash, fill, sizeof(v.hash));
	assert_int_equal(store_session_add(s, &v), 0);

	return v;
}


static bool ids_collect(const struct store_session *session, void *arg)
{
	char *text = arg;
	const size_t n = strlen(text);

	(void)snprintf(text + n, 64 - n, "%u ", session->id);

	return false;
}


static void sessions_are(struct store *s, uint32_t person,
			 const char *expected)
{
	char text[64] = "";

	assert_int_equal(store_session_each(s, person, ids_collect, text), 0);
	assert_string_equal(text, expected);
}


static void test_session(void **state)
{
	struct store *s = store_make(*state);
	const uint32_t bo = person_new(s, "Bo"), cy = person_new(s, "Cy");
	struct store_session a = session_new(s, bo, 1);
	struct store_session b = session_new(s, cy, 2);
	struct store_session c = session_new(s, bo, 3), got;

	assert_int_equal(store_session_get(s, a.hash, &got), 0);
	assert_memory_equal(&got, &a, sizeof(a));
	sessions_are(s, bo, "1 3 ");
	sessions_are(s, 0, "1 2 3 ");

	/* not another's */
	assert_int_equal(store_session_remove(s, bo, b.id), ENOENT);
	assert_int_equal(store_session_remove(s, bo, a.id), 0);
	assert_int_equal(store_session_get(s, a.hash, &got), ENOENT);
	a = session_new(s, bo, 1);
	assert_int_equal(a.id, 4);
	assert_int_equal(store_session_remove(s, bo, 0), 0);
	assert_int_equal(store_session_remove(s, bo, 0), ENOENT);
	sessions_are(s, 0, "2 ");

	c.person = 99;
	assert_int_equal(store_session_add(s, &c), ENOENT);
	c = b;
	assert_int_equal(store_session_add(s, &c), EEXIST);
	store_close(s);
}


static void test_seen(void **state)
{
	struct store *s = store_daemon(*state);
	const uint32_t bo = person_new(s, "Bo");
	struct store_session a = session_new(s, bo, 1), got;
	struct tally t = {.n_expected = 2};

	(void)session_new(s, bo, 2);
	assert_int_equal(store_session_seen(s, a.id, 50, tally_handler, &t),
			 0);
	assert_int_equal(store_session_seen(s, 99, 50, tally_handler, &t), 0);
	guard_loop(GUARD_MS);
	assert_int_equal(t.n_failed, 1);
	assert_int_equal(t.err, ENOENT);
	assert_int_equal(store_session_get(s, a.hash, &got), 0);
	assert_int_equal(got.made_at, 1);
	assert_int_equal(got.seen_at, 50);

	assert_int_equal(store_session_old(s, 50), 0);
	sessions_are(s, 0, "1 ");
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_session),
		STORE_CASE(test_seen),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
