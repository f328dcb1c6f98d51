/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_dialler.c  The dialler's public keys in the store. Must not know SQL,
 * nor a private key.
 */
#include <errno.h>

#include "store_parts.h"


int store_dialler_current(struct store *s, struct store_dialler *dialler)
{
	if (!s || !dialler)
		return EINVAL;

	return s->be->dialler_current(s->reader, dialler);
}


static int dialler_write(const struct store_backend *be, struct store_db *db,
			 void *data)
{
	return be->dialler_add(db, data);
}


int store_dialler_add(struct store *s, struct store_dialler *dialler)
{
	if (!s || !dialler)
		return EINVAL;

	return writer_now(s->writer, dialler_write, dialler, SCRUB_NOTHING);
}
