/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file outgoing.h  How often callers are rung back
 *
 * The last line before the trunk: whatever goes wrong further in, nobody's
 * phone rings all day, and no night costs a fortune.
 */
#ifndef RINGBACK_OUTGOING_H
#define RINGBACK_OUTGOING_H

#include <stdint.h>

#include "base/secret.h"

enum {
	OUTGOING_OF_ONE = 6, /**< a number, within any hour */
};

/** All numbers together; 0 no limit. */
struct outgoing_terms {
	uint32_t an_hour; /**< within any hour     */
	uint32_t a_day;   /**< within any 24 hours */
};

struct outgoing;

/** @param op new */
int outgoing_alloc(struct outgoing **op, const struct outgoing_terms *terms);

/** One more ring of this number, now (monotonic ms). Of the number a keyed hash
 *  is kept for an hour. @param number NULL: not known any more, told of earlier
 *  @return 0; EDQUOT not now, and nothing was taken; ENOMEM */
int outgoing_take(struct outgoing *o, const struct secret_text *number,
		  uint64_t now);

/** How many within the last 24 hours; 0 if there is no limit. */
uint32_t outgoing_today(struct outgoing *o, uint64_t now);

/** The day's are used up: milliseconds until one more may be; else 0. */
uint64_t outgoing_wait(struct outgoing *o, uint64_t now);

#endif
