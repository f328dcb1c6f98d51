/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file backend.h  What a database must do to hold the store
 *
 * The store calls nothing but this table. A connection is used by one thread
 * at a time. All functions return 0 or an errno; EEXIST and ENOENT as store.h
 * says, ENOSPC disk full, EROFS, EIO, EBUSY locked by another,
 * EINVAL a value that the schema refuses.
 */
#ifndef RINGBACK_STORE_BACKEND_H
#define RINGBACK_STORE_BACKEND_H

#include "audit.h"
#include "credential.h"
#include "backup.h"
#include "dialler.h"
#include "phone.h"
#include "telephone.h"
#include "epoch.h"
#include "keep.h"
#include "note.h"
#include "mark.h"
#include "store.h"

/** One connection; each backend has its own. */
struct store_db;

/** Asked every few milliseconds, in the thread that waits, while somebody
 *  else holds the lock: true to go on waiting */
typedef bool(store_wait_h)(void *arg);

/** What went with a call: rows. */
struct store_gone {
	uint32_t n_notes;
	uint32_t n_drafts;
	uint32_t n_attempts;
	uint32_t n_promises;
	uint32_t n_calls;
};

/** What becomes of a number (telephone.h). */
struct telephone_change {
	uint32_t person;
	struct secret_text phone;   /**< as it was                          */
	struct store_number was;    /**< as it was                          */
	struct store_number number; /**< from now on                        */
};

struct store_backend {
	struct store_shape (*shape)(void);
	/** new; says why in one log line if it cannot */
	int (*open)(struct store_db **dbp, const char *dir, bool create);
	/** takes; NULL is fine */
	void (*close)(struct store_db *db);
	/** Take a store away that was made in vain; it is not open. */
	void (*remove)(const char *dir);

	/** How long begin() and scrub() wait for others; some seconds until
	 *  this is said. */
	void (*patience)(struct store_db *db, store_wait_h *h, void *arg);

	/** One transaction. Processes that write at one time take turns. */
	int (*begin)(struct store_db *db);
	int (*commit)(struct store_db *db);
	void (*rollback)(struct store_db *db);
	/** False if an error has ended the transaction already. */
	bool (*in_transaction)(struct store_db *db);

	/** What follows mark() within a transaction is kept or undone. */
	int (*mark)(struct store_db *db);
	int (*keep)(struct store_db *db);
	int (*undo)(struct store_db *db);

	/** Wipe what was removed from the disk. EBUSY: somebody reads or
	 *  writes; nothing is wiped yet */
	int (*scrub)(struct store_db *db);

	/* writes, within a transaction */
	int (*call_put)(struct store_db *db, const struct store_call *call);
	int (*promise_put)(struct store_db *db,
			   const struct store_promise *promise);
	int (*attempt_put)(struct store_db *db,
			   const struct store_attempt *attempt);
	int (*person_add)(struct store_db *db, struct store_person *person);
	int (*person_set)(struct store_db *db,
			  const struct store_person *person);
	int (*person_off)(struct store_db *db, uint32_t id,
			  const char *reason, int64_t at);
	int (*telephone_set)(struct store_db *db,
			     const struct store_person *person);
	int (*telephone_seal)(struct store_db *db,
			      const struct telephone_change *change);
	int (*telephone_back)(struct store_db *db,
			      const struct telephone_change *change);
	int (*person_remove)(struct store_db *db, uint32_t id);
	int (*call_sound)(struct store_db *db, uint64_t id,
			  const struct store_sound *sound);
	int (*call_result)(struct store_db *db, uint64_t id,
			   const char *result);
	int (*account_totp)(struct store_db *db, uint32_t person,
			    const struct secret_text *totp, int64_t counter);
	int (*account_code)(struct store_db *db, uint32_t person,
			    int64_t counter);
	int (*invitation_put)(struct store_db *db,
			      const struct store_invitation *invitation);
	int (*invitation_accept)(struct store_db *db, const uint8_t *hash,
				 int64_t now, struct store_account *account);
	int (*roles_set)(struct store_db *db, uint32_t person,
			 const struct store_role *roles, size_t n);
	int (*key)(struct store_db *db, const char *name, uint8_t *key);
	int (*session_add)(struct store_db *db,
			   struct store_session *session);
	int (*session_seen)(struct store_db *db, uint32_t id, int64_t at);
	int (*session_remove)(struct store_db *db, uint32_t person,
			      uint32_t id);
	int (*session_old)(struct store_db *db, int64_t before);
	int (*credential_add)(struct store_db *db,
			      struct store_credential *credential);
	int (*credential_used)(struct store_db *db, uint32_t person,
			       uint32_t id, uint32_t sign_count, int64_t at);
	int (*credential_remove)(struct store_db *db, uint32_t person,
				 uint32_t id);
	int (*phone_put)(struct store_db *db,
			 const struct store_phone *phone);
	int (*phone_remove)(struct store_db *db, uint32_t person);
	int (*binding_put)(struct store_db *db,
			   const struct store_binding *binding);
	int (*binding_remove)(struct store_db *db, uint32_t person,
			      uint32_t place);
	int (*trunk_add)(struct store_db *db, struct store_trunk *trunk);
	int (*trunk_remove)(struct store_db *db, const char *name);
	int (*audit_add)(struct store_db *db, const struct store_audit *row);
	int (*identity_put)(struct store_db *db,
			    const struct store_identity *identity);
	int (*recovery_put)(struct store_db *db,
			    const struct store_recovery *r);
	int (*recovery_tried)(struct store_db *db, const uint8_t *hash,
			      int64_t at);
	/** the one before of its line is not current any more */
	int (*epoch_add)(struct store_db *db,
			 const struct store_epoch *epoch);
	int (*epoch_drop)(struct store_db *db, uint64_t id);
	int (*grant_add)(struct store_db *db,
			 const struct store_grant *grant);
	int (*grant_remove)(struct store_db *db, uint32_t person,
			    const char *line);
	int (*grant_refuse)(struct store_db *db, uint64_t epoch,
			    uint32_t person);
	/** ESTALE: not the current epoch of the call's line */
	int (*note_add)(struct store_db *db, struct store_note *note);
	int (*draft_put)(struct store_db *db, uint64_t call, uint32_t person,
			 uint32_t day, const uint8_t *sealed, size_t n);
	int (*draft_remove)(struct store_db *db, uint64_t call,
			    uint32_t person);
	int (*restored)(struct store_db *db);
	/** ENOENT no such epoch, person or key, or they have it */
	int (*grant_back)(struct store_db *db,
			  const struct store_grant *grant);
	int (*dialler_add)(struct store_db *db,
			   struct store_dialler *dialler);
	/** all of one call; ENOENT: there was nothing */
	int (*call_forget)(struct store_db *db, uint64_t id,
			   struct store_gone *gone);
	/** made in this call */
	int (*marks_forget)(struct store_db *db, uint64_t call, uint32_t *np);
	/** that mean nothing since that day, and nobody can open any more */
	int (*marks_drop)(struct store_db *db, uint32_t day, unsigned *np);
	/** what was sealed to it; its grants and itself stay */
	int (*epoch_clear)(struct store_db *db, uint64_t id);
	/** a read, within a transaction: by a number that may be needed */
	int (*epoch_used)(struct store_db *db, uint64_t id, bool *usedp);
	int (*epoch_close)(struct store_db *db, const char *line);
	int (*drafts_drop)(struct store_db *db, uint32_t day, unsigned *np);
	int (*looked_set)(struct store_db *db, uint32_t day);
	/** a read, within a transaction: *np numbers at most, those that are
	 *  over and arrived before */
	int (*calls_old)(struct store_db *db, const char *line,
			 int64_t before, uint64_t *ids, size_t *np);
	/** ESTALE: not the current epoch of its line */
	int (*mark_add)(struct store_db *db, const struct store_mark *mark);
	/** ENOENT: no such mark, or neither its epoch nor the current one */
	int (*mark_review)(struct store_db *db, const struct store_mark *mark);
	int (*mark_remove)(struct store_db *db, uint64_t id);

	/* reads */
	int (*looked_get)(struct store_db *db, uint32_t *dayp);
	int (*call_each)(struct store_db *db, uint32_t limit, store_call_h *h,
			 void *arg);
	int (*call_open)(struct store_db *db, store_call_h *h, void *arg);
	int (*call_last)(struct store_db *db, uint64_t *idp);
	int (*call_get)(struct store_db *db, uint64_t id,
			struct store_call *call);
	int (*promise_get)(struct store_db *db, uint64_t call,
			   struct store_promise *promise);
	int (*promise_each)(struct store_db *db, bool all, store_promise_h *h,
			    void *arg);
	int (*promise_clear)(struct store_db *db, uint64_t call,
			     struct secret_text *number);
	int (*attempt_each)(struct store_db *db, uint64_t call,
			    store_attempt_h *h, void *arg);
	int (*attempt_since)(struct store_db *db, int64_t at,
			     store_attempt_h *h, void *arg);
	int (*person_get)(struct store_db *db, const char *name,
			  struct store_person *person);
	int (*person_find)(struct store_db *db, uint32_t id,
			   struct store_person *person);
	int (*person_each)(struct store_db *db, store_person_h *h, void *arg);
	int (*account_get)(struct store_db *db, uint32_t person,
			   struct store_account *account);
	int (*invitation_get)(struct store_db *db, const uint8_t *hash,
			      struct store_invitation *invitation);
	int (*role_each)(struct store_db *db, uint32_t person,
			 store_role_h *h, void *arg);
	int (*session_get)(struct store_db *db, const uint8_t *hash,
			   struct store_session *session);
	int (*session_each)(struct store_db *db, uint32_t person,
			    store_session_h *h, void *arg);
	int (*credential_each)(struct store_db *db, uint32_t person,
			       store_credential_h *h, void *arg);
	int (*phone_each)(struct store_db *db, store_phone_h *h, void *arg);
	int (*binding_each)(struct store_db *db, store_binding_h *h,
			    void *arg);
	int (*trunk_each)(struct store_db *db, store_trunk_h *h, void *arg);
	/** all zero if there is none; within a transaction: the last one */
	int (*audit_last)(struct store_db *db, struct store_audit *row);
	int (*audit_each)(struct store_db *db, uint64_t from,
			  store_audit_h *h, void *arg);
	int (*identity_get)(struct store_db *db, uint32_t person,
			    struct store_identity *identity);
	int (*recovery_get)(struct store_db *db, struct store_recovery *r);
	int (*epoch_last)(struct store_db *db, uint64_t *idp);
	int (*epoch_current)(struct store_db *db, const char *line,
			     struct store_epoch *epoch);
	int (*epoch_each)(struct store_db *db, store_epoch_h *h, void *arg);
	int (*grant_of_person)(struct store_db *db, uint32_t person,
			       store_grant_h *h, void *arg);
	int (*grant_of_epoch)(struct store_db *db, uint64_t epoch,
			      store_grant_h *h, void *arg);
	int (*note_each)(struct store_db *db, uint64_t call, store_note_h *h,
			 void *arg);
	int (*draft_get)(struct store_db *db, uint64_t call, uint32_t person,
			 store_draft_h *h, void *arg);
	/** snap is empty; freed by the caller, also after an error */
	int (*snapshot)(struct store_db *db, struct store_snapshot *snap);
	int (*dialler_current)(struct store_db *db,
			       struct store_dialler *dialler);
	int (*kept_each)(struct store_db *db, store_kept_h *h, void *arg);
	int (*mark_get)(struct store_db *db, uint64_t id,
			struct store_mark *mark);
	int (*mark_each)(struct store_db *db, store_mark_h *h, void *arg);
};

extern const struct store_backend store_sqlite;

#endif
