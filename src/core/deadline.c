/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * deadline.c  A heap of deadlines. Must not know what they are for.
 */
#include <assert.h>

#include "deadline.h"


static void put(struct deadlines *ds, size_t pos, struct deadline *d)
{
	ds->v[pos] = d;
	d->pos = (uint32_t)pos;
}


static void sift_up(struct deadlines *ds, struct deadline *d)
{
	size_t pos = d->pos;

	while (pos > 1 && ds->v[pos / 2]->when > d->when) {
		put(ds, pos, ds->v[pos / 2]);
		pos /= 2;
	}
	put(ds, pos, d);
}


static void sift_down(struct deadlines *ds, struct deadline *d)
{
	size_t pos = d->pos;

	for (;;) {
		size_t kid = 2 * pos;

		if (kid < ds->n && ds->v[kid + 1]->when < ds->v[kid]->when)
			++kid;
		if (kid > ds->n || ds->v[kid]->when >= d->when)
			break;
		put(ds, pos, ds->v[kid]);
		pos = kid;
	}
	put(ds, pos, d);
}


void deadline_clear(struct deadlines *ds, struct deadline *d)
{
	struct deadline *last;

	if (!d->pos)
		return;

	last = ds->v[ds->n--];
	if (last != d) {
		put(ds, d->pos, last);
		sift_up(ds, last);
		sift_down(ds, last);
	}
	d->pos = 0;
	d->when = 0;
}


void deadline_set(struct deadlines *ds, struct deadline *d, uint64_t when)
{
	deadline_clear(ds, d);

	assert(ds->n < DEADLINES_MAX);
	d->when = when;
	put(ds, ++ds->n, d);
	sift_up(ds, d);
}


uint64_t deadline_first(const struct deadlines *ds)
{
	return ds->n ? ds->v[1]->when : UINT64_MAX;
}


struct deadline *deadline_pop(struct deadlines *ds, uint64_t now)
{
	struct deadline *d = ds->v[1];

	if (!ds->n || d->when > now)
		return NULL;

	deadline_clear(ds, d);
	return d;
}
