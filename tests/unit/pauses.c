/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pauses.c  Tests of people's pauses as bytes: they come back as they were, and
 * what is no such thing is not read.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "line/pauses.h"


static const struct core_pause some[] = {
	{7, false, 1234567},
	{UINT32_MAX, true, UINT64_MAX},
	{1, true, 0},
};

enum { SOME = sizeof(some) / sizeof(some[0]) };


static void come_back_as_they_were(void **state)
{
	static struct core_pause v[LIMIT_PEOPLE];
	uint8_t p[PAUSES_BYTES];
	size_t n;
	(void)state;

	for (size_t most = 0; most <= SOME; most++) {
		const size_t bytes = pauses_encode(p, some, most);

		assert_int_equal(pauses_decode(v, &n, p, bytes), 0);
		assert_int_equal(n, most);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(v[i].person, some[i].person);
			assert_int_equal(v[i].resting, some[i].resting);
			assert_true(v[i].until == some[i].until);
		}
	}
}


static void all_people_fit(void **state)
{
	static struct core_pause v[LIMIT_PEOPLE], again[LIMIT_PEOPLE];
	static uint8_t p[PAUSES_BYTES];
	size_t n;
	(void)state;

	for (size_t i = 0; i < LIMIT_PEOPLE; i++)
		v[i].person = (uint32_t)i + 1;
	n = pauses_encode(p, v, LIMIT_PEOPLE);
	assert_int_equal(n, PAUSES_BYTES);
	assert_int_equal(pauses_decode(again, &n, p, n), 0);
	assert_int_equal(n, LIMIT_PEOPLE);
	assert_int_equal(again[LIMIT_PEOPLE - 1].person, LIMIT_PEOPLE);
}


static void what_is_no_such_thing_is_not_read(void **state)
{
	static struct core_pause v[LIMIT_PEOPLE];
	static uint8_t p[PAUSES_BYTES + 13];
	size_t n, bytes;
	(void)state;

	bytes = pauses_encode(p, some, SOME);
	for (size_t i = 0; i < bytes; i++) {
		if (i % 13 == 1)
			continue;
		assert_int_equal(pauses_decode(v, &n, p, i), EBADMSG);
		assert_int_equal(n, 0);
	}
	p[5] = 2; /* neither rests nor writes up */
	assert_int_equal(pauses_decode(v, &n, p, bytes), EBADMSG);
	p[5] = 0;
	p[0] = 9; /* another version */
	assert_int_equal(pauses_decode(v, &n, p, bytes), EBADMSG);
	p[0] = 1;
	assert_int_equal(pauses_decode(v, &n, p, sizeof(p)), EBADMSG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_back_as_they_were),
		cmocka_unit_test(all_people_fit),
		cmocka_unit_test(what_is_no_such_thing_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
