/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file identity.h  What a telephone that we ring through a trunk shows
 */
#ifndef RINGBACK_IDENTITY_H
#define RINGBACK_IDENTITY_H

#include "base/limits.h"
#include "leg.h"
#include "trunk.h"

/**
 * Show one of our own numbers, or nothing at all
 *
 * No name is shown; whoever wants one sets it afterwards.
 *
 * @param as     Filled; points into from and way
 * @param from   At least LIMIT_URI bytes, must live as long as {as}
 * @param number Of ours; "" the peer is asked to show none, and may know us by
 *               the trunk's account
 *
 * @return true if a number is shown
 */
bool identity_make(struct leg_identity *as, char from[LIMIT_URI],
		   const char *number, const struct trunk_way *way);

#endif
