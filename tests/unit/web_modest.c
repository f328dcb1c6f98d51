/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_modest.c  CBOR that may be parsed, and CBOR that may not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "web/modest.h"

#define ROW(good, ...)                                                        \
	{good, sizeof((const uint8_t[]){__VA_ARGS__}), {__VA_ARGS__}}


static void test_cbor(void **state)
{
	static const struct {
		bool good;
		size_t n;
		uint8_t bytes[12];
	} rows[] = {
		ROW(true, 0x00), ROW(true, 0xa0), ROW(true, 0xa1, 1, 0x80),
		ROW(true, 0x82, 1, 2), ROW(true, 0x42, 1, 2),
		ROW(true, 0x9f, 1, 0xff), ROW(true, 0xc1, 1),
		ROW(true, 0x01, 0xa0), /* two pieces */
		ROW(false, 0x83), ROW(false, 0x42, 1),
		ROW(false, 0x9a, 0x10, 0, 0, 0),
		ROW(false, 0xba, 0x10, 0, 0, 0, 1, 2),
		ROW(false, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff), ROW(false, 0x5a, 0xff, 0xff, 0xff, 0xff, 1),
		ROW(false, 0x1c), ROW(false, 0x81, 0x9a, 1, 0, 0, 0, 1),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(modest_cbor(rows[i].bytes, rows[i].n),
				 rows[i].good);
	assert_true(modest_cbor(NULL, 0));
}


/* a parser would have to come back out of all of them */
static void test_nested(void **state)
{
	static const uint8_t opens[] = {0x81, 0xa1, 0x9f, 0xbf, 0xc1, 0x5f};
	uint8_t v[200];

	(void)state;
	for (size_t i = 0; i < sizeof(opens); i++) {
		memset(v, opens[i], sizeof(v));
		assert_false(modest_cbor(v, sizeof(v)));
	}
	memset(v, 0x81, 60);
	v[60] = 0;
	assert_true(modest_cbor(v, 61));
}


static void test_data(void **state)
{
	uint8_t v[80] = {0};

	(void)state;
	assert_false(modest_data(v, 36));
	assert_true(modest_data(v, 37));
	v[37] = 0x81; /* extensions that are cut off */
	v[38] = 0x9a;
	assert_false(modest_data(v, 39));
	v[38] = 0xa0;
	assert_true(modest_data(v, 39));

	v[32] = 0x40;  /* a new key, */
	v[54] = 4;     /* its id, and then */
	v[59] = 0xa0;
	assert_false(modest_data(v, 54));
	assert_false(modest_data(v, 58));
	assert_true(modest_data(v, 59));
	assert_true(modest_data(v, 60));
	v[59] = 0xba;
	v[60] = 0x10;
	assert_false(modest_data(v, 64));
	v[53] = 0xff;
	assert_false(modest_data(v, sizeof(v)));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cbor),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
