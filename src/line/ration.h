/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ration.h  How often somebody may do a thing within an hour
 */
#ifndef RINGBACK_RATION_H
#define RINGBACK_RATION_H

#include <stdint.h>

struct ration;

enum { RATION_WITHIN_MS = 3600000 };

/** @param rp   new
 *  @param most Of one person within any hour */
int ration_alloc(struct ration **rp, uint32_t most);

/** n more of this person, now (monotonic ms). @return 0; EDQUOT: none of them;
 *  ENOMEM */
int ration_take(struct ration *r, uint32_t person, uint32_t n, uint64_t now);

#endif
