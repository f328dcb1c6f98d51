/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file telephone.h  Where a person is rung, in the store
 *
 * An address ("sip:USER@HOST") is ours, and stands as it is. A number is
 * sealed (dialler.h), and stands in the clear ("tel:+4930123") only where
 * nothing could be sealed to yet: from a change while no line runs until the
 * next one starts.
 *
 * A number that is sealed to an earlier key of the dialler waits: nobody can
 * ring it until it is sealed anew (store_telephone_back()).
 */
#ifndef RINGBACK_STORE_TELEPHONE_H
#define RINGBACK_STORE_TELEPHONE_H

#include "dialler.h"

/** Why the line has put somebody off duty whose number waits, and who has
 *  nothing else. Once it can be rung again they are on duty as before. */
#define STORE_OFF_WAITS "waits"

/** "none", "ready", or "waits": what may be told of it to anybody
 *  @param dialler Id of the current key of the dialler; 0 there is none */
const char *store_telephone_state(const struct store_person *person,
				  uint32_t dialler);

/** Is it a number, sealed or not, rather than an address? */
bool store_telephone_is_number(const struct store_person *person);

/** Synchronous: "phone" and "number" of this person (by id) in place of what
 *  there was. Whoever is off duty since their number waited is on duty again.
 *  ENOENT */
int store_telephone_set(struct store *s, const struct store_person *person);

/**
 * A number is sealed that stood in the clear, or to another epoch
 *
 * @param was As it was read: nothing is done if it is not so any more
 *
 * @return as store_call_put(); ENOENT (also to the handler) it has changed
 */
int store_telephone_seal(struct store *s, const struct store_person *was,
			 const struct store_number *number,
			 store_done_h *doneh, void *arg);

/**
 * Synchronous: a number that waits is sealed to the dialler's current key
 *
 * @param dialler     Id of that key
 * @param for_dialler STORE_NUMBER bytes
 *
 * @return 0; ENOENT no such person, or nothing of theirs waits
 */
int store_telephone_back(struct store *s, uint32_t person, uint32_t dialler,
			 const uint8_t *for_dialler);

#endif
