/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_audit.c  The audit log as rows. Must not begin or end transactions,
 * nor change a row.
 */
#include <string.h>

#include "sqlite_row.h"


#define AUDIT_ROWS                                                            \
	"SELECT id, at, person, what, whom, call, detail, link FROM audit"

const char *const sqlite_audit_sql[STMTS] = {
	[STMT_AUDIT_ADD] =
		"INSERT INTO audit (id, at, person, what, whom, call, detail,"
		" link) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STMT_AUDIT_LAST] = AUDIT_ROWS " ORDER BY id DESC LIMIT 1",
	[STMT_AUDIT_EACH] = AUDIT_ROWS " WHERE id >= ?1 ORDER BY id",
};


int sqlite_audit_add(struct store_db *db, const struct store_audit *row)
{
	struct cursor c = {db->stmt[STMT_AUDIT_ADD], 0, SQLITE_OK};

	put_uint(&c, row->id);
	put_int(&c, row->at);
	put_int(&c, row->person);
	put_text(&c, row->what);
	put_int(&c, row->whom);
	put_uint(&c, row->call);
	put_text(&c, row->detail);
	put_blob(&c, row->link, sizeof(row->link));

	return put_run(db, STMT_AUDIT_ADD, &c);
}


static void audit_read(struct cursor *c, struct store_audit *row)
{
	memset(row, 0, sizeof(*row));
	row->id = (uint64_t)get_int(c);
	row->at = get_int(c);
	row->person = (uint32_t)get_int(c);
	get_text(c, row->what, sizeof(row->what));
	row->whom = (uint32_t)get_int(c);
	row->call = (uint64_t)get_int(c);
	get_text(c, row->detail, sizeof(row->detail));
	get_blob(c, row->link, sizeof(row->link));
}


static bool last_row(struct cursor *c, void *data)
{
	audit_read(c, data);

	return true;
}


int sqlite_audit_last(struct store_db *db, struct store_audit *row)
{
	const struct cursor c = {db->stmt[STMT_AUDIT_LAST], 0, SQLITE_OK};

	memset(row, 0, sizeof(*row));

	return rows_each(db, STMT_AUDIT_LAST, &c, last_row, row);
}


struct audit_ctx {
	store_audit_h *h;
	void *arg;
};


static bool audit_row(struct cursor *c, void *data)
{
	const struct audit_ctx *ctx = data;
	struct store_audit row;

	audit_read(c, &row);

	return ctx->h(&row, ctx->arg);
}


int sqlite_audit_each(struct store_db *db, uint64_t from, store_audit_h *h,
		      void *arg)
{
	struct cursor c = {db->stmt[STMT_AUDIT_EACH], 0, SQLITE_OK};
	struct audit_ctx ctx = {h, arg};

	put_uint(&c, from);

	return rows_each(db, STMT_AUDIT_EACH, &c, audit_row, &ctx);
}
