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

#endif
