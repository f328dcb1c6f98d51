/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_sdes.c  Two ends agree on keys, or do not; keys as they come.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "media/sdpneg.h"
#include "oom.h"

#define NO WIRE_SRTP_NEVER
#define MAY WIRE_SRTP_MAY
#define MUST WIRE_SRTP_MUST
#define KEY30 "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" /* RFC 4568, 9.1 */
#define KEY28 "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA=="
#define KEY44 "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ="


static int decode(struct sdes_key *k, const char *text)
{
	struct pl pl;

	pl_set_str(&pl, text);

	return sdes_decode(k, &pl);
}


static void test_lines(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, true},
		{"1 AES_CM_128_HMAC_SHA1_32 inline:" KEY30 "|2^20", true},
		{"999999999  aes_cm_128_hmac_sha1_80  INLINE:" KEY30, true},
		{"2 AEAD_AES_128_GCM inline:" KEY28, true},
		{"2 AEAD_AES_128_GCM inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NT"
		 "Y3OA", true},
		{"3 AEAD_AES_256_GCM inline:" KEY44, true},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " WSH=64 -x", true},
		/* too short, too long, broken, of another suite */
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY28, false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY44, false},
		{"1 AEAD_AES_128_GCM inline:" KEY30, false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:!!!!", false},
		{"1 AES_CM_128_HMAC_SHA1_80 " KEY30, false},
		{"1 F8_128_HMAC_SHA1_80 inline:" KEY30, false},
		/* several keys, a master key identifier */
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 ";inline:" KEY30,
		 false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^20|1:4", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1:4", false},
		/* what would make it weaker, or is unknown */
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30
		 " UNENCRYPTED_SRTP", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30
		 " UNAUTHENTICATED_SRTP", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " KDR=1", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " WSH=", false},
		{"0 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, false},
		{"1234567890 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, false},
		{"-1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, false},
		{"", false}, {" ", false}, {"1", false},
		{"1 AES_CM_128_HMAC_SHA1_80", false},
	};
	struct sdes_key k;
	char text[128];
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!decode(&k, rows[i].text) != rows[i].ok)
			fail_msg("row %zu: %s", i, rows[i].text);
		if (!rows[i].ok)
			assert_int_equal(k.tag, 0);
	}

	assert_int_equal(decode(&k, rows[0].text), 0);
	assert_int_equal(k.suite, SRTP_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(k.key[0], 'w');
	assert_int_equal(k.key[29], '#');
	assert_int_equal(k.key[30], 0);
	assert_true(re_snprintf(text, sizeof(text), "%H", sdes_print, &k) > 0);
	assert_string_equal(text, rows[0].text);
}


/* exactly as long as the text, so that a sanitizer sees each slip */
static void test_cut(void **state)
{
	static const char text[] = "1 AEAD_AES_256_GCM inline:" KEY44
				   "|2^31 WSH=64";
	struct sdes_key k;
	(void)state;

	for (size_t n = 0; n < sizeof(text); n++) {
		struct pl pl = {.p = mem_alloc(n ? n : 1, NULL), .l = n};

		assert_non_null(pl.p);
		memcpy((char *)pl.p, text, n);
		(void)sdes_decode(&k, &pl);
		mem_deref((void *)pl.p);
	}
}


/* ---- two ends ------------------------------------------------------------ */

struct ends {
	struct sdpneg *a, *b;
	struct sdpneg_peer peer;
	char offer[4096], answer[4096];
	struct sa here;
};


static void text_of(char *to, size_t size, const struct mbuf *mb)
{
	assert_true(mb->end < size);
	memcpy(to, mb->buf, mb->end);
	to[mb->end] = '\0';
}


static int offer(struct ends *e, struct sdpneg *from)
{
	struct mbuf *mb;
	int err;

	err = sdpneg_offer_write(from, &mb, &e->here, CODEC_PCMU);
	if (!err) {
		text_of(e->offer, sizeof(e->offer), mb);
		mem_deref(mb);
	}

	return err;
}


static int answer(struct ends *e, struct sdpneg *by)
{
	struct sdp_session *s;
	struct mbuf *mb;
	int err;

	err = sdpneg_offer_read(by, &s, &e->peer, (uint8_t *)e->offer,
				strlen(e->offer));
	if (err)
		return err;
	err = sdpneg_answer_write(by, &mb, s, &e->peer, &e->here);
	mem_deref(s);
	if (err)
		return err;
	text_of(e->answer, sizeof(e->answer), mb);
	mem_deref(mb);
	sdes_take(sdpneg_sdes(by));

	return 0;
}


static int accept_it(struct ends *e, struct sdpneg *by)
{
	int err;

	err = sdpneg_answer_read(by, &e->peer, (uint8_t *)e->answer,
				 strlen(e->answer));
	if (!err)
		sdes_take(sdpneg_sdes(by));

	return err;
}


static int ends_open(struct ends *e, enum wire_srtp a, enum wire_srtp b)
{
	int err;

	memset(e, 0, sizeof(*e));
	err = sa_set_str(&e->here, "192.0.2.1", 20000);
	if (!err)
		err = sdpneg_alloc(&e->a);
	if (!err)
		err = sdpneg_alloc(&e->b);
	if (err)
		return err;
	sdpneg_sdes(e->a)->use = a;
	sdpneg_sdes(e->b)->use = b;

	return 0;
}


static void ends_close(struct ends *e)
{
	mem_deref(e->a);
	mem_deref(e->b);
}


static int agree(struct ends *e, struct sdpneg *from, struct sdpneg *to)
{
	int err;

	err = offer(e, from);
	if (!err)
		err = answer(e, to);
	if (!err)
		err = accept_it(e, from);

	return err;
}


static const struct sdes_pair *pair(struct sdpneg *n)
{
	return &sdpneg_sdes(n)->now;
}


static void assert_agreed(const struct ends *e)
{
	const struct sdes_pair *a = pair(e->a), *b = pair(e->b);

	assert_true(a->ours.tag && b->ours.tag);
	assert_int_equal(a->ours.tag, b->ours.tag);
	assert_true(sdes_same(&a->ours, &b->theirs));
	assert_true(sdes_same(&b->ours, &a->theirs));
	assert_false(sdes_same(&a->ours, &b->ours));
}


static void test_who_may_what(void **state)
{
	static const struct {
		enum wire_srtp a, b;
		int err;
		bool secret;
		const char *proto;
	} rows[] = {
		{NO, NO, 0, false, " RTP/AVP "},
		{NO, MAY, 0, false, " RTP/AVP "},
		{NO, MUST, ENOTSUP, false, " RTP/AVP "},
		{MAY, NO, 0, false, " RTP/AVP "},
		{MAY, MAY, 0, true, " RTP/AVP "},
		{MAY, MUST, 0, true, " RTP/AVP "},
		{MUST, NO, ENOTSUP, false, " RTP/SAVP "},
		{MUST, MAY, 0, true, " RTP/SAVP "},
		{MUST, MUST, 0, true, " RTP/SAVP "},
	};
	struct ends e;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(ends_open(&e, rows[i].a, rows[i].b), 0);
		assert_int_equal(agree(&e, e.a, e.b), rows[i].err);
		assert_non_null(strstr(e.offer, rows[i].proto));
		assert_int_equal(strstr(e.offer, "a=crypto:") != NULL,
				 rows[i].a != NO);
		if (!rows[i].err)
			assert_non_null(strstr(e.answer, rows[i].proto));
		if (rows[i].secret) {
			assert_agreed(&e);
			assert_int_equal(pair(e.a)->ours.suite,
					 SRTP_AES_256_GCM);
		}
		else {
			assert_int_equal(pair(e.a)->ours.tag, 0);
			assert_null(strstr(e.answer, "a=crypto:"));
		}
		ends_close(&e);
	}
}


/* a re-INVITE of either side leaves the keys as they are */
static void test_again(void **state)
{
	struct sdes_pair was;
	struct ends e;
	(void)state;

	assert_int_equal(ends_open(&e, WIRE_SRTP_MUST, WIRE_SRTP_MAY), 0);
	assert_int_equal(agree(&e, e.a, e.b), 0);
	was = *pair(e.a);
	assert_int_equal(agree(&e, e.a, e.b), 0);
	assert_agreed(&e);
	assert_true(sdes_same(&was.ours, &pair(e.a)->ours));
	assert_int_equal(agree(&e, e.b, e.a), 0);
	assert_non_null(strstr(e.offer, " RTP/SAVP "));
	assert_agreed(&e);
	assert_true(sdes_same(&was.ours, &pair(e.a)->ours));
	assert_true(sdes_same(&was.theirs, &pair(e.a)->theirs));
	ends_close(&e);
}


/* the peer begins anew: so do we */
static void test_new_keys(void **state)
{
	struct sdes_pair was;
	struct ends e;
	(void)state;

	assert_int_equal(ends_open(&e, WIRE_SRTP_MUST, WIRE_SRTP_MUST), 0);
	assert_int_equal(agree(&e, e.a, e.b), 0);
	was = *pair(e.b);
	e.a = mem_deref(e.a);
	assert_int_equal(sdpneg_alloc(&e.a), 0);
	sdpneg_sdes(e.a)->use = WIRE_SRTP_MUST;
	assert_int_equal(agree(&e, e.a, e.b), 0);
	assert_agreed(&e);
	assert_false(sdes_same(&was.ours, &pair(e.b)->ours));
	assert_false(sdes_same(&was.theirs, &pair(e.b)->theirs));

	/* plain is refused, and leaves what there is */
	was = *pair(e.b);
	sdpneg_sdes(e.a)->use = WIRE_SRTP_NEVER;
	sdes_wipe(sdpneg_sdes(e.a));
	assert_int_equal(agree(&e, e.a, e.b), ENOTSUP);
	assert_true(sdes_same(&was.ours, &pair(e.b)->ours));
	ends_close(&e);
}


/* answers that do not fit the offer */
static void test_wrong_answers(void **state)
{
	static const char *const lines[] = {
		"", /* none */
		"a=crypto:5 AEAD_AES_256_GCM inline:" KEY44 "\r\n",
		"a=crypto:1 AEAD_AES_128_GCM inline:" KEY28 "\r\n",
		"a=crypto:1 AEAD_AES_256_GCM inline:" KEY28 "\r\n",
	};
	struct ends e;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(ends_open(&e, WIRE_SRTP_MUST,
					   WIRE_SRTP_MUST), 0);
		assert_int_equal(offer(&e, e.a), 0);
		(void)re_snprintf(e.answer, sizeof(e.answer),
				  "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\n"
				  "c=IN IP4 192.0.2.2\r\nt=0 0\r\n"
				  "m=audio 5004 RTP/SAVP 0\r\n%s", lines[i]);
		assert_int_equal(accept_it(&e, e.a), ENOTSUP);
		assert_int_equal(pair(e.a)->ours.tag, 0);
		ends_close(&e);
	}
}


static int both(void *arg)
{
	struct ends e;
	int err;
	(void)arg;

	err = ends_open(&e, WIRE_SRTP_MUST, WIRE_SRTP_MUST);
	if (!err)
		err = agree(&e, e.a, e.b);
	ends_close(&e);

	return err;
}


static void test_oom(void **state)
{
	(void)state;

	assert_true(oom_loop(both, NULL) > 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_who_may_what),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_new_keys),
		cmocka_unit_test(test_wrong_answers),
		cmocka_unit_test(test_oom),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
