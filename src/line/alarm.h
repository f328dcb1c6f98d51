/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alarm.h  The core's clock: it never jumps
 *
 * libre 1.1's timers follow the wall clock; somebody who sets it must not
 * make a counsellor's phone ring for an hour. The core lives by the monotonic
 * clock, and is woken by a timerfd.
 */
#ifndef RINGBACK_ALARM_H
#define RINGBACK_ALARM_H

#include <stdint.h>

struct alarm;

typedef void(alarm_h)(void *arg);

/** @param ap new, mem_deref() ends it */
int alarm_alloc(struct alarm **ap, alarm_h *h, void *arg);

/** Wake me at this time, once; UINT64_MAX: not at all. */
void alarm_set(struct alarm *a, uint64_t when_ms);

/** Now, in milliseconds of the monotonic clock. */
uint64_t alarm_now(void);

#endif
