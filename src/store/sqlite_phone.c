/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_phone.c  Telephones that register, as rows. Must not begin or end
 * transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_phone_sql[STMTS] = {
	[STMT_PHONE_PUT] =
		"INSERT INTO phone (person, user, sha256, md5, made_at)"
		" SELECT id, ?2, ?3, ?4, ?5 FROM person WHERE id = ?1",
	[STMT_PHONE_REMOVE] = "DELETE FROM phone WHERE person = ?1",
	[STMT_PHONE_EACH] =
		"SELECT person, user, sha256, md5, made_at FROM phone"
		" ORDER BY person",
	[STMT_BINDING_PUT] =
		"INSERT OR REPLACE INTO binding (person, place, contact,"
		" source, transport, call_id, cseq, ends_at)"
		" SELECT person, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM phone"
		" WHERE person = ?1",
	[STMT_BINDING_REMOVE] =
		"DELETE FROM binding WHERE person = ?1 AND place = ?2",
	[STMT_BINDING_EACH] =
		"SELECT person, place, contact, source, transport, call_id,"
		" cseq, ends_at FROM binding ORDER BY person, place",
};

static const char *const transport_names[STORE_TRANSPORTS] = {
	[STORE_UDP] = "udp",
	[STORE_TCP] = "tcp",
	[STORE_TLS] = "tls",
};


int sqlite_phone_put(struct store_db *db, const struct store_phone *phone)
{
	struct cursor c = {db->stmt[STMT_PHONE_PUT], 0, SQLITE_OK};
	int err;

	err = sqlite_phone_remove(db, phone->person);
	if (err && err != ENOENT)
		return err;

	put_int(&c, phone->person);
	put_text(&c, phone->user);
	put_blob(&c, phone->sha256, sizeof(phone->sha256));
	put_blob(&c, phone->md5, sizeof(phone->md5));
	put_int(&c, phone->made_at);

	return put_run_one(db, STMT_PHONE_PUT, &c);
}


int sqlite_phone_remove(struct store_db *db, uint32_t person)
{
	struct cursor c = {db->stmt[STMT_PHONE_REMOVE], 0, SQLITE_OK};

	put_int(&c, person);

	return put_run_one(db, STMT_PHONE_REMOVE, &c);
}


struct phone_ctx {
	store_phone_h *h;
	void *arg;
};


static bool phone_row(struct cursor *c, void *data)
{
	const struct phone_ctx *ctx = data;
	struct store_phone v;
	bool stop;

	memset(&v, 0, sizeof(v));
	v.person = (uint32_t)get_int(c);
	get_text(c, v.user, sizeof(v.user));
	get_blob(c, v.sha256, sizeof(v.sha256));
	get_blob(c, v.md5, sizeof(v.md5));
	v.made_at = get_int(c);
	stop = ctx->h(&v, ctx->arg);
	explicit_bzero(&v, sizeof(v));

	return stop;
}


int sqlite_phone_each(struct store_db *db, store_phone_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_PHONE_EACH], 0, SQLITE_OK};
	struct phone_ctx ctx = {h, arg};

	return rows_each(db, STMT_PHONE_EACH, &c, phone_row, &ctx);
}


int sqlite_binding_put(struct store_db *db,
		       const struct store_binding *binding)
{
	struct cursor c = {db->stmt[STMT_BINDING_PUT], 0, SQLITE_OK};

	put_int(&c, binding->person);
	put_int(&c, binding->place);
	put_secret(&c, &binding->contact);
	put_secret(&c, &binding->source);
	put_name(&c, transport_names, STORE_TRANSPORTS,
		 (size_t)binding->transport);
	put_text(&c, binding->call_id);
	put_int(&c, binding->cseq);
	put_int(&c, binding->ends_at);

	return put_run_one(db, STMT_BINDING_PUT, &c);
}


int sqlite_binding_remove(struct store_db *db, uint32_t person, uint32_t place)
{
	struct cursor c = {db->stmt[STMT_BINDING_REMOVE], 0, SQLITE_OK};

	put_int(&c, person);
	put_int(&c, place);

	return put_run_one(db, STMT_BINDING_REMOVE, &c);
}


struct binding_ctx {
	store_binding_h *h;
	void *arg;
};


static bool binding_row(struct cursor *c, void *data)
{
	const struct binding_ctx *ctx = data;
	struct store_binding v;
	bool stop;

	memset(&v, 0, sizeof(v));
	v.person = (uint32_t)get_int(c);
	v.place = (uint32_t)get_int(c);
	get_secret(c, &v.contact);
	get_secret(c, &v.source);
	v.transport = (enum store_transport)get_name(c, transport_names,
						     STORE_TRANSPORTS);
	get_text(c, v.call_id, sizeof(v.call_id));
	v.cseq = (uint32_t)get_int(c);
	v.ends_at = get_int(c);
	stop = ctx->h(&v, ctx->arg);
	secret_wipe(&v.contact);
	secret_wipe(&v.source);

	return stop;
}


int sqlite_binding_each(struct store_db *db, store_binding_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_BINDING_EACH], 0, SQLITE_OK};
	struct binding_ctx ctx = {h, arg};

	return rows_each(db, STMT_BINDING_EACH, &c, binding_row, &ctx);
}
