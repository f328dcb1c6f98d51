/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_dialler.c  The dialler's public keys as rows. Must not begin or end
 * transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_dialler_sql[STMTS] = {
	[STMT_DIALLER_ADD] =
		"INSERT INTO dialler (public, made_at) VALUES (?1, ?2)",
	[STMT_DIALLER_CURRENT] =
		"SELECT id, public, made_at FROM dialler"
		" ORDER BY id DESC LIMIT 1",
};


int sqlite_dialler_add(struct store_db *db, struct store_dialler *dialler)
{
	struct cursor c = {db->stmt[STMT_DIALLER_ADD], 0, SQLITE_OK};
	int err;

	put_blob(&c, dialler->public, sizeof(dialler->public));
	put_int(&c, dialler->made_at);
	err = put_run(db, STMT_DIALLER_ADD, &c);
	if (!err)
		dialler->id = (uint32_t)sqlite3_last_insert_rowid(db->db);

	return err;
}


struct dialler_ctx {
	struct store_dialler *dialler;
	bool found;
};


static bool dialler_row(struct cursor *c, void *data)
{
	struct dialler_ctx *ctx = data;

	memset(ctx->dialler, 0, sizeof(*ctx->dialler));
	ctx->dialler->id = (uint32_t)get_int(c);
	get_blob(c, ctx->dialler->public, sizeof(ctx->dialler->public));
	ctx->dialler->made_at = get_int(c);
	ctx->found = true;

	return true;
}


int sqlite_dialler_current(struct store_db *db, struct store_dialler *dialler)
{
	const struct cursor c = {db->stmt[STMT_DIALLER_CURRENT], 0, SQLITE_OK};
	struct dialler_ctx ctx = {dialler, false};
	int err;

	err = rows_each(db, STMT_DIALLER_CURRENT, &c, dialler_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}
