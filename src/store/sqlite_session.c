/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_session.c  Who is signed in, as rows. Must not begin or end
 * transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


#define SESSION_ROWS                                                          \
	"SELECT id, person, hash, made_at, seen_at FROM session"

const char *const sqlite_session_sql[STMTS] = {
	[STMT_SESSION_ADD] =
		"INSERT INTO session (person, hash, made_at, seen_at)"
		" SELECT id, ?2, ?3, ?4 FROM person WHERE id = ?1",
	[STMT_SESSION_GET] = SESSION_ROWS " WHERE hash = ?1",
	[STMT_SESSION_SEEN] = "UPDATE session SET seen_at = ?1 WHERE id = ?2",
	[STMT_SESSION_REMOVE] =
		"DELETE FROM session WHERE person = ?1 AND (id = ?2 OR ?2 = 0)",
	[STMT_SESSION_REMOVE_ALL] = "DELETE FROM session WHERE person = ?1",
	[STMT_SESSION_OLD] = "DELETE FROM session WHERE seen_at < ?1",
	[STMT_SESSION_EACH] =
		SESSION_ROWS " WHERE person = ?1 OR ?1 = 0 ORDER BY id",
};


int sqlite_session_add(struct store_db *db, struct store_session *session)
{
	struct cursor c = {db->stmt[STMT_SESSION_ADD], 0, SQLITE_OK};
	int err;

	put_int(&c, session->person);
	put_blob(&c, session->hash, sizeof(session->hash));
	put_int(&c, session->made_at);
	put_int(&c, session->seen_at);
	err = put_run_one(db, STMT_SESSION_ADD, &c);
	if (!err)
		session->id = (uint32_t)sqlite3_last_insert_rowid(db->db);

	return err;
}


static void session_read(struct cursor *c, struct store_session *s)
{
	memset(s, 0, sizeof(*s));
	s->id = (uint32_t)get_int(c);
	s->person = (uint32_t)get_int(c);
	get_blob(c, s->hash, sizeof(s->hash));
	s->made_at = get_int(c);
	s->seen_at = get_int(c);
}


static bool session_get_row(struct cursor *c, void *data)
{
	session_read(c, data);

	return true;
}


int sqlite_session_get(struct store_db *db, const uint8_t *hash,
		       struct store_session *session)
{
	struct cursor c = {db->stmt[STMT_SESSION_GET], 0, SQLITE_OK};
	int err;

	session->id = 0;
	put_blob(&c, hash, STORE_HASH);
	err = rows_each(db, STMT_SESSION_GET, &c, session_get_row, session);
	if (err)
		return err;

	return session->id ? 0 : ENOENT;
}


int sqlite_session_seen(struct store_db *db, uint32_t id, int64_t at)
{
	struct cursor c = {db->stmt[STMT_SESSION_SEEN], 0, SQLITE_OK};

	put_int(&c, at);
	put_int(&c, id);

	return put_run_one(db, STMT_SESSION_SEEN, &c);
}


int sqlite_session_remove(struct store_db *db, uint32_t person, uint32_t id)
{
	struct cursor c = {db->stmt[STMT_SESSION_REMOVE], 0, SQLITE_OK};

	put_int(&c, person);
	put_int(&c, id);

	return put_run_one(db, STMT_SESSION_REMOVE, &c);
}


int sqlite_session_old(struct store_db *db, int64_t before)
{
	struct cursor c = {db->stmt[STMT_SESSION_OLD], 0, SQLITE_OK};

	put_int(&c, before);

	return put_run(db, STMT_SESSION_OLD, &c);
}


struct session_ctx {
	store_session_h *h;
	void *arg;
};


static bool session_row(struct cursor *c, void *data)
{
	const struct session_ctx *ctx = data;
	struct store_session session;

	session_read(c, &session);

	return ctx->h(&session, ctx->arg);
}


int sqlite_session_each(struct store_db *db, uint32_t person,
			store_session_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_SESSION_EACH], 0, SQLITE_OK};
	struct session_ctx ctx = {h, arg};

	put_int(&c, person);

	return rows_each(db, STMT_SESSION_EACH, &c, session_row, &ctx);
}
