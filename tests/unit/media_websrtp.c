/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_websrtp.c  Packets that are replayed, forged, late, or of too many
 * sources.
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
#include "media/websrtp.h"
#include "oom.h"


enum { PAYLOAD = 160, SIZE = RTP_HEAD + PAYLOAD + WEBSRTP_ROOM };

struct packet {
	_Alignas(8) uint8_t b[SIZE];
	size_t n;
};

struct fixture {
	struct websrtp *a, *b;
};

static const enum srtp_suite suites[] = {
	SRTP_AES_128_GCM, SRTP_AES_CM_128_HMAC_SHA1_80,
	SRTP_AES_256_GCM, SRTP_AES_CM_128_HMAC_SHA1_32,
};


static void ends_open(struct fixture *f, enum srtp_suite suite)
{
	uint8_t ka[WEBSRTP_KEY], kb[WEBSRTP_KEY];

	memset(ka, 0x11, sizeof(ka));
	memset(kb, 0x22, sizeof(kb));
	assert_int_equal(websrtp_alloc(&f->a, suite, kb, ka), 0);
	assert_int_equal(websrtp_alloc(&f->b, suite, ka, kb), 0);
}


static void ends_close(struct fixture *f)
{
	f->a = mem_deref(f->a);
	f->b = mem_deref(f->b);
}


static void packet_new(struct packet *p, uint32_t ssrc, uint16_t seq)
{
	const struct rtp_packet rtp = {.ssrc = ssrc, .seq = seq};

	memset(p, 0x55, sizeof(*p));
	assert_int_equal(rtp_packet_head(p->b, &rtp), 0);
	p->n = RTP_HEAD + PAYLOAD;
}


static void sealed(struct fixture *f, struct packet *p, uint32_t ssrc,
		   uint16_t seq)
{
	packet_new(p, ssrc, seq);
	assert_int_equal(websrtp_seal(f->a, false, p->b, &p->n), 0);
	assert_true(p->n > RTP_HEAD + PAYLOAD);
}


static int open_copy(struct fixture *f, const struct packet *p)
{
	struct packet c = *p;

	return websrtp_open(f->b, false, c.b, &c.n);
}


static void test_there_and_back(void **state)
{
	struct fixture f;
	struct packet p, plain;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		ends_open(&f, suites[i]);
		packet_new(&plain, 7, 1);
		sealed(&f, &p, 7, 1);
		assert_memory_not_equal(p.b + RTP_HEAD, plain.b + RTP_HEAD,
					PAYLOAD);
		assert_int_equal(websrtp_open(f.b, false, p.b, &p.n), 0);
		assert_int_equal(p.n, plain.n);
		assert_memory_equal(p.b, plain.b, plain.n);
		ends_close(&f);
	}
}


static void test_replay(void **state)
{
	struct fixture f;
	struct packet p, q;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		ends_open(&f, suites[i]);
		sealed(&f, &p, 7, 1);
		assert_int_equal(open_copy(&f, &p), 0);
		assert_int_equal(open_copy(&f, &p), EALREADY);
		for (uint16_t seq = 2; seq < 2000; seq++) {
			sealed(&f, &q, 7, seq);
			assert_int_equal(open_copy(&f, &q), 0);
		}
		assert_int_equal(open_copy(&f, &p), EALREADY);
		/* nor do we send a number twice */
		packet_new(&q, 7, 1999);
		assert_int_equal(websrtp_seal(f.a, false, q.b, &q.n),
				 EALREADY);
		ends_close(&f);
	}
}


/* what is forged is refused, and does no harm to what follows */
static void test_forged(void **state)
{
	struct fixture f;
	struct packet p, q;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		ends_open(&f, suites[i]);
		sealed(&f, &p, 7, 65000);
		assert_int_equal(open_copy(&f, &p), 0);
		for (size_t k = 0; k < p.n * 8; k += 3) {
			sealed(&f, &p, 7, (uint16_t)(65001 + k / 3));
			q = p;
			q.b[k / 8] ^= (uint8_t)(1 << k % 8);
			assert_int_not_equal(open_copy(&f, &q), 0);
			/* one that would turn the counter over */
			q = p;
			q.b[2] = q.b[3] = 0;
			assert_int_not_equal(open_copy(&f, &q), 0);
			assert_int_equal(open_copy(&f, &p), 0);
		}
		for (size_t n = 0; n < p.n; n++) {
			q = p;
			q.n = n;
			assert_int_not_equal(open_copy(&f, &q), 0);
		}
		ends_close(&f);
	}
}


/* strangers cannot use up the places of sources */
static void test_sources(void **state)
{
	struct fixture f;
	struct packet p;
	unsigned n = 0;
	(void)state;

	ends_open(&f, SRTP_AES_128_GCM);
	for (uint32_t ssrc = 1000; ssrc < 1100; ssrc++) {
		sealed(&f, &p, ssrc, 1);
		p.b[20] ^= 1;
		assert_int_equal(open_copy(&f, &p), EBADMSG);
	}
	for (uint32_t ssrc = 1; ssrc < 100; ssrc++) {
		sealed(&f, &p, ssrc, 1);
		n += !open_copy(&f, &p);
	}
	assert_int_equal(n, 8);
	sealed(&f, &p, 1, 2);
	assert_int_equal(open_copy(&f, &p), 0);
	ends_close(&f);
}


static void test_control(void **state)
{
	static const uint8_t rr[] = {0x80, 201, 0, 1, 0, 0, 0, 7};
	struct fixture f;
	struct packet p;
	(void)state;

	ends_open(&f, SRTP_AES_128_GCM);
	memcpy(p.b, rr, sizeof(rr));
	p.n = sizeof(rr);
	assert_int_equal(websrtp_seal(f.a, true, p.b, &p.n), 0);
	assert_true(p.n > sizeof(rr));
	assert_int_equal(websrtp_open(f.b, false, p.b, &p.n), EBADMSG);
	assert_int_equal(websrtp_open(f.b, true, p.b, &p.n), 0);
	assert_int_equal(p.n, sizeof(rr));
	assert_memory_equal(p.b, rr, sizeof(rr));
	ends_close(&f);
}


static int ends_try(void *arg)
{
	const uint8_t key[WEBSRTP_KEY] = {1};
	struct websrtp *s = NULL;
	int err;
	(void)arg;

	err = websrtp_alloc(&s, SRTP_AES_128_GCM, key, key);
	mem_deref(s);

	return err;
}


static void test_refusals(void **state)
{
	const uint8_t key[WEBSRTP_KEY] = {1};
	struct websrtp *s = NULL;
	(void)state;

	assert_int_equal(websrtp_alloc(&s, SRTP_AES_256_CM_HMAC_SHA1_80, key,
				       key), ENOTSUP);
	assert_null(s);
	assert_true(oom_loop(ends_try, NULL) > 0);
}


/* the sender's other key; what was sealed with the old one is not authentic
 * any more, and what comes from us still is */
static void test_rekey(void **state)
{
	uint8_t other[WEBSRTP_KEY], kb[WEBSRTP_KEY];
	struct fixture f;
	struct packet old, p;
	(void)state;

	memset(other, 0x33, sizeof(other));
	memset(kb, 0x22, sizeof(kb));
	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		ends_open(&f, suites[i]);
		sealed(&f, &old, 7, 1);
		assert_int_equal(open_copy(&f, &old), 0);
		sealed(&f, &old, 7, 2);
		assert_int_equal(websrtp_rekey(f.b, SRTP_AES_256_CM_HMAC_SHA1_80,
					       other), ENOTSUP);
		assert_int_equal(open_copy(&f, &old), 0);
		assert_int_equal(websrtp_rekey(f.b, suites[i], other), 0);
		assert_int_equal(open_copy(&f, &old), EBADMSG);

		packet_new(&p, 8, 1);
		assert_int_equal(websrtp_seal(f.b, false, p.b, &p.n), 0);
		assert_int_equal(websrtp_open(f.a, false, p.b, &p.n), 0);
		f.a = mem_deref(f.a);
		assert_int_equal(websrtp_alloc(&f.a, suites[i], kb, other), 0);
		sealed(&f, &p, 7, 3);
		assert_int_equal(open_copy(&f, &p), 0);
		assert_int_equal(open_copy(&f, &p), EALREADY);
		ends_close(&f);
	}
}


static int init(void **state)
{
	(void)state;

	return websrtp_init();
}


static int done(void **state)
{
	(void)state;
	websrtp_close();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, init, done);
}
