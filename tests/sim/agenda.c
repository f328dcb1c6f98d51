/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * agenda.c  A heap of things to come. Must not know what they mean.
 */
#include <stdlib.h>
#include <string.h>

#include "agenda.h"


static bool before(const struct agenda_item *a, const struct agenda_item *b)
{
	return a->when != b->when ? a->when < b->when : a->seq < b->seq;
}


static void grow(struct agenda *a)
{
	a->size = a->size ? 2 * a->size : 256;
	a->v = realloc(a->v, a->size * sizeof(a->v[0]));
	if (!a->v)
		abort();
}


void agenda_add(struct agenda *a, const struct agenda_item *item)
{
	struct agenda_item in = *item;
	size_t i;

	if (a->n == a->size)
		grow(a);

	in.seq = a->seq++;
	for (i = a->n++; i && before(&in, &a->v[(i - 1) / 2]); i = (i - 1) / 2)
		a->v[i] = a->v[(i - 1) / 2];
	a->v[i] = in;
}


uint64_t agenda_first(const struct agenda *a)
{
	return a->n ? a->v[0].when : UINT64_MAX;
}


bool agenda_pop(struct agenda *a, struct agenda_item *item)
{
	const struct agenda_item *last;
	size_t i = 0;

	if (!a->n)
		return false;

	*item = a->v[0];
	last = &a->v[--a->n];
	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid + 1 < a->n && before(&a->v[kid + 1], &a->v[kid]))
			++kid;
		if (kid >= a->n || !before(&a->v[kid], last))
			break;
		a->v[i] = a->v[kid];
		i = kid;
	}
	a->v[i] = *last;

	return true;
}


void agenda_reset(struct agenda *a)
{
	free(a->v);
	memset(a, 0, sizeof(*a));
}
