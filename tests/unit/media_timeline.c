/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_timeline.c  Packets late, lost, doubled and numbered anew come out as
 * what was said, in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/timeline.h"


enum {
	OUT = 400000,
	SSRC = 77,
	SILENCE = 0xff, /* u-law */
};

static const uint32_t start = 0xfffff000; /* wraps soon */

struct fixture {
	struct timeline t;
	uint64_t tick;
	size_t n;
	uint8_t out[OUT];
};


static void taken(const uint8_t *p, size_t n, void *arg)
{
	struct fixture *f = arg;

	assert_true(n && n <= CODEC_FRAME && f->n + n <= OUT);
	memcpy(f->out + f->n, p, n);
	f->n += n;
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	timeline_init(&f->t, CODEC_PCMU, taken, f);
	f->tick = 1000;
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	free(*state);

	return 0;
}


/* frame i, all of that value */
static void put_at(struct fixture *f, uint32_t ssrc, uint32_t ts,
		   uint8_t value)
{
	uint8_t frame[CODEC_FRAME];

	memset(frame, value, sizeof(frame));
	timeline_put(&f->t, f->tick, ssrc, ts, frame, sizeof(frame));
}


static void put(struct fixture *f, unsigned i, uint8_t value)
{
	put_at(f, SSRC, start + i * CODEC_FRAME, value);
}


static void assert_frame(const struct fixture *f, unsigned i, uint8_t value)
{
	assert_true(f->n >= (i + 1u) * CODEC_FRAME);
	for (unsigned k = 0; k < CODEC_FRAME; k++)
		assert_int_equal(f->out[i * CODEC_FRAME + k], value);
}


static void test_in_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 200; i++, f->tick++)
		put(f, i, (uint8_t)i);
	/* no more is kept back than the window */
	assert_true(f->n >= (200 - TIMELINE_FRAMES) * CODEC_FRAME);
	timeline_flush(&f->t);
	assert_int_equal(f->n, 200 * CODEC_FRAME);
	for (unsigned i = 0; i < 200; i++)
		assert_frame(f, i, (uint8_t)i);
	timeline_flush(&f->t);
	assert_int_equal(f->n, 200 * CODEC_FRAME);
}


/* a network that shuffles within the window, doubles all and loses some */
static void test_shuffled(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 0);
	for (unsigned i = 1; i + 4 < 400; i += 4, f->tick += 4) {
		static const unsigned order[] = {2, 0, 3, 1};

		for (unsigned k = 0; k < 4; k++) {
			const unsigned n = i + order[k];

			if (n % 7 == 3)
				continue;
			put(f, n, (uint8_t)(n % 200));
			put(f, n, (uint8_t)(n % 200));
		}
	}
	timeline_flush(&f->t);
	for (unsigned i = 1; i < 390; i++)
		assert_frame(f, i, i % 7 == 3 ? SILENCE : (uint8_t)(i % 200));
}


static void test_too_late(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 50; i++, f->tick++)
		put(f, i, 1);
	for (unsigned i = 0; i < 30; i++)
		put(f, i, 2);
	put(f, 50, 1);
	timeline_flush(&f->t);
	assert_int_equal(f->n, 51 * CODEC_FRAME);
	for (unsigned i = 0; i < 51; i++)
		assert_frame(f, i, 1);
}


/* silence suppression: as long as it was, two seconds at most */
static void test_pauses(void **state)
{
	struct fixture *f = *state;

	put(f, 0, 1);
	f->tick += 50;
	put(f, 50, 2);
	f->tick += 5000;
	put(f, 5050, 3);
	f->tick++;
	put(f, 5051, 4);
	timeline_flush(&f->t);
	assert_frame(f, 0, 1);
	assert_frame(f, 1, SILENCE);
	assert_frame(f, 49, SILENCE);
	assert_frame(f, 50, 2);
	assert_frame(f, 51, SILENCE);
	assert_frame(f, 150, SILENCE);
	assert_frame(f, 151, 3);
	assert_frame(f, 152, 4);
	assert_int_equal(f->n, 153 * CODEC_FRAME);
}


/* timestamps that jump, either way, and another source, and a stray packet */
static void test_numbered_anew(void **state)
{
	struct fixture *f = *state;
	unsigned n = 0;

	for (unsigned i = 0; i < 20; i++, f->tick++, n++)
		put(f, i, 1);
	for (unsigned i = 0; i < 20; i++, f->tick++, n++)
		put(f, i + 700000, 2);
	put(f, 650000, 99);
	for (unsigned i = 20; i < 40; i++, f->tick++, n++)
		put(f, i + 700000, 2);
	for (unsigned i = 0; i < 20; i++, f->tick++, n++)
		put_at(f, SSRC + 1, i * CODEC_FRAME, 3);
	/* what went back is taken for stray, twice */
	for (unsigned i = 0; i < 22; i++, f->tick++)
		put_at(f, SSRC + 1, i * CODEC_FRAME - 900000, 4);
	timeline_flush(&f->t);
	assert_in_range(f->n / CODEC_FRAME, n + 20, n + 26);
	assert_frame(f, 10, 1);
	assert_frame(f, 30, 2);
	assert_frame(f, 70, 3);
	assert_frame(f, n + 8, 4);
	for (size_t i = 0; i < f->n; i++)
		assert_int_not_equal(f->out[i], 99);
}


/* whatever comes, no more comes out than time has passed, and a little */
static void test_hostile(void **state)
{
	struct fixture *f = *state;
	const unsigned n = 2000;

	srand(3);
	for (unsigned i = 0; i < n; i++, f->tick++) {
		const uint32_t ts = (uint32_t)rand() * 3u;

		put_at(f, i % 5 ? SSRC : (uint32_t)rand(), ts, 1);
	}
	timeline_flush(&f->t);
	assert_true(f->n <= 2 * n * CODEC_FRAME);
}


/* a packet longer than the window, and odd lengths */
static void test_lengths(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[1460];
	uint32_t ts = 0;
	size_t n = 0;

	for (unsigned i = 0; i < 60; i++) {
		const size_t k = i % 3 ? 33 * i % 1460 + 1 : sizeof(buf);

		memset(buf, (int)i, sizeof(buf));
		timeline_put(&f->t, f->tick, SSRC, ts, buf, k);
		ts += (uint32_t)k;
		f->tick += k / CODEC_FRAME;
		n += k;
	}
	timeline_flush(&f->t);
	assert_int_equal(f->n, n);
	assert_int_equal(f->out[0], 0);
	assert_int_equal(f->out[n - 1], 59);
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_in_order),
		T(test_shuffled),
		T(test_too_late),
		T(test_pauses),
		T(test_numbered_anew),
		T(test_hostile),
		T(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
