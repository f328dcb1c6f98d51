/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_challenge.c  Challenges: good once, for whom and what, and how long.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "web/challenge.h"


static const struct challenge_bond sign_in = {WEBAUTHN_GET, 1, 0};


static void test_once(void **state)
{
	struct challenges c = {0};
	uint8_t a[WEBAUTHN_CHALLENGE], b[WEBAUTHN_CHALLENGE];

	(void)state;
	challenge_make(&c, &sign_in, 5, a);
	challenge_make(&c, &sign_in, 6, b);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(challenge_take(&c, &sign_in, 7, a), 0);
	assert_int_equal(challenge_take(&c, &sign_in, 7, a), ENOENT);
	assert_int_equal(challenge_take(&c, &sign_in, 7, b), 0);
	memset(a, 0, sizeof(a)); /* as a free place has it */
	assert_int_equal(challenge_take(&c, &sign_in, 7, a), ENOENT);
}


/* asked with for something else it is gone as well */
static void test_bond(void **state)
{
	static const struct challenge_bond others[] = {
		{WEBAUTHN_CREATE, 1, 0}, {WEBAUTHN_GET, 2, 0},
		{WEBAUTHN_GET, 1, 3},
	};
	struct challenges c = {0};
	uint8_t a[WEBAUTHN_CHALLENGE];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		challenge_make(&c, &sign_in, 5, a);
		assert_int_equal(challenge_take(&c, &others[i], 6, a),
				 ENOENT);
		assert_int_equal(challenge_take(&c, &sign_in, 7, a), ENOENT);
	}
}


static void test_over(void **state)
{
	struct challenges c = {0};
	uint8_t a[WEBAUTHN_CHALLENGE];

	(void)state;
	challenge_make(&c, &sign_in, 5, a);
	assert_int_equal(challenge_take(&c, &sign_in, 5 + CHALLENGE_MS, a),
			 0);
	challenge_make(&c, &sign_in, 5, a);
	assert_int_equal(challenge_take(&c, &sign_in, 6 + CHALLENGE_MS, a),
			 ENOENT);
}


/* whoever asks for many loses their own */
static void test_room(void **state)
{
	const struct challenge_bond other = {WEBAUTHN_GET, 2, 0};
	struct challenges c = {0};
	uint8_t first[WEBAUTHN_CHALLENGE], a[WEBAUTHN_CHALLENGE];
	uint8_t b[WEBAUTHN_CHALLENGE];

	(void)state;
	challenge_make(&c, &other, 1, b);
	challenge_make(&c, &sign_in, 2, first);
	for (unsigned i = 0; i < 2 * CHALLENGES; i++)
		challenge_make(&c, &sign_in, 3 + i, a);
	assert_int_equal(challenge_take(&c, &sign_in, 600, first), ENOENT);
	assert_int_equal(challenge_take(&c, &sign_in, 600, a), 0);
	assert_int_equal(challenge_take(&c, &other, 600, b), 0);

	/* many people: the oldest makes room */
	for (uint32_t i = 0; i <= CHALLENGES; i++) {
		const struct challenge_bond bond = {WEBAUTHN_GET, 10 + i, 0};

		challenge_make(&c, &bond, 700 + i, i ? a : first);
		if (i == 1)
			memcpy(b, a, sizeof(b));
	}
	for (uint32_t i = 0; i < 2; i++) {
		const struct challenge_bond bond = {WEBAUTHN_GET, 10 + i, 0};

		assert_int_equal(challenge_take(&c, &bond, 999,
						i ? b : first),
				 i ? 0 : ENOENT);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_bond),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_room),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
