/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_mixer.c  Sums of samples, also where they do not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "media/mixer.h"


/* one frame of these values, each in its own sample */
static uint8_t mixed(const int16_t *v, unsigned n, enum codec c)
{
	uint8_t out[CODEC_FRAME];
	struct mixer m;

	mixer_clear(&m);
	for (unsigned i = 0; i < n; i++) {
		int16_t pcm[CODEC_FRAME] = {0};

		pcm[CODEC_FRAME - 1] = v[i];
		mixer_add(&m, pcm);
	}
	mixer_encode(&m, c, out);
	assert_int_equal(out[0], codec_encode(c, 0));

	return out[CODEC_FRAME - 1];
}


static void test_sums(void **state)
{
	static const struct {
		int16_t v[4];
		unsigned n;
		int16_t sum;
	} rows[] = {
		{{0}, 0, 0},
		{{1000}, 1, 1000},
		{{1000, -1000}, 2, 0},
		{{8000, 4000, -2000, 100}, 4, 10100},
		{{30000, 30000}, 2, INT16_MAX},
		{{30000, 30000, 30000, 30000}, 4, INT16_MAX},
		{{-30000, -30000, -30000}, 3, -INT16_MAX},
		{{INT16_MIN, INT16_MIN}, 2, -INT16_MAX},
		/* not cut off on the way */
		{{30000, 30000, -30000, -29000}, 4, 1000},
	};
	(void)state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned c = 0; c < CODEC_COUNT; c++)
			assert_int_equal(mixed(rows[i].v, rows[i].n,
					       (enum codec)c),
					 codec_encode((enum codec)c,
						      rows[i].sum));
	}
}


/* a voice that is alone goes through as it came, in any codec */
static void test_one_alone(void **state)
{
	(void)state;

	for (unsigned b = 0; b < 256; b++) {
		for (unsigned c = 0; c < CODEC_COUNT; c++) {
			const enum codec codec = (enum codec)c;
			const int16_t v = codec_decode(codec, (uint8_t)b);

			assert_int_equal(codec_decode(codec,
						      mixed(&v, 1, codec)),
					 v);
		}
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_one_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
