/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * attack.c  Files with a key in them, and what was made with it of callers'
 * numbers: found. The same files, the key but not what was made, or the other
 * way round: not. And our own store of a day with callers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "attack.h"
#include "seal/handle.h"

enum {
	NUMBERS = 12,
	IMAGE = 20000,
	KEY_AT = 5001,  /* at no even place */
	MADE_AT = 9003,
};

static const char *const called[NUMBERS] = {
	"15550100001", "15550100002", "15550100003", "15550100004",
	"15550100005", "15550100006", "15550100007", "15550100008",
	"15550100009", "15550100010", "15550100011", "15550100012",
};


struct plant {
	uint8_t image[IMAGE];
	uint8_t key[32];
	struct attack_hit hit;
};


/* as much like a file as need be: not all random */
static struct plant *plant_new(void)
{
	struct plant *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	randombytes_buf(p->image, 2000);
	memset(p->image + 2000, 'a', 1000);
	randombytes_buf(p->key, sizeof(p->key));

	return p;
}


static bool found(struct plant *p, size_t n)
{
	struct attack *a = NULL;
	bool is;

	assert_int_equal(attack_alloc(&a, p->image, IMAGE), 0);
	is = attack_run(a, called, n, false, &p->hit);
	assert_true(attack_hashes(a) > 0);
	attack_free(a);

	return is;
}


static void key_put(struct plant *p)
{
	memcpy(p->image + KEY_AT, p->key, sizeof(p->key));
}


static size_t spelled(char text[32], const char *before, size_t i)
{
	return (size_t)snprintf(text, 32, "%s%s", before, called[i]);
}


/* a keyed hash as others keep one, whole */
static void hashes_put(struct plant *p, const uint8_t key[32], size_t n)
{
	char text[32];

	for (size_t i = 0; i < NUMBERS; i++)
		assert_int_equal(crypto_generichash(
			p->image + MADE_AT + 40 * i, n, (uint8_t *)text,
			spelled(text, "+", i), key, 32), 0);
}


/* a key that somebody left as bytes beside the rows */
static void a_raw_key(void **state)
{
	struct plant *p = plant_new();
	(void)state;

	hashes_put(p, p->key, 32);
	assert_false(found(p, NUMBERS));
	key_put(p);
	assert_true(found(p, NUMBERS));
	assert_int_equal(p->hit.at, KEY_AT);
	assert_string_equal(p->hit.written, "bytes");
	assert_string_equal(p->hit.construction, "keyed BLAKE2b");
	assert_string_equal(p->hit.spelling, "+CAOR");
	assert_true(found(p, 2));

	/* the key alone says nothing */
	memset(p->image + MADE_AT, 0, 40 * NUMBERS);
	assert_false(found(p, NUMBERS));
	free(p);
}


/* as in a configuration, or the environment of a process */
static void a_key_in_hexadecimal(void **state)
{
	struct plant *p = plant_new();
	char text[65];
	(void)state;

	hashes_put(p, p->key, 32);
	(void)sodium_bin2hex(text, sizeof(text), p->key, sizeof(p->key));
	(void)snprintf((char *)p->image + KEY_AT, 100, "HANDLE_KEY=%s", text);
	assert_true(found(p, NUMBERS));
	assert_int_equal(p->hit.at, KEY_AT + 11);
	assert_string_equal(p->hit.written, "hexadecimal");
	free(p);
}


static void a_derived_key(void **state)
{
	struct plant *p = plant_new();
	uint8_t derived[32];
	(void)state;

	(void)crypto_auth_hmacsha256(derived, (const uint8_t *)"callers", 7,
				     p->key);
	hashes_put(p, derived, 32);
	(void)sodium_bin2base64((char *)p->image + KEY_AT, 45, p->key, 32,
				sodium_base64_VARIANT_ORIGINAL);
	assert_true(found(p, NUMBERS));
	assert_string_equal(p->hit.derivation, "HMAC");
	assert_string_equal(p->hit.written, "base64");
	free(p);
}


static void a_pepper(void **state)
{
	struct plant *p = plant_new();
	char text[64];
	(void)state;

	for (size_t i = 0; i < NUMBERS; i++) {
		const int n = snprintf(text, sizeof(text),
				       "correct-horse-battery%s", called[i]);

		(void)crypto_hash_sha256(p->image + MADE_AT + 40 * i,
					 (uint8_t *)text, (size_t)n);
	}
	assert_false(found(p, NUMBERS));
	memcpy(p->image + KEY_AT, "\"correct-horse-battery\"", 23);
	assert_true(found(p, NUMBERS));
	assert_string_equal(p->hit.written, "a word");
	assert_string_equal(p->hit.construction, "SHA-256 of key and number");
	free(p);
}


static void no_key_at_all(void **state)
{
	struct plant *p = plant_new();
	char text[32];
	(void)state;

	for (size_t i = 0; i < NUMBERS; i++)
		(void)crypto_hash_sha256(p->image + MADE_AT + 40 * i,
					 (uint8_t *)text,
					 spelled(text, "tel:+", i));
	assert_true(found(p, NUMBERS));
	assert_string_equal(p->hit.spelling, "tel:+CAOR");
	free(p);
}


/* what ringback-line makes, if it were in a file: 20 bits, and its key */
static void handles_put(struct plant *p, const struct handles *h)
{
	struct secret_text number;
	char text[32];

	for (size_t i = 0; i < NUMBERS; i++) {
		uint8_t *at = p->image + MADE_AT + 40 * i;
		uint32_t v;

		assert_int_equal(secret_set(&number, text,
					    spelled(text, "+", i)), 0);
		v = handle_of(h, 0, &number);
		at[0] = (uint8_t)(v >> 16); /* as SQLite writes it */
		at[1] = (uint8_t)(v >> 8);
		at[2] = (uint8_t)v;
	}
}


/* the key is the first thing of struct handles: that is what root can read */
static void key_taken(struct plant *p, const struct handles *h)
{
	memcpy(p->image + KEY_AT, h, 32);
}


static void handles_with_their_key(void **state)
{
	struct plant *p = plant_new();
	struct handles *h = NULL;
	(void)state;

	assert_int_equal(handles_alloc(&h), 0);
	handles_day(h, 1);
	handles_put(p, h);
	assert_false(found(p, NUMBERS));
	key_taken(p, h);
	assert_true(found(p, NUMBERS));
	assert_string_equal(p->hit.construction, "our handle");
	assert_string_equal(p->hit.form, "the low 20 bits");

	/* few numbers prove nothing with 20 bits each */
	assert_false(found(p, ATTACK_SHORT - 1));

	/* yesterday's handles, and the key of today: nothing any more */
	handles_day(h, 2);
	key_taken(p, h);
	assert_false(found(p, NUMBERS));

	/* the other way round: who has yesterday's key has today's */
	p = (free(p), plant_new());
	key_taken(p, h);
	handles_day(h, 3);
	handles_put(p, h);
	assert_true(found(p, NUMBERS));
	assert_string_equal(p->hit.derivation, "the next day's");
	handles_free(h);
	free(p);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_raw_key),
		cmocka_unit_test(a_key_in_hexadecimal),
		cmocka_unit_test(a_derived_key),
		cmocka_unit_test(a_pepper),
		cmocka_unit_test(no_key_at_all),
		cmocka_unit_test(handles_with_their_key),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
