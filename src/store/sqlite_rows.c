/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_rows.c  Calls, people and trunks as rows of SQLite tables. The only
 * file with SQL about them. Must not begin or end transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_db.h"


#define CALL_ROWS                                                             \
	"SELECT c.id, c.line, c.language, c.state, c.outcome, c.reason,"      \
	" c.arrived_at, c.wait_ms, c.talk_ms, c.counsellor,"                  \
	" coalesce(p.name, '')"                                               \
	" FROM call c LEFT JOIN person p ON p.id = c.counsellor"
#define PERSON_ROWS                                                           \
	"SELECT id, name, phone, accept, wrap_up_s, on_duty, off_reason,"      \
	" off_at FROM person"

const char *const sqlite_rows_sql[STMTS] = {
	[STMT_CALL_PUT] =
		"INSERT INTO call (id, line, language, state, outcome, reason,"
		" arrived_at, wait_ms, talk_ms, counsellor)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" ON CONFLICT (id) DO UPDATE SET line = ?2, language = ?3,"
		" state = ?4, outcome = ?5, reason = ?6, arrived_at = ?7,"
		" wait_ms = ?8, talk_ms = ?9, counsellor = ?10",
	[STMT_CALL_END_OPEN] =
		"UPDATE call SET outcome = CASE state WHEN 'talking'"
		" THEN 'talked' ELSE 'closed' END, state = 'ended',"
		" reason = ?1 WHERE outcome = ''",
	/* a negative limit is none */
	[STMT_CALL_EACH] = CALL_ROWS " ORDER BY c.id DESC LIMIT ?1",
	[STMT_CALL_LAST] = "SELECT coalesce(max(id), 0) FROM call",

	[STMT_PERSON_ADD] =
		"INSERT INTO person (name, phone, accept, wrap_up_s, on_duty,"
		" off_reason, off_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_PERSON_SET] =
		"UPDATE person SET name = ?1, phone = ?2, accept = ?3,"
		" wrap_up_s = ?4, on_duty = ?5, off_reason = ?6, off_at = ?7"
		" WHERE id = ?8",
	[STMT_PERSON_OFF] =
		"UPDATE person SET on_duty = 0, off_reason = ?1, off_at = ?2"
		" WHERE id = ?3",
	[STMT_PERSON_REMOVE] = "DELETE FROM person WHERE id = ?1",
	[STMT_PERSON_GET] = PERSON_ROWS " WHERE name = ?1",
	[STMT_PERSON_EACH] = PERSON_ROWS " ORDER BY name COLLATE NOCASE, name",

	[STMT_TRUNK_ADD] =
		"INSERT INTO trunk (name, kind, peer, uri, secret_file)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
	[STMT_TRUNK_REMOVE] = "DELETE FROM trunk WHERE name = ?1",
	[STMT_TRUNK_EACH] =
		"SELECT id, name, kind, peer, uri, secret_file FROM trunk"
		" ORDER BY name COLLATE NOCASE, name",
};

static const char *const accept_names[] = {
	[STORE_ACCEPT_ANSWER] = "answer",
	[STORE_ACCEPT_KEY] = "key",
};

static const char *const kind_names[] = {
	[STORE_TRUNK_STATIC] = "static",
	[STORE_TRUNK_REGISTER] = "register",
};

/* a statement on its way to being filled or read, column by column */
struct cursor {
	sqlite3_stmt *st;
	int i;
	int rc;
};


static void put_int(struct cursor *c, int64_t v)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_int64(c->st, ++c->i, v);
}


/* what SQLite cannot hold is refused, not wrapped to a negative number */
static void put_uint(struct cursor *c, uint64_t v)
{
	if (v > INT64_MAX)
		c->rc = SQLITE_TOOBIG;
	put_int(c, (int64_t)v);
}


/* text must live until the statement has run */
static void put_text(struct cursor *c, const char *text)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_text(c->st, ++c->i, text, -1,
					  SQLITE_STATIC);
}


/* a name that is not in the table is not stored as something else */
static void put_name(struct cursor *c, const char *const *names, size_t n,
		     size_t i)
{
	if (i < n)
		put_text(c, names[i]);
	else
		c->rc = SQLITE_TOOBIG;
}


static int put_run(struct store_db *db, enum stmt i, struct cursor *c)
{
	if (c->rc != SQLITE_OK) {
		(void)sqlite3_clear_bindings(c->st);
		return sqlite_errno(db, c->rc);
	}

	return sqlite_run(db, i);
}


/* the same for statements that must hit a row */
static int put_run_one(struct store_db *db, enum stmt i, struct cursor *c)
{
	const int err = put_run(db, i, c);

	if (err)
		return err;

	return sqlite3_changes(db->db) ? 0 : ENOENT;
}


static int64_t get_int(struct cursor *c)
{
	return sqlite3_column_int64(c->st, c->i++);
}


static void get_text(struct cursor *c, char *text, size_t size)
{
	const char *s = (const char *)sqlite3_column_text(c->st, c->i);
	size_t n = s ? (size_t)sqlite3_column_bytes(c->st, c->i) : 0;

	if (n >= size)
		n = size - 1;
	if (n)
		memcpy(text, s, n);
	text[n] = '\0';
	++c->i;
}


static void get_secret(struct cursor *c, struct secret_text *secret)
{
	const char *s = (const char *)sqlite3_column_text(c->st, c->i);
	const int n = sqlite3_column_bytes(c->st, c->i);

	(void)secret_set(secret, s ? s : "", s ? (size_t)n : 0);
	++c->i;
}


static unsigned get_name(struct cursor *c, const char *const *names, size_t n)
{
	const char *s = (const char *)sqlite3_column_text(c->st, c->i++);
	unsigned i = 0;

	while (s && i < n && strcmp(names[i], s) != 0)
		++i;

	return s && i < n ? i : 0;
}


/* Read one row; what it was read into is handed to h. True to stop */
typedef bool(row_h)(struct cursor *c, void *ctx);

static int rows_each(struct store_db *db, enum stmt i, int rc, row_h *h,
		     void *ctx)
{
	sqlite3_stmt *st = db->stmt[i];
	int err;

	/* a handler that reads the same again would end its own reading */
	if (sqlite3_stmt_busy(st))
		return EBUSY;

	errno = 0;
	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct cursor c = {st, 0, SQLITE_OK};

		rc = h(&c, ctx) ? SQLITE_DONE : SQLITE_OK;
	}
	err = sqlite_errno(db, rc);

	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);

	return err;
}


int sqlite_call_put(struct store_db *db, const struct store_call *call)
{
	struct cursor c = {db->stmt[STMT_CALL_PUT], 0, SQLITE_OK};

	put_uint(&c, call->id);
	put_text(&c, call->line);
	put_text(&c, call->language);
	put_text(&c, call->state);
	put_text(&c, call->outcome);
	put_text(&c, call->reason);
	put_int(&c, call->arrived_at);
	put_uint(&c, call->wait_ms);
	put_uint(&c, call->talk_ms);
	put_int(&c, call->counsellor);

	return put_run(db, STMT_CALL_PUT, &c);
}


int sqlite_call_end_open(struct store_db *db, const char *reason,
			 uint32_t *n_ended)
{
	struct cursor c = {db->stmt[STMT_CALL_END_OPEN], 0, SQLITE_OK};
	int err;

	put_text(&c, reason);
	err = put_run(db, STMT_CALL_END_OPEN, &c);
	if (!err)
		*n_ended = (uint32_t)sqlite3_changes(db->db);

	return err;
}


struct call_ctx {
	store_call_h *h;
	void *arg;
};


static bool call_row(struct cursor *c, void *data)
{
	const struct call_ctx *ctx = data;
	struct store_call call;

	memset(&call, 0, sizeof(call));
	call.id = (uint64_t)get_int(c);
	get_text(c, call.line, sizeof(call.line));
	get_text(c, call.language, sizeof(call.language));
	get_text(c, call.state, sizeof(call.state));
	get_text(c, call.outcome, sizeof(call.outcome));
	get_text(c, call.reason, sizeof(call.reason));
	call.arrived_at = get_int(c);
	call.wait_ms = (uint64_t)get_int(c);
	call.talk_ms = (uint64_t)get_int(c);
	call.counsellor = (uint32_t)get_int(c);
	get_text(c, call.counsellor_name, sizeof(call.counsellor_name));

	return ctx->h(&call, ctx->arg);
}


int sqlite_call_each(struct store_db *db, uint32_t limit, store_call_h *h,
		     void *arg)
{
	struct cursor c = {db->stmt[STMT_CALL_EACH], 0, SQLITE_OK};
	struct call_ctx ctx = {h, arg};

	put_int(&c, limit ? (int64_t)limit : -1);

	return rows_each(db, STMT_CALL_EACH, c.rc, call_row, &ctx);
}


static bool call_last_row(struct cursor *c, void *data)
{
	*(uint64_t *)data = (uint64_t)get_int(c);

	return true;
}


int sqlite_call_last(struct store_db *db, uint64_t *idp)
{
	return rows_each(db, STMT_CALL_LAST, SQLITE_OK, call_last_row, idp);
}


static void person_put(struct cursor *c, const struct store_person *person)
{
	put_text(c, person->name);
	put_text(c, secret_reveal(&person->phone));
	put_name(c, accept_names, 2, (size_t)person->accept);
	put_int(c, person->wrap_up_s);
	put_int(c, person->on_duty);
	put_text(c, person->off_reason);
	put_int(c, person->off_at);
}


int sqlite_person_add(struct store_db *db, struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_ADD], 0, SQLITE_OK};
	int err;

	person_put(&c, person);
	err = put_run(db, STMT_PERSON_ADD, &c);
	if (!err)
		person->id = (uint32_t)sqlite3_last_insert_rowid(db->db);

	return err;
}


int sqlite_person_set(struct store_db *db, const struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_SET], 0, SQLITE_OK};

	person_put(&c, person);
	put_int(&c, person->id);

	return put_run_one(db, STMT_PERSON_SET, &c);
}


int sqlite_person_off(struct store_db *db, uint32_t id, const char *reason,
		      int64_t at)
{
	struct cursor c = {db->stmt[STMT_PERSON_OFF], 0, SQLITE_OK};

	put_text(&c, reason);
	put_int(&c, at);
	put_int(&c, id);

	return put_run_one(db, STMT_PERSON_OFF, &c);
}


int sqlite_person_remove(struct store_db *db, uint32_t id)
{
	struct cursor c = {db->stmt[STMT_PERSON_REMOVE], 0, SQLITE_OK};

	put_int(&c, id);

	return put_run_one(db, STMT_PERSON_REMOVE, &c);
}


static void person_read(struct cursor *c, struct store_person *person)
{
	memset(person, 0, sizeof(*person));
	person->id = (uint32_t)get_int(c);
	get_text(c, person->name, sizeof(person->name));
	get_secret(c, &person->phone);
	person->accept = (enum store_accept)get_name(c, accept_names, 2);
	person->wrap_up_s = (uint32_t)get_int(c);
	person->on_duty = get_int(c) != 0;
	get_text(c, person->off_reason, sizeof(person->off_reason));
	person->off_at = get_int(c);
}


struct person_ctx {
	store_person_h *h;
	void *arg;
	struct store_person *found;
};


static bool person_row(struct cursor *c, void *data)
{
	const struct person_ctx *ctx = data;
	struct store_person person;
	bool stop;

	person_read(c, &person);
	stop = ctx->h(&person, ctx->arg);
	secret_wipe(&person.phone);

	return stop;
}


int sqlite_person_each(struct store_db *db, store_person_h *h, void *arg)
{
	struct person_ctx ctx = {h, arg, NULL};

	return rows_each(db, STMT_PERSON_EACH, SQLITE_OK, person_row, &ctx);
}


static bool person_get_row(struct cursor *c, void *data)
{
	struct person_ctx *ctx = data;

	person_read(c, ctx->arg);
	ctx->found = ctx->arg;

	return true;
}


int sqlite_person_get(struct store_db *db, const char *name,
		      struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_GET], 0, SQLITE_OK};
	struct person_ctx ctx = {NULL, person, NULL};
	int err;

	put_text(&c, name);
	err = rows_each(db, STMT_PERSON_GET, c.rc, person_get_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}


int sqlite_trunk_add(struct store_db *db, struct store_trunk *trunk)
{
	struct cursor c = {db->stmt[STMT_TRUNK_ADD], 0, SQLITE_OK};
	int err;

	put_text(&c, trunk->name);
	put_name(&c, kind_names, 2, (size_t)trunk->kind);
	put_text(&c, trunk->from);
	put_text(&c, secret_reveal(&trunk->uri));
	put_text(&c, trunk->secret_file);
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
	stop = ctx->h(&trunk, ctx->arg);
	secret_wipe(&trunk.uri);

	return stop;
}


int sqlite_trunk_each(struct store_db *db, store_trunk_h *h, void *arg)
{
	struct trunk_ctx ctx = {h, arg};

	return rows_each(db, STMT_TRUNK_EACH, SQLITE_OK, trunk_row, &ctx);
}
