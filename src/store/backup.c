/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * backup.c  The store as it was in one moment, and back again. Must not know
 * SQL, files, nor what seals it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "backup.h"
#include "store_parts.h"


int store_snapshot(struct store *s, struct store_snapshot *snap)
{
	int err;

	if (!s || !snap)
		return EINVAL;

	memset(snap, 0, sizeof(*snap));
	err = s->be->snapshot(s->reader, snap);
	if (err)
		store_snapshot_free(snap);

	return err;
}


void store_snapshot_free(struct store_snapshot *snap)
{
	if (!snap)
		return;

	if (snap->image_free)
		snap->image_free(snap->image);
	free(snap->grants);
	free(snap->open);
	memset(snap, 0, sizeof(*snap));
}


static int id_compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}


bool store_snapshot_open(const struct store_snapshot *snap, uint64_t call)
{
	return snap->n_open && bsearch(&call, snap->open, snap->n_open,
				       sizeof(call), id_compare);
}


static int restored_write(const struct store_backend *be, struct store_db *db,
			  void *data)
{
	(void)data;

	return be->restored(db);
}


int store_restored(struct store *s)
{
	if (!s)
		return EINVAL;

	return store_now(s, restored_write, NULL, NULL, SCRUB_NOW);
}


struct back {
	const struct store_grant *v;
	size_t n;
	size_t n_taken;
};


static int back_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	struct back *b = data;
	int err = 0;

	b->n_taken = 0;
	for (size_t i = 0; !err && i < b->n; i++) {
		err = be->grant_back(db, &b->v[i]);
		if (!err)
			++b->n_taken;
		else if (err == ENOENT)
			err = 0;
	}

	return err;
}


int store_grants_back(struct store *s, const struct store_grant *v, size_t n,
		      size_t *np)
{
	struct back b = {v, n, 0};
	int err;

	if (!s || (n && !v))
		return EINVAL;

	err = store_now(s, back_write, &b, NULL, SCRUB_NOTHING);
	if (!err && np)
		*np = b.n_taken;

	return err;
}


/* ---- as bytes ------------------------------------------------------------ */

void store_grants_encode(uint8_t *to, const struct store_grant *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to = bytes_put(to, v[i].epoch, 8);
		to = bytes_put(to, v[i].person, 4);
		memcpy(to, v[i].public, STORE_PUBLIC);
		to += STORE_PUBLIC;
		memcpy(to, v[i].sealed, STORE_GRANT);
		to += STORE_GRANT;
	}
}


int store_grants_decode(struct store_grant **vp, size_t *np,
			const uint8_t *from, size_t size)
{
	const size_t n = size / STORE_GRANT_ROW;
	struct store_grant *v;

	if (!vp || !np || (size && !from))
		return EINVAL;
	if (size % STORE_GRANT_ROW)
		return EBADMSG;

	v = calloc(n ? n : 1, sizeof(*v));
	if (!v)
		return ENOMEM;
	for (size_t i = 0; i < n; i++) {
		v[i].epoch = bytes_get(from, 8);
		from += 8;
		v[i].person = (uint32_t)bytes_get(from, 4);
		from += 4;
		memcpy(v[i].public, from, STORE_PUBLIC);
		from += STORE_PUBLIC;
		memcpy(v[i].sealed, from, STORE_GRANT);
		from += STORE_GRANT;
	}
	*vp = v;
	*np = n;

	return 0;
}
