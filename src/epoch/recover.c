/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recover.c  Seals to a person what the recovery key opens. Must not keep any
 * key, nor ask for it itself.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/keep.h"

#include "epochs.h"
#include "recover.h"
#include "wanting.h"


/* what the recovery key has */
struct held {
	struct store_grant *v;
	bool *done; /* nothing more to be done about it */
	size_t n;
	int err;
};

struct recover {
	struct store *s;
	struct store_identity identity;
	struct held held;
	struct recovered *r;
	recover_key_h *keyh;
	void *arg;
};


static bool held_add(const struct store_grant *grant, void *arg)
{
	struct held *held = arg;
	struct store_grant *v;

	v = realloc(held->v, (held->n + 1) * sizeof(*v));
	if (!v) {
		held->err = ENOMEM;
		return true;
	}
	held->v = v;
	v[held->n++] = *grant;

	return false;
}


static int held_find(struct recover *rec)
{
	int err;

	err = store_grant_of_person(rec->s, 0, held_add, &rec->held);
	if (!err)
		err = rec->held.err;
	if (err)
		return err;
	rec->held.done = calloc(rec->held.n + 1, sizeof(*rec->held.done));

	return rec->held.done ? 0 : ENOMEM;
}


/* 0: they should have it, and have not; ENOENT */
static int is_wanted(struct recover *rec, uint64_t epoch)
{
	const uint32_t person = rec->identity.person;
	struct store_epoch e;
	int err;

	err = wanting_epoch(rec->s, epoch, &e);
	if (!err)
		err = epochs_entitled(rec->s, e.line, person);
	if (err)
		return err;
	err = wanting_holds(rec->s, epoch, person);

	return err == ENOENT ? 0 : err ? err : ENOENT;
}


static int held_choose(struct recover *rec)
{
	for (size_t i = 0; i < rec->held.n; i++) {
		const int err = is_wanted(rec, rec->held.v[i].epoch);

		if (err && err != ENOENT)
			return err;
		rec->held.done[i] = err != 0;
	}

	return 0;
}


static int grant_open(uint8_t private[SEAL_KEY],
		      const struct store_grant *grant, const uint8_t *recovery)
{
	const struct seal_about about = {.kind = SEAL_GRANT,
					 .epoch = grant->epoch};
	uint8_t plain[STORE_GRANT];
	size_t n;
	int err;

	err = seal_open(plain, &n, &about, recovery, grant->sealed,
			sizeof(grant->sealed));
	if (!err && n != SEAL_KEY)
		err = EBADMSG;
	if (!err)
		memcpy(private, plain, SEAL_KEY);
	sodium_memzero(plain, sizeof(plain));

	return err;
}


static int grant_give(struct recover *rec, const struct store_grant *old,
		      const uint8_t *recovery)
{
	struct store_grant *g = &rec->r->v[rec->r->n];
	const struct seal_about about = {
		.kind = SEAL_GRANT, .epoch = old->epoch,
		.subject = rec->identity.person};
	uint8_t *private = sodium_malloc(SEAL_KEY);
	int err = 0;

	if (!private)
		return ENOMEM;
	if (grant_open(private, old, recovery)) {
		++rec->r->n_closed;
		goto out;
	}
	memset(g, 0, sizeof(*g));
	g->epoch = old->epoch;
	g->person = rec->identity.person;
	memcpy(g->public, rec->identity.public, STORE_PUBLIC);
	err = seal_make(g->sealed, &about, g->public, private, SEAL_KEY);
	if (!err)
		++rec->r->n;

out:
	sodium_free(private);
	return err;
}


/* all that is sealed to this recovery key */
static int open_all(struct recover *rec, const uint8_t *public)
{
	struct held *held = &rec->held;
	uint8_t *recovery;
	bool closed, any = false;
	int err;

	for (size_t i = 0; i < held->n; i++)
		any = any || (!held->done[i] &&
			      !memcmp(held->v[i].public, public, SEAL_KEY));
	if (!any)
		return 0;

	recovery = sodium_malloc(SEAL_KEY);
	if (!recovery)
		return ENOMEM;
	err = rec->keyh(recovery, public, rec->arg);
	closed = err == ENODATA;
	if (closed)
		err = 0;
	for (size_t i = 0; !err && i < held->n; i++) {
		if (held->done[i] ||
		    memcmp(held->v[i].public, public, SEAL_KEY))
			continue;
		held->done[i] = true;
		if (closed)
			++rec->r->n_closed;
		else
			err = grant_give(rec, &held->v[i], recovery);
	}
	sodium_free(recovery);

	return err;
}


static int recover_all(struct recover *rec)
{
	struct store_recovery current;
	int err;

	rec->r->v = calloc(rec->held.n + 1, sizeof(*rec->r->v));
	if (!rec->r->v)
		return ENOMEM;
	err = held_choose(rec);
	if (err)
		return err;

	err = store_recovery_get(rec->s, &current);
	if (!err)
		err = open_all(rec, current.public);
	else if (err == ENOENT)
		err = 0;
	for (size_t i = 0; !err && i < rec->held.n; i++)
		err = open_all(rec, rec->held.v[i].public);

	return err;
}


int recover_for(struct recovered *r, struct store *s, uint32_t person,
		recover_key_h *keyh, void *arg)
{
	struct recover rec = {.s = s, .r = r, .keyh = keyh, .arg = arg};
	int err;

	if (!r || !s || !person || !keyh)
		return EINVAL;

	memset(r, 0, sizeof(*r));
	err = store_identity_get(s, person, &rec.identity);
	if (!err)
		err = held_find(&rec);
	if (!err)
		err = recover_all(&rec);
	free(rec.held.v);
	free(rec.held.done);
	if (err)
		recover_free(r);

	return err;
}


void recover_free(struct recovered *r)
{
	if (!r)
		return;

	free(r->v);
	memset(r, 0, sizeof(*r));
}


/* ---- those that nobody has ----------------------------------------------- */

struct keyless {
	uint64_t id;
	uint64_t after;
};


static bool epoch_after(const struct store_epoch *epoch, void *arg)
{
	struct keyless *k = arg;

	if (epoch->id <= k->after || epoch->dropped || epoch->current)
		return false;
	k->id = epoch->id;

	return true;
}


static bool grant_any(const struct store_grant *grant, void *arg)
{
	(void)grant;
	*(bool *)arg = true;

	return true;
}


int recover_drop_keyless(struct store *s, unsigned *np)
{
	struct keyless k = {0, 0};
	unsigned n = 0;
	int err;

	if (!s)
		return EINVAL;

	for (;;) {
		bool any = false;

		k.after = k.id;
		k.id = 0;
		err = store_epoch_each(s, epoch_after, &k);
		if (err || !k.id)
			break;
		err = store_grant_of_epoch(s, k.id, grant_any, &any);
		if (!err && !any) {
			err = store_epoch_drop(s, k.id);
			/* the dialler may have the key to a number yet */
			if (err == ENOTEMPTY)
				err = store_epoch_clear(s, k.id);
			else
				++n;
		}
		if (err)
			break;
	}
	if (np)
		*np = n;

	return err;
}
