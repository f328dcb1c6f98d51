/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_codec.c  G.711 there, back, and from one to the other.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/codec.h"


static void test_names(void **state)
{
	(void)state;

	assert_string_equal(codec_name(CODEC_PCMU), "PCMU");
	assert_string_equal(codec_name(CODEC_PCMA), "PCMA");
	assert_int_equal(codec_pt(CODEC_PCMU), 0);
	assert_int_equal(codec_pt(CODEC_PCMA), 8);
}


/* G.711 keeps 6 bits or so: the error is at most about 1/16 */
static void test_there_and_back(void **state)
{
	(void)state;

	for (int c = 0; c < CODEC_COUNT; c++) {
		for (int v = INT16_MIN; v <= INT16_MAX; v += 7) {
			const int16_t w = codec_decode(
				(enum codec)c,
				codec_encode((enum codec)c, (int16_t)v));

			assert_true(abs(w - v) <= abs(v) / 16 + 16);
		}
	}
}


static void test_the_lowest_sample_is_loud(void **state)
{
	(void)state;

	for (int c = 0; c < CODEC_COUNT; c++)
		assert_true(codec_decode((enum codec)c,
					 codec_encode((enum codec)c,
						      INT16_MIN)) < -30000);
}


static void test_tables(void **state)
{
	struct codec_tables t;
	uint8_t p[256];
	(void)state;

	codec_tables_init(&t);
	for (int b = 0; b < 256; b++)
		p[b] = (uint8_t)b;

	codec_convert(&t, CODEC_PCMU, CODEC_PCMU, p, sizeof(p));
	for (int b = 0; b < 256; b++)
		assert_int_equal(p[b], b);

	codec_convert(&t, CODEC_PCMU, CODEC_PCMA, p, sizeof(p));
	for (int b = 0; b < 256; b++) {
		const int v = codec_decode(CODEC_PCMU, (uint8_t)b);
		const int w = codec_decode(CODEC_PCMA, p[b]);

		assert_true(abs(w - v) <= abs(v) / 16 + 16);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_the_lowest_sample_is_loud),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
