/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file moving.h  A media process died: its calls go on elsewhere
 *
 * Each leg of a call gets a new one, all in one process; who is on the
 * telephone is told by re-INVITE, who is at a page by its page. When the sound
 * of one is back, what they heard is said anew: who hears whom is the core's
 * truth and party.c's, as ever.
 */
#ifndef RINGBACK_MOVING_H
#define RINGBACK_MOVING_H

#include "offer.h"
#include "switchboard_parts.h"

/** This media process died, and with it the sound of all that is in it. */
void moving_lost(struct switchboard *sb, uint32_t process);

/**
 * The caller could not be told where the sound is, and has no leg any more:
 * whoever talked with them is told, and a promise stands in the call's place
 */
void moving_cut_off(const struct call *call);

/** The caller's sound is back. */
void moving_caller_back(struct call *call);

/** That of who has accepted is. */
void moving_counsellor_back(struct offer *offer);

#endif
