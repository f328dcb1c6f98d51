/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_backup.c  A copy of an SQLite store in memory, without what may not
 * be in a backup; and a store that was one. Must not write a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "sqlite_row.h"


const char *const sqlite_backup_sql[STMTS] = {
	[STMT_GRANT_BACK] =
		"INSERT OR IGNORE INTO epoch_grant (epoch, person, public,"
		" sealed) SELECT id, ?2, ?3, ?4 FROM epoch WHERE id = ?1"
		" AND NOT dropped AND (?2 = 0 OR EXISTS (SELECT 1 FROM"
		" identity WHERE person = ?2 AND public = ?3))",
};

/* What opens something, and what only the line that was lost could use. VACUUM
 * leaves what was removed behind, wherever it stood. */
static const char leave_out[] =
	"DELETE FROM epoch_grant;"
	"DELETE FROM session;"
	"DELETE FROM invitation;"
	"DELETE FROM binding;"
	"VACUUM;";

/* Nobody has the key of the row that keeps the place, so it counts as dropped.
 * The clock goes on also if the same backup is restored twice. */
static const char begin_anew[] =
	"DELETE FROM epoch_grant;"
	"DELETE FROM session;"
	"DELETE FROM invitation;"
	"DELETE FROM binding;"
	"UPDATE epoch SET current = 0;"
	"INSERT INTO epoch (id, line, public, month, current, dropped)"
	" SELECT max(coalesce(max(id), 0) + 1000000,"
	" CAST(strftime('%s', 'now') AS INTEGER)), '', zeroblob(32), 1, 0, 1"
	" FROM epoch;";

_Static_assert((int)STORE_EPOCH_JUMP == 1000000, "as it stands in SQL");


/* grows by one element; the caller frees the array in any case */
static void *grown(void **vp, size_t n, size_t size)
{
	void *v = *vp;

	/* 1, 2, 4, ... elements */
	if (!(n & (n - 1))) {
		v = realloc(*vp, (n ? 2 * n : 1) * size);
		if (!v)
			return NULL;
		*vp = v;
	}

	return (uint8_t *)v + n * size;
}


static int each(sqlite3 *copy, const char *sql,
		int (*h)(struct cursor *c, struct store_snapshot *snap),
		struct store_snapshot *snap)
{
	sqlite3_stmt *st;
	int rc;

	rc = sqlite3_prepare_v2(copy, sql, -1, &st, NULL);
	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct cursor c = {st, 0, SQLITE_OK};

		if (h(&c, snap)) {
			rc = SQLITE_NOMEM;
			break;
		}
	}
	(void)sqlite3_finalize(st);

	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}


static int grant_row(struct cursor *c, struct store_snapshot *snap)
{
	struct store_grant *g;
	void *v = snap->grants;

	g = grown(&v, snap->n_grants, sizeof(*g));
	snap->grants = v;
	if (!g)
		return ENOMEM;
	memset(g, 0, sizeof(*g));
	g->epoch = (uint64_t)get_int(c);
	g->person = (uint32_t)get_int(c);
	get_blob(c, g->public, sizeof(g->public));
	get_blob(c, g->sealed, sizeof(g->sealed));
	++snap->n_grants;

	return 0;
}


static int open_row(struct cursor *c, struct store_snapshot *snap)
{
	void *v = snap->open;
	uint64_t *id;

	id = grown(&v, snap->n_open, sizeof(*id));
	snap->open = v;
	if (!id)
		return ENOMEM;
	*id = (uint64_t)get_int(c);
	++snap->n_open;

	return 0;
}


/* one step takes all: nobody's write falls in between */
static int copy_take(sqlite3 *copy, sqlite3 *from)
{
	sqlite3_backup *b;
	int rc;

	(void)sqlite3_extended_result_codes(copy, 1);
	/* nobody has to undo anything of a copy */
	rc = sqlite3_exec(copy, "PRAGMA journal_mode = OFF;"
			  "PRAGMA secure_delete = ON;"
			  "PRAGMA temp_store = MEMORY;"
			  "PRAGMA trusted_schema = OFF;", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	b = sqlite3_backup_init(copy, "main", from, "main");
	if (!b)
		return sqlite3_extended_errcode(copy);
	rc = sqlite3_backup_step(b, -1);
	(void)sqlite3_backup_finish(b);

	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}


static int copy_read(sqlite3 *copy, struct store_snapshot *snap)
{
	int rc;

	rc = each(copy, "SELECT epoch, person, public, sealed FROM"
		  " epoch_grant ORDER BY epoch, person", grant_row, snap);
	if (rc == SQLITE_OK)
		rc = each(copy, "SELECT id FROM call WHERE outcome = ''"
			  " ORDER BY id", open_row, snap);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(copy, leave_out, NULL, NULL, NULL);

	return rc;
}


static int image_take(struct store_snapshot *snap, sqlite3 *copy)
{
	sqlite3_int64 n = 0;
	uint8_t *image;

	image = sqlite3_serialize(copy, "main", &n, 0);
	if (!image)
		return SQLITE_NOMEM;
	snap->image = image;
	snap->n_image = (size_t)n;
	snap->image_free = sqlite3_free;

	return SQLITE_OK;
}


int sqlite_snapshot(struct store_db *db, struct store_snapshot *snap)
{
	sqlite3 *copy = NULL;
	int rc;

	errno = 0;
	rc = sqlite3_open_v2(":memory:", &copy,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			     SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = copy_take(copy, db->db);
	if (rc == SQLITE_OK)
		rc = copy_read(copy, snap);
	if (rc == SQLITE_OK)
		rc = image_take(snap, copy);
	(void)sqlite3_close(copy);

	return sqlite_errno(db, rc);
}


int sqlite_restored(struct store_db *db)
{
	errno = 0;

	return sqlite_errno(db, sqlite3_exec(db->db, begin_anew, NULL, NULL,
					     NULL));
}


int sqlite_grant_back(struct store_db *db, const struct store_grant *grant)
{
	struct cursor c = {db->stmt[STMT_GRANT_BACK], 0, SQLITE_OK};

	put_uint(&c, grant->epoch);
	put_int(&c, grant->person);
	put_blob(&c, grant->public, sizeof(grant->public));
	put_blob(&c, grant->sealed, sizeof(grant->sealed));

	return put_run_one(db, STMT_GRANT_BACK, &c);
}
