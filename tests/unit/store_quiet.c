/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_quiet.c  What SQLite leaves beside and inside its file: each
 * connection, the writer's and a tool's, wipes what it removes, and writes
 * nothing elsewhere.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "store/backend.h"
#include "store/sqlite_db.h"

#include "store_fixture.h"


static const struct {
	const char *sql;
	int wanted;
} settings[] = {
	{"PRAGMA secure_delete", 1}, {"PRAGMA temp_store", 2},
	{"PRAGMA synchronous", 2},   {"PRAGMA foreign_keys", 1},
	{"PRAGMA trusted_schema", 0},
};


static void look(const struct fixture *f, bool create)
{
	struct store_db *db = NULL;

	assert_int_equal(store_sqlite.open(&db, f->dir, create), 0);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		assert_int_equal(other_int(db->db, settings[i].sql),
				 settings[i].wanted);
	store_sqlite.close(db);
}


/* there is one function that opens: for making, for daemons, for tools */
static void each_connection_is_careful(void **state)
{
	const struct fixture *f = *state;

	look(f, true);
	look(f, false);
}


/* ---- no file that has no name ------------------------------------------- */

/* between SQLite and the system */
struct eye {
	sqlite3_vfs vfs; /* first: SQLite gives it back */
	sqlite3_vfs *system;
	unsigned n_temporary;
};


static int eye_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		    int flags, int *out_flags)
{
	struct eye *e = (struct eye *)vfs;

	if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		++e->n_temporary;

	return e->system->xOpen(e->system, name, file, flags, out_flags);
}


static void eye_begin(struct eye *e)
{
	e->system = sqlite3_vfs_find(NULL);
	e->vfs = *e->system;
	e->vfs.zName = "eye";
	e->vfs.xOpen = eye_open;
	e->n_temporary = 0;
	assert_int_equal(sqlite3_vfs_register(&e->vfs, 1), SQLITE_OK);
}


static void eye_end(struct eye *e)
{
	assert_int_equal(sqlite3_vfs_unregister(&e->vfs), SQLITE_OK);
	assert_int_equal(sqlite3_vfs_register(e->system, 1), SQLITE_OK);
}


/* Sorting more than the cache holds, and undoing much within a transaction:
 * both go to a temporary file where that is allowed. */
static void much_stays_in_memory(void **state)
{
	static const char *const much =
		"PRAGMA cache_size = 10;"
		"BEGIN;"
		"CREATE TABLE big (text TEXT);"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 20000) INSERT INTO big SELECT 'row ' || i ||"
		" hex(randomblob(100)) FROM n;"
		"SAVEPOINT s;"
		"UPDATE big SET text = text || 'x';"
		"ROLLBACK TO s;"
		"CREATE TEMP TABLE sorted AS SELECT text FROM big"
		" ORDER BY text DESC;"
		"ROLLBACK;";
	const struct fixture *f = *state;
	struct store_db *db = NULL;
	struct eye e;

	store_close(store_make(f));
	eye_begin(&e);
	assert_int_equal(store_sqlite.open(&db, f->dir, false), 0);
	other_exec(db->db, much);
	assert_int_equal(e.n_temporary, 0);

	/* it would be seen */
	other_exec(db->db, "PRAGMA temp_store = FILE;");
	other_exec(db->db, much);
	assert_true(e.n_temporary > 0);
	store_sqlite.close(db);
	eye_end(&e);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(each_connection_is_careful),
		STORE_CASE(much_stays_in_memory),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
