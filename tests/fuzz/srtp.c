/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * srtp.c  Encrypted sound: nothing that was not sealed with the keys opens, and
 * what was sealed opens once.
 */
#include <errno.h>
#include <re.h>

#include "fuzz.h"
#include "media/rtp.h"
#include "media/websrtp.h"

enum { MOST = 1500 };

struct ends {
	struct websrtp *a, *b;
};


static void ends_open(struct ends *e, enum srtp_suite suite)
{
	uint8_t ka[WEBSRTP_KEY], kb[WEBSRTP_KEY];

	memset(ka, 1, sizeof(ka));
	memset(kb, 2, sizeof(kb));
	HOLDS(!websrtp_alloc(&e->a, suite, kb, ka));
	HOLDS(!websrtp_alloc(&e->b, suite, ka, kb));
}


/* as it is, which cannot be authentic, and sealed by the other end */
static void packet(const struct ends *e, bool control, const struct food *piece)
{
	const size_t n = piece->n < MOST ? piece->n : MOST;
	_Alignas(8) uint8_t buf[MOST + WEBSRTP_ROOM];
	_Alignas(8) uint8_t twice[MOST + WEBSRTP_ROOM];
	size_t k = n, m;

	memcpy(buf, piece->p, n);
	HOLDS(websrtp_open(e->b, control, buf, &k));

	memcpy(buf, piece->p, n);
	k = n;
	if (websrtp_seal(e->a, control, buf, &k))
		return;
	HOLDS(k > n && k <= n + WEBSRTP_ROOM);
	memcpy(twice, buf, k);
	m = k;
	if (!websrtp_open(e->b, control, buf, &k))
		HOLDS(k == n && !memcmp(buf, piece->p, n));
	HOLDS(websrtp_open(e->b, control, twice, &m));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum srtp_suite suites[] = {
		SRTP_AES_CM_128_HMAC_SHA1_80, SRTP_AES_128_GCM,
	};
	struct food f = {data, n};
	struct ends e = {NULL, NULL};
	static bool ready;
	unsigned most = 64;

	/* once: libsrtp2 looks whether it can count */
	if (!ready)
		HOLDS(!websrtp_init());
	ready = true;
	ends_open(&e, suites[food_byte(&f) & 1]);
	while (f.n && most--) {
		const bool control = food_byte(&f) & 1;
		const struct food piece = food_piece(&f);

		packet(&e, control, &piece);
	}
	mem_deref(e.a);
	mem_deref(e.b);

	return 0;
}
