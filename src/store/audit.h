/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file audit.h  The audit log: who did what that others may ask about later
 *
 * Rows are only added. Each has a link, a hash of the row and of the link
 * before (src/seal/chain.h; the fields id, at, person, what, whom, call,
 * detail, in this order), taken within the transaction that adds it: line, web
 * and command line may all add at one time.
 *
 * Ids and fixed words alone: no name, no number, nothing anybody said.
 */
#ifndef RINGBACK_STORE_AUDIT_H
#define RINGBACK_STORE_AUDIT_H

#include "store.h"

/*
 * word, what the person did (for docs/audit.md and `ringback audit`)
 */
#define STORE_AUDIT_WORDS(X)                                                  \
	X("number_looked", "looked at the caller's number")                   \
	X("listen_began", "began to listen to a talk")                        \
	X("listen_ended", "stopped listening")                                \
	X("whisper_on", "could be heard by the counsellor from then on")      \
	X("whisper_off", "could not be heard any more")                       \
	X("message_heard", "listened to a message")                           \
	X("notes_read", "read notes that others had written")                 \
	X("promise_kept", "said that a promise was dealt with")               \
	X("promise_closed", "closed a promise unkept")                        \
	X("person_added", "added a person")                                   \
	X("person_changed", "changed what is known of a person")              \
	X("person_removed", "removed a person")                               \
	X("person_invited", "made a link by which a person signs in anew")    \
	X("person_duty", "put another person on or off duty")                 \
	X("person_phone", "changed where a person is rung")                   \
	X("key_added", "added a security key of their own")                   \
	X("key_removed", "removed a security key of their own")               \
	X("role_changed", "gave a person this role, in place of others")      \
	X("number_resealed", "brought back a number after a loss of power")   \
	X("key_granted", "sealed the key of an epoch to a person")            \
	X("backup_made", "made a backup")                                     \
	X("backup_restored", "restored all this from a backup")               \
	X("keys_recovered", "opened keys with the recovery key for a person") \
	X("grant_refused", "could not open a key that they were given")      \
	X("case_forgotten", "had all that was kept of a call deleted")        \
	X("mark_made", "blocked a caller, or gave them a care plan")          \
	X("mark_reviewed", "looked at a mark again and kept it")              \
	X("mark_removed", "removed a mark")                                   \
	X("marks_indexed", "told the line whose numbers these marks are of")  \
	X("mark_disputed", "told another number for a mark than was told first")

enum {
	STORE_AUDIT_DETAIL = 128, /**< of a detail: bytes incl. NUL         */
	STORE_AUDIT_ALONG = 20,   /**< rows that go along with one write    */
};

struct store_audit {
	uint64_t id;      /**< from 1 without a gap; filled by the store    */
	int64_t at;       /**< Unix time, milliseconds                      */
	uint32_t person;  /**< who; 0: at the machine's command line        */
	uint32_t whom;    /**< whom it was done to; 0 nobody                */
	uint64_t call;    /**< 0 none                                       */
	char what[LIMIT_REASON];         /**< of STORE_AUDIT_WORDS          */
	char detail[STORE_AUDIT_DETAIL]; /**< another fixed word; "" none   */
	uint8_t link[STORE_HASH];        /**< filled by the store           */
};

/** Add a row: durable when the handler runs. Handler and return as
 *  store_call_put(); EINVAL what is not of STORE_AUDIT_WORDS, or no time */
int store_audit_add(struct store *s, const struct store_audit *row,
		    store_done_h *doneh, void *arg);

/** Synchronous: it is durable when this returns 0. */
int store_audit_now(struct store *s, const struct store_audit *row);

/**
 * Add a row with the next write
 *
 * It goes with the next store_person_add(), store_person_set(),
 * store_person_remove(), store_roles_set(), store_invitation_put(),
 * store_grant_add(), store_grant_refuse(), store_credential_add(),
 * store_credential_remove(),
 * store_phone_put(), store_phone_remove(), store_telephone_set(),
 * store_telephone_back(), store_mark_add(), store_mark_review() or
 * store_mark_remove() of this process, so it is to be
 * said right before: both are on disk, or neither is.
 * Whom 0 with store_person_add(): the new person.
 *
 * @return 0, EINVAL as above, ENOSPC STORE_AUDIT_ALONG wait already
 */
int store_audit_along(struct store *s, const struct store_audit *row);

/**
 * Set roles, with a row for each
 *
 * @param row At and person; whom is who gets them
 *
 * @return as store_roles_set(); ENOSPC more than STORE_AUDIT_ALONG
 */
int store_audit_roles(struct store *s, const struct store_audit *row,
		      const struct store_role *roles, size_t n);

/** From this id on, the oldest first. True from the handler stops. */
typedef bool(store_audit_h)(const struct store_audit *row, void *arg);
int store_audit_each(struct store *s, uint64_t from, store_audit_h *h,
		     void *arg);

/** The last link; zeros if there is no row. */
int store_audit_head(struct store *s, uint8_t *link);

enum store_audit_fault {
	STORE_AUDIT_SOUND = 0,
	STORE_AUDIT_MISSING,  /**< rows before this one are not there       */
	STORE_AUDIT_MOVED,    /**< what belongs here stands at "other"      */
	STORE_AUDIT_CHANGED,  /**< this row, or the link before             */
	STORE_AUDIT_CUT,      /**< the head is not in the chain: rows were
				   cut off at its end, or it is another one */
};

struct store_audit_verdict {
	enum store_audit_fault fault;
	uint64_t n;      /**< rows that are sound, from the first on        */
	uint64_t at;     /**< id of the first that is not; 0                */
	uint64_t other;  /**< MISSING: the first that is not there, MOVED   */
	uint64_t head_n; /**< rows up to the head that was given            */
	uint8_t link[STORE_HASH]; /**< of the last sound row                */
};

/**
 * Follow the chain from its beginning
 *
 * Rows cut off at the end leave a chain that is sound: that is seen only with
 * a head that was noted before.
 *
 * @param head An earlier store_audit_head(), or NULL
 *
 * @return 0 (the verdict says what was found), or why it cannot be read
 */
int store_audit_verify(struct store *s, const uint8_t *head,
		       struct store_audit_verdict *v);

#endif
