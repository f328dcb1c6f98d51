/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * signin_limit.c  Pauses between guesses. Must not know names or addresses.
 */
#include <errno.h>
#include <stdlib.h>

#include "signin_limit.h"


enum { PLACES = 4096 };

struct place {
	uint32_t n_failed;
	uint64_t failed_ms; /* when the last of them is counted from */
	uint64_t until_ms;
};

struct signin_limit {
	struct signin_terms terms;
	struct place v[PLACES];
};


int signin_limit_alloc(struct signin_limit **lp,
		       const struct signin_terms *terms)
{
	struct signin_limit *l;

	l = calloc(1, sizeof(*l));
	if (!l)
		return ENOMEM;
	l->terms = *terms;
	*lp = l;

	return 0;
}


uint32_t signin_limit_wait(const struct signin_limit *l, uint32_t place,
			   uint64_t now_ms)
{
	const struct place *p = &l->v[place % PLACES];

	if (now_ms >= p->until_ms)
		return 0;

	return (uint32_t)((p->until_ms - now_ms + 999) / 1000);
}


static void forget(const struct signin_limit *l, struct place *p,
		   uint64_t now_ms)
{
	const uint64_t n = (now_ms - p->failed_ms) /
			   (l->terms.forget_s * 1000ull);

	p->n_failed -= n < p->n_failed ? (uint32_t)n : p->n_failed;
}


static uint64_t pause_ms(const struct signin_terms *terms, uint32_t n)
{
	const uint32_t above = n - terms->n_free;
	const uint64_t most = terms->most_s * 1000ull;
	uint64_t ms;

	if (n <= terms->n_free)
		return 0;
	ms = above < 32 ? 500ull << above : most;

	return ms < most ? ms : most;
}


void signin_limit_failed(struct signin_limit *l, uint32_t place,
			 uint64_t now_ms)
{
	struct place *p = &l->v[place % PLACES];

	forget(l, p, now_ms);
	p->failed_ms = now_ms;
	++p->n_failed;
	p->until_ms = now_ms + pause_ms(&l->terms, p->n_failed);
}


void signin_limit_passed(struct signin_limit *l, uint32_t place)
{
	l->v[place % PLACES] = (struct place){0};
}
