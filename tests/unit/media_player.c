/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_player.c  Sounds one after the other, loops, and the noise after.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/noise.h"
#include "media/player.h"
#include "oom.h"


struct fixture {
	struct sound *noise;
	struct player player;
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || noise_alloc(&f->noise, NULL))
		return -1;
	player_init(&f->player, f->noise);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	player_reset(&f->player);
	mem_deref(f->noise);
	free(f);

	return 0;
}


/* n samples that count up from "from", so that each is known again */
static struct sound *ramp(int from, size_t n)
{
	int16_t *pcm = malloc(n * sizeof(*pcm));
	struct sound *s;

	assert_non_null(pcm);
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)((from + (int)i) * 8);
	assert_int_equal(sound_alloc(&s, pcm, n, NULL, 0), 0);
	free(pcm);

	return s;
}


static void assert_part(const uint8_t *out, const struct sound *s, size_t pos,
			size_t n, enum codec c)
{
	assert_memory_equal(out, s->bytes[c] + pos, n);
}


static void test_list_then_noise(void **state)
{
	struct fixture *f = *state;
	struct sound *list[] = {ramp(-2000, 200), ramp(1000, 300)};
	uint8_t out[CODEC_FRAME];

	player_set(&f->player, list, 2, false);
	player_frame(&f->player, CODEC_PCMU, out);
	assert_part(out, list[0], 0, 160, CODEC_PCMU);
	player_frame(&f->player, CODEC_PCMA, out);
	assert_part(out, list[0], 160, 40, CODEC_PCMA);
	assert_part(out + 40, list[1], 0, 120, CODEC_PCMA);
	player_frame(&f->player, CODEC_PCMU, out);
	player_frame(&f->player, CODEC_PCMU, out);
	assert_part(out, list[1], 280, 20, CODEC_PCMU);
	for (unsigned i = 20; i < CODEC_FRAME; i++)
		assert_true(abs(codec_decode(CODEC_PCMU, out[i])) < 80);

	mem_deref(list[0]);
	mem_deref(list[1]);
}


static void test_loop_has_no_gap(void **state)
{
	struct fixture *f = *state;
	struct sound *list[] = {ramp(0, 50), ramp(1000, 333)};
	uint8_t out[CODEC_FRAME];
	size_t pos = 0;

	player_set(&f->player, list, 2, true);
	for (int i = 0; i < 100; i++) {
		player_frame(&f->player, CODEC_PCMU, out);
		for (unsigned k = 0; k < CODEC_FRAME; k++, pos++) {
			const struct sound *s = list[pos >= 50];
			const size_t at = pos < 50 ? pos : (pos - 50) % 333;

			assert_int_equal(out[k], s->bytes[CODEC_PCMU][at]);
		}
	}
	mem_deref(list[0]);
	mem_deref(list[1]);
}


static void test_another_list(void **state)
{
	struct fixture *f = *state;
	struct sound *a = ramp(0, 500), *b = ramp(1000, 500);
	uint8_t out[CODEC_FRAME];

	player_set(&f->player, &a, 1, true);
	player_frame(&f->player, CODEC_PCMU, out);
	player_set(&f->player, &b, 1, false);
	player_frame(&f->player, CODEC_PCMU, out);
	assert_part(out, b, 0, 160, CODEC_PCMU);
	player_set(&f->player, NULL, 0, false);
	player_frame(&f->player, CODEC_PCMU, out);
	assert_true(abs(codec_decode(CODEC_PCMU, out[0])) < 80);
	mem_deref(a);
	mem_deref(b);
}


/* about -60 dBov, and never the same sample for long */
static void test_noise_level(void **state)
{
	struct fixture *f = *state;

	for (int c = 0; c < CODEC_COUNT; c++) {
		double sum = 0;
		unsigned run = 0, longest = 0;
		uint8_t out[CODEC_FRAME], last = 0;

		for (int i = 0; i < 500; i++) {
			player_noise(&f->player, (enum codec)c, out);
			for (unsigned k = 0; k < CODEC_FRAME; k++) {
				const double v = codec_decode((enum codec)c,
							      out[k]);

				sum += v * v;
				run = out[k] == last ? run + 1 : 1;
				if (run > longest)
					longest = run;
				last = out[k];
			}
		}
		sum /= 500.0 * CODEC_FRAME;
		/* 33 RMS, within 3 dB */
		assert_true(sum > 23.0 * 23.0 && sum < 47.0 * 47.0);
		assert_true(longest < 16);
	}
}


/* pauses in a recording are not dead either */
static void test_floor(void **state)
{
	int16_t silence[1000] = {0}, floor[NOISE_SAMPLES];
	struct sound *s;
	unsigned n = 0;
	(void)state;

	noise_fill(floor, NOISE_SAMPLES);
	assert_int_equal(sound_alloc(&s, silence, 1000, floor, NOISE_SAMPLES),
			 0);
	for (unsigned i = 1; i < 1000; i++)
		n += s->bytes[CODEC_PCMU][i] != s->bytes[CODEC_PCMU][i - 1];
	assert_true(n > 500);
	mem_deref(s);
}


static void test_loud_and_floor_do_not_wrap(void **state)
{
	const int16_t loud[] = {INT16_MAX, INT16_MIN};
	const int16_t floor[] = {57, -57};
	struct sound *s;
	(void)state;

	assert_int_equal(sound_alloc(&s, loud, 2, floor, 2), 0);
	assert_true(codec_decode(CODEC_PCMA, s->bytes[CODEC_PCMA][0]) > 30000);
	assert_true(codec_decode(CODEC_PCMA, s->bytes[CODEC_PCMA][1]) <
		    -30000);
	mem_deref(s);
}


static int noise_make(void *arg)
{
	struct sound *s;
	int16_t *pcm;
	int err;
	(void)arg;

	err = noise_alloc(&s, &pcm);
	if (err)
		return err;
	mem_deref(s);
	mem_deref(pcm);

	return 0;
}


static void test_oom(void **state)
{
	(void)state;

	assert_true(oom_loop(noise_make, NULL) >= 4);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list_then_noise, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_loop_has_no_gap, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_another_list, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_noise_level, setup,
						teardown),
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_loud_and_floor_do_not_wrap),
		cmocka_unit_test(test_oom),
	};
	int n;

	if (libre_init())
		return 1;
	n = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return n;
}
