/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sqlite_db.h  What sqlite.c and the files of the tables share: a
 * connection
 */
#ifndef RINGBACK_SQLITE_DB_H
#define RINGBACK_SQLITE_DB_H

#include <sqlite3.h>

#include "backend.h"
#include "turn.h"

/** Every statement we ever run, prepared once per connection. */
enum stmt {
	STMT_BEGIN = 0,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_MARK,
	STMT_KEEP,
	STMT_UNDO,

	STMT_CALL_PUT,
	STMT_CALL_EACH,
	STMT_CALL_OPEN,
	STMT_CALL_LAST,
	STMT_CALL_GET,
	STMT_CALL_SOUND,
	STMT_CALL_RESULT,
	STMT_PROMISE_PUT,
	STMT_PROMISE_GET,
	STMT_PROMISE_EACH,
	STMT_PROMISE_OPEN,
	STMT_CLEAR_GET,
	STMT_CLEAR_REMOVE,
	STMT_ATTEMPT_PUT,
	STMT_ATTEMPT_EACH,
	STMT_ATTEMPT_SINCE,
	STMT_PERSON_ADD,
	STMT_PERSON_SET,
	STMT_PERSON_OFF,
	STMT_TELEPHONE_SET,
	STMT_TELEPHONE_SEAL,
	STMT_TELEPHONE_BACK,
	STMT_PERSON_REMOVE,
	STMT_PERSON_GET,
	STMT_PERSON_FIND,
	STMT_PERSON_EACH,
	STMT_ACCOUNT_PUT,
	STMT_ACCOUNT_GET,
	STMT_ACCOUNT_REMOVE,
	STMT_ACCOUNT_TOTP,
	STMT_ACCOUNT_CODE,
	STMT_INVITATION_PUT,
	STMT_INVITATION_GET,
	STMT_INVITATION_USE,
	STMT_ROLE_ADD,
	STMT_ROLE_REMOVE,
	STMT_ROLE_EACH,
	STMT_KEY_ADD,
	STMT_KEY_GET,
	STMT_SESSION_ADD,
	STMT_SESSION_GET,
	STMT_SESSION_SEEN,
	STMT_SESSION_REMOVE,
	STMT_SESSION_REMOVE_ALL,
	STMT_SESSION_OLD,
	STMT_SESSION_EACH,
	STMT_CREDENTIAL_ADD,
	STMT_CREDENTIAL_USED,
	STMT_CREDENTIAL_REMOVE,
	STMT_CREDENTIAL_EACH,
	STMT_PHONE_PUT,
	STMT_PHONE_REMOVE,
	STMT_PHONE_EACH,
	STMT_BINDING_PUT,
	STMT_BINDING_REMOVE,
	STMT_BINDING_EACH,
	STMT_TRUNK_ADD,
	STMT_TRUNK_REMOVE,
	STMT_TRUNK_EACH,
	STMT_AUDIT_ADD,
	STMT_AUDIT_LAST,
	STMT_AUDIT_EACH,
	STMT_IDENTITY_PUT,
	STMT_IDENTITY_GET,
	STMT_RECOVERY_PUT,
	STMT_RECOVERY_GET,
	STMT_SHARE_CLEAR,
	STMT_SHARE_PUT,
	STMT_SHARE_EACH,
	STMT_SHARE_TRIED,
	STMT_EPOCH_LAST,
	STMT_EPOCH_CLOSE,
	STMT_EPOCH_ADD,
	STMT_EPOCH_CURRENT,
	STMT_EPOCH_EACH,
	STMT_EPOCH_IS_CURRENT,
	STMT_EPOCH_DROP,
	STMT_GRANT_DROP,
	STMT_GRANT_ADD,
	STMT_GRANT_REMOVE,
	STMT_GRANT_REFUSE,
	STMT_GRANT_OF_PERSON,
	STMT_GRANT_OF_EPOCH,
	STMT_GRANT_REMOVE_ALL,
	STMT_IDENTITY_REMOVE,
	STMT_NOTE_ADD,
	STMT_NOTE_EACH,
	STMT_DRAFT_PUT,
	STMT_DRAFT_REMOVE,
	STMT_DRAFT_REMOVE_ALL,
	STMT_DRAFT_GET,
	STMT_DIALLER_ADD,
	STMT_DIALLER_CURRENT,
	STMT_CALL_NUMBER,
	STMT_FORGET_NOTES,
	STMT_FORGET_DRAFTS,
	STMT_FORGET_ATTEMPTS,
	STMT_FORGET_PROMISE,
	STMT_FORGET_CALL,
	STMT_FORGET_MARKS,
	STMT_MARKS_DROP,
	STMT_CLEAR_NOTES,
	STMT_EPOCH_USED,
	STMT_CLEAR_MARKS,
	STMT_DRAFTS_DROP,
	STMT_LOOKED_GET,
	STMT_LOOKED_SET,
	STMT_CALLS_OLD,
	STMT_KEPT_EACH,
	STMT_GRANT_BACK,
	STMT_MARK_ADD,
	STMT_MARK_GET,
	STMT_MARK_EACH,
	STMT_MARK_REVIEW,
	STMT_MARK_REMOVE,
	STMTS
};

struct store_db {
	sqlite3 *db;
	sqlite3_stmt *stmt[STMTS];
	struct turn turn;
	store_wait_h *waith; /**< NULL: waits as long as sqlite.c says */
	void *wait_arg;
};

/** The SQL of each file; NULL for what is another file's. */
extern const char *const sqlite_call_sql[STMTS];
extern const char *const sqlite_promise_sql[STMTS];
extern const char *const sqlite_person_sql[STMTS];
extern const char *const sqlite_telephone_sql[STMTS];
extern const char *const sqlite_account_sql[STMTS];
extern const char *const sqlite_session_sql[STMTS];
extern const char *const sqlite_credential_sql[STMTS];
extern const char *const sqlite_phone_sql[STMTS];
extern const char *const sqlite_trunk_sql[STMTS];
extern const char *const sqlite_audit_sql[STMTS];
extern const char *const sqlite_epoch_sql[STMTS];
extern const char *const sqlite_note_sql[STMTS];
extern const char *const sqlite_dialler_sql[STMTS];
extern const char *const sqlite_keep_sql[STMTS];
extern const char *const sqlite_backup_sql[STMTS];
extern const char *const sqlite_mark_sql[STMTS];

/** SQLite's last result as an errno; to be asked at once, it reads errno. */
int sqlite_errno(const struct store_db *db, int rc);

/** Run a statement without rows to its end, and make it ready again. */
int sqlite_run(struct store_db *db, enum stmt i);

/* the rows, as backend.h says */
int sqlite_call_put(struct store_db *db, const struct store_call *call);
int sqlite_call_each(struct store_db *db, uint32_t limit, store_call_h *h,
		     void *arg);
int sqlite_call_open(struct store_db *db, store_call_h *h, void *arg);
int sqlite_call_last(struct store_db *db, uint64_t *idp);
int sqlite_call_get(struct store_db *db, uint64_t id, struct store_call *call);
int sqlite_call_sound(struct store_db *db, uint64_t id,
		      const struct store_sound *sound);
int sqlite_call_result(struct store_db *db, uint64_t id, const char *result);
int sqlite_promise_put(struct store_db *db,
		       const struct store_promise *promise);
int sqlite_promise_get(struct store_db *db, uint64_t call,
		       struct store_promise *promise);
int sqlite_promise_each(struct store_db *db, bool all, store_promise_h *h,
			void *arg);
int sqlite_promise_clear(struct store_db *db, uint64_t call,
			 struct secret_text *number);
int sqlite_attempt_put(struct store_db *db,
		       const struct store_attempt *attempt);
int sqlite_attempt_each(struct store_db *db, uint64_t call,
			store_attempt_h *h, void *arg);
int sqlite_attempt_since(struct store_db *db, int64_t at, store_attempt_h *h,
			 void *arg);
int sqlite_person_add(struct store_db *db, struct store_person *person);
int sqlite_person_set(struct store_db *db, const struct store_person *person);
int sqlite_person_off(struct store_db *db, uint32_t id, const char *reason,
		      int64_t at);
int sqlite_telephone_set(struct store_db *db,
			 const struct store_person *person);
int sqlite_telephone_seal(struct store_db *db,
			  const struct telephone_change *change);
int sqlite_telephone_back(struct store_db *db,
			  const struct telephone_change *change);
int sqlite_person_remove(struct store_db *db, uint32_t id);
int sqlite_person_get(struct store_db *db, const char *name,
		      struct store_person *person);
int sqlite_person_find(struct store_db *db, uint32_t id,
		       struct store_person *person);
int sqlite_person_each(struct store_db *db, store_person_h *h, void *arg);
int sqlite_account_get(struct store_db *db, uint32_t person,
		       struct store_account *account);
int sqlite_account_totp(struct store_db *db, uint32_t person,
			const struct secret_text *totp, int64_t counter);
int sqlite_account_code(struct store_db *db, uint32_t person,
			int64_t counter);
int sqlite_invitation_put(struct store_db *db,
			  const struct store_invitation *invitation);
int sqlite_invitation_get(struct store_db *db, const uint8_t *hash,
			  struct store_invitation *invitation);
int sqlite_invitation_accept(struct store_db *db, const uint8_t *hash,
			     int64_t now, struct store_account *account);
int sqlite_roles_set(struct store_db *db, uint32_t person,
		     const struct store_role *roles, size_t n);
int sqlite_role_each(struct store_db *db, uint32_t person, store_role_h *h,
		     void *arg);
int sqlite_key(struct store_db *db, const char *name, uint8_t *key);
int sqlite_session_add(struct store_db *db, struct store_session *session);
int sqlite_session_get(struct store_db *db, const uint8_t *hash,
		       struct store_session *session);
int sqlite_session_seen(struct store_db *db, uint32_t id, int64_t at);
int sqlite_session_remove(struct store_db *db, uint32_t person, uint32_t id);
int sqlite_session_old(struct store_db *db, int64_t before);
int sqlite_session_each(struct store_db *db, uint32_t person,
			store_session_h *h, void *arg);
int sqlite_credential_add(struct store_db *db,
			  struct store_credential *credential);
int sqlite_credential_used(struct store_db *db, uint32_t person, uint32_t id,
			   uint32_t sign_count, int64_t at);
int sqlite_credential_remove(struct store_db *db, uint32_t person,
			     uint32_t id);
int sqlite_credential_each(struct store_db *db, uint32_t person,
			   store_credential_h *h, void *arg);
int sqlite_phone_put(struct store_db *db, const struct store_phone *phone);
int sqlite_phone_remove(struct store_db *db, uint32_t person);
int sqlite_phone_each(struct store_db *db, store_phone_h *h, void *arg);
int sqlite_binding_put(struct store_db *db,
		       const struct store_binding *binding);
int sqlite_binding_remove(struct store_db *db, uint32_t person,
			  uint32_t place);
int sqlite_binding_each(struct store_db *db, store_binding_h *h, void *arg);
int sqlite_trunk_add(struct store_db *db, struct store_trunk *trunk);
int sqlite_trunk_remove(struct store_db *db, const char *name);
int sqlite_trunk_each(struct store_db *db, store_trunk_h *h, void *arg);
int sqlite_audit_add(struct store_db *db, const struct store_audit *row);
int sqlite_audit_last(struct store_db *db, struct store_audit *row);
int sqlite_audit_each(struct store_db *db, uint64_t from, store_audit_h *h,
		      void *arg);
int sqlite_identity_put(struct store_db *db,
			const struct store_identity *identity);
int sqlite_identity_get(struct store_db *db, uint32_t person,
			struct store_identity *identity);
int sqlite_recovery_put(struct store_db *db, const struct store_recovery *r);
int sqlite_recovery_get(struct store_db *db, struct store_recovery *r);
int sqlite_recovery_tried(struct store_db *db, const uint8_t *hash,
			  int64_t at);
int sqlite_epoch_last(struct store_db *db, uint64_t *idp);
int sqlite_epoch_add(struct store_db *db, const struct store_epoch *epoch);
int sqlite_epoch_current(struct store_db *db, const char *line,
			 struct store_epoch *epoch);
int sqlite_epoch_each(struct store_db *db, store_epoch_h *h, void *arg);
int sqlite_epoch_drop(struct store_db *db, uint64_t id);
int sqlite_grant_add(struct store_db *db, const struct store_grant *grant);
int sqlite_grant_remove(struct store_db *db, uint32_t person,
			const char *line);
int sqlite_grant_refuse(struct store_db *db, uint64_t epoch, uint32_t person);
int sqlite_grant_of_person(struct store_db *db, uint32_t person,
			   store_grant_h *h, void *arg);
int sqlite_grant_of_epoch(struct store_db *db, uint64_t epoch,
			  store_grant_h *h, void *arg);
int sqlite_note_add(struct store_db *db, struct store_note *note);
int sqlite_note_each(struct store_db *db, uint64_t call, store_note_h *h,
		     void *arg);
int sqlite_draft_put(struct store_db *db, uint64_t call, uint32_t person,
		     uint32_t day, const uint8_t *sealed, size_t n);
int sqlite_draft_remove(struct store_db *db, uint64_t call, uint32_t person);
int sqlite_draft_get(struct store_db *db, uint64_t call, uint32_t person,
		     store_draft_h *h, void *arg);
int sqlite_snapshot(struct store_db *db, struct store_snapshot *snap);
int sqlite_restored(struct store_db *db);
int sqlite_grant_back(struct store_db *db, const struct store_grant *grant);
int sqlite_dialler_add(struct store_db *db, struct store_dialler *dialler);
int sqlite_dialler_current(struct store_db *db, struct store_dialler *dialler);
int sqlite_call_forget(struct store_db *db, uint64_t id,
		       struct store_gone *gone);
int sqlite_marks_forget(struct store_db *db, uint64_t call, uint32_t *np);
int sqlite_marks_drop(struct store_db *db, uint32_t day, unsigned *np);
int sqlite_calls_old(struct store_db *db, const char *line, int64_t before,
		     uint64_t *ids, size_t *np);
int sqlite_epoch_clear(struct store_db *db, uint64_t id);
int sqlite_epoch_used(struct store_db *db, uint64_t id, bool *usedp);
int sqlite_epoch_close(struct store_db *db, const char *line);
int sqlite_drafts_drop(struct store_db *db, uint32_t day, unsigned *np);
int sqlite_looked_get(struct store_db *db, uint32_t *dayp);
int sqlite_looked_set(struct store_db *db, uint32_t day);
int sqlite_kept_each(struct store_db *db, store_kept_h *h, void *arg);
int sqlite_mark_add(struct store_db *db, const struct store_mark *mark);
int sqlite_mark_get(struct store_db *db, uint64_t id, struct store_mark *mark);
int sqlite_mark_each(struct store_db *db, store_mark_h *h, void *arg);
int sqlite_mark_review(struct store_db *db, const struct store_mark *mark);
int sqlite_mark_remove(struct store_db *db, uint64_t id);

#endif
