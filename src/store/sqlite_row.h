/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sqlite_row.h  A row of an SQLite table, column by column
 *
 * For the files that know a table each: sqlite_call.c and so on.
 */
#ifndef RINGBACK_SQLITE_ROW_H
#define RINGBACK_SQLITE_ROW_H

#include "sqlite_db.h"

/** A statement on its way to being filled or read; {statement} begins. */
struct cursor {
	sqlite3_stmt *st;
	int i;
	int rc; /**< the first that went wrong; put_run() tells */
};

/* filling: the text must live until the statement has run */
void put_int(struct cursor *c, int64_t v);
/** What SQLite cannot hold is refused, not wrapped to a negative number. */
void put_uint(struct cursor *c, uint64_t v);
void put_text(struct cursor *c, const char *text);
void put_secret(struct cursor *c, const struct secret_text *secret);
void put_blob(struct cursor *c, const uint8_t *blob, size_t n);
void put_null(struct cursor *c);
/** A name that is not in the table is not stored as something else. */
void put_name(struct cursor *c, const char *const *names, size_t n, size_t i);

/** Four columns: dialler, epoch, for_dialler, for_epoch; the last two are NULL
 *  where nothing is sealed. */
void put_number(struct cursor *c, const struct store_number *number);

/** Run what was filled. @return 0 or an errno */
int put_run(struct store_db *db, enum stmt i, struct cursor *c);
/** The same for statements that must hit a row. ENOENT */
int put_run_one(struct store_db *db, enum stmt i, struct cursor *c);

/* reading, in the order of the columns; what is too long is cut */
int64_t get_int(struct cursor *c);
void get_text(struct cursor *c, char *text, size_t size);
void get_secret(struct cursor *c, struct secret_text *secret);
/** All zero if it has another length. */
void get_blob(struct cursor *c, uint8_t *blob, size_t n);
/** Of any length up to n. @return how many bytes; 0 if it is longer */
size_t get_bytes(struct cursor *c, uint8_t *blob, size_t n);
/** The four columns of put_number(). */
void get_number(struct cursor *c, struct store_number *number);
/** 0 if the name is not in the table. */
unsigned get_name(struct cursor *c, const char *const *names, size_t n);

/** Read one row; what it was read into is handed on. True to stop */
typedef bool(row_h)(struct cursor *c, void *ctx);

/**
 * Read all rows of a statement
 *
 * @param c Filled with what the statement asks for
 *
 * @return 0 or an errno; EBUSY in a handler that reads the same
 */
int rows_each(struct store_db *db, enum stmt i, const struct cursor *c,
	      row_h *h, void *ctx);

#endif
