/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_report.c  Two sides that report to each other, and hostile reports.
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
#include "media/report.h"


enum { FRAME_US = 20000, MS = 1000 };

struct side {
	struct report r;
	uint32_t ts;
	uint16_t seq;
};


static void side_init(struct side *s, uint32_t ssrc, uint16_t seq)
{
	memset(s, 0, sizeof(*s));
	s->r.ssrc = ssrc;
	s->seq = seq;
	str_ncpy(s->r.cname, "abcdefgh12345678", sizeof(s->r.cname));
}


/* one packet, which arrives after delay_us, or never */
static void say(struct side *from, struct side *to, uint64_t now_us,
		uint64_t delay_us, bool lost)
{
	const struct rtp_packet p = {
		.ssrc = from->r.ssrc, .seq = from->seq++, .ts = from->ts,
		.n = CODEC_FRAME,
	};

	report_sent(&from->r, p.ts, p.n, now_us);
	from->ts += CODEC_FRAME;
	if (!lost)
		report_heard(&to->r, &p, now_us + delay_us);
}


static void tell(struct side *from, struct side *to, uint64_t now_us,
		 uint64_t delay_us)
{
	uint8_t buf[REPORT_MAX];
	size_t n;

	n = report_write(&from->r, buf, now_us);
	assert_true(n > 0 && n <= sizeof(buf) && n % 4 == 0);
	assert_int_equal(report_take(&to->r, buf, n, now_us + delay_us), 0);
}


static void test_quality(void **state)
{
	struct wire_leg_quality q = {0};
	uint64_t t = 5000000;
	struct side a, b;
	(void)state;

	side_init(&a, 1, 65530); /* the numbers go round meanwhile */
	side_init(&b, 2, 1);
	for (unsigned i = 0; i < 200; i++, t += FRAME_US) {
		say(&a, &b, t, 30 * MS, i % 10 == 5);
		say(&b, &a, t, 30 * MS, i % 4 == 1);
	}
	tell(&a, &b, t, 30 * MS);
	t += 500 * MS;
	tell(&b, &a, t, 40 * MS);

	report_quality(&a.r, &q);
	assert_in_range(q.lost_there, 95, 105);
	assert_in_range(q.lost_here, 245, 255);
	assert_int_equal(q.jitter_ms, 0);
	assert_in_range(q.rtt_ms, 70, 71);

	/* since then all went well */
	for (unsigned i = 0; i < 100; i++, t += FRAME_US) {
		say(&a, &b, t, 30 * MS, false);
		say(&b, &a, t, 30 * MS, false);
	}
	tell(&b, &a, t, 30 * MS);
	report_quality(&a.r, &q);
	assert_int_equal(q.lost_there, 0);
	assert_int_equal(q.lost_here, 0);
}


static void test_jitter(void **state)
{
	struct wire_leg_quality q = {0};
	uint64_t t = 0;
	struct side a, b;
	(void)state;

	side_init(&a, 1, 1);
	side_init(&b, 2, 1);
	for (unsigned i = 0; i < 500; i++, t += FRAME_US)
		say(&a, &b, t, i % 2 ? 16 * MS : 0, false);
	report_quality(&b.r, &q);
	assert_in_range(q.jitter_ms, 14, 16);
	tell(&b, &a, t, 0);
	report_quality(&a.r, &q);
	assert_in_range(q.jitter_ms, 14, 16);
}


/* libre reads it as it was meant */
static void test_read_by_libre(void **state)
{
	struct mbuf *mb = mbuf_alloc(REPORT_MAX);
	struct rtcp_msg *msg;
	struct side a, b;
	(void)state;

	side_init(&a, 0x11223344, 10);
	side_init(&b, 0x55667788, 20);
	say(&a, &b, 1000000, 0, false);
	say(&b, &a, 1000000, 0, false);
	say(&b, &a, 1020000, 0, true);
	say(&b, &a, 1040000, 0, false);
	mb->end = report_write(&a.r, mb->buf, 3000000);

	assert_int_equal(rtcp_decode(&msg, mb), 0);
	assert_int_equal(msg->hdr.pt, RTCP_SR);
	assert_int_equal(msg->hdr.count, 1);
	assert_int_equal(msg->r.sr.ssrc, a.r.ssrc);
	assert_int_equal(msg->r.sr.ntp_sec, 3);
	assert_int_equal(msg->r.sr.rtp_ts, 2 * CODEC_RATE);
	assert_int_equal(msg->r.sr.psent, 1);
	assert_int_equal(msg->r.sr.osent, CODEC_FRAME);
	assert_int_equal(msg->r.sr.rrv[0].ssrc, b.r.ssrc);
	assert_int_equal(msg->r.sr.rrv[0].lost, 1);
	assert_int_equal(msg->r.sr.rrv[0].fraction, 85);
	assert_int_equal(msg->r.sr.rrv[0].last_seq, 22);
	mem_deref(msg);

	assert_int_equal(rtcp_decode(&msg, mb), 0);
	assert_int_equal(msg->hdr.pt, RTCP_SDES);
	assert_int_equal(msg->r.sdesv[0].src, a.r.ssrc);
	assert_int_equal(msg->r.sdesv[0].itemv[0].length, 16);
	mem_deref(msg);
	assert_int_equal(mbuf_get_left(mb), 0);
	mem_deref(mb);
}


static void test_nothing_sent(void **state)
{
	uint8_t buf[REPORT_MAX];
	struct side a;
	(void)state;

	side_init(&a, 1, 1);
	assert_true(report_write(&a.r, buf, 5) > 8);
	assert_int_equal(buf[0], 0x80);
	assert_int_equal(buf[1], 201);
}


static void test_hostile(void **state)
{
	static const struct {
		const char *hex;
		int err;
	} rows[] = {
		{"80c9000100000001", 0},
		{"81c9000100000001", EBADMSG},         /* no block       */
		{"9fc9000700000001" "0000000100000000" "0000000000000000"
		 "0000000000000000", EBADMSG},         /* 31, says it    */
		{"80c9000200000001", EBADMSG},         /* longer than it is */
		{"80c9ffff00000001", EBADMSG},
		{"80c90000", EBADMSG},
		{"80c8000100000001", EBADMSG},         /* no sender info */
		{"00c9000100000001", EBADMSG},
		{"80c9000100000001" "80", EBADMSG},
		{"80cc000100000001" "80c9000100000001", 0},
	};
	struct side a;
	(void)state;

	side_init(&a, 1, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const size_t n = strlen(rows[i].hex) / 2;
		uint8_t *buf = malloc(n);

		assert_non_null(buf);
		assert_int_equal(str_hex(buf, n, rows[i].hex), 0);
		assert_int_equal(report_take(&a.r, buf, n, 5), rows[i].err);
		free(buf);
	}
}


/* a sanitizer sees each step beyond the end */
static void test_noise(void **state)
{
	uint32_t x = 1;
	struct side a;
	(void)state;

	side_init(&a, 1, 1);
	for (int i = 0; i < 200000; i++) {
		uint8_t small[64], *buf;
		size_t n;

		for (size_t k = 0; k < sizeof(small); k++) {
			x = x * 1664525 + 1013904223;
			small[k] = (uint8_t)(x >> 24);
		}
		n = small[20] % (sizeof(small) + 1);
		small[0] = (uint8_t)(0x80 | (small[0] & 3));
		small[1] = (uint8_t)(200 + (small[1] & 1));
		small[2] = 0;
		small[3] &= 0x0f;
		buf = malloc(n + !n);
		assert_non_null(buf);
		memcpy(buf, small, n);
		(void)report_take(&a.r, buf, n, (uint64_t)i * 1000);
		free(buf);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_read_by_libre),
		cmocka_unit_test(test_nothing_sent),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
