/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pace.c  Counts packets against the time. Must not see one.
 */
#include "pace.h"


bool pace_take(struct pace *p, uint64_t tick)
{
	const uint64_t back = (tick - p->tick) * PACE_RATE;

	p->tick = tick;
	p->spent = back < p->spent ? p->spent - (uint32_t)back : 0;
	if (p->spent >= PACE_BURST)
		return false;
	++p->spent;

	return true;
}
