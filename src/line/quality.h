/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file quality.h  How one talk in the browser sounds, from its first report
 * to its last: numbers for the call's record
 */
#ifndef RINGBACK_QUALITY_H
#define RINGBACK_QUALITY_H

#include <stdint.h>

#include "store/store.h"
#include "wire/wire.h"

/** Zeros: no report yet. */
struct quality {
	uint64_t n;
	uint64_t loss_sum;  /**< per mille, of the worse direction          */
	uint16_t loss_worst;
	uint16_t jitter_ms; /**< the worst                                  */
	uint16_t rtt_ms;    /**< the worst                                  */
};

/** One report more. */
void quality_take(struct quality *q, const struct wire_leg_quality *report);

/** What of it goes on record. */
void quality_sum(struct store_sound *sound, const struct quality *q);

#endif
