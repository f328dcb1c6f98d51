/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * allowance.c  Counts what each of many may still do. Must not keep who they
 * are.
 */
#include <string.h>
#include <netinet/in.h>
#include <sodium.h>

#include "allowance.h"


enum { ONE = 60000 };

_Static_assert(ALLOWANCE_KEY == crypto_shorthash_KEYBYTES, "key of a hash");


void allowance_init(struct allowance *a, const struct allowance_terms *terms,
		    uint64_t now)
{
	a->terms = *terms;
	randombytes_buf(a->key, sizeof(a->key));
	for (size_t i = 0; i < ALLOWANCE_PLACES; i++) {
		a->place[i].then = now;
		a->place[i].units = (uint64_t)terms->burst * ONE;
	}
}


static size_t place_of(const struct allowance *a, const void *who, size_t n)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t place;

	(void)crypto_shorthash(hash, who, n, a->key);
	memcpy(&place, hash, sizeof(place));

	return place % ALLOWANCE_PLACES;
}


bool allowance_take(struct allowance *a, const void *who, size_t n,
		    uint64_t now)
{
	const size_t i = place_of(a, who, n);
	const uint64_t most = (uint64_t)a->terms.burst * ONE;
	const uint64_t ms = now > a->place[i].then ? now - a->place[i].then : 0;
	uint64_t units = a->place[i].units;

	/* after that time it is full in any case */
	if (a->terms.per_minute && ms > most / a->terms.per_minute)
		units = most;
	else
		units += ms * a->terms.per_minute;
	if (units > most)
		units = most;
	a->place[i].then = now;
	a->place[i].units = units;
	if (units < ONE)
		return false;

	a->place[i].units -= ONE;
	return true;
}


bool allowance_take_addr(struct allowance *a, const struct sa *addr,
			 uint64_t now)
{
	if (sa_af(addr) == AF_INET6)
		return allowance_take(a, addr->u.in6.sin6_addr.s6_addr, 8,
				      now);

	return allowance_take(a, &addr->u.in.sin_addr, 4, now);
}
