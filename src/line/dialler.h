/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dialler.h  Rings callers back: the one place that dials a number
 *
 * Nobody dials out through us (promise 7 of the design): a number is dialled
 * if it is that of a call with an open promise, which is checked here again,
 * and which the line may ring (number.h); through a trunk, and nowhere else.
 */
#ifndef RINGBACK_DIALLER_H
#define RINGBACK_DIALLER_H

#include "leg.h"

struct dial;

/** So long it rings there. */
enum { DIAL_RING_MS = 40000 };

/** So long it waits for the attempt to be on disk. */
enum { DIAL_RECORD_MS = 5000 };

struct call;

/** Its leg (borrow); NULL before the attempt is on disk. */
struct leg *dialler_leg(const struct dial *dial);

/** Go on with a talk of an earlier life of this process with somebody whom it
 *  had rung back. @param leg After sound_found_take()
 *  @return as leg_restore() */
int dialler_restore(struct call *call, uint64_t leg, const struct kept *k);

/** All that was said of this call is on disk. Nothing happens from within. */
void dialler_settled(const struct call *call);

/** takes; CORE_DIAL_OVER follows */
void dialler_end(struct dial *dial, enum core_cause cause);

#endif
