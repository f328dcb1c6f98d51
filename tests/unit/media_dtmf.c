/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_dtmf.c  Each key once, however it comes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/dtmf.h"


enum { SSRC = 9, TICK = 100 };


static bool hear(struct dtmf *d, uint64_t tick, uint32_t ts, uint8_t code,
		 bool end, uint16_t span)
{
	const struct rtp_packet p = {.ssrc = SSRC, .ts = ts};
	const struct dtmf_event ev = {.code = code, .end = end, .span = span};

	return dtmf_heard(d, tick, &p, &ev);
}


static void test_decode(void **state)
{
	const uint8_t payload[] = {11, 0x8a, 0x03, 0x20, 0xff};
	struct dtmf_event ev;
	(void)state;

	assert_int_equal(dtmf_event_decode(&ev, payload, 3), EBADMSG);
	assert_int_equal(dtmf_event_decode(&ev, payload, 0), EBADMSG);
	assert_int_equal(dtmf_event_decode(&ev, payload, 5), 0);
	assert_int_equal(ev.code, 11);
	assert_true(ev.end);
	assert_int_equal(ev.span, 0x320);
}


static void test_repeats_are_one_key(void **state)
{
	struct dtmf d = {0};
	unsigned n = 0;
	(void)state;

	for (uint16_t i = 1; i <= 10; i++)
		n += hear(&d, TICK + i, 8000, 5, i > 7, (uint16_t)(i * 160));
	assert_int_equal(n, 1);
}


static void test_only_ends(void **state)
{
	struct dtmf d = {0};
	(void)state;

	assert_true(hear(&d, TICK, 0, 0, true, 800));
	assert_false(hear(&d, TICK, 0, 0, true, 800));
	assert_false(hear(&d, TICK, 0, 0, true, 800));
	assert_true(hear(&d, TICK + 5, 1600, 0, true, 800));
}


static void test_late_repeat_of_the_key_before(void **state)
{
	struct dtmf d = {0};
	(void)state;

	assert_true(hear(&d, TICK, 1600, 1, true, 800));
	assert_true(hear(&d, TICK, 4800, 2, false, 160));
	assert_false(hear(&d, TICK, 1600, 1, true, 800));
	assert_false(hear(&d, TICK, 4800, 2, true, 800));
}


static void test_same_key_twice(void **state)
{
	struct dtmf d = {0};
	(void)state;

	assert_true(hear(&d, TICK, 0xffffff00, 7, true, 800));
	assert_true(hear(&d, TICK + 9, 0x100, 7, true, 800));
}


static void test_all_keys_and_no_others(void **state)
{
	(void)state;

	for (unsigned code = 0; code < 256; code++) {
		struct dtmf d = {0};

		assert_int_equal(hear(&d, TICK, 1, (uint8_t)code, false, 160),
				 code <= DTMF_MAX);
	}
}


/* nine seconds on one key: RFC 4733 cuts it in two */
static void test_held_long(void **state)
{
	struct dtmf d = {0};
	(void)state;

	assert_true(hear(&d, TICK, 5000, 4, false, 160));
	assert_false(hear(&d, TICK + 400, 5000, 4, false, 0xffff));
	assert_false(hear(&d, TICK + 410, 5000 + 0xffff, 4, false, 160));
	assert_false(hear(&d, TICK + 420, 5000 + 0xffff, 4, true, 1600));
	assert_true(hear(&d, TICK + 500, 5000 + 0x1ffff, 4, true, 800));
}


static void test_new_source(void **state)
{
	const struct rtp_packet p = {.ssrc = SSRC + 1, .ts = 10};
	const struct dtmf_event ev = {.code = 3, .span = 160};
	struct dtmf d = {0};
	(void)state;

	assert_true(hear(&d, TICK, 1000, 3, true, 800));
	assert_true(dtmf_heard(&d, TICK, &p, &ev));
	assert_false(dtmf_heard(&d, TICK, &p, &ev));
}


/* a flood must not reach the line process; a fast dialler must */
static void test_flood(void **state)
{
	struct dtmf d = {0};
	uint32_t ts = 1;
	unsigned n = 0;
	(void)state;

	for (int i = 0; i < 10000; i++)
		n += hear(&d, TICK, ts++, 1, true, 160);
	assert_int_equal(n, DTMF_BURST);

	n = 0;
	for (uint64_t i = 1; i <= 100; i++) {
		for (int k = 0; k < 50; k++)
			n += hear(&d, TICK + i, ts++, 1, true, 160);
	}
	assert_int_equal(n, 50);

	n = 0;
	for (uint64_t i = 1; i <= 100; i++)
		n += hear(&d, TICK + 1000 + i * 5, ts++, 1, true, 160);
	assert_int_equal(n, 100);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_repeats_are_one_key),
		cmocka_unit_test(test_only_ends),
		cmocka_unit_test(test_late_repeat_of_the_key_before),
		cmocka_unit_test(test_same_key_twice),
		cmocka_unit_test(test_all_keys_and_no_others),
		cmocka_unit_test(test_held_long),
		cmocka_unit_test(test_new_source),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
