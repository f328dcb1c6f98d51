/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * migrate.c  Applies schema files in order. Must not know any table.
 */
#include <stdio.h>

#include "migrate.h"


/* one number out of a pragma */
static int pragma_get(sqlite3 *db, const char *sql, int *value)
{
	sqlite3_stmt *st;
	int rc;

	rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
	if (rc != SQLITE_OK)
		return rc;

	if (sqlite3_step(st) == SQLITE_ROW)
		*value = sqlite3_column_int(st, 0);

	return sqlite3_finalize(st);
}


static int pragma_set(sqlite3 *db, const char *pragma, int value)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s = %d", pragma, value);

	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}


static int version_get(sqlite3 *db, enum migrate_empty empty, int *versionp)
{
	int rc, id = 0, version = 0, n_objects = 0;

	rc = pragma_get(db, "PRAGMA application_id", &id);
	if (rc == SQLITE_OK)
		rc = pragma_get(db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK)
		rc = pragma_get(db, "SELECT count(*) FROM sqlite_schema",
				&n_objects);
	if (rc != SQLITE_OK)
		return rc;

	if (id == 0 && version == 0 && n_objects == 0 &&
	    empty == MIGRATE_FILL) {
		*versionp = 0;
		return SQLITE_OK;
	}
	if (id != MIGRATE_APPLICATION_ID || version < 1)
		return SQLITE_NOTADB;

	*versionp = version;
	return SQLITE_OK;
}


static int apply(sqlite3 *db, const struct migration *v, unsigned n,
		 enum migrate_empty empty)
{
	int rc, version = 0;

	/* another process may have done it while we waited for the lock */
	rc = version_get(db, empty, &version);
	if (rc == SQLITE_OK && version > v[n - 1].version)
		return SQLITE_MISMATCH;

	for (unsigned i = 0; i < n && rc == SQLITE_OK; i++) {
		if (v[i].version > version)
			rc = sqlite3_exec(db, v[i].sql, NULL, NULL, NULL);
	}

	if (rc == SQLITE_OK)
		rc = pragma_set(db, "application_id", MIGRATE_APPLICATION_ID);
	if (rc == SQLITE_OK)
		rc = pragma_set(db, "user_version", v[n - 1].version);

	return rc;
}


int migrate(sqlite3 *db, const struct migration *v, unsigned n,
	    enum migrate_empty empty)
{
	int rc, version = 0;

	rc = version_get(db, empty, &version);
	if (rc != SQLITE_OK)
		return rc;
	if (version > v[n - 1].version)
		return SQLITE_MISMATCH;
	if (version == v[n - 1].version)
		return SQLITE_OK;

	rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = apply(db, v, n, empty);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);

	return rc;
}
