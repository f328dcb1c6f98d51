/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file telephones.h  People's own telephone numbers, sealed
 *
 * As any number (numbers.h): to the dialler's key, and to the current epoch of
 * the installation (EPOCHS_HOUSE), which coordinators of all lines open. What
 * the store has of them: store/telephone.h.
 */
#ifndef RINGBACK_EPOCH_TELEPHONES_H
#define RINGBACK_EPOCH_TELEPHONES_H

#include "store/telephone.h"

/**
 * Seal the number of a person
 *
 * @param s      For the current epoch; without one, to the dialler alone
 * @param sealed Set on success
 * @param number Without STORE_PHONE_NUMBER
 *
 * @return 0; EINVAL no number; EIO, ...
 */
int telephone_seal(struct store *s, const struct store_dialler *dialler,
		   uint32_t person, const struct secret_text *number,
		   struct store_number *sealed);

/** The number that a person's row has in the clear (borrow: a part of it);
 *  NULL if there is none: an address, nothing, or it is sealed. */
const char *telephone_clear(const struct store_person *person);

/**
 * Seal what a row has in the clear, in that row, for
 * store_telephone_set(): the command line's and the page's way, while a line
 * runs that has the key
 *
 * @return 0, also if there is nothing to seal; ENOENT there is no key yet, and
 *         the row is as it was; EIO, ...
 */
int telephone_take(struct store *s, struct store_person *person);

#endif
