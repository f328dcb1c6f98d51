/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_trunk.c  Trunks as rows. Must not begin or end transactions.
 */
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_trunk_sql[STMTS] = {
	[STMT_TRUNK_ADD] =
		"INSERT INTO trunk (name, kind, peer, uri, secret_file,"
		" certificate, srtp) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_TRUNK_REMOVE] = "DELETE FROM trunk WHERE name = ?1",
	[STMT_TRUNK_EACH] =
		"SELECT id, name, kind, peer, uri, secret_file, certificate, srtp"
		" FROM trunk"
		" ORDER BY name COLLATE NOCASE, name",
};

static const char *const kind_names[] = {
	[STORE_TRUNK_STATIC] = "static",
	[STORE_TRUNK_REGISTER] = "register",
};

static const char *const srtp_names[STORE_SRTPS] = {
	[STORE_SRTP_USUAL] = "usual",
	[STORE_SRTP_OFF] = "off",
	[STORE_SRTP_OFFER] = "offer",
	[STORE_SRTP_REQUIRE] = "require",
};


int sqlite_trunk_add(struct store_db *db, struct store_trunk *trunk)
{
	struct cursor c = {db->stmt[STMT_TRUNK_ADD], 0, SQLITE_OK};
	int err;

	put_text(&c, trunk->name);
	put_name(&c, kind_names, 2, (size_t)trunk->kind);
	put_text(&c, trunk->from);
	put_secret(&c, &trunk->uri);
	put_text(&c, trunk->secret_file);
	put_text(&c, trunk->certificate);
	put_name(&c, srtp_names, STORE_SRTPS, (size_t)trunk->srtp);
	err = put_run(db, STMT_TRUNK_ADD, &c);
	if (!err)
		trunk->id = (uint32_t)sqlite3_last_insert_rowid(db->db);

	return err;
}


int sqlite_trunk_remove(struct store_db *db, const char *name)
{
	struct cursor c = {db->stmt[STMT_TRUNK_REMOVE], 0, SQLITE_OK};

	put_text(&c, name);

	return put_run_one(db, STMT_TRUNK_REMOVE, &c);
}


struct trunk_ctx {
	store_trunk_h *h;
	void *arg;
};


static bool trunk_row(struct cursor *c, void *data)
{
	const struct trunk_ctx *ctx = data;
	struct store_trunk trunk;
	bool stop;

	memset(&trunk, 0, sizeof(trunk));
	trunk.id = (uint32_t)get_int(c);
	get_text(c, trunk.name, sizeof(trunk.name));
	trunk.kind = (enum store_trunk_kind)get_name(c, kind_names, 2);
	get_text(c, trunk.from, sizeof(trunk.from));
	get_secret(c, &trunk.uri);
	get_text(c, trunk.secret_file, sizeof(trunk.secret_file));
	get_text(c, trunk.certificate, sizeof(trunk.certificate));
	trunk.srtp = (enum store_srtp)get_name(c, srtp_names, STORE_SRTPS);
	stop = ctx->h(&trunk, ctx->arg);
	secret_wipe(&trunk.uri);

	return stop;
}


int sqlite_trunk_each(struct store_db *db, store_trunk_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_TRUNK_EACH], 0, SQLITE_OK};
	struct trunk_ctx ctx = {h, arg};

	return rows_each(db, STMT_TRUNK_EACH, &c, trunk_row, &ctx);
}
