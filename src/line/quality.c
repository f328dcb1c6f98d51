/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * quality.c  Sums up reports about sound. Must not keep when they came: who
 * spoke how long without a break is nobody's business.
 */
#include <string.h>

#include "quality.h"


enum { ALL = 1000 }; /* per mille */


static uint16_t greater(uint16_t a, uint16_t b)
{
	return a > b ? a : b;
}


void quality_take(struct quality *q, const struct wire_leg_quality *report)
{
	uint16_t loss = greater(report->lost_there, report->lost_here);

	if (loss > ALL)
		loss = ALL;
	++q->n;
	q->loss_sum += loss;
	q->loss_worst = greater(q->loss_worst, loss);
	q->jitter_ms = greater(q->jitter_ms, report->jitter_ms);
	q->rtt_ms = greater(q->rtt_ms, report->rtt_ms);
}


void quality_sum(struct store_sound *sound, const struct quality *q)
{
	memset(sound, 0, sizeof(*sound));
	if (!q->n)
		return;

	sound->n_reports = (uint32_t)q->n;
	sound->loss_mean = (uint16_t)((q->loss_sum + q->n / 2) / q->n);
	sound->loss_worst = q->loss_worst;
	sound->jitter_ms = q->jitter_ms;
	sound->rtt_ms = q->rtt_ms;
}
