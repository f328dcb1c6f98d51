/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * alike.c  Open calls by handle. Must not know what follows from it.
 */
#include "alike.h"


static struct call_list *list_for(struct alike *a, uint32_t handle)
{
	return &a->lists[handle % ALIKE_LISTS];
}


static struct call *same(struct call *c, uint32_t handle)
{
	while (c && c->handle != handle)
		c = TAILQ_NEXT(c, alike);

	return c;
}


void alike_init(struct alike *a)
{
	for (int i = 0; i < ALIKE_LISTS; i++)
		TAILQ_INIT(&a->lists[i]);
}


void alike_add(struct alike *a, struct call *c)
{
	if (c->handle)
		TAILQ_INSERT_TAIL(list_for(a, c->handle), c, alike);
}


void alike_remove(struct alike *a, struct call *c)
{
	if (c->handle)
		TAILQ_REMOVE(list_for(a, c->handle), c, alike);
}


struct call *alike_first(struct alike *a, uint32_t handle)
{
	return handle ? same(TAILQ_FIRST(list_for(a, handle)), handle) : NULL;
}


struct call *alike_next(const struct call *c)
{
	return same(TAILQ_NEXT(c, alike), c->handle);
}
