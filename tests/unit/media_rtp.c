/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_rtp.c  RTP packets, good, bad and ugly.
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

#include "media/rtp.h"


struct row {
	const char *name;
	const char *hex;
	int err;
	unsigned n; /* bytes of payload left */
};

static const struct row rows[] = {
	{"plain", "80000001000000020000000311223344", 0, 4},
	{"no payload", "800000010000000200000003", 0, 0},
	{"csrc", "8200000100000002000000030000000a0000000b1122", 0, 2},
	{"csrc missing", "82000001000000020000000300000000", EBADMSG, 0},
	{"extension", "900000010000000200000003bede0001aabbccdd11", 0, 1},
	{"empty extension", "900000010000000200000003bede000011", 0, 1},
	{"extension too long", "900000010000000200000003bede0002aabbccdd",
	 EBADMSG, 0},
	{"extension cut", "900000010000000200000003bede", EBADMSG, 0},
	{"extension of 256 kB", "900000010000000200000003bedeffff00",
	 EBADMSG, 0},
	{"padding", "a0000001000000020000000311220002", 0, 2},
	{"all padding", "a00000010000000200000003000003", 0, 0},
	{"padding of 0", "a0000001000000020000000311220000", EBADMSG, 0},
	{"padding too long", "a0000001000000020000000311220005", EBADMSG, 0},
	{"padding of nothing", "a00000010000000200000003", EBADMSG, 0},
	{"all at once",
	 "b10000010000000200000003" "0000000a" "bede0001aabbccdd" "1122000003",
	 0, 2},
	{"version 0", "00000001000000020000000311", EBADMSG, 0},
	{"version 1", "40000001000000020000000311", EBADMSG, 0},
	{"version 3", "c0000001000000020000000311", EBADMSG, 0},
	{"STUN", "000100002112a442000102030405060708090a0b", EBADMSG, 0},
	{"eleven bytes", "8000000100000002000000", EBADMSG, 0},
	{"one byte", "80", EBADMSG, 0},
	{"nothing", "", EBADMSG, 0},
};


/* exactly as long as the datagram, so that a sanitizer sees each slip */
static uint8_t *datagram(const char *hex, size_t *np)
{
	const size_t n = strlen(hex) / 2;
	uint8_t *buf = malloc(n ? n : 1);

	assert_non_null(buf);
	if (n)
		assert_int_equal(str_hex(buf, n, hex), 0);
	*np = n;

	return buf;
}


static void test_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rtp_packet p;
		size_t n;
		uint8_t *buf = datagram(rows[i].hex, &n);
		const int err = rtp_packet_decode(&p, buf, n);

		if (err != rows[i].err || (!err && p.n != rows[i].n))
			fail_msg("%s: %d, %zu bytes", rows[i].name, err, p.n);
		if (!err) {
			assert_true(p.payload >= buf + RTP_HEAD);
			assert_true(p.payload + p.n <= buf + n);
		}
		free(buf);
	}
}


static void test_fields(void **state)
{
	struct rtp_packet p;
	size_t n;
	uint8_t *buf = datagram("80e512348765432189abcdefff", &n);
	(void)state;

	assert_int_equal(rtp_packet_decode(&p, buf, n), 0);
	assert_true(p.marker);
	assert_int_equal(p.pt, 101);
	assert_int_equal(p.seq, 0x1234);
	assert_int_equal(p.ts, 0x87654321);
	assert_int_equal(p.ssrc, 0x89abcdef);
	assert_int_equal(p.payload[0], 0xff);
	free(buf);
}


static void test_head_there_and_back(void **state)
{
	const struct rtp_packet p = {
		.ssrc = 1, .ts = 2, .seq = 3, .pt = 8, .marker = true,
	};
	struct rtp_packet q;
	uint8_t head[RTP_HEAD];
	(void)state;

	assert_int_equal(rtp_packet_head(head, &p), 0);
	assert_int_equal(rtp_packet_decode(&q, head, sizeof(head)), 0);
	assert_int_equal(q.ssrc, p.ssrc);
	assert_int_equal(q.ts, p.ts);
	assert_int_equal(q.seq, p.seq);
	assert_int_equal(q.pt, p.pt);
	assert_true(q.marker);
	assert_int_equal(q.n, 0);
}


/* whatever comes, the payload lies inside the datagram */
static void test_noise(void **state)
{
	uint32_t x = 1;
	(void)state;

	for (int i = 0; i < 200000; i++) {
		struct rtp_packet p;
		uint8_t small[40], *buf;
		size_t n;

		for (size_t k = 0; k < sizeof(small); k++) {
			x = x * 1664525 + 1013904223;
			small[k] = (uint8_t)(x >> 24);
		}
		small[0] = (uint8_t)(0x80 | (small[0] & 0x3f));
		n = small[1] % (sizeof(small) + 1);
		buf = malloc(n + 1);
		assert_non_null(buf);
		memcpy(buf, small, n);
		if (!rtp_packet_decode(&p, buf, n))
			assert_true(p.payload + p.n <= buf + n);
		free(buf);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_head_there_and_back),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
