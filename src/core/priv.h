/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file priv.h  What the parts of the core share, and nobody else
 *
 * The core is two machines (call.h, person.h) and an allocator (alloc.h)
 * that brings a waiting call and a free counsellor together. A *turn* is one
 * core_step(): the event drives one machine, which may drive the other one;
 * then the allocator runs, once.
 */
#ifndef RINGBACK_CORE_PRIV_H
#define RINGBACK_CORE_PRIV_H

#include <sys/queue.h>

#include "core.h"
#include "call.h"
#include "deadline.h"
#include "person.h"

struct core {
	struct core_settings settings;
	uint64_t now;       /**< of the last turn                           */
	uint64_t next_call; /**< no call had this number or a higher one    */
	uint64_t n_offers;  /**< made so far                                */
	uint32_t last_rung; /**< to whom the last one went                  */

	struct call_list open;    /**< all calls, in the order of arrival   */
	struct call_list waiting; /**< those in WAITING, the same order     */
	struct call_list rung;    /**< those in OFFERED that may have one more
				     ring, the same order                   */
	struct person_list free;  /**< those in FREE, longest idle first    */
	struct deadlines deadlines;

	size_t n_people;
	struct person *by_id[LIMIT_PEOPLE];    /**< n_people, sorted        */
	struct person people[LIMIT_PEOPLE];    /**< the first n_people      */
	struct call calls[LIMIT_CALLS];        /**< slot: number % LIMIT    */
};

/** One core_step() */
struct turn {
	struct core *core;
	uint64_t now;
	enum core_cause cause;        /**< of the event                     */
	struct core_actions *actions; /**< asked for so far                 */
};

/*
 * What one turn can ask for, at most: one move of a call, one move of a
 * counsellor (of moves that cause a further move of the same machine, one
 * asks for something), withdrawing every ring of one call (it ended, or was
 * picked up), and the offers of one turn (see alloc_run()).
 */
enum {
	CALL_MOVE_ACTIONS = 2,
	PERSON_MOVE_ACTIONS = 1,
	TURN_WITHDRAWN = LIMIT_RING_AT_ONCE,
	TURN_OFFERS = LIMIT_RING_AT_ONCE,
	TURN_ACTIONS = CALL_MOVE_ACTIONS + PERSON_MOVE_ACTIONS +
		       TURN_WITHDRAWN + TURN_OFFERS,
};

_Static_assert((int)TURN_ACTIONS <= (int)CORE_ACTIONS_MAX,
	       "a turn can ask for more than core_actions holds");

/** Ask for one more action. borrow; zeroed except for its type */
struct core_action *turn_action(struct turn *t, enum core_action_type type);

#endif
