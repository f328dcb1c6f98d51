/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_keep.c  Rows that go. Must not begin or end transactions, nor know
 * when it is time.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


/* the same words as in sqlite_promise.c */
#define IS_OVER                                                               \
	" AND c.outcome <> '' AND NOT EXISTS (SELECT 1 FROM promise r"        \
	" WHERE r.call = c.id"                                                \
	" AND r.state NOT IN ('kept', 'declined', 'closed'))"

const char *const sqlite_keep_sql[STMTS] = {
	[STMT_CALL_NUMBER] =
		"INSERT INTO call_number (id, last) VALUES (1, ?1)"
		" ON CONFLICT (id) DO UPDATE SET last = max(last, ?1)",
	[STMT_FORGET_NOTES] = "DELETE FROM note WHERE call = ?1",
	[STMT_FORGET_DRAFTS] = "DELETE FROM draft WHERE call = ?1",
	[STMT_FORGET_ATTEMPTS] = "DELETE FROM attempt WHERE call = ?1",
	[STMT_FORGET_PROMISE] = "DELETE FROM promise WHERE call = ?1",
	[STMT_FORGET_MARKS] = "DELETE FROM mark WHERE call = ?1",
	[STMT_FORGET_CALL] = "DELETE FROM call WHERE id = ?1",
	[STMT_CLEAR_NOTES] = "DELETE FROM note WHERE epoch = ?1",
	[STMT_EPOCH_USED] =
		"SELECT EXISTS (SELECT 1 FROM person WHERE phone_epoch = ?1)"
		" OR EXISTS (SELECT 1 FROM promise WHERE epoch = ?1)",
	/* the mark itself stays until its day, for people to see */
	[STMT_CLEAR_MARKS] =
		"UPDATE mark SET sealed = zeroblob(200) WHERE epoch = ?1",
	[STMT_MARKS_DROP] =
		"DELETE FROM mark WHERE review_day <= ?1"
		" AND epoch IN (SELECT id FROM epoch WHERE dropped)",
	[STMT_DRAFTS_DROP] = "DELETE FROM draft WHERE day < ?1",
	[STMT_LOOKED_GET] = "SELECT day FROM looked",
	[STMT_LOOKED_SET] =
		"INSERT INTO looked (id, day) VALUES (1, ?1)"
		" ON CONFLICT (id) DO UPDATE SET day = ?1",
	[STMT_CALLS_OLD] =
		"SELECT c.id FROM call c WHERE c.line = ?1"
		" AND c.arrived_at < ?2" IS_OVER " ORDER BY c.id LIMIT ?3",
	[STMT_KEPT_EACH] =
		"SELECT c.line, count(*), min(c.arrived_at) FROM call c"
		" WHERE true" IS_OVER " GROUP BY c.line ORDER BY c.line",
};

/* whatever hangs on a call, its own row last */
static const struct {
	enum stmt stmt;
	size_t counted; /* in struct store_gone */
} of_call[] = {
	{STMT_FORGET_NOTES, offsetof(struct store_gone, n_notes)},
	{STMT_FORGET_DRAFTS, offsetof(struct store_gone, n_drafts)},
	{STMT_FORGET_ATTEMPTS, offsetof(struct store_gone, n_attempts)},
	{STMT_FORGET_PROMISE, offsetof(struct store_gone, n_promises)},
	{STMT_FORGET_CALL, offsetof(struct store_gone, n_calls)},
};

/* whatever is sealed to an epoch and goes with it. Numbers of promises and of
 * telephones do not: they are sealed to the dialler's key as well, and end with
 * what they are for */
static const enum stmt of_epoch[] = {
	STMT_CLEAR_NOTES,
	STMT_CLEAR_MARKS,
};


static int run_id(struct store_db *db, enum stmt i, uint64_t id)
{
	struct cursor c = {db->stmt[i], 0, SQLITE_OK};

	put_uint(&c, id);

	return put_run(db, i, &c);
}


int sqlite_call_forget(struct store_db *db, uint64_t id,
		       struct store_gone *gone)
{
	uint32_t n = 0;

	memset(gone, 0, sizeof(*gone));
	for (size_t i = 0; i < sizeof(of_call) / sizeof(of_call[0]); i++) {
		uint32_t *countp = (void *)((uint8_t *)gone +
					    of_call[i].counted);
		const int err = run_id(db, of_call[i].stmt, id);

		if (err)
			return err;
		*countp = (uint32_t)sqlite3_changes(db->db);
		n += *countp;
	}

	return n ? run_id(db, STMT_CALL_NUMBER, id) : ENOENT;
}


int sqlite_marks_forget(struct store_db *db, uint64_t call, uint32_t *np)
{
	const int err = run_id(db, STMT_FORGET_MARKS, call);

	*np = err ? 0 : (uint32_t)sqlite3_changes(db->db);

	return err;
}


struct ids {
	uint64_t *v;
	size_t n;
};


static bool id_row(struct cursor *c, void *data)
{
	struct ids *ids = data;

	ids->v[ids->n++] = (uint64_t)get_int(c);

	return false;
}


int sqlite_calls_old(struct store_db *db, const char *line, int64_t before,
		     uint64_t *ids, size_t *np)
{
	struct cursor c = {db->stmt[STMT_CALLS_OLD], 0, SQLITE_OK};
	struct ids found = {ids, 0};
	int err;

	put_text(&c, line);
	put_int(&c, before);
	put_uint(&c, *np);
	err = rows_each(db, STMT_CALLS_OLD, &c, id_row, &found);
	*np = found.n;

	return err;
}


int sqlite_epoch_clear(struct store_db *db, uint64_t id)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(of_epoch) / sizeof(of_epoch[0]);
	     i++)
		err = run_id(db, of_epoch[i], id);

	return err;
}


static bool used_row(struct cursor *c, void *data)
{
	*(bool *)data = get_int(c) != 0;

	return true;
}


int sqlite_epoch_used(struct store_db *db, uint64_t id, bool *usedp)
{
	struct cursor c = {db->stmt[STMT_EPOCH_USED], 0, SQLITE_OK};

	*usedp = true;
	put_uint(&c, id);

	return rows_each(db, STMT_EPOCH_USED, &c, used_row, usedp);
}


int sqlite_epoch_close(struct store_db *db, const char *line)
{
	struct cursor c = {db->stmt[STMT_EPOCH_CLOSE], 0, SQLITE_OK};

	put_text(&c, line);

	return put_run(db, STMT_EPOCH_CLOSE, &c);
}


int sqlite_drafts_drop(struct store_db *db, uint32_t day, unsigned *np)
{
	const int err = run_id(db, STMT_DRAFTS_DROP, day);

	*np = err ? 0 : (unsigned)sqlite3_changes(db->db);

	return err;
}


int sqlite_marks_drop(struct store_db *db, uint32_t day, unsigned *np)
{
	const int err = run_id(db, STMT_MARKS_DROP, day);

	*np = err ? 0 : (unsigned)sqlite3_changes(db->db);

	return err;
}


static bool looked_row(struct cursor *c, void *data)
{
	*(int64_t *)data = get_int(c);

	return true;
}


int sqlite_looked_get(struct store_db *db, uint32_t *dayp)
{
	const struct cursor c = {db->stmt[STMT_LOOKED_GET], 0, SQLITE_OK};
	int64_t day = -1;
	int err;

	err = rows_each(db, STMT_LOOKED_GET, &c, looked_row, &day);
	if (err)
		return err;
	if (day < 0)
		return ENOENT;
	*dayp = (uint32_t)day;

	return 0;
}


int sqlite_looked_set(struct store_db *db, uint32_t day)
{
	return run_id(db, STMT_LOOKED_SET, day);
}


struct kept_ctx {
	store_kept_h *h;
	void *arg;
};


static bool kept_row(struct cursor *c, void *data)
{
	const struct kept_ctx *ctx = data;
	struct store_kept kept;

	memset(&kept, 0, sizeof(kept));
	get_text(c, kept.line, sizeof(kept.line));
	kept.n = (uint32_t)get_int(c);
	kept.oldest = get_int(c);

	return ctx->h(&kept, ctx->arg);
}


int sqlite_kept_each(struct store_db *db, store_kept_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_KEPT_EACH], 0, SQLITE_OK};
	struct kept_ctx ctx = {h, arg};

	return rows_each(db, STMT_KEPT_EACH, &c, kept_row, &ctx);
}
