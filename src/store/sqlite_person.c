/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_person.c  Counsellors as rows. Must not begin or end transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


#define PERSON_ROWS                                                           \
	"SELECT id, name, phone, accept, wrap_up_s, on_duty, off_reason,"      \
	" off_at, languages, skills, organisation, region, phone_dialler,"     \
	" phone_epoch, phone_for_dialler, phone_for_epoch FROM person"

const char *const sqlite_person_sql[STMTS] = {
	[STMT_PERSON_ADD] =
		"INSERT INTO person (name, accept, wrap_up_s, on_duty,"
		" off_reason, off_at, languages, skills, organisation, region,"
		" phone, phone_dialler, phone_epoch, phone_for_dialler,"
		" phone_for_epoch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
		" ?10, ?11, ?12, ?13, ?14, ?15)",
	[STMT_PERSON_SET] =
		"UPDATE person SET name = ?1, accept = ?2, wrap_up_s = ?3,"
		" on_duty = ?4, off_reason = ?5, off_at = ?6, languages = ?7,"
		" skills = ?8, organisation = ?9, region = ?10"
		" WHERE id = ?11",
	[STMT_PERSON_OFF] =
		"UPDATE person SET on_duty = 0, off_reason = ?1, off_at = ?2"
		" WHERE id = ?3 AND (?1 <> '" STORE_OFF_WAITS "' OR"
		" phone_dialler <> (SELECT max(id) FROM dialler))",
	[STMT_PERSON_REMOVE] = "DELETE FROM person WHERE id = ?1",
	[STMT_PERSON_GET] = PERSON_ROWS " WHERE name = ?1",
	[STMT_PERSON_FIND] = PERSON_ROWS " WHERE id = ?1",
	[STMT_PERSON_EACH] = PERSON_ROWS " ORDER BY name COLLATE NOCASE, name",
};

static const char *const accept_names[] = {
	[STORE_ACCEPT_ANSWER] = "answer",
	[STORE_ACCEPT_KEY] = "key",
};


static void person_put(struct cursor *c, const struct store_person *person)
{
	put_text(c, person->name);
	put_name(c, accept_names, 2, (size_t)person->accept);
	put_int(c, person->wrap_up_s);
	put_int(c, person->on_duty);
	put_text(c, person->off_reason);
	put_int(c, person->off_at);
	put_text(c, person->languages);
	put_text(c, person->skills);
	put_text(c, person->organisation);
	put_text(c, person->region);
}


int sqlite_person_add(struct store_db *db, struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_ADD], 0, SQLITE_OK};
	int err;

	person_put(&c, person);
	put_secret(&c, &person->phone);
	put_number(&c, &person->number);
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
	get_text(c, person->languages, sizeof(person->languages));
	get_text(c, person->skills, sizeof(person->skills));
	get_text(c, person->organisation, sizeof(person->organisation));
	get_text(c, person->region, sizeof(person->region));
	get_number(c, &person->number);
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
	const struct cursor c = {db->stmt[STMT_PERSON_EACH], 0, SQLITE_OK};
	struct person_ctx ctx = {h, arg, NULL};

	return rows_each(db, STMT_PERSON_EACH, &c, person_row, &ctx);
}


static bool person_get_row(struct cursor *c, void *data)
{
	struct person_ctx *ctx = data;

	person_read(c, ctx->arg);
	ctx->found = ctx->arg;

	return true;
}


static int person_one(struct store_db *db, enum stmt i, const struct cursor *c,
		      struct store_person *person)
{
	struct person_ctx ctx = {NULL, person, NULL};
	int err;

	err = rows_each(db, i, c, person_get_row, &ctx);
	if (err)
		return err;

	return ctx.found ? 0 : ENOENT;
}


int sqlite_person_get(struct store_db *db, const char *name,
		      struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_GET], 0, SQLITE_OK};

	put_text(&c, name);

	return person_one(db, STMT_PERSON_GET, &c, person);
}


int sqlite_person_find(struct store_db *db, uint32_t id,
		       struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_PERSON_FIND], 0, SQLITE_OK};

	put_int(&c, id);

	return person_one(db, STMT_PERSON_FIND, &c, person);
}
