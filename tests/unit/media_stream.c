/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_stream.c  One unbroken stream, whatever feeds it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/codec.h"
#include "media/stream.h"


enum {
	SSRC = 0x1111,
	START = 1000, /* tick */
};

/* the stream under test, and what its receiver saw last */
struct ear {
	struct stream s;
	struct stream_stamp last;
	uint64_t tick;
};


static void ear_init(struct ear *e)
{
	stream_init(&e->s);
	e->tick = START;
	stream_own(&e->s, e->tick, &e->last);
}


static void own(struct ear *e)
{
	++e->tick;
	stream_own(&e->s, e->tick, &e->last);
}


static int relay(struct ear *e, uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	const struct stream_in in = {
		.ssrc = ssrc, .seq = seq, .ts = ts, .span = CODEC_FRAME,
	};

	return stream_relay(&e->s, e->tick, &in, &e->last);
}


static int key(struct ear *e, uint16_t seq, uint32_t ts, uint32_t span,
	       bool marker)
{
	const struct stream_in in = {
		.ssrc = SSRC, .seq = seq, .ts = ts, .span = span,
		.event = true, .marker = marker,
	};

	return stream_relay(&e->s, e->tick, &in, &e->last);
}


#define assert_step(e, was, dseq, dts)                                        \
	do {                                                                  \
		assert_int_equal((uint16_t)((e)->last.seq - (was).seq),       \
				 (uint16_t)(dseq));                           \
		assert_int_equal((uint32_t)((e)->last.ts - (was).ts),         \
				 (uint32_t)(dts));                            \
	} while (0)


static void test_random_start(void **state)
{
	struct stream a, b;
	(void)state;

	stream_init(&a);
	stream_init(&b);
	assert_int_not_equal(a.ssrc, b.ssrc);
	assert_int_not_equal(a.end_ts, b.end_ts);
}


static void test_own_frames(void **state)
{
	struct ear e;
	(void)state;

	ear_init(&e);
	assert_true(e.last.marker);
	for (int i = 0; i < 70000; i++) {
		const struct stream_stamp was = e.last;

		own(&e);
		assert_step(&e, was, 1, CODEC_FRAME);
		assert_false(e.last.marker);
	}
}


/* a process that was held up: the receiver sees the time that passed */
static void test_own_after_a_gap(void **state)
{
	struct ear e;
	struct stream_stamp was;
	(void)state;

	ear_init(&e);
	was = e.last;
	e.tick += 9;
	own(&e);
	assert_step(&e, was, 1, 10 * CODEC_FRAME);
}


static void test_prompt_relay_noise(void **state)
{
	struct ear e;
	(void)state;

	ear_init(&e);
	for (int round = 0; round < 3; round++) {
		struct stream_stamp was = e.last;

		for (uint16_t i = 0; i < 500; i++) {
			++e.tick;
			assert_int_equal(relay(&e, SSRC,
					       (uint16_t)(65400 + i),
					       0xffff0000u +
					       (uint32_t)round * 4000000u +
					       i * 160u), 0);
			assert_step(&e, was, 1, CODEC_FRAME);
			assert_int_equal(e.last.marker, i == 0);
			was = e.last;
		}
		/* three beats of nothing, then noise */
		e.tick += 3;
		own(&e);
		assert_true(e.last.marker);
		assert_step(&e, was, 1, 4 * CODEC_FRAME);
		was = e.last;
		own(&e);
		assert_step(&e, was, 1, CODEC_FRAME);
	}
}


static void test_loss_and_reorder_are_kept(void **state)
{
	struct ear e;
	struct stream_stamp a;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 10, 1600), 0);
	a = e.last;
	assert_int_equal(relay(&e, SSRC, 13, 2080), 0);
	assert_step(&e, a, 3, 480);
	assert_int_equal(relay(&e, SSRC, 12, 1920), 0);
	assert_step(&e, a, 2, 320);
	assert_int_equal(relay(&e, SSRC, 14, 2240), 0);
	assert_step(&e, a, 4, 640);
}


static void test_other_packet_times(void **state)
{
	struct ear e;
	(void)state;

	ear_init(&e);
	for (unsigned ms = 10; ms <= 40; ms += 10) {
		const uint32_t span = ms * 8;
		struct stream_in in = {.ssrc = ms, .seq = 1, .span = span};
		struct stream_stamp was;

		assert_int_equal(stream_relay(&e.s, e.tick, &in, &was), 0);
		for (int i = 0; i < 100; i++) {
			struct stream_stamp now;

			++in.seq;
			in.ts += span;
			assert_int_equal(stream_relay(&e.s, e.tick, &in,
						      &now), 0);
			assert_int_equal(now.ts - was.ts, span);
			assert_int_equal((uint16_t)(now.seq - was.seq), 1);
			was = now;
		}
	}
}


/* what was sent before the mapping would get numbers that are taken */
static void test_late_from_before_is_dropped(void **state)
{
	struct ear e;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
	own(&e);
	assert_int_equal(relay(&e, SSRC, 102, 16320), 0);
	assert_int_equal(relay(&e, SSRC, 101, 16160), ESTALE);
	assert_int_equal(relay(&e, SSRC, 103, 16480), 0);
}


static void test_new_ssrc(void **state)
{
	struct ear e;
	struct stream_stamp was;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
	was = e.last;
	assert_int_equal(relay(&e, SSRC + 1, 7, 0x80000000), 0);
	assert_step(&e, was, 1, CODEC_FRAME);
	assert_true(e.last.marker);
}


static void test_jumps(void **state)
{
	static const struct {
		uint16_t seq;
		uint32_t ts;
	} to[] = {
		{30000, 16160}, {101, 0x80000000}, {40000, 0x40000000},
		{1, 0x1000000}, {100, 16000 - 50000},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		struct ear e;
		struct stream_stamp was;

		ear_init(&e);
		assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
		was = e.last;
		++e.tick;
		assert_int_equal(relay(&e, SSRC, to[i].seq, to[i].ts), 0);
		assert_step(&e, was, 1, CODEC_FRAME);
		was = e.last;
		assert_int_equal(relay(&e, SSRC, (uint16_t)(to[i].seq + 1),
				       to[i].ts + 160), 0);
		assert_step(&e, was, 1, CODEC_FRAME);
	}
}


/* silence suppression: the source's clock went on, and so does ours */
static void test_silent_source_keeps_its_clock(void **state)
{
	struct ear e;
	struct stream_stamp first;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
	first = e.last;
	e.tick += 3;
	for (int i = 0; i < 20; i++)
		own(&e);
	assert_int_equal(relay(&e, SSRC, 101, 16000 + 25 * 160), 0);
	assert_int_equal(e.last.ts - first.ts, 25 * CODEC_FRAME);
}


/* a source that stopped its clock is simply behind: nothing of it is lost */
static void test_paused_source(void **state)
{
	struct ear e;
	struct stream_stamp was;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
	e.tick += 3;
	for (int i = 0; i < 100; i++)
		own(&e);
	was = e.last;
	assert_int_equal(relay(&e, SSRC, 101, 16160), 0);
	assert_step(&e, was, 1, CODEC_FRAME);
}


/* packets held up for a while come in a burst: each time some noise was put
 * in; the delay that adds must go away again */
static void test_slips_do_not_add_up(void **state)
{
	struct ear e;
	struct stream_stamp first;
	uint16_t seq = 0;
	uint32_t ts = 0;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, seq, ts), 0);
	first = e.last;
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 6; i++) {
			++e.tick;
			if (i >= 3)
				stream_own(&e.s, e.tick, &e.last);
		}
		/* five of the six come late, one never does */
		seq++;
		ts += 160;
		for (int i = 0; i < 5; i++)
			assert_int_equal(relay(&e, SSRC, ++seq, ts += 160), 0);
		/* then a pause of the talker, clock going on */
		e.tick += 20;
		ts += 20 * 160;
		own(&e);
		ts += 160;
		++e.tick;
		assert_int_equal(relay(&e, SSRC, ++seq, ts += 160), 0);
	}
	assert_true(e.last.ts - first.ts - ts <= 4 * CODEC_FRAME);
}


static void test_key_keeps_its_timestamp(void **state)
{
	struct ear e;
	struct stream_stamp was, first;
	(void)state;

	ear_init(&e);
	assert_int_equal(relay(&e, SSRC, 100, 16000), 0);
	was = e.last;
	assert_int_equal(key(&e, 101, 16160, 160, true), 0);
	assert_step(&e, was, 1, CODEC_FRAME);
	assert_true(e.last.marker);
	first = e.last;
	for (uint16_t i = 2; i < 10; i++) {
		++e.tick;
		assert_int_equal(key(&e, (uint16_t)(100 + i), 16160,
				     i * 160u, false), 0);
		assert_step(&e, first, i - 1, 0);
		assert_false(e.last.marker);
	}
	/* the talk that follows is after the key */
	assert_int_equal(relay(&e, SSRC, 110, 16160 + 9 * 160), 0);
	assert_step(&e, first, 9, 9 * CODEC_FRAME);
}


/* phones that send a key's packets 100 ms apart let noise in between */
static void test_key_with_noise_between(void **state)
{
	struct ear e;
	struct stream_stamp first, was;
	(void)state;

	ear_init(&e);
	assert_int_equal(key(&e, 101, 16160, 160, true), 0);
	first = e.last;
	e.tick += 4;
	own(&e);
	own(&e);
	was = e.last;
	assert_int_equal(key(&e, 102, 16160, 960, false), 0);
	assert_int_equal(e.last.ts, first.ts);
	assert_int_equal((uint16_t)(e.last.seq - was.seq), 1);
	assert_false(e.last.marker);

	assert_int_equal(relay(&e, SSRC, 103, 16160 + 960), 0);
	assert_true((int32_t)(e.last.ts - was.ts) > 0);
	assert_true((int32_t)(e.last.ts - was.ts) <= 2 * CODEC_FRAME);
}


static void test_restart_sets_the_marker(void **state)
{
	struct ear e;
	struct stream_stamp was;
	(void)state;

	ear_init(&e);
	was = e.last;
	stream_restart(&e.s);
	own(&e);
	assert_true(e.last.marker);
	assert_step(&e, was, 1, CODEC_FRAME);
}


/* whatever a source does, numbers go up by one and time does not go back */
static void test_any_source(void **state)
{
	struct ear e;
	uint32_t x = 5;
	(void)state;

	ear_init(&e);
	for (int i = 0; i < 100000; i++) {
		const struct stream before = e.s;

		x = x * 1664525 + 1013904223;
		if (x >> 31)
			own(&e);
		else
			(void)relay(&e, x >> 30, (uint16_t)(x >> 3), x << 7);
		assert_true((int16_t)(e.s.seq - before.seq) >= 0);
		assert_true((int16_t)(e.s.seq - before.seq) <= 100);
		assert_true((int32_t)(e.s.end_ts - before.end_ts) >= 0);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_start),
		cmocka_unit_test(test_own_frames),
		cmocka_unit_test(test_own_after_a_gap),
		cmocka_unit_test(test_prompt_relay_noise),
		cmocka_unit_test(test_loss_and_reorder_are_kept),
		cmocka_unit_test(test_other_packet_times),
		cmocka_unit_test(test_late_from_before_is_dropped),
		cmocka_unit_test(test_new_ssrc),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_silent_source_keeps_its_clock),
		cmocka_unit_test(test_paused_source),
		cmocka_unit_test(test_slips_do_not_add_up),
		cmocka_unit_test(test_key_keeps_its_timestamp),
		cmocka_unit_test(test_key_with_noise_between),
		cmocka_unit_test(test_restart_sets_the_marker),
		cmocka_unit_test(test_any_source),
	};
	int n;

	if (libre_init())
		return 1;
	n = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return n;
}
