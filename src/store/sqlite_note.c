/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_note.c  Notes and drafts as rows. Must not begin or end transactions,
 * nor know what is in them.
 */
#include <errno.h>
#include <string.h>

#include "keep.h"
#include "sqlite_row.h"


const char *const sqlite_note_sql[STMTS] = {
	/* somebody may leave between the browser's look and its note */
	[STMT_NOTE_ADD] =
		"INSERT INTO note (call, person, day, epoch, sealed)"
		" SELECT call.id, ?2, ?3, epoch.id, ?5"
		" FROM call JOIN epoch ON epoch.line = call.line"
		" WHERE call.id = ?1 AND epoch.id = ?4 AND epoch.current",
	[STMT_NOTE_EACH] =
		"SELECT note.id, note.call, note.person,"
		" coalesce(person.name, ''), note.day, note.epoch, note.sealed"
		" FROM note LEFT JOIN person ON person.id = note.person"
		" WHERE note.call = ?1 ORDER BY note.id",
	[STMT_DRAFT_PUT] =
		"INSERT OR REPLACE INTO draft (call, person, day, sealed)"
		" SELECT call.id, person.id, coalesce((SELECT day FROM looked"
		" WHERE ?3 < day - ?5), ?3), ?4 FROM call, person"
		" WHERE call.id = ?1 AND person.id = ?2",
	[STMT_DRAFT_REMOVE] =
		"DELETE FROM draft WHERE call = ?1 AND person = ?2",
	[STMT_DRAFT_REMOVE_ALL] = "DELETE FROM draft WHERE person = ?1",
	[STMT_DRAFT_GET] =
		"SELECT sealed FROM draft WHERE call = ?1 AND person = ?2",
};


int sqlite_note_add(struct store_db *db, struct store_note *note)
{
	struct cursor c = {db->stmt[STMT_NOTE_ADD], 0, SQLITE_OK};
	int err;

	put_uint(&c, note->call);
	put_int(&c, note->person);
	put_int(&c, note->day);
	put_uint(&c, note->epoch);
	put_blob(&c, note->sealed, note->n_sealed);
	err = put_run_one(db, STMT_NOTE_ADD, &c);
	if (!err)
		note->id = (uint64_t)sqlite3_last_insert_rowid(db->db);

	return err == ENOENT ? ESTALE : err;
}


/* for as long as the row is looked at */
static const uint8_t *get_sealed(struct cursor *c, size_t *np)
{
	const void *p = sqlite3_column_blob(c->st, c->i);

	*np = p ? (size_t)sqlite3_column_bytes(c->st, c->i) : 0;
	++c->i;

	return p;
}


struct note_ctx {
	store_note_h *h;
	void *arg;
};


static bool note_row(struct cursor *c, void *data)
{
	const struct note_ctx *ctx = data;
	struct store_note v;

	memset(&v, 0, sizeof(v));
	v.id = (uint64_t)get_int(c);
	v.call = (uint64_t)get_int(c);
	v.person = (uint32_t)get_int(c);
	get_text(c, v.name, sizeof(v.name));
	v.day = (uint32_t)get_int(c);
	v.epoch = (uint64_t)get_int(c);
	v.sealed = get_sealed(c, &v.n_sealed);

	return ctx->h(&v, ctx->arg);
}


int sqlite_note_each(struct store_db *db, uint64_t call, store_note_h *h,
		     void *arg)
{
	struct cursor c = {db->stmt[STMT_NOTE_EACH], 0, SQLITE_OK};
	struct note_ctx ctx = {h, arg};

	put_uint(&c, call);

	return rows_each(db, STMT_NOTE_EACH, &c, note_row, &ctx);
}


int sqlite_draft_put(struct store_db *db, uint64_t call, uint32_t person,
		     uint32_t day, const uint8_t *sealed, size_t n)
{
	struct cursor c = {db->stmt[STMT_DRAFT_PUT], 0, SQLITE_OK};

	put_uint(&c, call);
	put_int(&c, person);
	put_int(&c, day);
	put_blob(&c, sealed, n);
	put_int(&c, STORE_TRUST);

	return put_run_one(db, STMT_DRAFT_PUT, &c);
}


int sqlite_draft_remove(struct store_db *db, uint64_t call, uint32_t person)
{
	struct cursor c = {db->stmt[STMT_DRAFT_REMOVE], 0, SQLITE_OK};

	put_uint(&c, call);
	put_int(&c, person);

	return put_run(db, STMT_DRAFT_REMOVE, &c);
}


struct draft_ctx {
	store_draft_h *h;
	void *arg;
	bool found;
};


static bool draft_row(struct cursor *c, void *data)
{
	struct draft_ctx *ctx = data;
	const uint8_t *sealed;
	size_t n;

	sealed = get_sealed(c, &n);
	ctx->found = true;
	ctx->h(sealed, n, ctx->arg);

	return true;
}


int sqlite_draft_get(struct store_db *db, uint64_t call, uint32_t person,
		     store_draft_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_DRAFT_GET], 0, SQLITE_OK};
	struct draft_ctx ctx = {h, arg, false};
	int err;

	put_uint(&c, call);
	put_int(&c, person);
	err = rows_each(db, STMT_DRAFT_GET, &c, draft_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}
