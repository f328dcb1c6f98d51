/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file backup.h  The store as it was in one moment, and back again
 *
 * The keys of epochs (epoch.h, grants) are no part of a backup: whoever drops
 * an epoch could not take them out of it again. They are kept beside it, in
 * one copy alone.
 */
#ifndef RINGBACK_STORE_BACKUP_H
#define RINGBACK_STORE_BACKUP_H

#include "epoch.h"

enum {
	/** Numbers of epochs go on at least that far above after a restore,
	 *  and not below the seconds since 1970: the store that was lost, or
	 *  was restored of the same backup before, may have given some that
	 *  the backup knows nothing of, and pages remember what they stand
	 *  for. */
	STORE_EPOCH_JUMP = 1000000,
	STORE_GRANT_ROW = 8 + 4 + STORE_PUBLIC + STORE_GRANT,
};

struct store_snapshot {
	uint8_t *image; /**< an SQLite database; without grants, sessions,
			     invitations, registered telephones, and without
			     anything that was removed before               */
	size_t n_image;
	void (*image_free)(void *image);
	struct store_grant *grants; /**< of the same moment                 */
	size_t n_grants;
	uint64_t *open; /**< calls that have not ended, the oldest first    */
	size_t n_open;
};

/**
 * Take one, while others write; in memory alone
 *
 * While it is taken that is twice the size of the store, afterwards once.
 *
 * @return 0; ENOMEM; EIO, EBUSY, ...
 */
int store_snapshot(struct store *s, struct store_snapshot *snap);
void store_snapshot_free(struct store_snapshot *snap);

/** Was this call open then? */
bool store_snapshot_open(const struct store_snapshot *snap, uint64_t call);

/** Synchronous: this store was a snapshot. Nobody is signed in or invited, no
 *  telephone is registered, no epoch is current. */
int store_restored(struct store *s);

/** Synchronous, all or nothing. Grants come back for epochs that there are,
 *  not dropped, to people who have that key and none of the epoch.
 *  @param np Optional; how many those were */
int store_grants_back(struct store *s, const struct store_grant *v, size_t n,
		      size_t *np);

/** Grants as bytes: epoch 8, person 4 (big-endian), public key, sealed.
 *  @param to n times STORE_GRANT_ROW */
void store_grants_encode(uint8_t *to, const struct store_grant *v, size_t n);

/** @param vp new (free()). EBADMSG not of whole rows; ENOMEM */
int store_grants_decode(struct store_grant **vp, size_t *np,
			const uint8_t *from, size_t size);

#endif
