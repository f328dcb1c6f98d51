/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file credential.h  Security keys of people, in the store
 *
 * They belong to an account: whoever is invited anew has none.
 */
#ifndef RINGBACK_STORE_CREDENTIAL_H
#define RINGBACK_STORE_CREDENTIAL_H

#include "store.h"

enum {
	STORE_KEY_ID = 1023,    /**< bytes of a key's own id (WebAuthn, 4)  */
	STORE_KEY_PUBLIC = 259, /**< bytes of the longest public key        */
};

/** A WebAuthn credential. */
struct store_credential {
	uint32_t id;              /**< may be shown; 0 when adding          */
	uint32_t person;
	uint8_t key_id[STORE_KEY_ID]; /**< what the key itself calls it     */
	size_t n_key_id;
	int32_t algorithm;        /**< of COSE: -7 is ES256                 */
	uint8_t public[STORE_KEY_PUBLIC];
	size_t n_public;
	uint32_t sign_count;      /**< as of its last use; 0 does not count */
	char label[LIMIT_NAME];   /**< as they call it, "" not at all       */
	int64_t made_at;          /**< Unix time, milliseconds              */
	int64_t used_at;          /**< 0 never                              */
};

/** Synchronous. Fills credential->id. EEXIST: this key is known, also as
 *  another's; ENOENT no such account */
int store_credential_add(struct store *s,
			 struct store_credential *credential);
/** Synchronous. It was used, and says how often. EALREADY: not more often than
 *  before (a copy of the key, or an old answer), or it is gone */
int store_credential_used(struct store *s, uint32_t person, uint32_t id,
			  uint32_t sign_count, int64_t at);
/** Synchronous: one of theirs. ENOENT */
int store_credential_remove(struct store *s, uint32_t person, uint32_t id);
/** Of one person, the oldest first. True from the handler stops. */
typedef bool(store_credential_h)(const struct store_credential *credential,
				 void *arg);
int store_credential_each(struct store *s, uint32_t person,
			  store_credential_h *h, void *arg);

#endif
