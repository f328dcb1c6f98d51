/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pauses.c  Pauses of people to bytes and back. Must not end one: the core does.
 */
#include <errno.h>

#include "base/bytes.h"
#include "pauses.h"


enum { VERSION = 1, ROW = 13 }; /* person, whether they rest, until when */

_Static_assert((int)PAUSES_BYTES <= (int)LIMIT_WIRE_BLOB,
	       "the pauses of all people fit into one message");


size_t pauses_encode(uint8_t *p, const struct core_pause *v, size_t n)
{
	uint8_t *to = p;

	*to++ = VERSION;
	for (size_t i = 0; i < n; i++) {
		to = bytes_put(to, v[i].person, 4);
		*to++ = v[i].resting;
		to = bytes_put(to, v[i].until, 8);
	}

	return (size_t)(to - p);
}


int pauses_decode(struct core_pause *v, size_t *np, const uint8_t *p, size_t n)
{
	*np = 0;
	if (!n || p[0] != VERSION || n > PAUSES_BYTES || (n - 1) % ROW)
		return EBADMSG;

	++p;
	for (size_t i = 0; i < (n - 1) / ROW; i++, p += ROW) {
		if (p[4] > 1)
			return EBADMSG;
		v[i] = (struct core_pause){
			.person = (uint32_t)bytes_get(p, 4),
			.resting = p[4],
			.until = bytes_get(p + 5, 8),
		};
	}
	*np = (n - 1) / ROW;

	return 0;
}
