/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file epoch.h  Keys to what is sealed, in the store
 *
 * The store knows public keys, and private ones that only others can open. It
 * does not know who is entitled to what: src/epoch.
 */
#ifndef RINGBACK_STORE_EPOCH_H
#define RINGBACK_STORE_EPOCH_H

#include "store.h"

enum {
	STORE_PUBLIC = 32,
	STORE_WRAPPED = 88,  /**< WRAP_SIZE of src/seal/wrap.h              */
	STORE_GRANT = 200,   /**< seal_size(SEAL_GRANT, 32)                 */
	STORE_SHARES = 16,
};

/** The key of a person. */
struct store_identity {
	uint32_t person;
	uint8_t public[STORE_PUBLIC];
	uint8_t wrapped[STORE_WRAPPED];
};

/** Synchronous; in place of an older one. ENOENT no such person */
int store_identity_put(struct store *s, const struct store_identity *identity);
/** ENOENT they have none */
int store_identity_get(struct store *s, uint32_t person,
		       struct store_identity *identity);

/** The recovery key, and what tells its shares. */
struct store_recovery {
	uint8_t public[STORE_PUBLIC];
	uint32_t need;
	int64_t made_at;                 /**< Unix time, milliseconds       */
	uint32_t n;
	struct {
		uint8_t hash[STORE_HASH];
		int64_t tried_at;        /**< 0 never                       */
	} shares[STORE_SHARES];          /**< number 1 first                */
};

/** Synchronous; in place of an older one. EINVAL */
int store_recovery_put(struct store *s, const struct store_recovery *r);
/** ENOENT there is none */
int store_recovery_get(struct store *s, struct store_recovery *r);
/** Synchronous. Its holder has shown this share. ENOENT no share is this one */
int store_recovery_tried(struct store *s, const uint8_t *hash, int64_t at);

/** A key pair of a line and a month. */
struct store_epoch {
	uint64_t id;
	char line[LIMIT_NAME];
	uint8_t public[STORE_PUBLIC];
	uint32_t month;  /**< 12 * year + 0 to 11: when it was made         */
	bool current;    /**< what is sealed for the line is sealed to it   */
	bool dropped;    /**< nobody can open what was                      */
};

/** Its private half, for one person. */
struct store_grant {
	uint64_t epoch;
	uint32_t person;               /**< 0: the recovery key             */
	uint8_t public[STORE_PUBLIC];  /**< to which it is sealed           */
	uint8_t sealed[STORE_GRANT];
};

/** The highest number of an epoch so far, 0 if none. */
int store_epoch_last(struct store *s, uint64_t *idp);

/** Synchronous. From now on the current one of its line, with its grants.
 *  EEXIST another has this number; EINVAL */
int store_epoch_add(struct store *s, const struct store_epoch *epoch,
		    const struct store_grant *grants, size_t n);

/** The current one. ENOENT */
int store_epoch_current(struct store *s, const char *line,
			struct store_epoch *epoch);

/** All, the oldest first. True from the handler stops. */
typedef bool(store_epoch_h)(const struct store_epoch *epoch, void *arg);
int store_epoch_each(struct store *s, store_epoch_h *h, void *arg);

/** Synchronous. Nobody can open what was sealed to it, from now on, and what
 *  of it is in the store goes (keep.h). ENOENT; EPERM it is the current one;
 *  ENOTEMPTY a number that may be needed is sealed to it */
int store_epoch_drop(struct store *s, uint64_t id);

/** By epoch, then person: of one person (0 the recovery key), or of one epoch
 *  with whoever has one. True from the handler stops. */
typedef bool(store_grant_h)(const struct store_grant *grant, void *arg);
int store_grant_of_person(struct store *s, uint32_t person, store_grant_h *h,
			  void *arg);
int store_grant_of_epoch(struct store *s, uint64_t epoch, store_grant_h *h,
			 void *arg);

/** Synchronous. Somebody who can open an epoch has sealed it to another.
 *  ENOENT no such epoch, or dropped; EEXIST they have it */
int store_grant_add(struct store *s, const struct store_grant *grant);

/** Synchronous. A person's grants for a line go, of whatever epoch. */
int store_grant_remove(struct store *s, uint32_t person, const char *line);

/** Synchronous. A person's grant of an epoch goes, since it does not open.
 *  ENOENT they have none */
int store_grant_refuse(struct store *s, uint64_t epoch, uint32_t person);

#endif
