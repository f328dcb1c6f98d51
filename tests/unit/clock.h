/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file clock.h  Time as the code under test sees it
 *
 * Test programs linked with --wrap=tmr_start and --wrap=tmr_jiffies: timers
 * that our code starts run clock_speed times as fast, and its clock can be
 * set forward. libre's own timers keep their pace.
 */
#ifndef RINGBACK_TEST_CLOCK_H
#define RINGBACK_TEST_CLOCK_H

#include <re.h>

enum { CLOCK_STARTS = 64 };

struct clock {
	uint64_t speed;    /**< 1: real time                              */
	uint64_t ahead_ms; /**< added to what tmr_jiffies() says          */
	uint64_t stopped;  /**< if set, said instead of the real time     */
	uint64_t starts[CLOCK_STARTS]; /**< delays asked for, the first few */
	size_t n_starts;
};

/** The one clock of a test program. */
struct clock *clock_get(void);

/** Real time again, nothing noted. */
void clock_reset(void);

/** Start a timer in real time. */
void clock_real_start(struct tmr *tmr, uint64_t ms, tmr_h *h, void *arg);

#endif
