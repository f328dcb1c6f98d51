/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alike.h  Which open calls may be of the same caller
 *
 * Lists of open calls by their handle, so that nobody is rung back twice at
 * once, or while they are on the line. A call without a handle is in none.
 */
#ifndef RINGBACK_CORE_ALIKE_H
#define RINGBACK_CORE_ALIKE_H

#include "call.h"

enum { ALIKE_LISTS = 4096 };

struct alike {
	struct call_list lists[ALIKE_LISTS];
};

void alike_init(struct alike *a);
void alike_add(struct alike *a, struct call *c);
void alike_remove(struct alike *a, struct call *c);

/** The first call of a caller, or the next after one; NULL if none. borrow */
struct call *alike_first(struct alike *a, uint32_t handle);
struct call *alike_next(const struct call *c);

#endif
