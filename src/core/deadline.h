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

struct person;

/** Lives in its owner, zeroed at first. */
struct deadline {
	uint64_t when;         /**< milliseconds; 0 if not set              */
	size_t pos;            /**< place in the heap from 1; 0 if not set  */
	struct person *person; /**< borrow: whose it is                     */
};

/** One for each counsellor at most. */
struct deadlines {
	size_t n;
	struct deadline *v[LIMIT_PEOPLE + 1]; /**< from 1 */
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
