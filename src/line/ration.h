/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ration.h  How often somebody may do a thing within an hour, or a day
 */
#ifndef RINGBACK_RATION_H
#define RINGBACK_RATION_H

#include <stdint.h>

struct ration;

enum { RATION_WITHIN_MS = 3600000, RATION_DAY_MS = 24 * RATION_WITHIN_MS };

/** @param rp   new
 *  @param most Of one person within any hour */
int ration_alloc(struct ration **rp, uint32_t most);

/** The same within any within_ms. */
int ration_alloc_within(struct ration **rp, uint32_t most,
			uint32_t within_ms);

/** n more of this person, now (monotonic ms). @return 0; EDQUOT: none of them;
 *  ENOMEM */
int ration_take(struct ration *r, uint32_t person, uint32_t n, uint64_t now);

/** How many of this person's are within that time. */
uint32_t ration_count(struct ration *r, uint32_t person, uint64_t now);

/** How long until this person may do one more; 0: now. Milliseconds */
uint64_t ration_wait(struct ration *r, uint32_t person, uint64_t now);

#endif
