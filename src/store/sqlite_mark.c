/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_mark.c  Marks as rows. Must not begin or end transactions, nor know
 * what is in them.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


#define COLUMNS                                                               \
	"SELECT mark.id, mark.line, mark.kind, mark.reason, mark.call,"       \
	" mark.person, coalesce(person.name, ''), mark.made_day,"             \
	" mark.review_day, mark.epoch, mark.sealed, epoch.dropped"            \
	" FROM mark JOIN epoch ON epoch.id = mark.epoch"                      \
	" LEFT JOIN person ON person.id = mark.person"

const char *const sqlite_mark_sql[STMTS] = {
	[STMT_MARK_ADD] =
		"INSERT INTO mark (id, line, kind, reason, call, person,"
		" made_day, review_day, epoch, sealed)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, epoch.id, ?10"
		" FROM epoch WHERE id = ?9 AND line = ?2 AND current",
	[STMT_MARK_GET] = COLUMNS " WHERE mark.id = ?1",
	[STMT_MARK_EACH] = COLUMNS " ORDER BY mark.made_day, mark.id",
	/* somebody may leave between the browser's look and its seal */
	[STMT_MARK_REVIEW] =
		"UPDATE mark SET review_day = ?2, epoch = ?3, sealed = ?4"
		" WHERE id = ?1 AND (epoch = ?3 OR ?3 IN"
		" (SELECT id FROM epoch WHERE line = mark.line AND current))",
	[STMT_MARK_REMOVE] = "DELETE FROM mark WHERE id = ?1",
};

static const char *const kinds[STORE_MARK_KINDS] = {
	[STORE_MARK_BLOCK] = "block",
	[STORE_MARK_PLAN] = "plan",
};

static const char *const reasons[STORE_MARK_REASONS] = {
#define X(name, word, kind) [STORE_MARK_##name] = (word),
	STORE_MARK_REASON_ROWS(X)
#undef X
};


int sqlite_mark_add(struct store_db *db, const struct store_mark *mark)
{
	struct cursor c = {db->stmt[STMT_MARK_ADD], 0, SQLITE_OK};
	int err;

	put_uint(&c, mark->id);
	put_text(&c, mark->line);
	put_name(&c, kinds, STORE_MARK_KINDS, mark->kind);
	put_name(&c, reasons, STORE_MARK_REASONS, mark->reason);
	put_uint(&c, mark->call);
	put_int(&c, mark->person);
	put_int(&c, mark->made_day);
	put_int(&c, mark->review_day);
	put_uint(&c, mark->epoch);
	put_blob(&c, mark->sealed, sizeof(mark->sealed));
	err = put_run_one(db, STMT_MARK_ADD, &c);

	return err == ENOENT ? ESTALE : err;
}


static void mark_read(struct cursor *c, struct store_mark *v)
{
	memset(v, 0, sizeof(*v));
	v->id = (uint64_t)get_int(c);
	get_text(c, v->line, sizeof(v->line));
	v->kind = get_name(c, kinds, STORE_MARK_KINDS);
	v->reason = get_name(c, reasons, STORE_MARK_REASONS);
	v->call = (uint64_t)get_int(c);
	v->person = (uint32_t)get_int(c);
	get_text(c, v->name, sizeof(v->name));
	v->made_day = (uint32_t)get_int(c);
	v->review_day = (uint32_t)get_int(c);
	v->epoch = (uint64_t)get_int(c);
	get_blob(c, v->sealed, sizeof(v->sealed));
	v->lost = get_int(c) != 0;
}


struct one {
	struct store_mark *mark;
	bool found;
};


static bool one_row(struct cursor *c, void *data)
{
	struct one *one = data;

	mark_read(c, one->mark);
	one->found = true;

	return true;
}


int sqlite_mark_get(struct store_db *db, uint64_t id, struct store_mark *mark)
{
	struct cursor c = {db->stmt[STMT_MARK_GET], 0, SQLITE_OK};
	struct one one = {mark, false};
	int err;

	put_uint(&c, id);
	err = rows_each(db, STMT_MARK_GET, &c, one_row, &one);
	if (err)
		return err;

	return one.found ? 0 : ENOENT;
}


struct mark_ctx {
	store_mark_h *h;
	void *arg;
};


static bool mark_row(struct cursor *c, void *data)
{
	const struct mark_ctx *ctx = data;
	struct store_mark v;

	mark_read(c, &v);

	return ctx->h(&v, ctx->arg);
}


int sqlite_mark_each(struct store_db *db, store_mark_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_MARK_EACH], 0, SQLITE_OK};
	struct mark_ctx ctx = {h, arg};

	return rows_each(db, STMT_MARK_EACH, &c, mark_row, &ctx);
}


int sqlite_mark_review(struct store_db *db, const struct store_mark *mark)
{
	struct cursor c = {db->stmt[STMT_MARK_REVIEW], 0, SQLITE_OK};

	put_uint(&c, mark->id);
	put_int(&c, mark->review_day);
	put_uint(&c, mark->epoch);
	put_blob(&c, mark->sealed, sizeof(mark->sealed));

	return put_run_one(db, STMT_MARK_REVIEW, &c);
}


int sqlite_mark_remove(struct store_db *db, uint64_t id)
{
	struct cursor c = {db->stmt[STMT_MARK_REMOVE], 0, SQLITE_OK};

	put_uint(&c, id);

	return put_run_one(db, STMT_MARK_REMOVE, &c);
}
