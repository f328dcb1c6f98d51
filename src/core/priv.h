/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file priv.h  What the parts of the core share, and nobody else
 *
 * The core is three machines (call.h, person.h, guest.h), the dialogue with
 * each caller (dialogue.h) and an allocator (alloc.h) that brings a waiting call and a
 * free counsellor together. A *turn* is one core_step(): the event drives one
 * machine, which may drive the others; then calls that this has freed are
 * looked at, and the allocator runs, once.
 */
#ifndef RINGBACK_CORE_PRIV_H
#define RINGBACK_CORE_PRIV_H

#include <sys/queue.h>

#include "core.h"
#include "alike.h"
#include "alloc.h"
#include "call.h"
#include "deadline.h"
#include "person.h"
#include "redial.h"

struct core {
	struct core_settings settings;
	uint64_t now;       /**< of the last turn                           */
	int64_t unix_ms;    /**< wall time at unix_at                       */
	uint64_t unix_at;
	uint64_t next_call; /**< no call had this number or a higher one    */
	uint64_t n_offers;  /**< made so far                                */
	uint32_t n_played;  /**< lists so far, for their serials            */
	uint32_t last_rung; /**< to whom the last offer went                */
	bool rung_back;     /**< the last offer was for a ring-back         */
	bool unfinished;    /**< there may be more offers to make           */
	bool resumed;       /**< offers of before a restart are open       */
	bool closed[LIMIT_LINES]; /**< what the calendar said last          */
	uint32_t offered;   /**< bits: languages that any line offers       */
	uint64_t talk_ms;   /**< of late, on average; 0 unknown             */

	size_t n_calls[CALL_STATES];
	struct call_list open;    /**< all calls, in the order of arrival   */
	struct lanes lanes;       /**< who waits                            */
	struct person_list free;  /**< those in FREE, longest idle first    */
	struct deadlines deadlines;
	struct redials redials;
	struct alike alike;
	struct call *sweep;       /**< borrow: to be looked at next         */
	bool sweep_again;

	uint64_t n_paused;  /**< pauses begun and ended so far              */
	size_t n_people;
	struct person *by_id[LIMIT_PEOPLE];    /**< n_people, sorted        */
	struct person people[LIMIT_PEOPLE];    /**< the first n_people      */
	struct call calls[LIMIT_CALLS];        /**< slot: number % LIMIT    */
};

/** One core_step() */
struct turn {
	struct core *core;
	uint64_t now;
	const struct core_event *ev;
	enum core_cause cause;        /**< of the event                     */
	const struct menu_reply *reply; /**< borrow: of CALL_EV_MENU        */
	uint32_t freed;   /**< handle whose other ring-backs may go on      */
	struct core_actions *actions; /**< asked for so far                 */
};

/*
 * What one turn can ask for, at most: two moves of calls (a call, and a
 * ring-back of the same caller that is held or freed by it), one move of a
 * counsellor, one of a guest (PARTY, UPDATE and RELEASE), withdrawing every
 * ring of one call (it ended, was picked up, or is held), and the offers of one
 * turn (see alloc_run()).
 */
enum {
	CALL_MOVE_ACTIONS = 7,
	PERSON_MOVE_ACTIONS = 1,
	GUEST_MOVE_ACTIONS = 3,
	TURN_WITHDRAWN = LIMIT_RING_AT_ONCE,
	TURN_OFFERS = LIMIT_RING_AT_ONCE,
	TURN_ACTIONS = 2 * CALL_MOVE_ACTIONS + PERSON_MOVE_ACTIONS +
		       GUEST_MOVE_ACTIONS + TURN_WITHDRAWN + TURN_OFFERS,
};

_Static_assert((int)TURN_ACTIONS <= (int)CORE_ACTIONS_MAX,
	       "a turn can ask for more than core_actions holds");

/** Ask for one more action. borrow; zeroed except for its type */
struct core_action *turn_action(struct turn *t, enum core_action_type type);

/** Wall time. */
int64_t turn_unix(const struct turn *t);

/** The line of a call. */
static inline const struct core_line *line_of(const struct core *core,
					      const struct call *c)
{
	return &core->settings.lines[c->record.line];
}

#endif
