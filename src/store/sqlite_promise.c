/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_promise.c  What is owed to callers, and attempts to ring them back,
 * as rows. Must not begin or end transactions, nor keep the number of a
 * promise that is over.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


/* the same words as in the index of the schema, or it is not used */
#define OPEN " WHERE r.state NOT IN ('kept', 'declined', 'closed')"
#define PROMISE_ROWS                                                          \
	"SELECT r.call, coalesce(c.line, ''), coalesce(c.language, ''),"      \
	" r.kind, r.state, r.words, r.hours, r.shown, r.level, r.dialler,"    \
	" r.epoch, r.for_dialler, r.for_epoch,"                               \
	" r.made_at, r.due_at, r.next_at, r.owner, coalesce(p.name, ''),"     \
	" r.n_attempts, r.n_snoozed, r.reason FROM promise r"                 \
	" LEFT JOIN call c ON c.id = r.call"                                  \
	" LEFT JOIN person p ON p.id = r.owner"

const char *const sqlite_promise_sql[STMTS] = {
	[STMT_PROMISE_PUT] =
		"INSERT INTO promise (call, kind, state, words, hours, shown,"
		" level, dialler, epoch, for_dialler, for_epoch, made_at,"
		" due_at, next_at, owner, n_attempts, n_snoozed, reason)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		" ?13, ?14, ?15, ?16, ?17, ?18)"
		" ON CONFLICT (call) DO UPDATE SET kind = ?2, state = ?3,"
		" words = ?4, hours = ?5, shown = ?6, level = ?7,"
		" dialler = ?8, epoch = ?9, for_dialler = ?10,"
		" for_epoch = ?11, made_at = ?12, due_at = ?13, next_at = ?14,"
		" owner = ?15, n_attempts = ?16, n_snoozed = ?17,"
		" reason = ?18",
	[STMT_CLEAR_GET] = "SELECT number FROM promise_clear WHERE call = ?1",
	[STMT_CLEAR_REMOVE] = "DELETE FROM promise_clear WHERE call = ?1",
	[STMT_PROMISE_GET] = PROMISE_ROWS " WHERE r.call = ?1",
	[STMT_PROMISE_EACH] = PROMISE_ROWS " ORDER BY r.due_at, r.call",
	[STMT_PROMISE_OPEN] = PROMISE_ROWS OPEN " ORDER BY r.due_at, r.call",

	/* when it began and with whom stays as it was first written */
	[STMT_ATTEMPT_PUT] =
		"INSERT INTO attempt (call, n, at, outcome, counsellor)"
		" VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (call, n) DO UPDATE SET outcome = ?4",
	[STMT_ATTEMPT_EACH] =
		"SELECT call, n, at, outcome, counsellor FROM attempt"
		" WHERE call = ?1 ORDER BY n",
	[STMT_ATTEMPT_SINCE] =
		"SELECT call, n, at, outcome, counsellor FROM attempt"
		" WHERE at >= ?1 ORDER BY at, call, n",
};


static bool is_over(const char *state)
{
	static const char *const over[] = {"kept", "declined", "closed"};

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		if (!strcmp(state, over[i]))
			return true;
	}

	return false;
}


static int clear_remove(struct store_db *db, uint64_t call)
{
	struct cursor c = {db->stmt[STMT_CLEAR_REMOVE], 0, SQLITE_OK};

	put_uint(&c, call);

	return put_run(db, STMT_CLEAR_REMOVE, &c);
}


int sqlite_promise_put(struct store_db *db,
		       const struct store_promise *promise)
{
	static const struct store_number none = {.dialler = 0};
	const bool over = is_over(promise->state);
	int err;
	struct cursor c = {db->stmt[STMT_PROMISE_PUT], 0, SQLITE_OK};

	put_uint(&c, promise->call);
	put_text(&c, promise->kind);
	put_text(&c, promise->state);
	put_text(&c, promise->words);
	put_text(&c, promise->hours);
	put_text(&c, promise->shown);
	put_text(&c, promise->level);
	put_number(&c, over ? &none : &promise->number);
	put_int(&c, promise->made_at);
	put_int(&c, promise->due_at);
	put_int(&c, promise->next_at);
	put_int(&c, promise->owner);
	put_int(&c, promise->n_attempts);
	put_int(&c, promise->n_snoozed);
	put_text(&c, promise->reason);

	err = put_run(db, STMT_PROMISE_PUT, &c);
	if (!err && (over || promise->number.dialler))
		err = clear_remove(db, promise->call);

	return err;
}


static void promise_read(struct cursor *c, struct store_promise *promise)
{
	memset(promise, 0, sizeof(*promise));
	promise->call = (uint64_t)get_int(c);
	get_text(c, promise->line, sizeof(promise->line));
	get_text(c, promise->language, sizeof(promise->language));
	get_text(c, promise->kind, sizeof(promise->kind));
	get_text(c, promise->state, sizeof(promise->state));
	get_text(c, promise->words, sizeof(promise->words));
	get_text(c, promise->hours, sizeof(promise->hours));
	get_text(c, promise->shown, sizeof(promise->shown));
	get_text(c, promise->level, sizeof(promise->level));
	get_number(c, &promise->number);
	promise->made_at = get_int(c);
	promise->due_at = get_int(c);
	promise->next_at = get_int(c);
	promise->owner = (uint32_t)get_int(c);
	get_text(c, promise->owner_name, sizeof(promise->owner_name));
	promise->n_attempts = (uint32_t)get_int(c);
	promise->n_snoozed = (uint32_t)get_int(c);
	get_text(c, promise->reason, sizeof(promise->reason));
}


struct promise_ctx {
	store_promise_h *h;
	void *arg;
	bool found;
};


static bool promise_row(struct cursor *c, void *data)
{
	const struct promise_ctx *ctx = data;
	struct store_promise promise;

	promise_read(c, &promise);

	return ctx->h(&promise, ctx->arg);
}


int sqlite_promise_each(struct store_db *db, bool all, store_promise_h *h,
			void *arg)
{
	const enum stmt i = all ? STMT_PROMISE_EACH : STMT_PROMISE_OPEN;
	const struct cursor c = {db->stmt[i], 0, SQLITE_OK};
	struct promise_ctx ctx = {h, arg, false};

	return rows_each(db, i, &c, promise_row, &ctx);
}


static bool promise_get_row(struct cursor *c, void *data)
{
	struct promise_ctx *ctx = data;

	promise_read(c, ctx->arg);
	ctx->found = true;

	return true;
}


int sqlite_promise_get(struct store_db *db, uint64_t call,
		       struct store_promise *promise)
{
	struct cursor c = {db->stmt[STMT_PROMISE_GET], 0, SQLITE_OK};
	struct promise_ctx ctx = {NULL, promise, false};
	int err;

	put_uint(&c, call);
	err = rows_each(db, STMT_PROMISE_GET, &c, promise_get_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}


static bool clear_row(struct cursor *c, void *data)
{
	struct promise_ctx *ctx = data;

	get_secret(c, ctx->arg);
	ctx->found = true;

	return true;
}


int sqlite_promise_clear(struct store_db *db, uint64_t call,
			 struct secret_text *number)
{
	struct cursor c = {db->stmt[STMT_CLEAR_GET], 0, SQLITE_OK};
	struct promise_ctx ctx = {NULL, number, false};
	int err;

	put_uint(&c, call);
	err = rows_each(db, STMT_CLEAR_GET, &c, clear_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}


int sqlite_attempt_put(struct store_db *db,
		       const struct store_attempt *attempt)
{
	struct cursor c = {db->stmt[STMT_ATTEMPT_PUT], 0, SQLITE_OK};

	put_uint(&c, attempt->call);
	put_int(&c, attempt->n);
	put_int(&c, attempt->at);
	put_text(&c, attempt->outcome);
	put_int(&c, attempt->counsellor);

	return put_run(db, STMT_ATTEMPT_PUT, &c);
}


struct attempt_ctx {
	store_attempt_h *h;
	void *arg;
};


static bool attempt_row(struct cursor *c, void *data)
{
	const struct attempt_ctx *ctx = data;
	struct store_attempt attempt;

	memset(&attempt, 0, sizeof(attempt));
	attempt.call = (uint64_t)get_int(c);
	attempt.n = (uint32_t)get_int(c);
	attempt.at = get_int(c);
	get_text(c, attempt.outcome, sizeof(attempt.outcome));
	attempt.counsellor = (uint32_t)get_int(c);

	return ctx->h(&attempt, ctx->arg);
}


int sqlite_attempt_each(struct store_db *db, uint64_t call,
			store_attempt_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_ATTEMPT_EACH], 0, SQLITE_OK};
	struct attempt_ctx ctx = {h, arg};

	put_uint(&c, call);

	return rows_each(db, STMT_ATTEMPT_EACH, &c, attempt_row, &ctx);
}


int sqlite_attempt_since(struct store_db *db, int64_t at, store_attempt_h *h,
			 void *arg)
{
	struct cursor c = {db->stmt[STMT_ATTEMPT_SINCE], 0, SQLITE_OK};
	struct attempt_ctx ctx = {h, arg};

	put_int(&c, at);

	return rows_each(db, STMT_ATTEMPT_SINCE, &c, attempt_row, &ctx);
}
