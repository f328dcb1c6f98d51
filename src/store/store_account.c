/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_account.c  Accounts, invitations, roles and keys in the store. Must
 * not know SQL.
 */
#include <errno.h>

#include "store_parts.h"


int store_account_get(struct store *s, uint32_t person,
		      struct store_account *account)
{
	if (!s || !account)
		return EINVAL;

	return s->be->account_get(s->reader, person, account);
}


struct totp {
	uint32_t person;
	const struct secret_text *secret;
	int64_t counter;
};


static int totp_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	const struct totp *t = data;

	return be->account_totp(db, t->person, t->secret, t->counter);
}


int store_account_totp(struct store *s, uint32_t person,
		       const struct secret_text *totp, int64_t counter)
{
	struct totp t = {person, totp, counter};

	if (!s || !totp)
		return EINVAL;

	return writer_now(s->writer, totp_write, &t, SCRUB_NOW);
}


static int code_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	const struct totp *t = data;

	return be->account_code(db, t->person, t->counter);
}


int store_account_code(struct store *s, uint32_t person, int64_t counter)
{
	struct totp t = {person, NULL, counter};

	if (!s)
		return EINVAL;

	return writer_now(s->writer, code_write, &t, SCRUB_NOTHING);
}


static int invitation_write(const struct store_backend *be,
			    struct store_db *db, void *data)
{
	return be->invitation_put(db, data);
}


int store_invitation_put(struct store *s,
			 const struct store_invitation *invitation)
{
	struct store_invitation copy;

	if (!s || !invitation)
		return EINVAL;

	copy = *invitation;
	return store_now(s, invitation_write, &copy, NULL, SCRUB_NOW);
}


int store_invitation_get(struct store *s, const uint8_t *hash,
			 struct store_invitation *invitation)
{
	if (!s || !hash || !invitation)
		return EINVAL;

	return s->be->invitation_get(s->reader, hash, invitation);
}


struct acceptance {
	const uint8_t *hash;
	int64_t now;
	struct store_account *account;
};


static int accept_write(const struct store_backend *be, struct store_db *db,
			void *data)
{
	const struct acceptance *a = data;

	return be->invitation_accept(db, a->hash, a->now, a->account);
}


int store_invitation_accept(struct store *s, const uint8_t *hash, int64_t now,
			    struct store_account *account)
{
	struct acceptance a = {hash, now, account};

	if (!s || !hash || !account)
		return EINVAL;

	return writer_now(s->writer, accept_write, &a, SCRUB_SOON);
}


struct roles {
	uint32_t person;
	const struct store_role *v;
	size_t n;
};


static int roles_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct roles *r = data;

	return be->roles_set(db, r->person, r->v, r->n);
}


int store_roles_set(struct store *s, uint32_t person,
		    const struct store_role *roles, size_t n)
{
	struct roles r = {person, roles, n};

	if (!s || (n && !roles))
		return EINVAL;

	return store_now(s, roles_write, &r, NULL, SCRUB_NOTHING);
}


int store_role_each(struct store *s, uint32_t person, store_role_h *h,
		    void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->role_each(s->reader, person, h, arg);
}


struct named_key {
	const char *name;
	uint8_t *key;
};


static int key_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	const struct named_key *k = data;

	return be->key(db, k->name, k->key);
}


int store_key(struct store *s, const char *name, uint8_t *key)
{
	struct named_key k = {name, key};

	if (!s || !name || !key)
		return EINVAL;

	return writer_now(s->writer, key_write, &k, SCRUB_NOTHING);
}
