/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * clock.c  Makes the timers of the code under test run fast.
 */
#include <string.h>
#include <re.h>

#include "clock.h"


static struct clock the_clock = {.speed = 1};

void __real_tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg);
uint64_t __real_tmr_jiffies(void);

void __wrap_tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg);
uint64_t __wrap_tmr_jiffies(void);


void __wrap_tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg)
{
	if (the_clock.n_starts < CLOCK_STARTS)
		the_clock.starts[the_clock.n_starts++] = delay;

	/* never at once: what starts itself again would run for ever */
	__real_tmr_start(tmr, (delay + the_clock.speed - 1) / the_clock.speed,
			 th, arg);
}


uint64_t __wrap_tmr_jiffies(void)
{
	const uint64_t now = the_clock.stopped;

	return (now ? now : __real_tmr_jiffies()) + the_clock.ahead_ms;
}


struct clock *clock_get(void)
{
	return &the_clock;
}


void clock_reset(void)
{
	memset(&the_clock, 0, sizeof(the_clock));
	the_clock.speed = 1;
}


void clock_real_start(struct tmr *tmr, uint64_t ms, tmr_h *h, void *arg)
{
	__real_tmr_start(tmr, ms, h, arg);
}
