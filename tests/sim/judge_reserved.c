/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_reserved.c  Ring-backs that a counsellor has asked for themselves.
 */
#include "books.h"


uint32_t reserved_for(struct check *k, const struct book_call *c)
{
	const struct book_person *p = book_find_person(k, c->reserved);

	return p && p->on && k->now < c->reserved_until &&
			       book_can_take(k, p, c)
		       ? p->id
		       : 0;
}


void reserved_asked(const struct check *k, struct book_call *c,
		    uint32_t person)
{
	c->reserved = person;
	c->reserved_until = k->now + CORE_RESERVED_MS;
}


/* as long as their phone rings */
void reserved_rung(struct check *k, struct book_call *c,
		   const struct book_person *p)
{
	if (reserved_for(k, c) == p->id)
		c->reserved_until = UINT64_MAX;
}


/* whichever way */
void reserved_ring_over(const struct book_person *p)
{
	if (p->call && p->call->reserved == p->id)
		p->call->reserved = 0;
}


void reserved_person_gone(struct check *k, const struct book_person *p)
{
	struct book_call *c;

	LIST_FOREACH(c, &k->open, open) {
		if (c->reserved == p->id)
			c->reserved = 0;
	}
}


void judge_reserved(struct check *k, const struct book_call *c,
		    const struct book_person *p)
{
	const uint32_t reserved = reserved_for(k, c);

	if (reserved && reserved != p->id)
		check_broken(k, CHECK_RESERVED, "counsellor %" PRIu32
			     " is rung for call %" PRIu64 ", but %" PRIu32
			     " has asked for it", p->id, c->call, reserved);
}
