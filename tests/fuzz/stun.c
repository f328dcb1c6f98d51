/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stun.c  What a browser, or anybody, sends to find out whether it can reach us.
 * The second half of all input is sealed as somebody who has our password would.
 */
#include <re.h>

#include "fuzz.h"
#include "media/ice.h"

enum { HEAD = 20, MOST = 1400, TAIL = 24 + 8, SHA1 = 20 };


/* RFC 8489, 14.7 */
static uint32_t crc(const uint8_t *p, size_t n)
{
	uint32_t c = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		c ^= p[i];
		for (unsigned k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
	}

	return ~c ^ 0x5354554e;
}


static size_t seal(uint8_t *p, size_t n, const char *pwd)
{
	uint32_t sum;

	memset(p, 0, 2);
	p[1] = 1; /* a binding request */
	p[2] = (uint8_t)((n - HEAD + 24) >> 8);
	p[3] = (uint8_t)(n - HEAD + 24);
	memcpy(p + 4, "\x21\x12\xa4\x42", 4);
	memcpy(p + n, "\x00\x08\x00\x14", 4);
	hmac_sha1((const uint8_t *)pwd, strlen(pwd), p, n, p + n + 4, SHA1);
	n += 24;
	p[2] = (uint8_t)((n - HEAD + 8) >> 8);
	p[3] = (uint8_t)(n - HEAD + 8);
	sum = htonl(crc(p, n));
	memcpy(p + n, "\x80\x28\x00\x04", 4);
	memcpy(p + n + 4, &sum, 4);

	return n + 8;
}


static void take(struct ice *ice, const struct sa *src, const uint8_t *p,
		 size_t n)
{
	struct mbuf *in = mbuf_alloc(n + 1), *reply = mbuf_alloc(64);

	HOLDS(in && reply);
	(void)mbuf_write_mem(in, p, n);
	in->pos = 0;
	(void)ice_take(ice, src, in, reply);
	HOLDS(reply->end < 1200);
	mem_deref(reply);
	mem_deref(in);
	(void)ice_allows(ice, src);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t buf[HEAD + MOST + TAIL];
	struct food f = {data, n};
	struct ice ice;
	struct sa src;

	/* known, so that input can name them */
	ice_init(&ice, "peer");
	memcpy(ice.ufrag, "ourufrag", ICE_OUR_UFRAG);
	memcpy(ice.pwd, "ourpwdourpwdourpwdourpwd", ICE_OUR_PWD);
	(void)sa_set_str(&src, "192.0.2.1", 4000);

	while (f.n) {
		const uint8_t what = food_byte(&f);
		const struct food piece = food_piece(&f);
		size_t k = piece.n & ~(size_t)3;

		sa_set_port(&src, (uint16_t)(4000 + (what & 3)));
		if (what & 4)
			ice_settle(&ice);
		if (what & 8)
			(void)ice_heard(&ice, &src);
		if (what & 0x80 && k >= HEAD && k <= HEAD + MOST) {
			memcpy(buf, piece.p, k);
			take(&ice, &src, buf, seal(buf, k, ice.pwd));
		}
		else
			take(&ice, &src, piece.p, piece.n);
	}

	return 0;
}
