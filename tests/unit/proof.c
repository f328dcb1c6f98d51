/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * proof.c  Proofs, tokens and salts: that they are what browsers make, and
 * that nothing else passes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "seal/proof.h"


/* BLAKE2b-256 of 32 zeros, as Python's hashlib says */
static void test_hash(void **state)
{
	static const char expected[] = "89eb0d6a8a691dae2cd15ed0369931ce"
				       "0a949ecafa5c3f93f8121833646e15c3";
	const uint8_t zero[PROOF_BYTES] = {0};
	uint8_t hash[PROOF_BYTES];
	char hex[2 * PROOF_BYTES + 1];
	(void)state;

	proof_hash(hash, zero);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	assert_string_equal(hex, expected);
	assert_true(proof_same(hash, hash));
	assert_false(proof_same(hash, zero));
	memcpy(hash, zero, sizeof(hash));
	hash[PROOF_BYTES - 1] = 1;
	assert_false(proof_same(hash, zero));
}


static void test_token(void **state)
{
	char text[PROOF_TEXT], other[PROOF_TEXT];
	uint8_t hash[PROOF_BYTES], again[PROOF_BYTES];
	(void)state;

	token_make(text, hash);
	token_make(other, again);
	assert_int_equal(strlen(text), PROOF_TEXT - 1);
	assert_string_not_equal(text, other);
	assert_int_equal(token_hash(again, text), 0);
	assert_memory_equal(again, hash, sizeof(hash));
	assert_int_equal(token_hash(again, other), 0);
	assert_memory_not_equal(again, hash, sizeof(hash));
}


static void test_decode(void **state)
{
	static const char *const wrong[] = {
		"", "AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", /* loose bits */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	uint8_t bytes[PROOF_BYTES], salt[PROOF_SALT];
	char text[PROOF_TEXT];
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(proof_decode(bytes, sizeof(bytes), wrong[i]),
				 EINVAL);
	assert_int_equal(proof_decode(bytes, sizeof(bytes),
			"-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 0);
	assert_int_equal(bytes[0], 0xfb);
	proof_encode(text, bytes, sizeof(salt));
	assert_int_equal(strlen(text), 22);
	assert_int_equal(proof_decode(salt, sizeof(salt), text), 0);
	assert_memory_equal(salt, bytes, sizeof(salt));
}


static void test_salt(void **state)
{
	uint8_t key[PROOF_BYTES], key2[PROOF_BYTES];
	uint8_t a[PROOF_SALT], b[PROOF_SALT];
	(void)state;

	proof_key(key);
	proof_key(key2);
	proof_salt(a, key, "Bo");
	proof_salt(b, key, "Bo");
	assert_memory_equal(a, b, sizeof(a));
	proof_salt(b, key, "Bp");
	assert_memory_not_equal(a, b, sizeof(a));
	proof_salt(b, key2, "Bo");
	assert_memory_not_equal(a, b, sizeof(a));

	assert_int_equal(proof_place(key, "Bo"), proof_place(key, "Bo"));
	assert_int_not_equal(proof_place(key, "Bo"), proof_place(key, "Bp"));
	assert_int_not_equal(proof_place(key, "Bo"), proof_place(key2, "Bo"));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_salt),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
