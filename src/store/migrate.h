/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file migrate.h  Brings an SQLite store to the schema of this Ringback
 *
 * The store says in user_version which migrations it has seen, and in
 * application_id that it is one of ours. The files schema/NNNN-what.sql are
 * compiled in (schema.sh); a file that was released is never changed.
 */
#ifndef RINGBACK_MIGRATE_H
#define RINGBACK_MIGRATE_H

#include <sqlite3.h>

/** "RngB": what file(1) and we know a store by. */
enum { MIGRATE_APPLICATION_ID = 0x526e6742 };

struct migration {
	int version; /**< counted from 1, without a gap */
	const char *sql;
};

extern const struct migration migrations[];
extern const unsigned n_migrations;

/** What to take an empty file for. */
enum migrate_empty {
	MIGRATE_REFUSE = 0, /**< no store                                    */
	MIGRATE_FILL,       /**< a new store                                 */
};

/**
 * Apply what is missing, all or nothing, safe against others doing the same
 *
 * @param db    An open database
 * @param v     Migrations in order
 * @param n     How many
 * @param empty What to do with an empty file
 *
 * @return SQLITE_OK; SQLITE_NOTADB it is no store, SQLITE_MISMATCH made by
 *         a newer Ringback; another SQLite result code
 */
int migrate(sqlite3 *db, const struct migration *v, unsigned n,
	    enum migrate_empty empty);

#endif
