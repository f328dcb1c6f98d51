/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store.c  Opens and closes the store. Must not know SQL, nor any noun that
 * is stored: see store_call.c and so on.
 */
#include <errno.h>
#include <stdlib.h>
#include <sodium.h>

#include "store_parts.h"


static int parts_open(struct store *s, const char *dir, enum store_mode mode,
		      bool *made)
{
	struct store_db *db;
	int err;

	err = s->be->open(&db, dir, mode == STORE_CREATE);
	if (err)
		return err;
	*made = mode == STORE_CREATE;

	err = writer_alloc(&s->writer, s->be, db, mode == STORE_DAEMON);
	if (err)
		return err;

	return s->be->open(&s->reader, dir, false);
}


int store_open(struct store **sp, const char *dir, enum store_mode mode)
{
	struct store *s;
	bool made = false;
	int err;

	if (!sp || !dir)
		return EINVAL;
	/* for the audit log */
	if (sodium_init() < 0)
		return ENOTSUP;

	s = calloc(1, sizeof(*s));
	if (!s)
		return ENOMEM;
	s->be = &store_sqlite;
	err = parts_open(s, dir, mode, &made);

	if (err) {
		store_close(s);
		if (made)
			store_sqlite.remove(dir);
	}
	else
		*sp = s;

	return err;
}


struct store_shape store_shape(void)
{
	return store_sqlite.shape();
}


int store_start(struct store *s)
{
	return s ? writer_start(s->writer) : EINVAL;
}


void store_close(struct store *s)
{
	if (!s)
		return;

	writer_close(s->writer);
	s->be->close(s->reader);
	free(s);
}


void store_stats_get(struct store *s, struct store_stats *stats)
{
	writer_stats(s->writer, stats);
}
