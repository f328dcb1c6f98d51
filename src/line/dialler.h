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

/** Its leg (borrow). */
struct leg *dialler_leg(const struct dial *dial);

#endif
