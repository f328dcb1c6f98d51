/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file accounts_parts.h  What the files of accounts share
 */
#ifndef RINGBACK_WEB_ACCOUNTS_PARTS_H
#define RINGBACK_WEB_ACCOUNTS_PARTS_H

#include "base/signin_limit.h"
#include "seal/proof.h"
#include "store/telephone.h"
#include "accounts.h"
#include "challenge.h"
#include "keyring.h"
#include "upkeep.h"

enum {
	ACCOUNTS_PENDING = 32, /**< codes about to be confirmed at one time */
	ACCOUNTS_HOMES = 4096, /**< who signed in from where, lately        */
};

/** The secret of codes that somebody is about to confirm. */
struct accounts_pending {
	uint32_t person;
	struct secret_text secret;
	int64_t made_at;
};

/** A session that was there when we looked last. */
struct accounts_known {
	uint32_t id;
	uint32_t person;
	bool told; /* it was ended here */
};

struct accounts {
	struct web *web;
	accounts_changed_h *changedh;
	void *arg;
	uint8_t key[PROOF_BYTES];    /**< of made-up salts and places       */
	struct signin_limit *names;
	struct signin_limit *peers;
	struct signin_limit *homes;  /**< of a name, from where it signed in */
	uint32_t home[ACCOUNTS_HOMES]; /**< their places; 0 none            */
	struct accounts_pending pending[ACCOUNTS_PENDING];
	struct challenges challenges;
	struct keyring keyring;
	struct upkeep upkeep;
	struct tmr tmr;
	struct accounts_known *known; /**< ordered by id                    */
	size_t n_known;
	uint64_t old_ms; /**< when those that nobody uses were removed  */
};

/** Unix time, milliseconds. */
int64_t accounts_now(void);

/** Which key of the dialler people's numbers are to be sealed to, for
 *  store_telephone_state(); 0: none yet. EIO, ... */
int accounts_dialler(uint32_t *id, struct web *web);

/** Tell the line, and the pages of this person. */
void accounts_changed(struct web *web, uint32_t person);

/** A session of theirs is over: its pages are told, and nobody listens to a
 *  talk by it. */
void accounts_signed_out(struct web *web, uint32_t person, uint64_t session);

/** The person is signed in from now on: cookie, and Me as the answer. */
void session_start(struct request *req, uint32_t person);

/** The session of this request is over. @return as store_session_remove() */
int session_end(struct request *req);

/* ---- second.c: what signing in asks for besides the passphrase ---- */

struct second {
	const char *code; /**< NULL: none was sent, here and below          */
	json_t *key;
};

/** Is it good, and good for nothing more from now on? Only after the right
 *  proof. @return 0, also if none is asked for; ENOKEY nothing that fits was
 *  sent; EACCES it is wrong; EBADMSG not understood; or an error */
int second_take(struct web *web, const struct store_account *account,
		const struct second *second);

/** Answer which there are, and what to ask a key. */
void second_ask(struct request *req, const struct store_account *account);

/* ---- keys.c: security keys ---- */

/** Base64url without padding. @param mbp new. EPROTO, ENOMEM */
int key_bytes(struct mbuf **mbp, const char *text);

/** Is this the proof of their passphrase? If not, the answer was given, and a
 *  guess is counted. */
bool proof_shown(struct request *req, const char *text);

/** borrow */
struct webauthn_bytes key_part(const struct mbuf *mb);

/** Add the ids of all that they have, as browsers want them. */
int keys_ids(json_t *list, struct store *store, uint32_t person);

/* ---- people_roles.c: who may do what to whom ---- */

/** Read what a person may do. */
int roles_read(struct session *s, const struct web *web, uint32_t person);

/** As the API shows them: whoever has none is a counsellor of all lines.
 *  new, NULL */
json_t *roles_json(struct store *store, uint32_t person);

/** May they give this role, and look after whoever has it? ENOENT there is no
 *  such role or line, EPERM no */
int roles_may_give(const struct session *s, const struct web *web,
		   const struct store_role *role);

/** May they look after this person? 0, EPERM, or the store's error */
int roles_may_manage(const struct session *s, struct web *web,
		     uint32_t person);

/** Is there a line that they have to do with, and on which this person has one
 *  of these roles? */
bool roles_share_line(const struct session *s, const struct web *web,
		      uint32_t person, unsigned any);

/* ---- people_form.c: what a coordinator filled in ---- */

struct people_form {
	const char *name; /**< NULL, here and below: leave it               */
	json_t *languages;
	json_t *skills;
	const char *organisation;
	const char *region;
	json_t *roles;
};

/** Put it into the person's entry. @return NULL, or what is wrong in words */
const char *people_form_take(struct store_person *p,
			     const struct people_form *form,
			     const struct config *cfg);

/** The roles of a form. @param n In: room; out: how many
 *  @return NULL, or what is wrong in words */
const char *people_form_roles(struct store_role *v, size_t *n,
			      const json_t *roles);

#endif
