/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alloc.h  Who is offered which call
 *
 * The rule, for every strategy, among those who can take the call (staff.h):
 *
 * 1. One each: the longest waiting call for which nobody rings is offered to
 *    the counsellor whom the strategy names, until either runs out.
 * 2. Then the rest: who is still free is offered the longest waiting call that
 *    may have one more ring, until either runs out.
 *
 * So no caller waits without a ring while somebody is free who could take
 * them, an earlier caller is never behind a later one, and nobody is free
 * while another ring is allowed. A ring that is out stays with its call: it
 * is not moved to a caller who comes later.
 *
 * Ring-backs that are due stand in the same queue. No more of them than
 * dials_at_once are begun, and after a ring for one of them live callers
 * without a ring come first.
 *
 * A strategy is a row of a table in alloc.c: how many rings a call may have at
 * once, and who of those who are free is rung next. Before that come those who
 * speak fewest of the languages that are asked for.
 *
 *     all           ring_at_once   free longest
 *     longest_idle  1              free longest
 *     round_robin   1              the next number after the last one rung
 *     tiers         ring_at_once   free longest, within the call's circle
 *
 * A *lane* is the queue of one line and language: whoever may be rung for its
 * first call may be rung for all of them, circles apart. An offer takes
 * O(lanes in use + people who are free); a call that comes back to the queue
 * O(calls in its lane) at most.
 */
#ifndef RINGBACK_CORE_ALLOC_H
#define RINGBACK_CORE_ALLOC_H

#include "call.h"

struct turn;

/** Whose turn it is to be rung, and how: live, or to be rung back. */
enum lane_queue {
	QUEUE_LIVE = 0,   /**< nobody rings for them               */
	QUEUE_DUE,
	QUEUE_LIVE_RUNG,  /**< may have one more ring              */
	QUEUE_DUE_RUNG,
	LANE_QUEUES
};

/** Those who wait on one line in one language. */
struct lane {
	struct call_list queues[LANE_QUEUES]; /**< by place            */
	struct call_list line_up; /**< live callers, however rung, by place */
	uint32_t n_queued;        /**< in all queues                     */
	TAILQ_ENTRY(lane) used;   /**< if n_queued                       */
};

TAILQ_HEAD(lane_list, lane);

struct lanes {
	struct lane_list used;
	struct lane v[LIMIT_LINES][LIMIT_TONGUES];
};

void lanes_init(struct lanes *lanes);

/** Put a call that may be rung for where its place and its rings belong:
 *  no ring yet, some, or as many as it may have. */
void alloc_place(struct turn *t, struct call *c);

/** Nobody is to be rung for this call any more. */
void alloc_remove(struct turn *t, struct call *c);

/** Offer calls to free counsellors, as far as the rule goes. */
void alloc_run(struct turn *t);

/** Its position among live callers of its line and language, from 1; counted
 *  up to ALLOC_FAR. As if it were the last if it is not in the queue. */
enum { ALLOC_FAR = 100 };
uint32_t alloc_position(const struct core *core, const struct call *c);

#endif
