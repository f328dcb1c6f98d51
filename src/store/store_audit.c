/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_audit.c  The audit log in the store: adds rows, alone or along with
 * another write. Must not know SQL, nor change a row.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "seal/chain.h"

#include "coarse.h"
#include "store_parts.h"


static const char *const words[] = {
#define X(word, about) word,
	STORE_AUDIT_WORDS(X)
#undef X
};


static bool is_word(const char *what)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], what) == 0)
			return true;
	}

	return false;
}


void audit_link(uint8_t *link, const struct store_audit *row,
		const uint8_t *previous)
{
	struct chain c;

	chain_begin(&c, previous);
	chain_number(&c, row->id);
	chain_number(&c, (uint64_t)row->at);
	chain_number(&c, row->person);
	chain_text(&c, row->what);
	chain_number(&c, row->whom);
	chain_number(&c, row->call);
	chain_text(&c, row->detail);
	chain_end(&c, link);
}


/* the transaction is ours alone: nobody adds between last and put */
int audit_put(const struct store_backend *be, struct store_db *db,
	      const struct store_audit *row)
{
	struct store_audit next = *row;
	struct store_audit last;
	int err;

	err = be->audit_last(db, &last);
	if (err)
		return err;

	coarse_audit(&next);
	next.id = last.id + 1;
	audit_link(next.link, &next, last.link);

	return be->audit_add(db, &next);
}


static int add_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return audit_put(be, db, data);
}


bool audit_is_good(const struct store *s, const struct store_audit *row)
{
	return s && row && row->at > 0 && is_word(row->what);
}


int store_audit_add(struct store *s, const struct store_audit *row,
		    store_done_h *doneh, void *arg)
{
	if (!audit_is_good(s, row))
		return EINVAL;

	return writer_later(s->writer, add_write, row, sizeof(*row),
			    SCRUB_NOTHING, doneh, arg);
}


int store_audit_now(struct store *s, const struct store_audit *row)
{
	struct store_audit copy;

	if (!audit_is_good(s, row))
		return EINVAL;

	copy = *row;
	return writer_now(s->writer, add_write, &copy, SCRUB_NOTHING);
}


/* ---- along with another write ---- */

int store_audit_along(struct store *s, const struct store_audit *row)
{
	if (!audit_is_good(s, row))
		return EINVAL;
	if (s->n_along >= STORE_AUDIT_ALONG)
		return ENOSPC;

	s->along[s->n_along++] = *row;

	return 0;
}


struct along {
	struct store *s;
	write_h *writeh;
	void *data;
	const uint32_t *idp;
};


static int along_write(const struct store_backend *be, struct store_db *db,
		       void *data)
{
	const struct along *a = data;
	int err;

	err = a->writeh(be, db, a->data);

	for (size_t i = 0; !err && i < a->s->n_along; i++) {
		if (a->idp && !a->s->along[i].whom)
			a->s->along[i].whom = *a->idp;
		err = audit_put(be, db, &a->s->along[i]);
	}

	return err;
}


int store_now(struct store *s, write_h *writeh, void *data,
	      const uint32_t *idp, enum pen_scrub scrub)
{
	struct along a = {s, writeh, data, idp};
	int err;

	err = writer_now(s->writer, along_write, &a, scrub);
	s->n_along = 0;

	return err;
}


/* "coordinator:main"; whoever has none is a counsellor of all lines */
static int role_along(struct store *s, const struct store_audit *row,
		      const struct store_role *role)
{
	struct store_audit one = *row;

	(void)snprintf(one.what, sizeof(one.what), "role_changed");
	(void)snprintf(one.detail, sizeof(one.detail), "%s%s%s", role->role,
		       role->line[0] ? ":" : "", role->line);

	return store_audit_along(s, &one);
}


int store_audit_roles(struct store *s, const struct store_audit *row,
		      const struct store_role *roles, size_t n)
{
	const struct store_role none = {.role = "counsellor"};
	int err = 0;

	if (!s || !row || (n && !roles))
		return EINVAL;

	for (size_t i = 0; !err && i < n; i++)
		err = role_along(s, row, &roles[i]);
	if (!n)
		err = role_along(s, row, &none);
	if (!err)
		return store_roles_set(s, row->whom, roles, n);

	s->n_along = 0;
	return err;
}


/* ---- reading ---- */

int store_audit_each(struct store *s, uint64_t from, store_audit_h *h,
		     void *arg)
{
	if (!s || !h)
		return EINVAL;

	return s->be->audit_each(s->reader, from, h, arg);
}


int store_audit_head(struct store *s, uint8_t *link)
{
	struct store_audit last;
	int err;

	if (!s || !link)
		return EINVAL;

	err = s->be->audit_last(s->reader, &last);
	if (!err)
		memcpy(link, last.link, STORE_HASH);

	return err;
}
