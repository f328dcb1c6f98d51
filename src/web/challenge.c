/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * challenge.c  Challenges that were given out and have not come back. Must not
 * know what is signed.
 */
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "challenge.h"


/* the older of two; a free place is older than any */
static struct challenge *older(struct challenge *a, struct challenge *b)
{
	if (!a || !b)
		return a ? a : b;
	if (!a->bond.person || !b->bond.person)
		return a->bond.person ? b : a;

	return b->made_ms < a->made_ms ? b : a;
}


/* theirs if they have several; else a free one, or the oldest of all */
static struct challenge *place_for(struct challenges *c, uint32_t person)
{
	struct challenge *theirs = NULL, *any = NULL;
	unsigned n = 0;

	for (size_t i = 0; i < CHALLENGES; i++) {
		any = older(any, &c->v[i]);
		if (c->v[i].bond.person != person)
			continue;
		theirs = older(theirs, &c->v[i]);
		++n;
	}

	return n >= CHALLENGES_OF_ONE ? theirs : any;
}


void challenge_make(struct challenges *c, const struct challenge_bond *bond,
		    uint64_t now_ms, uint8_t bytes[WEBAUTHN_CHALLENGE])
{
	struct challenge *place = place_for(c, bond->person);

	place->bond = *bond;
	place->made_ms = now_ms;
	randombytes_buf(place->bytes, sizeof(place->bytes));
	memcpy(bytes, place->bytes, sizeof(place->bytes));
}


static bool is_good(const struct challenge *place,
		    const struct challenge_bond *bond, uint64_t now_ms)
{
	return place->bond.act == bond->act &&
	       place->bond.person == bond->person &&
	       place->bond.session == bond->session &&
	       now_ms - place->made_ms <= CHALLENGE_MS;
}


int challenge_take(struct challenges *c, const struct challenge_bond *bond,
		   uint64_t now_ms, const uint8_t bytes[WEBAUTHN_CHALLENGE])
{
	int err = ENOENT;

	for (size_t i = 0; i < CHALLENGES; i++) {
		struct challenge *place = &c->v[i];

		if (!place->bond.person ||
		    sodium_memcmp(place->bytes, bytes, WEBAUTHN_CHALLENGE))
			continue;
		if (is_good(place, bond, now_ms))
			err = 0;
		memset(place, 0, sizeof(*place));
	}

	return err;
}
