/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file deadline.h  Who must be woken when, the earliest first
 *
 * A binary heap of pointers to deadlines that live in their owners. Nothing
 * is allocated; setting, clearing and popping are O(log n), looking at the
 * earliest is O(1).
 */
#ifndef RINGBACK_CORE_DEADLINE_H
#define RINGBACK_CORE_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/** What is to happen then, and to whom. */
enum deadline_kind {
	DEADLINE_PERSON = 0, /**< ring time, rest or wrap-up is over         */
	DEADLINE_QUIET,      /**< a caller has said nothing for so long      */
	DEADLINE_NEWS,       /**< a waiting caller is told the news          */
	DEADLINE_LONG,       /**< a caller has waited too long               */
	DEADLINE_CIRCLE,     /**< the next circle is rung for a call         */
	DEADLINE_RESERVED,   /**< a ring-back is not one person's any more   */
	DEADLINE_PROMISE,    /**< a promise: write it once more, ring back   */
	DEADLINE_KINDS
};

/** Lives in its owner, zeroed at first. */
struct deadline {
	uint64_t when; /**< milliseconds; 0 if not set              */
	uint32_t pos;  /**< place in the heap from 1; 0 if not set  */
	uint8_t kind;  /**< enum deadline_kind                      */
	void *owner;   /**< borrow: the person or the call          */
};

/** One for each counsellor and some for each call, at most. */
enum {
	DEADLINES_CALL = DEADLINE_KINDS - 1,
	DEADLINES_MAX = LIMIT_PEOPLE + LIMIT_CALLS * DEADLINES_CALL,
};

struct deadlines {
	size_t n;
	struct deadline *v[DEADLINES_MAX + 1]; /**< from 1 */
};

/** Set, or move. */
void deadline_set(struct deadlines *ds, struct deadline *d, uint64_t when);

/** Clear; nothing happens if it is not set. */
void deadline_clear(struct deadlines *ds, struct deadline *d);

/** When the earliest is due; UINT64_MAX if none is set. */
uint64_t deadline_first(const struct deadlines *ds);

/** Take out the earliest if it is due; else NULL. borrow */
struct deadline *deadline_pop(struct deadlines *ds, uint64_t now);

#endif
