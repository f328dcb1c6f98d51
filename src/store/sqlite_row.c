/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_row.c  Values into and out of SQLite's statements. Must not know any
 * table, nor begin or end transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


void put_int(struct cursor *c, int64_t v)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_int64(c->st, ++c->i, v);
}


void put_uint(struct cursor *c, uint64_t v)
{
	if (v > INT64_MAX)
		c->rc = SQLITE_TOOBIG;
	put_int(c, (int64_t)v);
}


void put_text(struct cursor *c, const char *text)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_text(c->st, ++c->i, text, -1,
					  SQLITE_STATIC);
}


void put_secret(struct cursor *c, const struct secret_text *secret)
{
	put_text(c, secret_reveal(secret));
}


void put_blob(struct cursor *c, const uint8_t *blob, size_t n)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_blob64(c->st, ++c->i, blob, n,
					    SQLITE_STATIC);
}


void put_null(struct cursor *c)
{
	if (c->rc == SQLITE_OK)
		c->rc = sqlite3_bind_null(c->st, ++c->i);
}


void put_number(struct cursor *c, const struct store_number *number)
{
	put_int(c, number->dialler);
	put_uint(c, number->epoch);
	if (number->dialler)
		put_blob(c, number->for_dialler, STORE_NUMBER);
	else
		put_null(c);
	if (number->epoch)
		put_blob(c, number->for_epoch, STORE_NUMBER);
	else
		put_null(c);
}


void put_name(struct cursor *c, const char *const *names, size_t n, size_t i)
{
	if (i < n)
		put_text(c, names[i]);
	else
		c->rc = SQLITE_TOOBIG;
}


int put_run(struct store_db *db, enum stmt i, struct cursor *c)
{
	if (c->rc != SQLITE_OK) {
		(void)sqlite3_clear_bindings(c->st);
		return sqlite_errno(db, c->rc);
	}

	return sqlite_run(db, i);
}


int put_run_one(struct store_db *db, enum stmt i, struct cursor *c)
{
	const int err = put_run(db, i, c);

	if (err)
		return err;

	return sqlite3_changes(db->db) ? 0 : ENOENT;
}


int64_t get_int(struct cursor *c)
{
	return sqlite3_column_int64(c->st, c->i++);
}


void get_text(struct cursor *c, char *text, size_t size)
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


void get_secret(struct cursor *c, struct secret_text *secret)
{
	const char *s = (const char *)sqlite3_column_text(c->st, c->i);
	const int n = sqlite3_column_bytes(c->st, c->i);

	(void)secret_set(secret, s ? s : "", s ? (size_t)n : 0);
	++c->i;
}


void get_blob(struct cursor *c, uint8_t *blob, size_t n)
{
	const void *p = sqlite3_column_blob(c->st, c->i);

	memset(blob, 0, n);
	if (p && (size_t)sqlite3_column_bytes(c->st, c->i) == n)
		memcpy(blob, p, n);
	++c->i;
}


size_t get_bytes(struct cursor *c, uint8_t *blob, size_t n)
{
	const size_t bytes = (size_t)sqlite3_column_bytes(c->st, c->i);
	const void *p = sqlite3_column_blob(c->st, c->i++);

	if (!p || bytes > n)
		return 0;
	memcpy(blob, p, bytes);

	return bytes;
}


void get_number(struct cursor *c, struct store_number *number)
{
	memset(number, 0, sizeof(*number));
	number->dialler = (uint32_t)get_int(c);
	number->epoch = (uint64_t)get_int(c);
	get_blob(c, number->for_dialler, STORE_NUMBER);
	get_blob(c, number->for_epoch, STORE_NUMBER);
}


unsigned get_name(struct cursor *c, const char *const *names, size_t n)
{
	const char *s = (const char *)sqlite3_column_text(c->st, c->i++);
	unsigned i = 0;

	while (s && i < n && strcmp(names[i], s) != 0)
		++i;

	return s && i < n ? i : 0;
}


int rows_each(struct store_db *db, enum stmt i, const struct cursor *c,
	      row_h *h, void *ctx)
{
	sqlite3_stmt *st = db->stmt[i];
	int err, rc = c->rc;

	/* a handler that reads the same again would end its own reading */
	if (sqlite3_stmt_busy(st))
		return EBUSY;

	errno = 0;
	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct cursor row = {st, 0, SQLITE_OK};

		rc = h(&row, ctx) ? SQLITE_DONE : SQLITE_OK;
	}
	err = sqlite_errno(db, rc);

	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);

	return err;
}
