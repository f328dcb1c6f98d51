/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite.c  A store in one SQLite file: connections, transactions, and what
 * SQLite's errors mean. Must not know any table: see sqlite_call.c and so on. Must not
 * put SQLite's own messages into the log, which may quote values.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "migrate.h"
#include "sqlite_db.h"

#define LOG_MODULE "store"
#include "base/log.h"


enum {
	WAIT_MS = 5000, /* for a lock that another process holds */
	LOOK_MS = 1,    /* whether it still does                 */
};

static const char *const transaction_sql[STMTS] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE", [STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",     [STMT_MARK] = "SAVEPOINT one",
	[STMT_KEEP] = "RELEASE one",      [STMT_UNDO] = "ROLLBACK TO one",
};

static const struct meaning {
	int rc;
	int err;
} meanings[] = {
	{SQLITE_CONSTRAINT_UNIQUE, EEXIST},
	{SQLITE_CONSTRAINT_PRIMARYKEY, EEXIST},
	{SQLITE_FULL, ENOSPC},
	{SQLITE_READONLY, EROFS},
	{SQLITE_BUSY, EBUSY},
	{SQLITE_LOCKED, EBUSY},
	{SQLITE_NOMEM, ENOMEM},
	{SQLITE_CONSTRAINT, EINVAL},
	{SQLITE_TOOBIG, EINVAL},
	{SQLITE_NOTADB, EINVAL},
	{SQLITE_MISMATCH, ENOTSUP},
	{SQLITE_PERM, EACCES},
	{SQLITE_AUTH, EACCES},
};

/* why a store could not be opened, in plain words */
static const struct words {
	int err;
	const char *text;
} open_words[] = {
	{ENOENT, "there is none; `ringback init` makes one"},
	{EEXIST, "there is one already"},
	{ENOTSUP, "a newer Ringback made it; install that version or a later "
		  "one"},
	{EINVAL, "this is no store of Ringback; restore a backup, or move it "
		 "away and run `ringback init`"},
	{ENOSPC, "the disk is full; free some space"},
	{EACCES, "not permitted; it belongs to another user"},
	{EROFS, "it cannot be written: the file or its disk is read-only"},
	{EBUSY, "another program keeps it locked; close that"},
	{ENOTRECOVERABLE, "this version has a fault: install the one before it "
			  "again, which can go on, and report this"},
	{EIO, "the disk fails, or the file is damaged; restore a backup"},
};


/* an I/O error as the operating system saw it */
static int system_errno(int err)
{
	switch (err) {

	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ENOSPC;
	case EROFS:
	case EACCES:
	case ENOMEM:
		return err;
	default:
		return EIO;
	}
}


int sqlite_errno(const struct store_db *db, int rc)
{
	int err;

	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return 0;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (rc == meanings[i].rc)
			return meanings[i].err;
	}
	if (rc == SQLITE_IOERR_NOMEM)
		return ENOMEM;
	if (rc != (rc & 0xff) && (rc & 0xff) != SQLITE_IOERR &&
	    (rc & 0xff) != SQLITE_CANTOPEN)
		return sqlite_errno(db, rc & 0xff);

	/* SQLite keeps it for files that it opens, not for what it writes */
	err = db->db ? sqlite3_system_errno(db->db) : 0;

	return system_errno(err ? err : errno);
}


int sqlite_run(struct store_db *db, enum stmt i)
{
	int err;

	errno = 0;
	err = sqlite_errno(db, sqlite3_step(db->stmt[i]));

	(void)sqlite3_reset(db->stmt[i]);
	(void)sqlite3_clear_bindings(db->stmt[i]);

	return err;
}


/* how long somebody has waited is for him to know */
static int busy_handler(void *arg, int n)
{
	const struct timespec pause = {0, LOOK_MS * 1000000};
	struct store_db *db = arg;
	(void)n;

	if (!db->waith(db->wait_arg))
		return 0;
	(void)nanosleep(&pause, NULL);

	return 1;
}


static void sqlite_patience(struct store_db *db, store_wait_h *h, void *arg)
{
	db->waith = h;
	db->wait_arg = arg;
	(void)sqlite3_busy_handler(db->db, busy_handler, db);
}


/* whoever waits for the lock holds the turn: no other can be faster */
static int sqlite_begin(struct store_db *db)
{
	int err;

	turn_take(&db->turn, db->waith, db->wait_arg);
	err = sqlite_run(db, STMT_BEGIN);
	turn_give(&db->turn);

	return err;
}


static int sqlite_commit(struct store_db *db)
{
	return sqlite_run(db, STMT_COMMIT);
}


static void sqlite_rollback(struct store_db *db)
{
	(void)sqlite_run(db, STMT_ROLLBACK);
}


static bool sqlite_in_transaction(struct store_db *db)
{
	return !sqlite3_get_autocommit(db->db);
}


static int sqlite_mark(struct store_db *db)
{
	return sqlite_run(db, STMT_MARK);
}


static int sqlite_keep(struct store_db *db)
{
	return sqlite_run(db, STMT_KEEP);
}


static int sqlite_undo(struct store_db *db)
{
	const int err = sqlite_run(db, STMT_UNDO);

	return err ? err : sqlite_run(db, STMT_KEEP);
}


/* secure_delete wipes the pages; the old ones are still in the WAL file */
static int sqlite_scrub(struct store_db *db)
{
	int rc;

	turn_take(&db->turn, db->waith, db->wait_arg);
	errno = 0;
	rc = sqlite3_wal_checkpoint_v2(db->db, NULL,
				       SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	turn_give(&db->turn);

	return sqlite_errno(db, rc);
}


static int wal_set(struct store_db *db)
{
	sqlite3_stmt *st;
	const char *mode;
	int rc;

	rc = sqlite3_prepare_v2(db->db, "PRAGMA journal_mode = WAL", -1, &st,
				NULL);
	if (rc != SQLITE_OK)
		return rc;

	rc = sqlite3_step(st);
	mode = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0)
				: NULL;
	if (mode && strcmp(mode, "wal") != 0)
		rc = SQLITE_CANTOPEN;
	if (rc == SQLITE_ROW)
		rc = SQLITE_OK;
	(void)sqlite3_finalize(st);

	return rc;
}


static int settings_set(struct store_db *db)
{
	int rc;

	(void)sqlite3_extended_result_codes(db->db, 1);
	(void)sqlite3_busy_timeout(db->db, WAIT_MS);

	/* the first one reads the file: what is no database fails here */
	rc = wal_set(db);
	if (rc != SQLITE_OK)
		return rc;

	/* nothing of the content may end up in a temporary file */
	return sqlite3_exec(db->db,
			    "PRAGMA synchronous = FULL;"
			    "PRAGMA foreign_keys = ON;"
			    "PRAGMA secure_delete = ON;"
			    "PRAGMA temp_store = MEMORY;"
			    "PRAGMA trusted_schema = OFF;",
			    NULL, NULL, NULL);
}


static const char *sql_of(enum stmt i)
{
	static const char *const *const files[] = {
		transaction_sql,    sqlite_call_sql,  sqlite_promise_sql,
		sqlite_person_sql,  sqlite_account_sql, sqlite_session_sql,
		sqlite_trunk_sql,   sqlite_audit_sql, sqlite_credential_sql,
		sqlite_phone_sql,
		sqlite_epoch_sql,   sqlite_note_sql,  sqlite_dialler_sql,
		sqlite_keep_sql,
		sqlite_backup_sql,
		sqlite_telephone_sql,
		sqlite_mark_sql,
	};

	for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++) {
		if (files[f][i])
			return files[f][i];
	}

	return NULL;
}


static int statements_prepare(struct store_db *db)
{
	for (int i = 0; i < STMTS; i++) {
		const int rc = sqlite3_prepare_v3(
			db->db, sql_of((enum stmt)i), -1,
			SQLITE_PREPARE_PERSISTENT, &db->stmt[i], NULL);

		if (rc != SQLITE_OK)
			return rc;
	}

	return SQLITE_OK;
}


static void sqlite_close(struct store_db *db)
{
	if (!db)
		return;

	for (int i = 0; i < STMTS; i++)
		(void)sqlite3_finalize(db->stmt[i]);
	(void)sqlite3_close(db->db);
	turn_close(&db->turn);
	free(db);
}


/* SQLite gives -wal and -shm the mode of the file itself */
static int file_create(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			    S_IRUSR | S_IWUSR);

	if (fd < 0)
		return errno;

	(void)close(fd);
	return 0;
}


/* the entry of a new file in its folder must be durable as well */
static int folder_sync(const char *dir)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (fsync(fd) < 0)
		err = errno;
	(void)close(fd);

	return err;
}


/* what SQLite keeps of rows and pages it gives back one by one, so that it is
 * wiped (base/wipe.c) as soon as it is out of date, and not reused some day; in
 * force if nobody has used SQLite before */
static void memory_set(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	(void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}


/* an error as the store has it; what else stood in the way of a change is told
 * by explain() */
static int migrate_errno(const struct store_db *db, const char *path,
			 const struct migrate_fault *f, int rc)
{
	const int err = sqlite_errno(db, rc);

	if (f->in_use)
		log_error("%s: this version changes it so that the programs "
			  "that have it open could not go on; end them first, "
			  "after `ringback backup`", path);
	else if (f->version)
		log_error("%s: change %d of its tables failed and is undone",
			  path, f->version);

	/* of the change itself, not of the disk nor of the file */
	return f->version && ((rc & 0xff) == SQLITE_ERROR ||
			      (rc & 0xff) == SQLITE_CONSTRAINT)
		       ? ENOTRECOVERABLE : err;
}


static int file_open(struct store_db *db, const char *path, const char *dir,
		     bool create)
{
	struct migrate_fault fault = {0};
	int rc;

	/* SQLite would open a file that it may not write for reading only */
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0)
		return errno;

	memory_set();
	errno = 0;
	rc = sqlite3_open_v2(path, &db->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc == SQLITE_OK)
		rc = settings_set(db);
	if (rc == SQLITE_OK)
		rc = migrate(db->db, migrations, n_migrations,
			     create ? MIGRATE_FILL : MIGRATE_REFUSE, dir,
			     &fault);
	if (rc != SQLITE_OK)
		return migrate_errno(db, path, &fault, rc);

	return sqlite_errno(db, statements_prepare(db));
}


static void explain(const char *path, int err)
{
	const char *text = strerror(err);

	for (size_t i = 0; i < sizeof(open_words) / sizeof(open_words[0]);
	     i++) {
		if (open_words[i].err == err)
			text = open_words[i].text;
	}

	log_error("%s: %s", path, text);
}


static int path_of(char *path, size_t size, const char *dir)
{
	const int n = snprintf(path, size, "%s/store.db", dir);

	return n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0;
}


static void sqlite_remove(const char *dir)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char path[LIMIT_PATH], name[LIMIT_PATH + 8];

	if (path_of(path, sizeof(path), dir))
		return;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}


static int sqlite_open(struct store_db **dbp, const char *dir, bool create)
{
	char path[LIMIT_PATH];
	struct store_db *db;
	bool made = false;
	int err;

	err = path_of(path, sizeof(path), dir);
	if (err)
		return err;

	db = calloc(1, sizeof(*db));
	if (!db)
		return ENOMEM;
	turn_open(&db->turn, dir);

	err = create ? file_create(path) : 0;
	if (err)
		goto out;
	made = create;

	err = file_open(db, path, dir, create);
	if (!err && create)
		err = folder_sync(dir);

out:
	if (err) {
		explain(path, err);
		sqlite_close(db);
		if (made)
			sqlite_remove(dir);
	}
	else
		*dbp = db;

	return err;
}


static struct store_shape sqlite_shape(void)
{
	const struct migrate_range r = migrate_range(migrations, n_migrations);

	return (struct store_shape){(uint32_t)r.version, (uint32_t)r.oldest};
}


const struct store_backend store_sqlite = {
	.shape = sqlite_shape,
	.open = sqlite_open,
	.close = sqlite_close,
	.remove = sqlite_remove,
	.patience = sqlite_patience,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.in_transaction = sqlite_in_transaction,
	.mark = sqlite_mark,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.scrub = sqlite_scrub,
	.call_put = sqlite_call_put,
	.call_each = sqlite_call_each,
	.call_open = sqlite_call_open,
	.call_last = sqlite_call_last,
	.call_get = sqlite_call_get,
	.call_sound = sqlite_call_sound,
	.call_result = sqlite_call_result,
	.promise_put = sqlite_promise_put,
	.promise_get = sqlite_promise_get,
	.promise_each = sqlite_promise_each,
	.promise_clear = sqlite_promise_clear,
	.attempt_put = sqlite_attempt_put,
	.attempt_each = sqlite_attempt_each,
	.attempt_since = sqlite_attempt_since,
	.person_add = sqlite_person_add,
	.person_set = sqlite_person_set,
	.person_off = sqlite_person_off,
	.telephone_set = sqlite_telephone_set,
	.telephone_seal = sqlite_telephone_seal,
	.telephone_back = sqlite_telephone_back,
	.person_remove = sqlite_person_remove,
	.person_get = sqlite_person_get,
	.person_find = sqlite_person_find,
	.person_each = sqlite_person_each,
	.account_get = sqlite_account_get,
	.account_totp = sqlite_account_totp,
	.account_code = sqlite_account_code,
	.invitation_put = sqlite_invitation_put,
	.invitation_get = sqlite_invitation_get,
	.invitation_accept = sqlite_invitation_accept,
	.roles_set = sqlite_roles_set,
	.role_each = sqlite_role_each,
	.key = sqlite_key,
	.session_add = sqlite_session_add,
	.session_get = sqlite_session_get,
	.session_seen = sqlite_session_seen,
	.session_remove = sqlite_session_remove,
	.session_old = sqlite_session_old,
	.session_each = sqlite_session_each,
	.credential_add = sqlite_credential_add,
	.credential_used = sqlite_credential_used,
	.credential_remove = sqlite_credential_remove,
	.credential_each = sqlite_credential_each,
	.phone_put = sqlite_phone_put,
	.phone_remove = sqlite_phone_remove,
	.phone_each = sqlite_phone_each,
	.binding_put = sqlite_binding_put,
	.binding_remove = sqlite_binding_remove,
	.binding_each = sqlite_binding_each,
	.identity_put = sqlite_identity_put,
	.identity_get = sqlite_identity_get,
	.recovery_put = sqlite_recovery_put,
	.recovery_get = sqlite_recovery_get,
	.recovery_tried = sqlite_recovery_tried,
	.epoch_last = sqlite_epoch_last,
	.epoch_add = sqlite_epoch_add,
	.epoch_current = sqlite_epoch_current,
	.epoch_each = sqlite_epoch_each,
	.epoch_drop = sqlite_epoch_drop,
	.grant_add = sqlite_grant_add,
	.grant_remove = sqlite_grant_remove,
	.grant_refuse = sqlite_grant_refuse,
	.grant_of_person = sqlite_grant_of_person,
	.grant_of_epoch = sqlite_grant_of_epoch,
	.note_add = sqlite_note_add,
	.mark_add = sqlite_mark_add,
	.mark_review = sqlite_mark_review,
	.mark_remove = sqlite_mark_remove,
	.mark_get = sqlite_mark_get,
	.mark_each = sqlite_mark_each,
	.note_each = sqlite_note_each,
	.draft_put = sqlite_draft_put,
	.draft_remove = sqlite_draft_remove,
	.draft_get = sqlite_draft_get,
	.dialler_add = sqlite_dialler_add,
	.snapshot = sqlite_snapshot,
	.restored = sqlite_restored,
	.grant_back = sqlite_grant_back,
	.dialler_current = sqlite_dialler_current,
	.call_forget = sqlite_call_forget,
	.marks_forget = sqlite_marks_forget,
	.marks_drop = sqlite_marks_drop,
	.calls_old = sqlite_calls_old,
	.epoch_clear = sqlite_epoch_clear,
	.epoch_used = sqlite_epoch_used,
	.epoch_close = sqlite_epoch_close,
	.drafts_drop = sqlite_drafts_drop,
	.looked_get = sqlite_looked_get,
	.looked_set = sqlite_looked_set,
	.kept_each = sqlite_kept_each,
	.trunk_add = sqlite_trunk_add,
	.trunk_remove = sqlite_trunk_remove,
	.trunk_each = sqlite_trunk_each,
	.audit_add = sqlite_audit_add,
	.audit_last = sqlite_audit_last,
	.audit_each = sqlite_audit_each,
};
