/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ration.c  Counts what people do within an hour, or a day. Must not know what it
 * is.
 */
#include <string.h>
#include <re.h>

#include "ration.h"


struct ration {
	struct list eaterl; /* struct eater: of the last hour */
	uint32_t most;
	uint32_t within_ms;
};

/* a person, and when they did it */
struct eater {
	struct le le;
	uint64_t *at; /* most of them, the oldest first */
	uint32_t n;
	uint32_t person;
};


static void eater_destructor(void *data)
{
	struct eater *e = data;

	list_unlink(&e->le);
	mem_deref(e->at);
}


static void ration_destructor(void *data)
{
	struct ration *r = data;

	list_flush(&r->eaterl);
}


int ration_alloc_within(struct ration **rp, uint32_t most, uint32_t within_ms)
{
	struct ration *r;

	if (!rp || !most || !within_ms)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), ration_destructor);
	if (!r)
		return ENOMEM;
	r->most = most;
	r->within_ms = within_ms;
	*rp = r;

	return 0;
}


int ration_alloc(struct ration **rp, uint32_t most)
{
	return ration_alloc_within(rp, most, RATION_WITHIN_MS);
}


/* by differences alone: what was told of an earlier life of this process may be
 * from before the monotonic clock began */
static void forget_old(const struct ration *r, struct eater *e, uint64_t now)
{
	uint32_t old = 0;

	while (old < e->n && now - e->at[old] >= r->within_ms)
		++old;
	e->n -= old;
	memmove(e->at, e->at + old, e->n * sizeof(e->at[0]));
}


/* whoever has done nothing for an hour is forgotten */
static struct eater *eater_find(struct ration *r, uint32_t person,
				uint64_t now)
{
	struct eater *found = NULL;
	struct le *le = list_head(&r->eaterl);

	while (le) {
		struct eater *e = le->data;

		le = le->next;
		forget_old(r, e, now);
		if (e->person == person)
			found = e;
		else if (!e->n)
			mem_deref(e);
	}

	return found;
}


static struct eater *eater_get(struct ration *r, uint32_t person,
			       uint64_t now)
{
	struct eater *e = eater_find(r, person, now);

	if (e)
		return e;

	e = mem_zalloc(sizeof(*e), eater_destructor);
	if (!e)
		return NULL;
	e->person = person;
	e->at = mem_zalloc(r->most * sizeof(e->at[0]), NULL);
	list_append(&r->eaterl, &e->le, e);

	return e->at ? e : mem_deref(e);
}


int ration_take(struct ration *r, uint32_t person, uint32_t n, uint64_t now)
{
	struct eater *e;

	if (!n)
		return 0;
	if (n > r->most)
		return EDQUOT;
	e = eater_get(r, person, now);
	if (!e)
		return ENOMEM;
	if (n > r->most - e->n)
		return EDQUOT;
	for (uint32_t i = 0; i < n; i++)
		e->at[e->n++] = now;

	return 0;
}


uint32_t ration_count(struct ration *r, uint32_t person, uint64_t now)
{
	const struct eater *e = eater_find(r, person, now);

	return e ? e->n : 0;
}


uint64_t ration_wait(struct ration *r, uint32_t person, uint64_t now)
{
	const struct eater *e = eater_find(r, person, now);

	return e && e->n >= r->most ? e->at[0] + r->within_ms - now : 0;
}
