/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file way.h  The way of one call, as a trial showed it
 */
#ifndef RINGBACK_CLI_WAY_H
#define RINGBACK_CLI_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outlook.h"

/** Somebody who is rung, the first time. */
struct way_ring {
	uint32_t person;
	uint64_t after_ms; /**< the first ring of all                      */
};

struct way {
	uint16_t line;
	uint8_t language; /**< index                                   */
	int64_t at;       /**< when it arrives: Unix time, milliseconds */
	bool open;
	int64_t turns;    /**< when it closes, or opens; INT64_MAX     */
	uint32_t staffed; /**< bits: place in the line's languages     */
	uint8_t key;      /**< chose the language; 0: was not asked    */
	struct way_ring rings[LIMIT_PEOPLE]; /**< in order                 */
	size_t n_rings;
	struct trial_end silent; /**< who says nothing                     */
	struct trial_end asks;   /**< who asks to be rung back             */
	enum trial_fate fate;
};

/**
 * Try a call out
 *
 * @param w        Filled in
 * @param language Index; one that the line speaks
 *
 * @return 0, ENOMEM
 */
int way_find(struct way *w, const struct outlook *o, uint16_t line,
	     uint8_t language, int64_t at);

#endif
