/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file numbers.h  Telephone numbers, sealed twice
 *
 * To the dialler's key, so that the line can ring them, and to an epoch, so
 * that entitled people's pages can bring them back when the dialler's private
 * half is lost: with the power, for it is in memory alone. Format: seal.h, kind
 * 'D'; the epoch in the head of what is sealed to the dialler is the id of the
 * dialler's key (store/dialler.h).
 *
 * Who calls what: number_seal() whoever takes a number down (the line; the
 * command line and ringback-web for telephones of people); number_check()
 * ringback-web, of what a page sends; number_open() the line alone, since
 * nobody else has the key. Which epoch: the current one of the line for a
 * caller's number, EPOCHS_HOUSE (epochs.h) for a telephone of somebody who
 * works here.
 */
#ifndef RINGBACK_EPOCH_NUMBERS_H
#define RINGBACK_EPOCH_NUMBERS_H

#include "base/secret.h"
#include "seal/seal.h"
#include "store/dialler.h"
#include "store/epoch.h"

enum { NUMBERS_MOST = 63 }; /**< bytes of a number                          */

/** What a sealed number belongs to: it opens as nothing else. */
static inline uint64_t number_of_call(uint64_t call)
{
	return call;
}

static inline uint64_t number_of_person(uint32_t person)
{
	return UINT64_C(1) << 63 | person;
}

static inline uint64_t number_of_mark(uint64_t mark)
{
	return UINT64_C(1) << 62 | mark;
}

/** Is there one? */
static inline bool number_is(const struct store_number *sealed)
{
	return sealed->dialler != 0;
}

/** "none", "ready" or "waits": what may be said of it. @param dialler id of the
 *  current key, 0 if there is none */
const char *number_state(const struct store_number *sealed, uint32_t dialler);

/**
 * Seal
 *
 * @param sealed  Set on success
 * @param dialler The current key
 * @param epoch   NULL: there is no recovery key; to the dialler alone
 * @param subject number_of_...()
 *
 * @return 0; EINVAL too long, empty, or no public key
 */
int number_seal(struct store_number *sealed,
		const struct store_dialler *dialler,
		const struct store_epoch *epoch, uint64_t subject,
		const struct secret_text *number);

/**
 * Open what is sealed to the dialler
 *
 * @param number Wipe it after use; empty unless it was opened
 *
 * @return 0; ENOENT there is none; EKEYREJECTED for another key: it waits for
 *         somebody's page; EBADMSG changed, of something else, or no number
 */
int number_open(struct secret_text *number, const struct store_number *sealed,
		uint64_t subject, const uint8_t private[SEAL_KEY]);

/** Can this be a number that is sealed to this key of the dialler? What a
 *  browser sends. EBADMSG; ESTALE to another key */
int number_check(const uint8_t *sealed, size_t n, uint32_t dialler);

#endif
