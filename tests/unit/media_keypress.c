/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_keypress.c  A key is pressed for the peer once it has spoken: as
 * events, or as the tones themselves, in a stream that goes on.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>

#include "media/keypress.h"
#include "media_bench.h"


enum { NEVER_MS = 60000, QUIET_MS = 200 };


static int send_key(struct fixture *f, uint8_t code, uint32_t quiet_ms,
		    uint32_t most_ms)
{
	const struct wire_leg_send_key msg = {
		.leg = LEG_A, .code = code, .quiet_ms = quiet_ms,
		.most_ms = most_ms,
	};

	return ask(f, WIRE_LEG_SEND_KEY, &msg, NULL);
}


static unsigned events(const struct phone *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->v[i].pt == EVENT;

	return n;
}


/* one frame for each that is heard: loud and soft in turn, as speech is */
static void speak(struct phone *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t frame[CODEC_FRAME];

		for (unsigned k = 0; k < CODEC_FRAME; k++)
			frame[k] = codec_encode(CODEC_PCMU, (int16_t)(
				(k & 2 ? 1 : -1) *
				(i / 4 % 2 ? 6000 : 900)));
		phone_talk(p, frame);
		listen_more(p, 1);
	}
}


static void assert_pressed(const struct phone *p, uint8_t code)
{
	unsigned i = 0, n = 0;

	while (p->v[i].pt != EVENT)
		++i;
	for (; i + n < p->n && p->v[i + n].pt == EVENT; n++) {
		const struct heard *h = &p->v[i + n];
		const bool end = n >= KEYPRESS_FRAMES - 1;
		const unsigned span = (end ? KEYPRESS_FRAMES : n + 1) *
				      CODEC_FRAME;

		assert_int_equal(h->marker, n == 0);
		assert_int_equal(h->ts, p->v[i].ts);
		assert_int_equal(h->n, 4);
		assert_int_equal(h->event[0], code);
		assert_int_equal(h->event[1] & 0x80, end ? 0x80 : 0);
		assert_int_equal(h->event[2] << 8 | h->event[3], span);
	}
	assert_int_equal(n, KEYPRESS_FRAMES + KEYPRESS_ENDS - 1);
	assert_int_equal(events(p), n);
	/* sound goes on after it */
	assert_true(i + n < p->n);
	assert_true((int32_t)(p->v[i + n].ts - p->v[i].ts) >=
		    KEYPRESS_FRAMES * CODEC_FRAME);
	assert_unbroken(p);
}


static void test_after_the_announcement(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	listen_more(f->a, 2);
	assert_int_equal(send_key(f, 5, QUIET_MS, NEVER_MS), 0);
	/* not before it has spoken, nor while it speaks */
	listen_more(f->a, 30);
	assert_int_equal(events(f->a), 0);
	speak(f->a, 60);
	assert_int_equal(events(f->a), 0);
	listen_more(f->a, QUIET_MS / 20 + KEYPRESS_FRAMES + 20);
	assert_pressed(f->a, 5);
}


static void test_at_the_latest(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(send_key(f, 3, QUIET_MS, NEVER_MS), 0);
	/* asked again, the later one counts */
	assert_int_equal(send_key(f, 11, QUIET_MS, 400), 0);
	listen_more(f->a, 15);
	assert_int_equal(events(f->a), 0);
	listen_more(f->a, 40);
	assert_pressed(f->a, 11);
}


static bool a_press(struct fixture *f)
{
	return events(f->a) >= 2;
}


static void test_in_a_talk(void **state)
{
	struct fixture *f = *state;

	talk(f, "0 101", "0 101");
	for (uint8_t i = 0; i < 10; i++) {
		phone_say(f->b, (uint8_t)(0x40 + i));
		listen_for(f->a, (uint8_t)(0x40 + i));
	}
	assert_int_equal(send_key(f, 1, 0, 0), 0);
	run_until(f, a_press);
	/* nobody talks into it */
	phone_say(f->b, 0x66);
	listen_more(f->a, KEYPRESS_FRAMES + KEYPRESS_ENDS + 8);
	assert_false(hears(f->a, 0, 0x66));
	for (uint8_t i = 0; i < 10; i++) {
		f->b->ts += CODEC_FRAME;
		phone_say(f->b, (uint8_t)(0x50 + i));
		listen_for(f->a, (uint8_t)(0x50 + i));
	}
	assert_pressed(f->a, 1);
}


/* keys that are heard, in order; each whole, and apart from the one before */
static unsigned keys_heard(const struct phone *p, uint8_t *keys, unsigned most)
{
	unsigned n = 0, since = KEYPRESS_FRAMES;

	for (unsigned i = 0; i < p->n; i++) {
		const struct heard *h = &p->v[i];

		if (h->pt != EVENT) {
			++since;
			continue;
		}
		if (h->marker) {
			assert_true(n < most);
			assert_true(since >= 2);
			keys[n++] = h->event[0];
		}
		assert_true(n > 0);
		assert_int_equal(h->event[0], keys[n - 1]);
		since = 0;
	}
	assert_int_equal(events(p),
			 n * (KEYPRESS_FRAMES + KEYPRESS_ENDS - 1));

	return n;
}


static void test_one_after_the_other(void **state)
{
	struct fixture *f = *state;
	uint8_t keys[4];

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	listen_more(f->a, 2);
	/* before the first is begun, and while it is pressed */
	assert_int_equal(send_key(f, 1, 0, 0), 0);
	assert_int_equal(send_key(f, 1, 0, 0), 0);
	run_until(f, a_press);
	assert_int_equal(send_key(f, 11, 0, 0), 0);
	assert_int_equal(send_key(f, 16, 0, 0), EINVAL);
	listen_more(f->a, 3 * (KEYPRESS_FRAMES + KEYPRESS_ENDS + 8));
	assert_int_equal(keys_heard(f->a, keys, 4), 3);
	assert_memory_equal(keys, ((uint8_t[]){1, 1, 11}), 3);
	assert_unbroken(f->a);
}


static void test_too_many(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	for (unsigned i = 0; i <= KEYPRESS_MORE; i++)
		assert_int_equal(send_key(f, 7, 0, 0), 0);
	assert_int_equal(send_key(f, 7, 0, 0), EBUSY);
}


static void test_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_key(f, 1, 0, 0), ENOENT);
	assert_int_equal(answer(f->a, LEG_A, "0 101", ""), 0);
	assert_int_equal(send_key(f, 16, 0, 0), EINVAL);
	listen_more(f->a, 15);
	assert_int_equal(events(f->a), 0);
}


/* whoever knows no events hears 160 ms of something else than noise */
static void test_tones_are_sent(void **state)
{
	struct fixture *f = *state;
	unsigned n = 0;

	assert_int_equal(answer(f->a, LEG_A, "8", ""), 0);
	listen_more(f->a, 5);
	assert_int_equal(send_key(f, 10, 0, 0), 0);
	listen_more(f->a, KEYPRESS_FRAMES + 10);
	for (unsigned i = 0; i < f->a->n; i++) {
		int peak = 0;

		for (unsigned k = 0; k < 4; k++) {
			const int v = abs(codec_decode(CODEC_PCMA,
						f->a->v[i].event[k]));

			peak = v > peak ? v : peak;
		}
		assert_int_equal(f->a->v[i].pt, 8);
		n += peak > 500;
	}
	assert_in_range(n, KEYPRESS_FRAMES - 1, KEYPRESS_FRAMES);
	assert_unbroken(f->a);
}


static void heard_digit(char digit, void *arg)
{
	if (digit)
		*(char *)arg = digit;
}


/* librem's own decoder knows each of them */
static void test_tones_are_right(void **state)
{
	static const char keys[] = "0123456789*#ABCD";
	(void)state;

	for (uint8_t code = 0; code < 16; code++) {
		const enum codec c = (enum codec)(code & 1);
		struct keypress_frame frame;
		struct dtmf_dec *dec;
		struct keypress *k;
		int16_t pcm[CODEC_FRAME];
		char digit = 0;
		unsigned n = 0;

		assert_int_equal(keypress_alloc(&k, 0, code, 0, 0), 0);
		assert_true(keypress_is_due(k, 0));
		assert_int_equal(keypress_press(k, false, c), 0);
		assert_false(keypress_is_due(k, 0));
		assert_int_equal(dtmf_dec_alloc(&dec, CODEC_RATE, 1,
						heard_digit, &digit), 0);
		for (; keypress_next(k, &frame); n++) {
			for (unsigned i = 0; i < CODEC_FRAME; i++)
				pcm[i] = codec_decode(c, frame.tone[i]);
			dtmf_dec_probe(dec, pcm, CODEC_FRAME);
		}
		assert_int_equal(n, KEYPRESS_FRAMES);
		assert_int_equal(digit, keys[code]);
		mem_deref(dec);
		mem_deref(k);
	}
}


int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_after_the_announcement),
		T(test_at_the_latest),
		T(test_in_a_talk),
		T(test_one_after_the_other),
		T(test_too_many),
		T(test_refused),
		T(test_tones_are_sent),
		cmocka_unit_test(test_tones_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
