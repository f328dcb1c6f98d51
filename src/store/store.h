/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file store.h  The one door to the database
 *
 * Writes go through a writer thread with group commit: everything queued
 * while one commit runs is written by the next, in order. A write's handler
 * runs in the caller's libre loop after the commit that holds it (or with an
 * error: ENOSPC disk full, EROFS, EIO, EBUSY locked by another for five
 * seconds, ...), never before the call that queued it has returned. Reads are
 * direct. Processes that write take turns: none is starved by a busy one.
 *
 * Backends stand behind one table of functions (struct store_backend):
 * sqlite.c first. Schema: src/store/schema/NNNN-what.sql, applied in order;
 * a store made by a newer Ringback is refused with ENOTSUP and plain words.
 */
#ifndef RINGBACK_STORE_H
#define RINGBACK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/secret.h"
#include "number.h"

struct store;

enum store_mode {
	STORE_CREATE, /**< make it; EEXIST if there is one. Then as TOOL     */
	STORE_DAEMON, /**< a writer thread and handlers in the libre loop    */
	STORE_TOOL,   /**< for the command line: no thread; writes are done
			   when the call returns, handlers run at once       */
};

/** What the programs of this version make of a store. */
struct store_shape {
	uint32_t version; /**< of its schema                                */
	uint32_t oldest;  /**< programs from this schema on can work with it */
};

struct store_shape store_shape(void);

/**
 * Told when a write is durable
 *
 * @param err 0, or why it is not on disk
 */
typedef void(store_done_h)(int err, void *arg);

/**
 * Open the store of a data folder
 *
 * @param sp   new
 * @param dir  Data folder; the store is DIR/store.db
 * @param mode What for
 *
 * @return 0, ENOENT if there is none, EEXIST, ENOTSUP made by a newer
 *         Ringback, ENOSPC, EACCES, EIO. Says why in one log line.
 */
int store_open(struct store **sp, const char *dir, enum store_mode mode);

/**
 * Go on as STORE_DAEMON with a store that was opened as STORE_TOOL: so that
 * what the files need is done before a process is shut in (base/sandbox.h),
 * and its thread starts after that
 *
 * @return 0, EINVAL it is one, ENOMEM, EAGAIN no thread
 */
int store_start(struct store *s);

/** takes. Waits until all that was queued is written; while another program
 *  keeps the store locked, for four seconds in all: what is not on disk then
 *  is lost, and the log says how much. Handlers that have not run by then do
 *  not run. NULL is fine. */
void store_close(struct store *s);

/** What the writer has done so far. */
struct store_stats {
	uint64_t n_written; /**< writes that are on disk                    */
	uint64_t n_failed;  /**< writes that are not                        */
	uint64_t n_commits; /**< transactions that took them there          */
	uint32_t n_queued;  /**< writes not yet done                        */
};

void store_stats_get(struct store *s, struct store_stats *stats);

/** How talks in the browser sounded. */
struct store_sound {
	uint32_t n_reports;  /**< 0: nothing is known                       */
	uint16_t loss_mean;  /**< per mille, of the worse direction         */
	uint16_t loss_worst; /**< the same, of one report                   */
	uint16_t jitter_ms;  /**< of the worst report                       */
	uint16_t rtt_ms;     /**< of the worst report; 0 not known          */
};

/** One call for help on record. Strings are NUL-terminated; never a number */
struct store_call {
	uint64_t id;
	char line[LIMIT_NAME];
	char language[LIMIT_LANGUAGE];
	char state[LIMIT_REASON];
	char outcome[LIMIT_REASON]; /**< "" while open                      */
	char reason[LIMIT_REASON];  /**< "" if none                         */
	int64_t arrived_at;         /**< Unix time, milliseconds            */
	uint64_t wait_ms;
	uint64_t talk_ms;
	uint32_t counsellor;        /**< person's id, 0 if none             */
	char counsellor_name[LIMIT_NAME]; /**< filled on reading only; ""
						if none or removed          */
	char result[LIMIT_REASON]; /**< filled on reading only; "" if nobody
						said: store_call_result()   */
	struct store_sound sound; /**< filled on reading only               */
};

/** Write a call: insert it, or replace all its fields, but that it arrived when
 *  it was inserted: later that is only rounded (coarse.h), and a clock that is
 *  far behind is not believed (keep.h, STORE_TRUST). Handler optional.
 *  @return 0 queued, ENOMEM, ENOSPC if LIMIT_STORE_QUEUE writes wait for the
 *          disk already, or (STORE_TOOL) the error of the write */
int store_call_put(struct store *s, const struct store_call *call,
		   store_done_h *doneh, void *arg);

/** Newest first. The handler returns true to stop. limit 0: all. Here and
 *  below: a handler may write, but read the same only after it (EBUSY). */
typedef bool(store_call_h)(const struct store_call *call, void *arg);
int store_call_each(struct store *s, uint32_t limit, store_call_h *h,
		    void *arg);

/** By number. ENOENT. */
int store_call_get(struct store *s, uint64_t id, struct store_call *call);

/** Synchronous. What came of it, in the words of whoever talked: "helped",
 *  "referred", "again", "not_for_us", "abusive", "dropped", or "" for nothing
 *  said. A later store_call_put() leaves it. ENOENT, EINVAL another word */
int store_call_result(struct store *s, uint64_t id, const char *result);

/** How one of its talks sounded: counts together with what is on record of
 *  others. Handler and return as store_call_put(); ENOENT. EINVAL no report, or
 *  more than 1000 per mille */
int store_call_sound(struct store *s, uint64_t id,
		     const struct store_sound *sound, store_done_h *doneh,
		     void *arg);

/** Highest number of a call that there ever was, 0 if none. */
int store_call_last(struct store *s, uint64_t *idp);

/** Those without an outcome, oldest first: what a start must take up. */
int store_call_open(struct store *s, store_call_h *h, void *arg);

/** What is owed to the caller of one call. Strings as the core names them. */
struct store_promise {
	uint64_t call;
	char line[LIMIT_NAME];      /**< filled on reading only             */
	char language[LIMIT_LANGUAGE]; /**< filled on reading only          */
	char kind[LIMIT_REASON];
	char state[LIMIT_REASON];   /**< promise_state_name()               */
	char words[LIMIT_REASON];
	char hours[LIMIT_REASON];
	char shown[LIMIT_REASON];
	char level[LIMIT_REASON];
	struct store_number number; /**< sealed. Destroyed with the promise */
	int64_t made_at;            /**< Unix time, milliseconds            */
	int64_t due_at;
	int64_t next_at;            /**< no attempt before; 0               */
	uint32_t owner;             /**< person's id, 0 the coordinator     */
	char owner_name[LIMIT_NAME]; /**< filled on reading only            */
	uint32_t n_attempts;
	uint32_t n_snoozed;
	char reason[LIMIT_REASON];  /**< why it was closed; ""              */
};

/** Write a promise: insert it, or replace all its fields. When its state is
 *  "kept", "declined" or "closed" the number is wiped, whatever is given: from
 *  the row with this write, from the disk in the writer's next idle moment.
 *  The call need not be there. Handler and return as store_call_put(). */
int store_promise_put(struct store *s, const struct store_promise *promise,
		      store_done_h *doneh, void *arg);

/** By call. ENOENT. */
int store_promise_get(struct store *s, uint64_t call,
		      struct store_promise *promise);

/** A number that an older Ringback left in the clear; wiped from the disk with
 *  the write that puts a sealed one in its place, or ends the promise. ENOENT */
int store_promise_clear(struct store *s, uint64_t call,
			struct secret_text *number);

/** Those that are open (or all), by due time. True from the handler stops. */
typedef bool(store_promise_h)(const struct store_promise *promise, void *arg);
int store_promise_each(struct store *s, bool all, store_promise_h *h,
		       void *arg);

/** One attempt to ring back. */
struct store_attempt {
	uint64_t call;
	uint32_t n;                  /**< from 1                            */
	int64_t at;                  /**< Unix time, milliseconds           */
	char outcome[LIMIT_REASON];  /**< "open" while it goes on           */
	uint32_t counsellor;         /**< who was on the other side, 0      */
};

/** Insert it, or replace its outcome and nothing else. Handler and return as above. */
int store_attempt_put(struct store *s, const struct store_attempt *attempt,
		      store_done_h *doneh, void *arg);

/** Of one call, the first one first. */
typedef bool(store_attempt_h)(const struct store_attempt *attempt, void *arg);
int store_attempt_each(struct store *s, uint64_t call, store_attempt_h *h,
		       void *arg);

/** Of all calls, those that began at this time (as it is on record: to the
 *  quarter of an hour) or later, the first one first. */
int store_attempt_since(struct store *s, int64_t at, store_attempt_h *h,
			void *arg);

enum store_accept {
	STORE_ACCEPT_ANSWER = 0, /**< picking up accepts                    */
	STORE_ACCEPT_KEY,        /**< a key accepts                         */
};

/** A telephone that is a number, not an address, begins so: "tel:+4930123". */
#define STORE_PHONE_NUMBER "tel:"

struct store_person {
	uint32_t id;             /**< 0 when adding                         */
	char name[LIMIT_NAME];
	struct secret_text phone; /**< sip: URI; a number that is not sealed
				       yet; empty: sealed, or browser only  */
	struct store_number number; /**< telephone.h; all zero: none        */
	enum store_accept accept;
	uint32_t wrap_up_s;
	bool on_duty;
	/** Words with commas between them: "en,es". "" is the first language
	 *  of the first line: so it was before languages were asked for, and
	 *  old rows say so. The store does not know which one that is: whoever
	 *  reads the row does */
	char languages[LIMIT_WORDS];
	char skills[LIMIT_WORDS];        /**< "legal,military"; "" none     */
	char organisation[LIMIT_NAME];   /**< "" none                       */
	char region[LIMIT_NAME];         /**< "" none                       */
	char off_reason[LIMIT_REASON]; /**< why the line put them off duty;
					    "" if it did not               */
	int64_t off_at;          /**< when: Unix time, milliseconds; or 0   */
};

/** Synchronous. EEXIST: that name is taken. Fills person->id. */
int store_person_add(struct store *s, struct store_person *person);
/** Synchronous, by id: all but their telephone, which is changed by
 *  store_telephone_set(). ENOENT. */
int store_person_set(struct store *s, const struct store_person *person);
/** With account, sessions, invitation and roles. ENOENT. */
int store_person_remove(struct store *s, uint32_t id);
/** Put somebody off duty, by id, and say why and when. Handler optional: 0,
 *  or ENOENT (also: STORE_OFF_WAITS, and it does not wait any more), EIO, ...
 *  @return as store_call_put() */
int store_person_off(struct store *s, uint32_t id, const char *reason,
		     int64_t at, store_done_h *doneh, void *arg);
/** By name. ENOENT. */
int store_person_get(struct store *s, const char *name,
		     struct store_person *person);
/** By id. ENOENT. */
int store_person_find(struct store *s, uint32_t id,
		      struct store_person *person);
/** By name, alphabetically. The handler returns true to stop. */
typedef bool(store_person_h)(const struct store_person *person, void *arg);
int store_person_each(struct store *s, store_person_h *h, void *arg);

enum {
	STORE_SALT = 16, /**< bytes of a salt                               */
	STORE_HASH = 32, /**< bytes of a hash, and of a key                 */
};

/** How a person signs in: see src/seal/proof.h. */
struct store_account {
	uint32_t person;
	uint8_t salt[STORE_SALT];
	uint64_t opslimit;       /**< of Argon2id in their browser          */
	uint64_t memlimit;       /**< bytes                                 */
	uint8_t proof[STORE_HASH]; /**< its hash                            */
	struct secret_text totp; /**< base32; empty: no codes are asked for */
	int64_t totp_counter;    /**< of the last code that was taken       */
};

/** By person's id. ENOENT: none yet, or invited anew */
int store_account_get(struct store *s, uint32_t person,
		      struct store_account *account);
/** Synchronous. Ask for codes from now on, or (empty) no more. counter: of
 *  the code that confirmed it. ENOENT. */
int store_account_totp(struct store *s, uint32_t person,
		       const struct secret_text *totp, int64_t counter);
/** Synchronous. A code was used. EALREADY: this one or a later one was before,
 *  or there is no such account */
int store_account_code(struct store *s, uint32_t person, int64_t counter);

/** A link by which a person makes an account, once. */
struct store_invitation {
	uint32_t person;
	uint8_t hash[STORE_HASH]; /**< of its token                         */
	int64_t ends_at;          /**< Unix time, milliseconds              */
	bool used;
};

/** Synchronous. Takes the place of an earlier one, and of the account: what
 *  opened it before is no good from now on, and sessions end. ENOENT. */
int store_invitation_put(struct store *s,
			 const struct store_invitation *invitation);
/** By hash; also those that are used or over. ENOENT. */
int store_invitation_get(struct store *s, const uint8_t *hash,
			 struct store_invitation *invitation);
/** Synchronous, all or nothing: the invitation is used, the account made; a key
 *  of theirs that an older passphrase wrapped goes, with its grants and
 *  drafts (epoch.h, note.h). Fills account->person. ENOENT: there is none, it is used, or over at now */
int store_invitation_accept(struct store *s, const uint8_t *hash, int64_t now,
			    struct store_account *account);

/** What a person may do. Whoever has none is a counsellor of all lines. */
struct store_role {
	uint32_t person;          /**< filled on reading only               */
	char line[LIMIT_NAME];    /**< "" all                               */
	char role[LIMIT_REASON];  /**< "trainee", "counsellor",
				       "coordinator", "operator"            */
};

/** Synchronous: in place of all they had. ENOENT no such person, EINVAL
 *  another word, or two for one line */
int store_roles_set(struct store *s, uint32_t person,
		    const struct store_role *roles, size_t n);
/** Of one person (0: of all), by line. True from the handler stops. */
typedef bool(store_role_h)(const struct store_role *role, void *arg);
int store_role_each(struct store *s, uint32_t person, store_role_h *h,
		    void *arg);

/** Synchronous. A key of the installation, by name: the one that is kept, or
 *  if there is none, what is given is kept from now on. STORE_HASH bytes */
int store_key(struct store *s, const char *name, uint8_t *key);

/** Somebody is signed in with a browser. */
struct store_session {
	uint32_t id;              /**< may be shown; 0 when adding          */
	uint32_t person;
	uint8_t hash[STORE_HASH]; /**< of the token in their cookie         */
	int64_t made_at;          /**< Unix time, milliseconds              */
	int64_t seen_at;
};

/** Synchronous. Fills session->id. ENOENT no such person */
int store_session_add(struct store *s, struct store_session *session);
/** By the token's hash. ENOENT. */
int store_session_get(struct store *s, const uint8_t *hash,
		      struct store_session *session);
/** It was used. Handler and return as store_call_put(); ENOENT */
int store_session_seen(struct store *s, uint32_t id, int64_t at,
		       store_done_h *doneh, void *arg);
/** Synchronous: one of theirs, or (id 0) all. ENOENT */
int store_session_remove(struct store *s, uint32_t person, uint32_t id);
/** Synchronous: all that were not used since. */
int store_session_old(struct store *s, int64_t before);
/** Of one person (0: of all), the oldest first. */
typedef bool(store_session_h)(const struct store_session *session, void *arg);
int store_session_each(struct store *s, uint32_t person, store_session_h *h,
		       void *arg);

enum store_trunk_kind {
	STORE_TRUNK_STATIC = 0, /**< peer by address                        */
	STORE_TRUNK_REGISTER,   /**< we register with it                    */
};

/** Keys of sound in the SDP of a trunk's calls. */
enum store_srtp {
	STORE_SRTP_USUAL = 0, /**< as sip_srtp says                        */
	STORE_SRTP_OFF,
	STORE_SRTP_OFFER,
	STORE_SRTP_REQUIRE,   /**< and so TLS, too                         */
	STORE_SRTPS
};

struct store_trunk {
	uint32_t id;
	char name[LIMIT_NAME];
	enum store_trunk_kind kind;
	char from[LIMIT_NAME];        /**< "ADDR/BITS", STATIC              */
	struct secret_text uri;       /**< "sip:USER@HOST[:PORT]", REGISTER;
					   STATIC: "sip:HOST[:PORT]" to dial
					   out by, or "" if it cannot       */
	char secret_file[LIMIT_PATH]; /**< absolute path, REGISTER          */
	char certificate[65];         /**< SHA-256 of what it has to show by
					   TLS, 64 hex digits; "": any that is
					   for its name                     */
	enum store_srtp srtp;
};

/** Synchronous. EEXIST: that name is taken. Fills trunk->id. */
int store_trunk_add(struct store *s, struct store_trunk *trunk);
/** By name. ENOENT. */
int store_trunk_remove(struct store *s, const char *name);
typedef bool(store_trunk_h)(const struct store_trunk *trunk, void *arg);
int store_trunk_each(struct store *s, store_trunk_h *h, void *arg);

#endif
