/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file reach.h  How a counsellor's telephone is reached
 *
 * Where it registered with us; or by its SIP address; or by a number, through
 * the trunk of the line that calls.
 */
#ifndef RINGBACK_REACH_H
#define RINGBACK_REACH_H

#include "identity.h"
#include "ownphone.h"
#include "people.h"
#include "registrar.h"

/** Places to ring; to be wiped with reach_wipe(). */
struct reach {
	struct secret_text uri[OWNPHONE_PLACES];
	size_t n;
	bool asks;       /**< picking up is not enough                     */
	bool by_number;  /**< {as} is what the telephone shows             */
	bool registered; /**< where they are is where they were seen       */
	struct leg_identity as;
	struct trunk_way way;
	char from[LIMIT_URI];
};

/** What it takes to know. */
struct reach_through {
	const struct config *config; /**< borrow, and all below            */
	const struct people *people;
	const struct trunks *trunks;
	const struct registrar *registrar; /**< NULL: none registers */
};

/**
 * Find out for a call of this line
 *
 * A number is asked for a key, always: a mailbox may pick up there. It is told
 * nothing of the caller, and shows a number of the line or none.
 *
 * @param r Filled; n is 0 and nothing is set if they have no telephone,
 *          or a number that waits
 *
 * @return 0; EPERM the line may not ring this number, ENOENT no trunk can
 *         dial out, ENAMETOOLONG
 */
int reach_find(struct reach *r, const struct reach_through *through,
	       uint32_t person, uint16_t line);

void reach_wipe(struct reach *r);

#endif
