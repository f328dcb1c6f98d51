/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file timer.h  Two functions of libre's, better: all timers of the house
 *
 * A program's symbols come before its libraries', and libre 1.1 calls these
 * two like anybody else. So by linking timer.c (bin/meson.build sees to it)
 * all timers, libre's SIP transactions included, get what libre 3 has by
 * itself: a clock that does not jump, and a start that does not walk past
 * every running timer. See docs/decisions/0007-timers.md.
 */
#ifndef RINGBACK_TIMER_H
#define RINGBACK_TIMER_H

#include <re.h>

/** Now, in milliseconds of the monotonic clock. */
uint64_t tmr_jiffies(void);

/**
 * Start a timer, or (th NULL) stop it
 *
 * Timers are kept sorted by when they are due; equal ones in the order of
 * their start. The place is looked for from both ends at once: a second-long
 * timer sits near the front, a transaction's half minute near the back, and
 * the thousands in between are left alone.
 */
void tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg);

#endif
