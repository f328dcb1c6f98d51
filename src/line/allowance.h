/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file allowance.h  So much at once and so much a minute, for each of many
 *
 * Token buckets in one table of fixed size, found by a keyed hash: nothing is
 * allocated and nothing is kept of whoever is counted but how much is left.
 * Two may share a place; then they share what is left. Nobody can aim at
 * somebody else's place, the key is random. Must not read a clock.
 */
#ifndef RINGBACK_ALLOWANCE_H
#define RINGBACK_ALLOWANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <re.h>

enum { ALLOWANCE_PLACES = 4096, ALLOWANCE_KEY = 16 };

struct allowance_terms {
	uint32_t burst;      /**< at once            */
	uint32_t per_minute; /**< what comes back    */
};

struct allowance {
	struct {
		uint64_t then;  /**< when last looked at, ms        */
		uint64_t units; /**< left, 60000 for each           */
	} place[ALLOWANCE_PLACES];
	struct allowance_terms terms;
	uint8_t key[ALLOWANCE_KEY];
};

/** Nothing is used yet. now: monotonic ms, as everywhere here */
void allowance_init(struct allowance *a, const struct allowance_terms *terms,
		    uint64_t now);

/** Take one. @return false: there is none left, nothing was taken */
bool allowance_take(struct allowance *a, const void *who, size_t n,
		    uint64_t now);

/** The same by address; IPv6: of its /64, which is one customer. */
bool allowance_take_addr(struct allowance *a, const struct sa *addr,
			 uint64_t now);

#endif
