/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_trunk.c  Trunks in the store. Must not know SQL.
 */
#include <errno.h>

#include "store_parts.h"


static int trunk_add_write(const struct store_backend *be, struct store_db *db,
			   void *data)
{
	return be->trunk_add(db, data);
}


int store_trunk_add(struct store *s, struct store_trunk *trunk)
{
	if (!s || !trunk)
		return EINVAL;

	return writer_now(s->writer, trunk_add_write, trunk,
			  SCRUB_NOTHING);
}


struct trunk_name {
	const char *name;
};


static int trunk_remove_write(const struct store_backend *be,
			      struct store_db *db, void *data)
{
	const struct trunk_name *t = data;

	return be->trunk_remove(db, t->name);
}


int store_trunk_remove(struct store *s, const char *name)
{
	struct trunk_name t = {name};

	if (!s || !name)
		return EINVAL;

	return writer_now(s->writer, trunk_remove_write, &t, SCRUB_NOW);
}


int store_trunk_each(struct store *s, store_trunk_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->trunk_each(s->reader, h, arg);
}
