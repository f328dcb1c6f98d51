/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wall.h  The clock on the wall: each minute, and when somebody sets it
 *
 * Timers go by the monotonic clock (base/timer.h); records, promises and
 * opening hours by this one, which may jump.
 */
#ifndef RINGBACK_WALL_H
#define RINGBACK_WALL_H

#include <stdint.h>

struct wall;

/** It is so late now. Unix time, milliseconds. */
typedef void(wall_h)(int64_t unix_ms, void *arg);

/** @param wp new. Told at each full minute and after each jump, never from
 *            within */
int wall_alloc(struct wall **wp, wall_h *h, void *arg);

/** Unix time, milliseconds. */
int64_t wall_now(void);

/** The local day, as a number: another one each day. It begins at four in the
 *  morning, when it separates the fewest callers from their redial. */
int64_t wall_day(int64_t unix_ms);

#endif
