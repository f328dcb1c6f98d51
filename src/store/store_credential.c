/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_credential.c  Security keys of people, in the store. Must not know
 * SQL.
 */
#include <errno.h>

#include "coarse.h"
#include "store_parts.h"


static int add_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return be->credential_add(db, data);
}


int store_credential_add(struct store *s, struct store_credential *credential)
{
	if (!s || !credential || credential->n_key_id > STORE_KEY_ID ||
	    credential->n_public > STORE_KEY_PUBLIC)
		return EINVAL;

	coarse_credential(credential);

	return store_now(s, add_write, credential, NULL, SCRUB_NOTHING);
}


/* which one, and what its last use said */
struct use {
	uint32_t person;
	uint32_t id;
	uint32_t sign_count;
	int64_t at;
};


static int used_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	const struct use *u = data;

	return be->credential_used(db, u->person, u->id, u->sign_count,
				   u->at);
}


int store_credential_used(struct store *s, uint32_t person, uint32_t id,
			  uint32_t sign_count, int64_t at)
{
	struct use u = {person, id, sign_count,
			coarse_moment(at, COARSE_SIGHT)};

	if (!s)
		return EINVAL;

	return writer_now(s->writer, used_write, &u, SCRUB_NOTHING);
}


static int remove_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	const struct use *u = data;

	return be->credential_remove(db, u->person, u->id);
}


int store_credential_remove(struct store *s, uint32_t person, uint32_t id)
{
	struct use u = {.person = person, .id = id};

	if (!s)
		return EINVAL;

	return store_now(s, remove_write, &u, NULL, SCRUB_NOTHING);
}


int store_credential_each(struct store *s, uint32_t person,
			  store_credential_h *h, void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->credential_each(s->reader, person, h, arg);
}
