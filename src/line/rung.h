/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file rung.h  Where a person is rung, in the line's memory
 *
 * A number is there as it is in the store: sealed. It is opened to be rung, and
 * wiped then. What the store has in the clear is sealed when it is read: from
 * before numbers were, or from a change while no line ran.
 */
#ifndef RINGBACK_RUNG_H
#define RINGBACK_RUNG_H

#include "epoch/telephones.h"

/** What numbers are sealed to. */
struct rung_key {
	struct store_dialler dialler;
	const uint8_t *private; /**< of the dialler; borrow. NULL: there is
				     none, and numbers stay as they are     */
	uint64_t house;         /**< id of the house's epoch; 0 none         */
};

/** All zero: nowhere. */
struct rung {
	struct secret_text phone;   /**< an address; a number only if it could
					 not be sealed                      */
	struct store_number number;
	uint32_t tried;             /**< id of the key that was tried on it  */
	bool opens;                 /**< it did                              */
};

/**
 * As a row has it. A number in the clear is sealed, and one that is sealed to an
 * earlier epoch of the house is to the current one; both go into the store
 *
 * @param r As it was, or all zero
 */
void rung_load(struct rung *r, struct store *s, const struct rung_key *key,
	       const struct store_person *row);

/** Is there anything to ring? */
bool rung_ready(const struct rung *r);

/** Is there a number that waits to be sealed to this key? */
bool rung_waits(const struct rung *r, const struct rung_key *key);

/** Is it a number, ready or not? */
bool rung_is_number(const struct rung *r);

/**
 * What to ring: "sip:..." or STORE_PHONE_NUMBER and a number
 *
 * @param phone Wipe it after use; empty unless 0 is returned
 *
 * @return 0; ENOENT nothing that is ready
 */
int rung_reveal(struct secret_text *phone, const struct rung *r,
		const struct rung_key *key, uint32_t person);

void rung_wipe(struct rung *r);

#endif
