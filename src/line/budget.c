/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * budget.c  Keeps the day's limit of ring-backs across restarts, and says when
 * it is reached. Must not ring anybody, nor keep a number.
 */
#include "store/coarse.h"
#include "budget.h"
#include "outgoing.h"
#include "ration.h"
#include "switchboard_parts.h"

#define LOG_MODULE "budget"
#include "base/log.h"


int budget_alloc(struct switchboard *sb)
{
	const struct outgoing_terms terms = {
		.an_hour = sb->c.config->ring_backs_an_hour,
		.a_day = sb->c.config->ring_backs_a_day,
	};

	return outgoing_alloc(&sb->outgoing, &terms);
}


bool budget_is_spent(const struct switchboard *sb)
{
	return sb->spent;
}


static void due(void *arg)
{
	budget_look(arg);
}


void budget_look(struct switchboard *sb)
{
	const uint64_t wait = outgoing_wait(sb->outgoing, tmr_jiffies());
	const bool spent = wait > 0;

	if (spent)
		tmr_start(&sb->budget, wait, due, sb);
	else
		tmr_cancel(&sb->budget);
	if (spent == sb->spent)
		return;

	sb->spent = spent;
	if (spent)
		log_warn("%u callers were rung back within a day "
			 "(ring_backs_a_day): nobody is, and nobody is offered "
			 "it, for another %u minutes",
			 sb->c.config->ring_backs_a_day,
			 (unsigned)(wait / 60000 + 1));
	else
		log_note("callers are rung back again");
	if (switchboard_trunks_changed(sb))
		log_error("lines could not be told whether they ring back");
}


/* ---- what was before ----------------------------------------------------- */

struct before {
	struct switchboard *sb;
	uint64_t jiffies;
	int64_t unix_ms;
};


/* It began within a quarter of an hour from what stands there: the latest that
 * it can have been. As then, what was beyond the limit was not rung. */
static bool count(const struct store_attempt *row, void *arg)
{
	const struct before *b = arg;
	const struct call *call = calls_find(b->sb, row->call);
	const int64_t sure = b->unix_ms - COARSE_QUARTER;
	const uint64_t ago = row->at < sure ? (uint64_t)(sure - row->at) : 0;
	const bool known = call && *secret_reveal(&call->number);

	(void)outgoing_take(b->sb->outgoing, known ? &call->number : NULL,
			    b->jiffies - ago);

	return false;
}


int budget_restore(struct switchboard *sb)
{
	struct before b = {sb, tmr_jiffies(), wall_now()};
	int err;

	err = store_attempt_since(sb->c.store,
				  b.unix_ms - RATION_DAY_MS - COARSE_QUARTER,
				  count, &b);
	if (!err)
		budget_look(sb);

	return err;
}


/* ---- what is told -------------------------------------------------------- */

void budget_status(const struct switchboard *sb, struct wire_status *status)
{
	const uint64_t now = tmr_jiffies();

	status->n_rung_back = outgoing_today(sb->outgoing, now);
	status->most_rung_back = sb->c.config->ring_backs_a_day;
	status->rung_back_s =
		(uint32_t)((outgoing_wait(sb->outgoing, now) + 999) / 1000);
}
