/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dialler.h  The dialler's public key, and numbers sealed to it
 *
 * A number that the line is to ring stands in the store twice: sealed to the
 * dialler's key, whose private half is in the memory of keeper and line alone,
 * and sealed to an epoch (epoch.h), so that people's pages can bring it back
 * when that memory is lost. The store opens neither: src/epoch/numbers.h.
 */
#ifndef RINGBACK_STORE_DIALLER_H
#define RINGBACK_STORE_DIALLER_H

#include "store.h"

enum {
	STORE_DIALLER = 32,  /**< bytes of a public key                     */
	STORE_NUMBER = 200,  /**< seal_size(SEAL_NUMBER, NUMBERS_MOST)      */
};

struct store_dialler {
	uint32_t id;                   /**< 0 when adding                   */
	uint8_t public[STORE_DIALLER];
	int64_t made_at;               /**< Unix time, milliseconds         */
};

/** The one that numbers are sealed to now. ENOENT: no line has run yet */
int store_dialler_current(struct store *s, struct store_dialler *dialler);

/** Synchronous. The current one from now on; fills dialler->id. For the line
 *  at its start: nobody else knows the private half. */
int store_dialler_add(struct store *s, struct store_dialler *dialler);

/** A sealed number. All zero: there is none. */
struct store_number {
	uint32_t dialler;  /**< id of the key that for_dialler is sealed to */
	uint64_t epoch;    /**< id of the one of for_epoch; 0: to none, since
				there was no recovery key                   */
	uint8_t for_dialler[STORE_NUMBER];
	uint8_t for_epoch[STORE_NUMBER];
};

#endif
