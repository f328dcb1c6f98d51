/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * timer.c  Stands in for libre's tmr_jiffies() and tmr_start(). Must keep
 * libre's list of timers as libre itself polls it: sorted by jfs.
 */
#include <time.h>

#include "timer.h"


/* libre exports it, and has no header for it */
struct list *tmrl_get(void);


uint64_t tmr_jiffies(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static uint64_t due(const struct le *le)
{
	return ((const struct tmr *)le->data)->jfs;
}


static void insert(struct list *tmrl, struct tmr *tmr)
{
	struct le *front = tmrl->head, *back = tmrl->tail;

	while (front) {
		if (due(front) > tmr->jfs) {
			list_insert_before(tmrl, front, &tmr->le, tmr);
			return;
		}
		if (due(back) <= tmr->jfs) {
			list_insert_after(tmrl, back, &tmr->le, tmr);
			return;
		}
		front = front->next;
		back = back->prev;
	}

	list_append(tmrl, &tmr->le, tmr);
}


void tmr_start(struct tmr *tmr, uint64_t delay, tmr_h *th, void *arg)
{
	if (!tmr)
		return;

	if (tmr->th)
		list_unlink(&tmr->le);

	tmr->th = th;
	tmr->arg = arg;
	if (!th)
		return;

	tmr->jfs = tmr_jiffies() + delay;
	insert(tmrl_get(), tmr);
}
