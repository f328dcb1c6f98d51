/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file pace.h  How many packets a peer may send
 *
 * Each is passed on to whom hears it: a flood on one leg would be one at the
 * telephones, and in the browsers, of those who talk with it.
 *
 * Pure: the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_PACE_H
#define RINGBACK_MEDIA_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/* sound is one each 20 ms, five of the shortest that are in use; and a
	 * key in between */
	PACE_RATE = 5,    /**< packets each tick                            */
	PACE_BURST = 500, /**< at once: what a network held back for seconds */
};

/** All zero to begin with. */
struct pace {
	uint64_t tick; /**< when it was last topped up                      */
	uint32_t spent;
};

/** @return false if this is one too many */
bool pace_take(struct pace *p, uint64_t tick);

#endif
