/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_epoch.c  Keys to what is sealed, in the store. Must not know SQL, nor
 * open anything.
 */
#include <errno.h>

#include "store_parts.h"


/* ---- people -------------------------------------------------------------- */

static int identity_write(const struct store_backend *be,
			  struct store_db *db, void *data)
{
	return be->identity_put(db, data);
}


int store_identity_put(struct store *s, const struct store_identity *identity)
{
	struct store_identity copy;

	if (!s || !identity)
		return EINVAL;

	copy = *identity;
	return writer_now(s->writer, identity_write, &copy, SCRUB_NOW);
}


int store_identity_get(struct store *s, uint32_t person,
		       struct store_identity *identity)
{
	if (!s || !identity)
		return EINVAL;

	return s->be->identity_get(s->reader, person, identity);
}


/* ---- recovery ------------------------------------------------------------ */

static int recovery_write(const struct store_backend *be,
			  struct store_db *db, void *data)
{
	return be->recovery_put(db, data);
}


int store_recovery_put(struct store *s, const struct store_recovery *r)
{
	struct store_recovery copy;

	if (!s || !r || !r->n || r->n > STORE_SHARES || !r->need ||
	    r->need > r->n)
		return EINVAL;

	copy = *r;
	return writer_now(s->writer, recovery_write, &copy, SCRUB_NOTHING);
}


int store_recovery_get(struct store *s, struct store_recovery *r)
{
	if (!s || !r)
		return EINVAL;

	return s->be->recovery_get(s->reader, r);
}


struct tried {
	const uint8_t *hash;
	int64_t at;
};


static int tried_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct tried *t = data;

	return be->recovery_tried(db, t->hash, t->at);
}


int store_recovery_tried(struct store *s, const uint8_t *hash, int64_t at)
{
	struct tried t = {hash, at};

	if (!s || !hash)
		return EINVAL;

	return writer_now(s->writer, tried_write, &t, SCRUB_NOTHING);
}


/* ---- epochs -------------------------------------------------------------- */

int store_epoch_last(struct store *s, uint64_t *idp)
{
	if (!s || !idp)
		return EINVAL;

	return s->be->epoch_last(s->reader, idp);
}


struct addition {
	const struct store_epoch *epoch;
	const struct store_grant *grants;
	size_t n;
};


static int epoch_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct addition *a = data;
	int err;

	err = be->epoch_add(db, a->epoch);
	for (size_t i = 0; !err && i < a->n; i++)
		err = be->grant_add(db, &a->grants[i]);

	return err;
}


int store_epoch_add(struct store *s, const struct store_epoch *epoch,
		    const struct store_grant *grants, size_t n)
{
	struct addition a = {epoch, grants, n};

	if (!s || !epoch || (n && !grants))
		return EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (grants[i].epoch != epoch->id)
			return EINVAL;
	}

	return writer_now(s->writer, epoch_write, &a, SCRUB_NOTHING);
}


int store_epoch_current(struct store *s, const char *line,
			struct store_epoch *epoch)
{
	if (!s || !line || !epoch)
		return EINVAL;

	return s->be->epoch_current(s->reader, line, epoch);
}


int store_epoch_each(struct store *s, store_epoch_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->epoch_each(s->reader, h, arg);
}


static int drop_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	const uint64_t id = *(const uint64_t *)data;
	bool used;
	int err;

	err = be->epoch_used(db, id, &used);
	if (!err && used)
		err = ENOTEMPTY;
	if (!err)
		err = be->epoch_drop(db, id);

	return err ? err : be->epoch_clear(db, id);
}


int store_epoch_drop(struct store *s, uint64_t id)
{
	if (!s)
		return EINVAL;

	return writer_now(s->writer, drop_write, &id, SCRUB_NOW);
}


/* ---- grants -------------------------------------------------------------- */

int store_grant_of_person(struct store *s, uint32_t person, store_grant_h *h,
			  void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->grant_of_person(s->reader, person, h, arg);
}


int store_grant_of_epoch(struct store *s, uint64_t epoch, store_grant_h *h,
			 void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->grant_of_epoch(s->reader, epoch, h, arg);
}


static int grant_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	return be->grant_add(db, data);
}


int store_grant_add(struct store *s, const struct store_grant *grant)
{
	struct store_grant copy;

	if (!s || !grant)
		return EINVAL;

	copy = *grant;
	return store_now(s, grant_write, &copy, NULL, SCRUB_NOTHING);
}


struct removal {
	uint32_t person;
	const char *line;
};


static int removal_write(const struct store_backend *be, struct store_db *db,
			 void *data)
{
	const struct removal *r = data;

	return be->grant_remove(db, r->person, r->line);
}


int store_grant_remove(struct store *s, uint32_t person, const char *line)
{
	struct removal r = {person, line};

	if (!s || !line)
		return EINVAL;

	return writer_now(s->writer, removal_write, &r, SCRUB_NOW);
}


struct refusal {
	uint64_t epoch;
	uint32_t person;
};


static int refusal_write(const struct store_backend *be, struct store_db *db,
			 void *data)
{
	const struct refusal *r = data;

	return be->grant_refuse(db, r->epoch, r->person);
}


int store_grant_refuse(struct store *s, uint64_t epoch, uint32_t person)
{
	struct refusal r = {epoch, person};

	if (!s || !epoch || !person)
		return EINVAL;

	return store_now(s, refusal_write, &r, NULL, SCRUB_NOW);
}
