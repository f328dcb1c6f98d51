/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file resumed.h  Legs that an earlier life of this process left with media,
 * and the calls that go on with them
 *
 * For start.c, in this order: resumed_alloc(), for each open call of the store
 * resumed_begin() and, if there is something to go on with, resumed_done() once
 * the core has heard RESUME; resumed_end() ends what nobody goes on with.
 */
#ifndef RINGBACK_RESUMED_H
#define RINGBACK_RESUMED_H

#include <stdbool.h>

#include "core/core.h"

struct call;
struct resumed;
struct switchboard;

/** What media has. @param rp new; wiped when it is freed */
int resumed_alloc(struct resumed **rp, struct switchboard *sb);

/** Go on with the legs of this call, whoever they belong to.
 *  @param kept Set, for RESUME  @return false: its caller is gone */
bool resumed_begin(struct resumed *r, struct call *call,
		   struct core_kept *kept);

/** The core has taken it up, or would not (err): who is in no talk is hung up
 *  on, who is missing in one is lost. */
void resumed_done(struct resumed *r, struct call *call,
		  const struct core_kept *kept, int err);

/** Whatever is left ends, as its dialog stands. */
void resumed_end(struct resumed *r);

#endif
