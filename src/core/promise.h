/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file promise.h  What is owed to a caller: owner, ladder, when to ring
 */
#ifndef RINGBACK_CORE_PROMISE_H
#define RINGBACK_CORE_PROMISE_H

#include "priv.h"

/** next_at of a promise that is not rung by itself (any more). */
#define PROMISE_NOT_BY_ITSELF INT64_MAX

/** The caller leaves: what is owed? A message that was not spoken is not;
 *  a number that was confirmed is. */
bool promise_settle(struct call *c, struct turn *t);

/** A message of which nothing has been said is no promise. */
void promise_drop_unsaid(struct call *c, struct turn *t);

/** Our own fault: a coordinator looks at it, unless more is owed already. */
void promise_cut_off(struct call *c, struct turn *t);

/** Ask for it to be made durable. */
void promise_write(struct call *c, struct turn *t);

/** Give it to somebody on duty, if its owner is not. @return true if it has
 *  another owner now */
bool promise_hand_over(struct call *c, struct turn *t);

/** It cannot be rung (any more): a coordinator's, now. */
void promise_give_to_coordinator(struct core_promise *p);

/** It is on record with this owner: who owns one more. */
void promise_adopt(struct core *core, struct call *c);

/** It is theirs from now on; 0: the coordinator's. */
void promise_own(struct core *core, struct core_promise *p, uint32_t id);

/** When it is due first: some time after it was made, or after the line has
 *  opened. */
int64_t promise_first_due(const struct core *core, const struct call *c,
			  int64_t made_at);

/** May they be rung back now, at this very moment: on disk, due, safe, open? */
bool promise_may_ring(const struct call *c, const struct turn *t);

/** Look at an open promise: owner, ladder, is it its turn? */
void promise_look(struct call *c, struct turn *t);

/** Nothing of the caller's leg is left: this promise, or an older one of the
 *  same caller, may have its turn. */
void promise_free(struct call *c, struct turn *t);

/** A caller is on the line, or is not any more: ring-backs of the same caller
 *  are held, or go on. */
void promise_hold_alike(struct call *c, struct turn *t);
void promise_free_alike(uint32_t handle, struct turn *t);

/** What the shell knows of its number: who has the same one. */
void promise_number_is(struct call *c, const struct core_event *ev,
		       struct turn *t);

/** Answers of the shell. @return as core_step() */
int promise_answer(struct call *c, bool made, struct turn *t);

/** Its deadline: write it once more, or ring back. */
void promise_time(struct call *c, struct turn *t);

/** Wake up when it may be rung. */
void promise_arm(struct call *c, struct turn *t);

/* rows of the table */
void promise_row_message(void *obj, void *arg);
void promise_row_ring_back(void *obj, void *arg);
void promise_row_made(void *obj, void *arg);
void promise_row_not_made(void *obj, void *arg);
void promise_row_due(void *obj, void *arg);
void promise_row_held(void *obj, void *arg);
void promise_row_number_back(void *obj, void *arg);

#endif
