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

struct outgoing;

/** @param op new
 *  @param an_hour All numbers together, within any hour; 0 no limit */
int outgoing_alloc(struct outgoing **op, uint32_t an_hour);

/** One more ring of this number, now (monotonic ms). Of the number a keyed hash
 *  is kept for an hour. @return 0; EDQUOT not now; ENOMEM */
int outgoing_take(struct outgoing *o, const struct secret_text *number,
		  uint64_t now);

#endif
