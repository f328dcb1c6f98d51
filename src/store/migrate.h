/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file migrate.h  Brings an SQLite store to the schema of this Ringback
 *
 * The store says in user_version which migrations it has seen and which
 * programs can work with it, and in application_id that it is one of ours. The
 * files schema/NNNN-what.sql are compiled in (schema.sh); a file that was
 * released is never changed. See docs/decisions/0043-migrations.md.
 */
#ifndef RINGBACK_MIGRATE_H
#define RINGBACK_MIGRATE_H

#include <stdbool.h>
#include <sqlite3.h>

/** "RngB": what file(1) and we know a store by. */
enum { MIGRATE_APPLICATION_ID = 0x526e6742 };

enum migrate_how {
	MIGRATE_ONCE = 0, /**< a transaction                                 */
	MIGRATE_ROWS,     /**< one statement, a transaction each time, until it
			       changes no row any more                       */
};

struct migration {
	int version; /**< counted from 1, without a gap                     */
	const char *sql;
	int oldest;  /**< programs from this schema on can work with it     */
	enum migrate_how how;
};

extern const struct migration migrations[];
extern const unsigned n_migrations;

/** What to take an empty file for. */
enum migrate_empty {
	MIGRATE_REFUSE = 0, /**< no store                                    */
	MIGRATE_FILL,       /**< a new store                                 */
};

/** Which of them could not be done, and why. */
struct migrate_fault {
	int version; /**< 0: none was begun                                 */
	bool in_use; /**< others have the store open who could not go on    */
};

/** Which programs the store of these migrations is for: user_version. */
struct migrate_range {
	int version; /**< what it has seen                                  */
	int oldest;  /**< programs from this schema on can work with it     */
};

struct migrate_range migrate_range(const struct migration *v, unsigned n);

/**
 * Apply what is missing, safe against others doing the same
 *
 * What running programs can work with (oldest) is done beside them, each file,
 * or each turn of one that goes by rows, in a transaction of its own: what is
 * broken off goes on the next time. What they cannot work with is done all or
 * nothing, and only while nobody else has the store open.
 *
 * @param db    An open database that nothing was asked of but its settings
 * @param v     Migrations in order
 * @param n     How many
 * @param empty What to do with an empty file
 * @param dir   The data folder, to take turns with who writes; NULL: none
 * @param fault What went wrong, set if it fails (optional)
 *
 * @return SQLITE_OK, also if a newer Ringback has changed the store and we can
 *         work with it; SQLITE_NOTADB it is no store, SQLITE_MISMATCH it is too
 *         new for us, SQLITE_BUSY; another SQLite result code
 */
int migrate(sqlite3 *db, const struct migration *v, unsigned n,
	    enum migrate_empty empty, const char *dir,
	    struct migrate_fault *fault);

#endif
