/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_voice.c  Speech is voice; what lines sound like by themselves is not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/noise.h"
#include "media/voice.h"
#include "media/wav.h"


enum { SECONDS = 20, SAMPLES = SECONDS * CODEC_RATE };

static double full_dbfs(const int16_t *pcm, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];

	return 10 * log10(sum / (double)n) - 20 * log10(32768);
}


static uint32_t heard(const int16_t *pcm, size_t n, enum codec c)
{
	struct voice v = {0};
	uint8_t frame[CODEC_FRAME];

	for (size_t at = 0; at + CODEC_FRAME <= n; at += CODEC_FRAME) {
		for (unsigned i = 0; i < CODEC_FRAME; i++)
			frame[i] = codec_encode(c, pcm[at + i]);
		voice_frame(&v, c, frame, CODEC_FRAME);
	}
	voice_finish(&v);

	return voice_ms(&v);
}


static double dither(void)
{
	return (double)rand() / RAND_MAX * 2 - 1;
}


static double sine(double hz, size_t i)
{
	return sin(2 * M_PI * hz * (double)i / CODEC_RATE);
}


static int16_t limit(double v)
{
	return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}


/* two tones, on and off for so many milliseconds */
static void tones(int16_t *pcm, double f1, double f2, double dbfs,
		  unsigned on_ms, unsigned off_ms)
{
	/* a sine's power is half its peak's; two of them share it */
	const double peak = 32768 * pow(10, dbfs / 20) *
			    (f2 > 0 ? 1 : sqrt(2));
	const size_t period = (size_t)(on_ms + off_ms) * CODEC_RATE / 1000;
	const size_t on = (size_t)on_ms * CODEC_RATE / 1000;

	for (size_t i = 0; i < SAMPLES; i++) {
		double v = 30 * dither();

		if (i % period < on)
			v += peak * (sine(f1, i) +
				     (f2 > 0 ? sine(f2, i) : 0));
		pcm[i] = limit(v);
	}
}


static void test_tones_are_no_voice(void **state)
{
	static const struct {
		const char *what;
		double f1, f2;
		unsigned on, off;
	} v[] = {
		{"dial tone, Europe", 425, 0, 1000, 0},
		{"dial tone, America", 350, 440, 1000, 0},
		{"busy, Europe", 425, 0, 480, 480},
		{"busy, America", 480, 620, 500, 500},
		{"ringing, America", 440, 480, 2000, 4000},
		{"ringing, Europe", 425, 0, 1000, 4000},
		{"congestion", 425, 0, 240, 240},
		{"fax that calls", 1100, 0, 500, 3000},
		{"fax that answers", 2100, 0, 3300, 200},
		{"hum", 50, 150, 1000, 0},
		{"hum, America", 60, 180, 1000, 0},
		{"keys", 770, 1336, 120, 80},
	};
	static const double levels[] = {-10, -20, -30, -38};
	int16_t *pcm = *state;

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(levels); k++) {
			uint32_t ms;

			tones(pcm, v[i].f1, v[i].f2, levels[k], v[i].on,
			      v[i].off);
			ms = heard(pcm, SAMPLES, (enum codec)(k & 1));
			if (ms >= 300)
				fail_msg("%s at %.0f dB: %u ms of voice",
					 v[i].what, levels[k], ms);
		}
	}
}


static void test_noise_is_no_voice(void **state)
{
	static const double levels[] = {-70, -60, -50, -45, -40, -35, -30};
	int16_t *pcm = *state;

	memset(pcm, 0, SAMPLES * sizeof(*pcm));
	assert_int_equal(heard(pcm, SAMPLES, CODEC_PCMU), 0);
	assert_int_equal(heard(pcm, SAMPLES, CODEC_PCMA), 0);
	noise_fill(pcm, SAMPLES);
	assert_int_equal(heard(pcm, SAMPLES, CODEC_PCMU), 0);

	for (size_t k = 0; k < ARRAY_SIZE(levels); k++) {
		/* even noise over +-peak has a third of its power */
		const double peak = 32768 * pow(10, levels[k] / 20) * sqrt(3);

		/* also one that sets in after three seconds */
		for (size_t i = 0; i < SAMPLES; i++)
			pcm[i] = limit((i < 3 * CODEC_RATE && k & 1 ? 10
								: peak) *
				       dither());
		assert_in_range(heard(pcm, SAMPLES, (enum codec)(k & 1)), 0,
				300);
	}
}


static void test_clicks_are_no_voice(void **state)
{
	int16_t *pcm = *state;

	for (size_t i = 0; i < SAMPLES; i++)
		pcm[i] = limit(20 * dither() +
			       (i % 5000 < 200 ? 9000 * dither() : 0));
	assert_int_equal(heard(pcm, SAMPLES, CODEC_PCMU), 0);
}


/* one prompt at that level, in noise of another */
static void speech(const char *path, double dbfs, double noise_dbfs)
{
	const double peak = 32768 * pow(10, noise_dbfs / 20) * sqrt(3);
	char why[WAV_WHY];
	int16_t *pcm;
	double gain;
	uint32_t ms;
	size_t n;

	assert_int_equal(wav_read(&pcm, &n, path, why), 0);
	gain = pow(10, (dbfs - full_dbfs(pcm, n)) / 20);
	for (size_t i = 0; i < n; i++)
		pcm[i] = limit(pcm[i] * gain + peak * dither());
	ms = heard(pcm, n, CODEC_PCMA);
	/* pauses are no voice, and who speaks softly loses some ends */
	if (ms < n / 8 * 4 / 10)
		fail_msg("%s at %.0f dB: %u of %zu ms", path, dbfs, ms, n / 8);
	assert_true(ms <= n / 8);
	mem_deref(pcm);
}


static void test_speech_is_voice(void **state)
{
	(void)state;

	for (int db = -35; db <= -15; db += 5) {
		speech(PROMPTS "/en/greeting.wav", db, -70);
		speech(PROMPTS "/es/greeting.wav", db, -60);
		speech(PROMPTS "/en/greeting.wav", db, db - 18);
	}
}


/* a word or two in ten seconds of nothing */
static void test_a_few_words(void **state)
{
	char why[WAV_WHY];
	int16_t *pcm = *state, *said;
	uint32_t ms;
	size_t n;

	noise_fill(pcm, SAMPLES);
	assert_int_equal(wav_read(&said, &n, PROMPTS "/en/greeting.wav", why),
			 0);
	assert_true(n > 2 * CODEC_RATE);
	memcpy(pcm + 5 * CODEC_RATE, said, 2 * CODEC_RATE * sizeof(*pcm));
	ms = heard(pcm, SAMPLES, CODEC_PCMU);
	assert_in_range(ms, 1000, 2200);
	mem_deref(said);
}


static int setup(void **state)
{
	srand(1);
	*state = calloc(SAMPLES, sizeof(int16_t));

	return *state ? 0 : -1;
}


static int teardown(void **state)
{
	free(*state);

	return 0;
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_tones_are_no_voice),
		T(test_noise_is_no_voice),
		T(test_clicks_are_no_voice),
		T(test_speech_is_voice),
		T(test_a_few_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
