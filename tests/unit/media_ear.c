/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_ear.c  Packets late, lost, doubled, in bursts and by another clock
 * come out as sound, at one frame a beat.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "media/ear.h"


enum { SSRC = 77, AHEAD_FRAMES = 2, BEAT_NS = 20000000 };

static const uint32_t start = 0xfffff000; /* wraps soon */

struct fixture {
	struct ear e;
	int16_t out[CODEC_FRAME];
	uint32_t seed;
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	ear_init(&f->e);
	f->seed = 12345;
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	free(*state);

	return 0;
}


static uint32_t random_below(struct fixture *f, uint32_t n)
{
	f->seed = f->seed * 1664525u + 1013904223u;

	return (f->seed >> 8) % n;
}


/* n samples of one byte, from sample at on */
static void put_n(struct fixture *f, uint32_t ssrc, uint32_t at, uint8_t value,
		  size_t n)
{
	uint8_t payload[2000];
	const struct rtp_packet p = {
		.ssrc = ssrc, .ts = start + at, .payload = payload, .n = n,
	};

	assert_true(n <= sizeof(payload));
	memset(payload, value, n);
	ear_take(&f->e, CODEC_PCMU, &p);
}


/* frame i, all of one value */
static void put(struct fixture *f, unsigned i, uint8_t value)
{
	put_n(f, SSRC, i * CODEC_FRAME, value, CODEC_FRAME);
}


static bool frame(struct fixture *f)
{
	return ear_frame(&f->e, f->out);
}


/* the frame taken out last is all of that value, from one sample on */
static void assert_said(const struct fixture *f, unsigned from, uint8_t value)
{
	for (unsigned i = from; i < CODEC_FRAME; i++)
		assert_int_equal(f->out[i], codec_decode(CODEC_PCMU, value));
}


static int loudest(const struct fixture *f)
{
	int most = 0;

	for (unsigned i = 0; i < CODEC_FRAME; i++)
		most = abs(f->out[i]) > most ? abs(f->out[i]) : most;

	return most;
}


/* packets and beats in step: all of it, as it was, 30 ms later */
static void test_in_order(void **state)
{
	struct fixture *f = *state;

	assert_false(frame(f));
	assert_int_equal(loudest(f), 0);
	for (unsigned i = 0; i < 200; i++) {
		put(f, i, (uint8_t)(i + 1));
		(void)frame(f);
		if (i < AHEAD_FRAMES)
			continue;
		for (unsigned k = 0; k < CODEC_FRAME; k++) {
			const unsigned at = i * CODEC_FRAME + k - EAR_AHEAD;

			assert_int_equal(f->out[k], codec_decode(CODEC_PCMU,
				(uint8_t)(at / CODEC_FRAME + 1)));
		}
	}
}


static void test_codecs(void **state)
{
	struct fixture *f = *state;
	uint8_t payload[CODEC_FRAME];
	const struct rtp_packet p = {
		.ssrc = SSRC, .payload = payload, .n = CODEC_FRAME,
	};

	memset(payload, 0x2a, sizeof(payload));
	ear_take(&f->e, CODEC_PCMA, &p);
	(void)frame(f);
	assert_true(frame(f));
	assert_int_equal(f->out[CODEC_FRAME - 1],
			 codec_decode(CODEC_PCMA, 0x2a));
}


/* overtaken on their way, and doubled */
static void test_order(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1);
	(void)frame(f);
	for (unsigned i = 1; i < 200; i += 2) {
		put(f, i + 1, (uint8_t)(i + 2));
		put(f, i, (uint8_t)(i + 1));
		put(f, i, (uint8_t)(i + 1));
		for (unsigned k = 0; k < 2; k++) {
			assert_true(frame(f));
			if (i > 1)
				assert_said(f, EAR_AHEAD % CODEC_FRAME,
					    (uint8_t)(i + k));
		}
	}
}


/* one is missing: what was before it, fading; then the next, in its place */
static void test_lost(void **state)
{
	struct fixture *f = *state;
	const int full = codec_decode(CODEC_PCMU, 0x90);

	for (unsigned i = 0; i < 40; i++) {
		if (i != 20)
			put(f, i, 0x90);
		assert_int_equal(frame(f), i > 0);
		if (i < AHEAD_FRAMES)
			continue;
		assert_true(loudest(f) == full || i == 22);
		assert_true(f->out[0] > full / 3 && f->out[159] > full / 3);
	}
	/* too late for its turn: it changes nothing */
	put(f, 20, 0x10);
	for (unsigned i = 40; i < 50; i++) {
		put(f, i, 0x90);
		assert_true(frame(f));
		assert_int_equal(f->out[80], full);
	}
}


static void test_nothing_fades_to_silence(void **state)
{
	struct fixture *f = *state;
	int was = INT16_MAX;

	for (unsigned i = 0; i < 20; i++) {
		put(f, i, 0x90);
		(void)frame(f);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_true(frame(f));
		assert_true(abs(f->out[159]) <= was);
		was = abs(f->out[159]);
	}
	for (unsigned i = 0; i < 5; i++)
		(void)frame(f);
	assert_false(frame(f));
	assert_int_equal(loudest(f), 0);
}


/* silence suppression, with a clock that goes on, or stands still */
static void test_pauses(void **state)
{
	static const unsigned steps[] = {100, 0, 100, 7, 5000};
	struct fixture *f = *state;
	unsigned at = 0;

	for (unsigned k = 0; k < 5; k++) {
		for (unsigned i = 0; i < 30; i++) {
			put(f, at++, (uint8_t)(0x90 + k));
			(void)frame(f);
		}
		assert_said(f, 0, (uint8_t)(0x90 + k));
		assert_true(ear_left(&f->e) <= 3 * CODEC_FRAME);
		for (unsigned i = 0; i < 100; i++)
			(void)frame(f);
		assert_false(frame(f));
		at += steps[k];
	}
}


/* another source, numbers that jump ahead and back */
static void test_numbered_anew(void **state)
{
	struct fixture *f = *state;

	for (unsigned k = 0; k < 6; k++) {
		const uint32_t jump = k & 1 ? 0x40000000u : 0;

		for (unsigned i = 0; i < 60; i++) {
			put_n(f, SSRC + k / 4, jump + i * CODEC_FRAME,
			      (uint8_t)(0x90 + k), CODEC_FRAME);
			assert_int_equal(frame(f), k || i > 0);
		}
		assert_said(f, 0, (uint8_t)(0x90 + k));
		assert_true(ear_left(&f->e) <= EAR_FULL);
	}
}


/* long and short packets */
static void test_other_lengths(void **state)
{
	static const size_t lengths[] = {40, 80, 240, 320, 480};
	struct fixture *f = *state;
	uint32_t at = 0;

	for (unsigned k = 0; k < 5; k++) {
		const size_t n = lengths[k];

		/* a second to get used to it, two that are whole */
		for (uint32_t t = 0; t < 3 * CODEC_RATE; t += CODEC_FRAME) {
			for (; at < (k * 3u * CODEC_RATE + t + CODEC_FRAME);
			     at += (uint32_t)n)
				put_n(f, SSRC, at, 0x90, n);
			(void)frame(f);
			if (t > CODEC_RATE)
				assert_said(f, 0, 0x90);
		}
	}
	put_n(f, SSRC, at, 0x90, 0);
	put_n(f, SSRC, at, 0x90, 1900);
	assert_true(frame(f));
}


/* a network that holds everything up, then lets it go */
static void test_held_up(void **state)
{
	struct fixture *f = *state;
	unsigned i = 0;

	for (; i < 50; i++) {
		put(f, i, 0x90);
		(void)frame(f);
	}
	for (unsigned k = 0; k < 50; k++)
		(void)frame(f);
	for (unsigned k = 0; k < 50; k++)
		put(f, i++, 0x91);
	assert_true(ear_left(&f->e) <= EAR_FULL);
	for (unsigned k = 0; k < 500; k++) {
		put(f, i++, 0x92);
		assert_true(frame(f));
	}
	assert_said(f, 0, 0x92);
	/* it has caught up: no more behind than at the beginning */
	assert_in_range(ear_left(&f->e), EAR_LEAST, EAR_MOST + CODEC_FRAME);
}


/* a sine of 400 Hz, as packet number i has it */
static void put_sine(struct fixture *f, unsigned i)
{
	uint8_t payload[CODEC_FRAME];
	const struct rtp_packet p = {
		.ssrc = SSRC, .ts = start + i * CODEC_FRAME,
		.payload = payload, .n = CODEC_FRAME,
	};

	for (unsigned k = 0; k < CODEC_FRAME; k++)
		payload[k] = codec_encode(CODEC_PCMU, (int16_t)(8000 *
			sin(2 * M_PI * 400 * (k % 20) / CODEC_RATE)));
	ear_take(&f->e, CODEC_PCMU, &p);
}


/* the steepest a sine of that loudness is, and what u-law adds */
enum { STEEP = 2514 + 600 };


/* no click: neither in a frame, nor between two */
static void assert_smooth(const struct fixture *f, int16_t before)
{
	for (unsigned i = 0; i < CODEC_FRAME; i++) {
		assert_true(abs(f->out[i] - before) < STEEP);
		before = f->out[i];
	}
}


/* ten minutes by a clock that is wrong by so much: nothing is ever missing,
 * nothing clicks, and the sound is never more than 100 ms behind */
static void drift(struct fixture *f, int ppm)
{
	const int64_t beat = BEAT_NS + (int64_t)BEAT_NS * ppm / 1000000;
	int64_t due = 0;
	unsigned n = 0;

	ear_init(&f->e);
	for (unsigned i = 0; i < 10 * 60 * 50; i++) {
		const int16_t before = f->out[CODEC_FRAME - 1];

		for (; due <= (int64_t)i * BEAT_NS; due += beat)
			put_sine(f, n++);
		(void)frame(f);
		if (i < 5)
			continue;
		assert_int_equal(f->e.missing, 0);
		assert_smooth(f, before);
		assert_in_range(ear_left(&f->e), 0, 4 * CODEC_FRAME);
	}
}


static void test_drift(void **state)
{
	struct fixture *f = *state;

	drift(f, 200);
	drift(f, -200);
	drift(f, 1500);
	drift(f, -1500);
}


/* a minute of packets up to so late, in their order. @return how many frames
 * were not whole in its second half */
static unsigned jitter(struct fixture *f, unsigned *n, uint32_t most_ms)
{
	unsigned first = *n, gaps = 0;
	uint32_t arrives = 0, late = 0;

	for (uint32_t beat = 0; beat < 3000; beat++) {
		for (; arrives <= beat * 20; arrives = (*n - first) * 20 + late) {
			put_sine(f, (*n)++);
			late = random_below(f, most_ms + 1);
		}
		(void)frame(f);
		gaps += beat > 1500 && f->e.missing;
	}

	return gaps;
}


/* it keeps as much as is needed, and gives it back */
static void test_jitter(void **state)
{
	struct fixture *f = *state;
	unsigned n = 0;

	assert_true(jitter(f, &n, 60) <= 15);
	assert_true(ear_left(&f->e) <= 6 * CODEC_FRAME);
	assert_int_equal(jitter(f, &n, 0), 0);
	assert_in_range(ear_left(&f->e), EAR_LEAST,
			EAR_MOST + CODEC_FRAME);
}


/* whatever comes, from whomever: no sample outside, no endless delay */
static void test_anything(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 200000; i++) {
		const uint32_t at = random_below(f, 3) ? i * CODEC_FRAME
				: random_below(f, 1u << 24) * 256;

		if (random_below(f, 4))
			put_n(f, SSRC + (random_below(f, 50) == 0), at,
			      (uint8_t)random_below(f, 256),
			      random_below(f, 1600));
		if (random_below(f, 2))
			(void)frame(f);
		assert_true(ear_left(&f->e) <= EAR_FULL);
	}
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_in_order),
		T(test_codecs),
		T(test_order),
		T(test_lost),
		T(test_nothing_fades_to_silence),
		T(test_pauses),
		T(test_numbered_anew),
		T(test_other_lengths),
		T(test_held_up),
		T(test_drift),
		T(test_jitter),
		T(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
