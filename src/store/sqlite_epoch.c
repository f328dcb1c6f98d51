/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_epoch.c  Keys to what is sealed, as rows. Must not begin or end
 * transactions, nor open anything.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_epoch_sql[STMTS] = {
	[STMT_IDENTITY_PUT] =
		"INSERT OR REPLACE INTO identity (person, public, wrapped)"
		" SELECT id, ?2, ?3 FROM person WHERE id = ?1",
	[STMT_IDENTITY_GET] =
		"SELECT person, public, wrapped FROM identity"
		" WHERE person = ?1",
	[STMT_IDENTITY_REMOVE] = "DELETE FROM identity WHERE person = ?1",
	[STMT_RECOVERY_PUT] =
		"INSERT OR REPLACE INTO recovery (id, public, need, made_at)"
		" VALUES (1, ?1, ?2, ?3)",
	[STMT_RECOVERY_GET] = "SELECT public, need, made_at FROM recovery",
	[STMT_SHARE_CLEAR] = "DELETE FROM recovery_share",
	[STMT_SHARE_PUT] =
		"INSERT INTO recovery_share (number, hash, tried_at)"
		" VALUES (?1, ?2, ?3)",
	[STMT_SHARE_EACH] =
		"SELECT number, hash, tried_at FROM recovery_share"
		" ORDER BY number",
	[STMT_SHARE_TRIED] =
		"UPDATE recovery_share SET tried_at = ?1 WHERE hash = ?2",
	[STMT_EPOCH_LAST] = "SELECT coalesce(max(id), 0) FROM epoch",
	[STMT_EPOCH_CLOSE] =
		"UPDATE epoch SET current = 0 WHERE line = ?1 AND current",
	[STMT_EPOCH_ADD] =
		"INSERT INTO epoch (id, line, public, month, current,"
		" dropped) VALUES (?1, ?2, ?3, ?4, 1, 0)",
	[STMT_EPOCH_CURRENT] =
		"SELECT id, line, public, month, current, dropped FROM epoch"
		" WHERE line = ?1 AND current",
	[STMT_EPOCH_EACH] =
		"SELECT id, line, public, month, current, dropped FROM epoch"
		" ORDER BY id",
	[STMT_EPOCH_IS_CURRENT] =
		"SELECT current FROM epoch WHERE id = ?1",
	[STMT_EPOCH_DROP] = "UPDATE epoch SET dropped = 1 WHERE id = ?1",
	[STMT_GRANT_DROP] = "DELETE FROM epoch_grant WHERE epoch = ?1",
	[STMT_GRANT_ADD] =
		"INSERT INTO epoch_grant (epoch, person, public, sealed)"
		" SELECT id, ?2, ?3, ?4 FROM epoch"
		" WHERE id = ?1 AND NOT dropped",
	[STMT_GRANT_REMOVE] =
		"DELETE FROM epoch_grant WHERE person = ?1 AND epoch IN"
		" (SELECT id FROM epoch WHERE line = ?2)",
	[STMT_GRANT_REFUSE] =
		"DELETE FROM epoch_grant WHERE epoch = ?1 AND person = ?2",
	[STMT_GRANT_REMOVE_ALL] = "DELETE FROM epoch_grant WHERE person = ?1",
	[STMT_GRANT_OF_PERSON] =
		"SELECT epoch, person, public, sealed FROM epoch_grant"
		" WHERE person = ?1 ORDER BY epoch",
	[STMT_GRANT_OF_EPOCH] =
		"SELECT epoch, person, public, sealed FROM epoch_grant"
		" WHERE epoch = ?1 ORDER BY person",
};


/* ---- people -------------------------------------------------------------- */

int sqlite_identity_put(struct store_db *db,
			const struct store_identity *identity)
{
	struct cursor c = {db->stmt[STMT_IDENTITY_PUT], 0, SQLITE_OK};

	put_int(&c, identity->person);
	put_blob(&c, identity->public, sizeof(identity->public));
	put_blob(&c, identity->wrapped, sizeof(identity->wrapped));

	return put_run_one(db, STMT_IDENTITY_PUT, &c);
}


static bool identity_row(struct cursor *c, void *data)
{
	struct store_identity *v = data;

	v->person = (uint32_t)get_int(c);
	get_blob(c, v->public, sizeof(v->public));
	get_blob(c, v->wrapped, sizeof(v->wrapped));

	return true;
}


int sqlite_identity_get(struct store_db *db, uint32_t person,
			struct store_identity *identity)
{
	struct cursor c = {db->stmt[STMT_IDENTITY_GET], 0, SQLITE_OK};
	int err;

	memset(identity, 0, sizeof(*identity));
	put_int(&c, person);
	err = rows_each(db, STMT_IDENTITY_GET, &c, identity_row, identity);
	if (err)
		return err;

	return identity->person ? 0 : ENOENT;
}


/* ---- recovery ------------------------------------------------------------ */

static int share_put(struct store_db *db, const struct store_recovery *r,
		     uint32_t i)
{
	struct cursor c = {db->stmt[STMT_SHARE_PUT], 0, SQLITE_OK};

	put_int(&c, i + 1);
	put_blob(&c, r->shares[i].hash, sizeof(r->shares[i].hash));
	put_int(&c, r->shares[i].tried_at);

	return put_run(db, STMT_SHARE_PUT, &c);
}


int sqlite_recovery_put(struct store_db *db, const struct store_recovery *r)
{
	struct cursor c = {db->stmt[STMT_RECOVERY_PUT], 0, SQLITE_OK};
	int err;

	put_blob(&c, r->public, sizeof(r->public));
	put_int(&c, r->need);
	put_int(&c, r->made_at);
	err = put_run(db, STMT_RECOVERY_PUT, &c);
	if (!err)
		err = sqlite_run(db, STMT_SHARE_CLEAR);
	for (uint32_t i = 0; !err && i < r->n; i++)
		err = share_put(db, r, i);

	return err;
}


static bool recovery_row(struct cursor *c, void *data)
{
	struct store_recovery *r = data;

	get_blob(c, r->public, sizeof(r->public));
	r->need = (uint32_t)get_int(c);
	r->made_at = get_int(c);

	return true;
}


static bool share_row(struct cursor *c, void *data)
{
	struct store_recovery *r = data;

	(void)get_int(c);
	get_blob(c, r->shares[r->n].hash, sizeof(r->shares[r->n].hash));
	r->shares[r->n].tried_at = get_int(c);

	return ++r->n == STORE_SHARES;
}


int sqlite_recovery_get(struct store_db *db, struct store_recovery *r)
{
	struct cursor c = {db->stmt[STMT_RECOVERY_GET], 0, SQLITE_OK};
	struct cursor shares = {db->stmt[STMT_SHARE_EACH], 0, SQLITE_OK};
	int err;

	memset(r, 0, sizeof(*r));
	err = rows_each(db, STMT_RECOVERY_GET, &c, recovery_row, r);
	if (!err)
		err = rows_each(db, STMT_SHARE_EACH, &shares, share_row, r);
	if (err)
		return err;

	return r->need ? 0 : ENOENT;
}


int sqlite_recovery_tried(struct store_db *db, const uint8_t *hash,
			  int64_t at)
{
	struct cursor c = {db->stmt[STMT_SHARE_TRIED], 0, SQLITE_OK};

	put_int(&c, at);
	put_blob(&c, hash, STORE_HASH);

	return put_run_one(db, STMT_SHARE_TRIED, &c);
}


/* ---- epochs -------------------------------------------------------------- */

static bool number_row(struct cursor *c, void *data)
{
	int64_t *v = data;

	*v = get_int(c);

	return true;
}


int sqlite_epoch_last(struct store_db *db, uint64_t *idp)
{
	struct cursor c = {db->stmt[STMT_EPOCH_LAST], 0, SQLITE_OK};
	int64_t v = 0;
	int err;

	err = rows_each(db, STMT_EPOCH_LAST, &c, number_row, &v);
	*idp = (uint64_t)v;

	return err;
}


int sqlite_epoch_add(struct store_db *db, const struct store_epoch *epoch)
{
	struct cursor closing = {db->stmt[STMT_EPOCH_CLOSE], 0, SQLITE_OK};
	struct cursor c = {db->stmt[STMT_EPOCH_ADD], 0, SQLITE_OK};
	int err;

	put_text(&closing, epoch->line);
	err = put_run(db, STMT_EPOCH_CLOSE, &closing);
	if (err)
		return err;
	put_uint(&c, epoch->id);
	put_text(&c, epoch->line);
	put_blob(&c, epoch->public, sizeof(epoch->public));
	put_int(&c, epoch->month);

	return put_run(db, STMT_EPOCH_ADD, &c);
}


static void epoch_read(struct cursor *c, struct store_epoch *e)
{
	memset(e, 0, sizeof(*e));
	e->id = (uint64_t)get_int(c);
	get_text(c, e->line, sizeof(e->line));
	get_blob(c, e->public, sizeof(e->public));
	e->month = (uint32_t)get_int(c);
	e->current = get_int(c) != 0;
	e->dropped = get_int(c) != 0;
}


static bool epoch_one(struct cursor *c, void *data)
{
	epoch_read(c, data);

	return true;
}


int sqlite_epoch_current(struct store_db *db, const char *line,
			 struct store_epoch *epoch)
{
	struct cursor c = {db->stmt[STMT_EPOCH_CURRENT], 0, SQLITE_OK};
	int err;

	epoch->id = 0;
	put_text(&c, line);
	err = rows_each(db, STMT_EPOCH_CURRENT, &c, epoch_one, epoch);
	if (err)
		return err;

	return epoch->id ? 0 : ENOENT;
}


struct epoch_ctx {
	store_epoch_h *h;
	void *arg;
};


static bool epoch_row(struct cursor *c, void *data)
{
	const struct epoch_ctx *ctx = data;
	struct store_epoch e;

	epoch_read(c, &e);

	return ctx->h(&e, ctx->arg);
}


int sqlite_epoch_each(struct store_db *db, store_epoch_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_EPOCH_EACH], 0, SQLITE_OK};
	struct epoch_ctx ctx = {h, arg};

	return rows_each(db, STMT_EPOCH_EACH, &c, epoch_row, &ctx);
}


static int run_id(struct store_db *db, enum stmt i, uint64_t id)
{
	struct cursor c = {db->stmt[i], 0, SQLITE_OK};

	put_uint(&c, id);

	return put_run(db, i, &c);
}


int sqlite_epoch_drop(struct store_db *db, uint64_t id)
{
	struct cursor c = {db->stmt[STMT_EPOCH_IS_CURRENT], 0, SQLITE_OK};
	int64_t current = -1;
	int err;

	put_uint(&c, id);
	err = rows_each(db, STMT_EPOCH_IS_CURRENT, &c, number_row, &current);
	if (err)
		return err;
	if (current)
		return current < 0 ? ENOENT : EPERM;
	err = run_id(db, STMT_GRANT_DROP, id);

	return err ? err : run_id(db, STMT_EPOCH_DROP, id);
}


/* ---- grants -------------------------------------------------------------- */

int sqlite_grant_add(struct store_db *db, const struct store_grant *grant)
{
	struct cursor c = {db->stmt[STMT_GRANT_ADD], 0, SQLITE_OK};

	put_uint(&c, grant->epoch);
	put_int(&c, grant->person);
	put_blob(&c, grant->public, sizeof(grant->public));
	put_blob(&c, grant->sealed, sizeof(grant->sealed));

	return put_run_one(db, STMT_GRANT_ADD, &c);
}


int sqlite_grant_remove(struct store_db *db, uint32_t person,
			const char *line)
{
	struct cursor c = {db->stmt[STMT_GRANT_REMOVE], 0, SQLITE_OK};

	put_int(&c, person);
	put_text(&c, line);

	return put_run(db, STMT_GRANT_REMOVE, &c);
}


int sqlite_grant_refuse(struct store_db *db, uint64_t epoch, uint32_t person)
{
	struct cursor c = {db->stmt[STMT_GRANT_REFUSE], 0, SQLITE_OK};

	put_uint(&c, epoch);
	put_int(&c, person);

	return put_run_one(db, STMT_GRANT_REFUSE, &c);
}


struct grant_ctx {
	store_grant_h *h;
	void *arg;
};


static bool grant_row(struct cursor *c, void *data)
{
	const struct grant_ctx *ctx = data;
	struct store_grant g;

	memset(&g, 0, sizeof(g));
	g.epoch = (uint64_t)get_int(c);
	g.person = (uint32_t)get_int(c);
	get_blob(c, g.public, sizeof(g.public));
	get_blob(c, g.sealed, sizeof(g.sealed));

	return ctx->h(&g, ctx->arg);
}


int sqlite_grant_of_person(struct store_db *db, uint32_t person,
			   store_grant_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_GRANT_OF_PERSON], 0, SQLITE_OK};
	struct grant_ctx ctx = {h, arg};

	put_int(&c, person);

	return rows_each(db, STMT_GRANT_OF_PERSON, &c, grant_row, &ctx);
}


int sqlite_grant_of_epoch(struct store_db *db, uint64_t epoch,
			  store_grant_h *h, void *arg)
{
	struct cursor c = {db->stmt[STMT_GRANT_OF_EPOCH], 0, SQLITE_OK};
	struct grant_ctx ctx = {h, arg};

	put_uint(&c, epoch);

	return rows_each(db, STMT_GRANT_OF_EPOCH, &c, grant_row, &ctx);
}
