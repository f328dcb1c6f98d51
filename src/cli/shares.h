/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file shares.h  Shares of the recovery key, as somebody types them
 */
#ifndef RINGBACK_CLI_SHARES_H
#define RINGBACK_CLI_SHARES_H

#include "seal/recovery.h"

/**
 * Read the words of one share from standard input, up to an empty line or the
 * end
 *
 * @return 0; ENODATA there was nothing; EINVAL, EBADMSG not a share: said on
 *         standard error
 */
int shares_read_one(struct recovery_share *share);

/**
 * Read as many as are needed, and put the key together
 *
 * @param private Set; to be wiped by the caller
 * @param public  Whose it must be
 * @param without What is said if there are no words at all: where the key is
 *                needed, or can be done without
 *
 * @return 0; ENODATA too few, EKEYREJECTED of another key, ...: said on
 *         standard error
 */
int shares_read(uint8_t private[SEAL_KEY], const uint8_t public[SEAL_KEY],
		const char *without);

#endif
