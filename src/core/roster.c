/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * roster.c  All counsellors that are known: found by id or by offer, added, and
 * forgotten when there is no room. Must not move anybody (person.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "priv.h"


static int by_id(const void *a, const void *b)
{
	const uint32_t id = *(const uint32_t *)a;
	const struct person *const *pp = b;

	return id < (*pp)->id ? -1 : id > (*pp)->id;
}


struct person *person_find(const struct core *core, uint32_t id)
{
	struct person *const *pp = bsearch(&id, core->by_id, core->n_people,
					   sizeof(core->by_id[0]), by_id);

	return pp ? *pp : NULL;
}


/* Somebody off duty holds nothing: their slot can go to somebody else. */
static struct person *forget_one(struct core *core)
{
	struct person *p;
	size_t i = 0;

	while (i < core->n_people && core->by_id[i]->state != PERSON_OFF)
		++i;
	if (i == core->n_people)
		return NULL;

	p = core->by_id[i];
	for (--core->n_people; i < core->n_people; i++)
		core->by_id[i] = core->by_id[i + 1];
	memset(p, 0, sizeof(*p));

	return p;
}


int person_add(struct person **pp, struct core *core, uint32_t id)
{
	struct person *p = core->n_people < LIMIT_PEOPLE
				   ? &core->people[core->n_people]
				   : forget_one(core);
	size_t i;

	if (!p)
		return ENOSPC;

	p->id = id;
	p->deadline.owner = p;
	p->deadline.kind = DEADLINE_PERSON;

	for (i = core->n_people++; i && core->by_id[i - 1]->id > id; i--)
		core->by_id[i] = core->by_id[i - 1];
	core->by_id[i] = p;

	*pp = p;
	return 0;
}


uint64_t person_next_offer(struct core *core, const struct person *p)
{
	return ++core->n_offers * LIMIT_PEOPLE + (uint64_t)(p - core->people);
}


struct person *person_find_offer(struct core *core, uint64_t offer)
{
	struct person *p = &core->people[offer % LIMIT_PEOPLE];

	if (!offer || p->offer == offer)
		return offer ? p : NULL;

	/* one that was made before a restart, when they had another slot */
	for (size_t i = 0; core->resumed && i < core->n_people; i++) {
		if (core->people[i].offer == offer)
			return &core->people[i];
	}

	return NULL;
}
