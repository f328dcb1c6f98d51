/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_credential.c  Security keys as rows. Must not begin or end
 * transactions, nor know what a public key is good for.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_credential_sql[STMTS] = {
	[STMT_CREDENTIAL_ADD] =
		"INSERT INTO credential (person, key_id, algorithm, public,"
		" sign_count, label, made_at, used_at)"
		" SELECT person, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM account"
		" WHERE person = ?1",
	/* one answer opens once; a key that does not count says always 0 */
	[STMT_CREDENTIAL_USED] =
		"UPDATE credential SET sign_count = ?1, used_at = ?2"
		" WHERE person = ?3 AND id = ?4"
		" AND (sign_count < ?1 OR (sign_count = 0 AND ?1 = 0))",
	[STMT_CREDENTIAL_REMOVE] =
		"DELETE FROM credential WHERE person = ?1 AND id = ?2",
	[STMT_CREDENTIAL_EACH] =
		"SELECT id, person, key_id, algorithm, public, sign_count,"
		" label, made_at, used_at FROM credential"
		" WHERE person = ?1 ORDER BY id",
};


int sqlite_credential_add(struct store_db *db,
			  struct store_credential *credential)
{
	struct cursor c = {db->stmt[STMT_CREDENTIAL_ADD], 0, SQLITE_OK};
	int err;

	put_int(&c, credential->person);
	put_blob(&c, credential->key_id, credential->n_key_id);
	put_int(&c, credential->algorithm);
	put_blob(&c, credential->public, credential->n_public);
	put_int(&c, credential->sign_count);
	put_text(&c, credential->label);
	put_int(&c, credential->made_at);
	put_int(&c, credential->used_at);
	err = put_run_one(db, STMT_CREDENTIAL_ADD, &c);
	if (!err)
		credential->id = (uint32_t)sqlite3_last_insert_rowid(db->db);

	return err;
}


int sqlite_credential_used(struct store_db *db, uint32_t person, uint32_t id,
			   uint32_t sign_count, int64_t at)
{
	struct cursor c = {db->stmt[STMT_CREDENTIAL_USED], 0, SQLITE_OK};
	int err;

	put_int(&c, sign_count);
	put_int(&c, at);
	put_int(&c, person);
	put_int(&c, id);
	err = put_run_one(db, STMT_CREDENTIAL_USED, &c);

	return err == ENOENT ? EALREADY : err;
}


int sqlite_credential_remove(struct store_db *db, uint32_t person, uint32_t id)
{
	struct cursor c = {db->stmt[STMT_CREDENTIAL_REMOVE], 0, SQLITE_OK};

	put_int(&c, person);
	put_int(&c, id);

	return put_run_one(db, STMT_CREDENTIAL_REMOVE, &c);
}


struct credential_ctx {
	store_credential_h *h;
	void *arg;
};


static bool credential_row(struct cursor *c, void *data)
{
	const struct credential_ctx *ctx = data;
	struct store_credential v;

	memset(&v, 0, sizeof(v));
	v.id = (uint32_t)get_int(c);
	v.person = (uint32_t)get_int(c);
	v.n_key_id = get_bytes(c, v.key_id, sizeof(v.key_id));
	v.algorithm = (int32_t)get_int(c);
	v.n_public = get_bytes(c, v.public, sizeof(v.public));
	v.sign_count = (uint32_t)get_int(c);
	get_text(c, v.label, sizeof(v.label));
	v.made_at = get_int(c);
	v.used_at = get_int(c);

	return ctx->h(&v, ctx->arg);
}


int sqlite_credential_each(struct store_db *db, uint32_t person,
			   store_credential_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_CREDENTIAL_EACH], 0, SQLITE_OK};
	struct credential_ctx ctx = {h, arg};

	put_int(&c, person);

	return rows_each(db, STMT_CREDENTIAL_EACH, &c, credential_row, &ctx);
}
