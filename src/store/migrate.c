/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * migrate.c  Applies schema files in order. Must not know any table, nor change
 * under a program that runs what it needs.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "migrate.h"
#include "turn.h"


enum {
	SHIFT = 16, /* user_version: the oldest above, the version below */
	MASK = (1 << SHIFT) - 1,

	ALONE_LOOKS = 100, /* others may be gone in a moment */
	ALONE_LOOK_MS = 10,
};

/* what is being done */
struct work {
	sqlite3 *db;
	const struct migration *v;
	unsigned n;
	struct turn turn;
	struct migrate_range is; /* where the store stands; 0: empty */
	struct migrate_fault fault;
};


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


static int oldest_of(const struct migration *m)
{
	return m->oldest ? m->oldest : m->version;
}


static void widen(struct migrate_range *r, const struct migration *m)
{
	r->version = m->version;
	if (r->oldest < oldest_of(m))
		r->oldest = oldest_of(m);
}


struct migrate_range migrate_range(const struct migration *v, unsigned n)
{
	struct migrate_range r = {0, 0};

	for (unsigned i = 0; i < n; i++)
		widen(&r, &v[i]);

	return r;
}


/* where it stands, which others may have changed since */
static int range_get(struct work *w, enum migrate_empty empty)
{
	int rc, id = 0, both = 0, n_objects = 0;

	rc = pragma_get(w->db, "PRAGMA application_id", &id);
	if (rc == SQLITE_OK)
		rc = pragma_get(w->db, "PRAGMA user_version", &both);
	if (rc == SQLITE_OK)
		rc = pragma_get(w->db, "SELECT count(*) FROM sqlite_schema",
				&n_objects);
	if (rc != SQLITE_OK)
		return rc;

	memset(&w->is, 0, sizeof(w->is));
	if (id == 0 && both == 0 && n_objects == 0 && empty == MIGRATE_FILL)
		return SQLITE_OK;
	if (id != MIGRATE_APPLICATION_ID || both < 1)
		return SQLITE_NOTADB;

	w->is.version = both & MASK;
	w->is.oldest = both >> SHIFT ? both >> SHIFT : w->is.version;

	return SQLITE_OK;
}


/* one number where both are the same: what all programs understand */
static int range_set(struct work *w, const struct migration *m)
{
	widen(&w->is, m);

	return pragma_set(w->db, "user_version",
			  w->is.oldest == w->is.version
				  ? w->is.version
				  : w->is.oldest << SHIFT | w->is.version);
}


/* who writes back to back would never let us */
static int begin(struct work *w, const char *sql)
{
	int rc;

	turn_take(&w->turn, NULL, NULL);
	rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);
	turn_give(&w->turn);

	return rc;
}


static int finish(struct work *w, int rc)
{
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(w->db))
		(void)sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);

	return rc;
}


/* ---- beside programs that run -------------------------------------------- */

/* once, or one of many times; whether it was the last */
static int turn_of(struct work *w, const struct migration *m, bool *lastp)
{
	const sqlite3_int64 before = sqlite3_total_changes64(w->db);
	const int rc = sqlite3_exec(w->db, m->sql, NULL, NULL, NULL);

	*lastp = m->how == MIGRATE_ONCE ||
		 sqlite3_total_changes64(w->db) == before;
	if (rc != SQLITE_OK || !*lastp)
		return rc;

	return range_set(w, m);
}


static int beside(struct work *w, const struct migration *m)
{
	bool last = false;
	int rc;

	do {
		rc = begin(w, "BEGIN IMMEDIATE");
		if (rc != SQLITE_OK)
			return rc;
		/* another process may have done it while we waited */
		rc = range_get(w, MIGRATE_REFUSE);
		if (rc != SQLITE_OK || w->is.version >= m->version)
			return finish(w, rc);
		rc = finish(w, turn_of(w, m, &last));
	} while (rc == SQLITE_OK && !last);

	return rc;
}


/* ---- while nobody else is there ------------------------------------------ */

static int apply_all(struct work *w)
{
	int rc = SQLITE_OK;

	for (unsigned i = 0; i < w->n && rc == SQLITE_OK; i++) {
		const struct migration *m = &w->v[i];
		bool last = false;

		if (m->version <= w->is.version)
			continue;
		w->fault.version = m->version;
		while (rc == SQLITE_OK && !last)
			rc = turn_of(w, m, &last);
	}
	if (rc == SQLITE_OK)
		rc = pragma_set(w->db, "application_id",
				MIGRATE_APPLICATION_ID);

	return rc;
}


/* A file that others have open stays in WAL mode. The lock is kept: nobody
 * comes in between. */
static int alone_get(struct work *w)
{
	static const char sql[] = "PRAGMA locking_mode = EXCLUSIVE;"
				  "PRAGMA journal_mode = DELETE";
	const struct timespec pause = {0, ALONE_LOOK_MS * 1000000};
	int rc = SQLITE_BUSY;

	for (int i = 0; i < ALONE_LOOKS && (rc & 0xff) == SQLITE_BUSY; i++) {
		if (i)
			(void)nanosleep(&pause, NULL);
		rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);
	}
	w->fault.in_use = (rc & 0xff) == SQLITE_BUSY;

	return rc;
}


/* the lock goes with the next look at the file */
static int alone_end(struct work *w, int rc)
{
	const int back = sqlite3_exec(w->db,
				      "PRAGMA locking_mode = NORMAL;"
				      "PRAGMA user_version;"
				      "PRAGMA journal_mode = WAL",
				      NULL, NULL, NULL);

	return rc == SQLITE_OK ? back : rc;
}


static int alone(struct work *w)
{
	int rc;

	rc = alone_get(w);
	if (rc == SQLITE_OK)
		rc = begin(w, "BEGIN EXCLUSIVE");
	if (rc == SQLITE_OK) {
		rc = range_get(w, MIGRATE_REFUSE);
		rc = finish(w, rc == SQLITE_OK ? apply_all(w) : rc);
	}

	return alone_end(w, rc);
}


/* nobody else knows of it yet; two who make it at one time take turns */
static int fill(struct work *w)
{
	int rc;

	rc = begin(w, "BEGIN IMMEDIATE");
	if (rc != SQLITE_OK)
		return rc;
	rc = range_get(w, MIGRATE_FILL);

	return finish(w, rc == SQLITE_OK ? apply_all(w) : rc);
}


/* ---- which way ----------------------------------------------------------- */

/* can programs of the schema that it has work with all that is missing? */
static bool goes_beside(const struct work *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		if (w->v[i].version > w->is.version &&
		    oldest_of(&w->v[i]) > w->is.version)
			return false;
	}

	return true;
}


static int missing_apply(struct work *w)
{
	int rc = SQLITE_OK;

	if (!w->is.version)
		return fill(w);
	if (!goes_beside(w))
		return alone(w);

	for (unsigned i = 0; i < w->n && rc == SQLITE_OK; i++) {
		if (w->v[i].version <= w->is.version)
			continue;
		w->fault.version = w->v[i].version;
		rc = beside(w, &w->v[i]);
	}

	return rc;
}


int migrate(sqlite3 *db, const struct migration *v, unsigned n,
	    enum migrate_empty empty, const char *dir,
	    struct migrate_fault *fault)
{
	struct work w = {.db = db, .v = v, .n = n, .turn = {-1}};
	int rc;

	rc = range_get(&w, empty);
	if (rc == SQLITE_OK && w.is.version < v[n - 1].version) {
		if (dir)
			turn_open(&w.turn, dir);
		rc = missing_apply(&w);
		turn_close(&w.turn);
	}
	/* also if another has made it newer while we waited */
	if (rc == SQLITE_OK && w.is.oldest > v[n - 1].version)
		rc = SQLITE_MISMATCH;
	if (rc != SQLITE_OK && fault)
		*fault = w.fault;

	return rc;
}
