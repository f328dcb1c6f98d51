/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tally.c  Counts. Must not decide anything.
 */
#include "tally.h"


enum {
	MAX_DROPOUT  = 3000, /* RFC 3550, A.1 */
	MAX_MISORDER = 100,
};


void tally_add(struct tally *t, uint32_t ssrc, uint16_t seq)
{
	const int d = (int16_t)(seq - t->max);

	++t->n_received;

	if (!t->known || t->ssrc != ssrc || d > MAX_DROPOUT ||
	    d < -MAX_MISORDER) {
		t->known = true;
		t->ssrc = ssrc;
		t->max = seq;
	}
	else if (d > 0) {
		t->n_lost += (unsigned)(d - 1);
		t->max = seq;
	}
	else if (d < 0 && t->n_lost) {
		--t->n_lost;
	}
}
