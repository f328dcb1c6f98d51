/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_telephones.c  What `ringback status` says of people's own numbers: each in
 * its place, and nothing where there is nothing to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/telephones.h"
#include "store/telephone.h"

#include "store_fixture.h"

enum { OLD = 1, NOW = 2 };


static void diallers_add(struct store *s)
{
	for (uint32_t i = OLD; i <= NOW; i++) {
		struct store_dialler d = {.made_at = 1};

		memset(d.public, (int)i, sizeof(d.public));
		assert_int_equal(store_dialler_add(s, &d), 0);
		assert_int_equal(d.id, i);
	}
}


static void add(struct store *s, const char *name, const char *phone,
		uint32_t dialler, uint64_t epoch)
{
	struct store_person p = a_person(name, phone);

	p.number.dialler = dialler;
	p.number.epoch = epoch;
	assert_int_equal(store_person_add(s, &p), 0);
}


static void counted(struct store *s, uint32_t n_waiting, uint32_t n_lost,
		    uint32_t n_unbacked, uint32_t n_clear)
{
	struct telephones t;

	assert_int_equal(telephones_count(&t, s), 0);
	assert_int_equal(t.n_waiting, n_waiting);
	assert_int_equal(t.n_lost, n_lost);
	assert_int_equal(t.n_unbacked, n_unbacked);
	assert_int_equal(t.n_clear, n_clear);
}


static void each_in_its_place(void **state)
{
	struct store *s = store_make(*state);

	add(s, "nobody", "", 0, 0);
	add(s, "address", "sip:a@192.0.2.1", 0, 0);
	counted(s, 0, 0, 0, 0);
	add(s, "clear", "tel:+15550100", 0, 0);
	counted(s, 0, 0, 0, 1);
	diallers_add(s);
	add(s, "ready", "", NOW, 9);
	counted(s, 0, 0, 0, 1);
	add(s, "waits", "", OLD, 9);
	add(s, "waits too", "", OLD, 8);
	add(s, "lost", "", OLD, 0);
	add(s, "unbacked", "", NOW, 0);
	counted(s, 2, 1, 1, 1);
	store_close(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(each_in_its_place),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
