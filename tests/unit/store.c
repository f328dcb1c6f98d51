/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store.c  Opening the store: new and old files, migrations, no memory.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/migrate.h"

#include "oom.h"
#include "store_fixture.h"


/* store_open() says why, in one line with these words, and gives err */
static void open_fails(struct fixture *f, enum store_mode mode, int err,
		       const char *words)
{
	struct store *s = NULL;
	char text[1024];
	int got;

	catch_begin(&f->said);
	got = store_open(&s, f->dir, mode);
	catch_end(&f->said, text, sizeof(text));

	assert_int_equal(got, err);
	assert_null(s);
	assert_non_null(strstr(text, words));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}


static void test_create(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct stat st;
	sqlite3 *db;

	open_fails(f, STORE_TOOL, ENOENT, "ringback init");
	open_fails(f, STORE_DAEMON, ENOENT, "ringback init");
	s = store_make(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	open_fails(f, STORE_CREATE, EEXIST, "one already");

	db = other_open(f);
	assert_int_equal(other_int(db, "PRAGMA application_id"),
			 MIGRATE_APPLICATION_ID);
	assert_int_equal(other_int(db, "PRAGMA user_version"),
			 migrations[n_migrations - 1].version);
	assert_int_equal(other_int(db,
				   "SELECT count(*) FROM pragma_journal_mode"
				   " WHERE journal_mode = 'wal'"),
			 1);
	assert_int_equal(other_int(db, "SELECT count(*) FROM pragma_table_list"
				       " WHERE name IN ('call', 'person',"
				       " 'trunk') AND strict"),
			 3);
	(void)sqlite3_close(db);
	store_close(s);
}


static void test_create_nowhere(void **state)
{
	struct fixture *f = *state;
	struct fixture nowhere = *f;

	(void)strcat(nowhere.dir, "/none");
	open_fails(&nowhere, STORE_CREATE, ENOENT, "store.db");
}


static void file_fill(const struct fixture *f, const char *text)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}


static void test_not_a_store(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	file_fill(f, "");
	open_fails(f, STORE_TOOL, EINVAL, "no store of Ringback");
	file_fill(f, "Dear diary, this is a text and not a database at all, "
		     "although it is longer than the header of one would be.");
	open_fails(f, STORE_TOOL, EINVAL, "no store of Ringback");

	assert_int_equal(unlink(f->path), 0);
	db = other_open(f);
	other_exec(db, "CREATE TABLE cake (n)");
	(void)sqlite3_close(db);
	open_fails(f, STORE_DAEMON, EINVAL, "no store of Ringback");
}


static void test_newer(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	store_close(store_make(f));
	db = other_open(f);
	other_exec(db, "PRAGMA user_version = 999");
	open_fails(f, STORE_DAEMON, ENOTSUP, "newer Ringback");
	open_fails(f, STORE_TOOL, ENOTSUP, "newer Ringback");
	assert_int_equal(other_int(db, "PRAGMA user_version"), 999);
	(void)sqlite3_close(db);
}


static const struct migration steps[] = {
	{1, "CREATE TABLE one (n INTEGER) STRICT;"
	    "INSERT INTO one VALUES (41);", 0, MIGRATE_ONCE},
	{2, "ALTER TABLE one ADD COLUMN m INTEGER;"
	    "UPDATE one SET n = n + 1;", 0, MIGRATE_ONCE},
	{3, "CREATE TABLE three (n INTEGER) STRICT; SELECT broken;", 0,
	 MIGRATE_ONCE},
};


static void test_migrate(void **state)
{
	const struct fixture *f = *state;
	sqlite3 *db = other_open(f);

	assert_int_equal(migrate(db, steps, 1, MIGRATE_REFUSE, NULL,
				 NULL), SQLITE_NOTADB);
	assert_int_equal(migrate(db, steps, 1, MIGRATE_FILL, NULL,
				 NULL), SQLITE_OK);
	assert_int_equal(other_int(db, "SELECT n FROM one"), 41);
	assert_int_equal(migrate(db, steps, 2, MIGRATE_REFUSE, NULL,
				 NULL), SQLITE_OK);
	assert_int_equal(migrate(db, steps, 2, MIGRATE_REFUSE, NULL,
				 NULL), SQLITE_OK);
	assert_int_equal(other_int(db, "SELECT n FROM one"), 42);
	assert_int_equal(other_int(db, "PRAGMA user_version"), 2);

	/* all or nothing */
	assert_int_equal(migrate(db, steps, 3, MIGRATE_REFUSE, NULL,
				 NULL), SQLITE_ERROR);
	assert_int_equal(other_int(db, "PRAGMA user_version"), 2);
	assert_int_equal(other_int(db, "SELECT count(*) FROM sqlite_schema"),
			 1);
	assert_int_equal(migrate(db, steps, 1, MIGRATE_REFUSE, NULL,
				 NULL),
			 SQLITE_MISMATCH);
	(void)sqlite3_close(db);

	for (unsigned i = 0; i < n_migrations; i++)
		assert_int_equal(migrations[i].version, (int)i + 1);
}


/* ---- without memory ---- */

static int tool_work(void *arg)
{
	struct fixture *f = arg;
	struct store_person p = a_person("Bo", "sip:bo@192.0.2.1");
	struct store_call call = a_call(1);
	struct store *s = NULL;
	int err;

	err = store_open(&s, f->dir, STORE_CREATE);
	if (err) {
		/* no half a store is left behind */
		assert_int_not_equal(access(f->path, F_OK), 0);
		return err;
	}
	err = store_person_add(s, &p);
	if (!err)
		err = store_call_put(s, &call, NULL, NULL);
	store_close(s);
	assert_int_equal(unlink(f->path), 0);

	return err;
}


static int daemon_work(void *arg)
{
	struct fixture *f = arg;
	struct store_call call = a_call(1);
	struct store *s = NULL;
	int err;

	err = store_open(&s, f->dir, STORE_DAEMON);
	if (err)
		return err;
	err = store_call_put(s, &call, NULL, NULL);
	store_close(s);

	return err;
}


static void test_oom(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	catch_begin(&f->said);
	assert_true(oom_loop(tool_work, f) > 0);
	store_close(store_make(f));
	assert_true(oom_loop(daemon_work, f) > 2);
	catch_end(&f->said, text, sizeof(text));
	assert_int_equal(count_calls(f), 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CASE(test_create),
		STORE_CASE(test_create_nowhere),
		STORE_CASE(test_not_a_store),
		STORE_CASE(test_newer),
		STORE_CASE(test_migrate),
		STORE_CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, store_group_setup,
				      store_group_teardown);
}
