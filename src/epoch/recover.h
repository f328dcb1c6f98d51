/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file recover.h  What the recovery key was granted, sealed to somebody else
 *
 * For a line whose people have all lost their passphrases: nobody's page can
 * open an old epoch any more, so that none can give it to others (wanting.h).
 */
#ifndef RINGBACK_EPOCH_RECOVER_H
#define RINGBACK_EPOCH_RECOVER_H

#include "seal/seal.h"
#include "store/epoch.h"

/** The private half of a recovery key.
 *  @return 0; ENODATA nobody has it now: go on without; another error ends */
typedef int(recover_key_h)(uint8_t private[SEAL_KEY],
			   const uint8_t public[SEAL_KEY], void *arg);

struct recovered {
	struct store_grant *v; /**< for store_grants_back(); recover_free() */
	size_t n;
	size_t n_closed; /**< that stayed closed: sealed to another recovery
			      key, or not a key                             */
};

/**
 * Open the recovery key's grants of all epochs that a person is entitled to and
 * does not hold, and seal them to the person
 *
 * @param keyh Asked once for each recovery key, the one in use first
 *
 * @return 0; ENOENT the person has no key of their own; as keyh; ENOMEM, ...
 */
int recover_for(struct recovered *r, struct store *s, uint32_t person,
		recover_key_h *keyh, void *arg);
void recover_free(struct recovered *r);

/**
 * After a restore with a keyring: epochs of which nobody has a key are dropped;
 * of one that a number is sealed to, too, all but that number goes
 *
 * The keyring is newer than the backup: they were dropped in between. With an
 * older one that cannot be told.
 *
 * @param np Optional; how many
 */
int recover_drop_keyless(struct store *s, unsigned *np);

#endif
