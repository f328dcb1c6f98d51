/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ticker.h  One beat of 20 ms for all legs of the process
 *
 * A kernel timer on the monotonic clock: it neither drifts nor follows when
 * somebody sets the time (libre's timers do).
 */
#ifndef RINGBACK_MEDIA_TICKER_H
#define RINGBACK_MEDIA_TICKER_H

#include <stdint.h>

struct ticker;

enum { TICKER_MS = 20 };

/** @param n Beats since the last call: 1, or more if the process was late */
typedef void(ticker_h)(uint64_t n, void *arg);

/** @param tp new, stopped. @return 0, ENOMEM, EMFILE, ... */
int ticker_alloc(struct ticker **tp, ticker_h *h, void *arg);

/** Beat from now on, or be still. Saying it twice is harmless. */
int ticker_start(struct ticker *t);
void ticker_stop(struct ticker *t);

#endif
