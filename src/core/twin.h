/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file twin.h  Several calls that promise to ring the same number
 *
 * Whoever asks twenty times to have a number rung has it rung as often as who
 * asks once: the oldest promise that is rung by itself is rung for all, when
 * and as all of them allow. The others follow it: kept when it is kept, closed
 * when it is closed, the coordinator's when its attempts are used up. But what
 * somebody has said is heard before that call ends.
 *
 * A promise whose attempts are used up is followed by no new one: who asks
 * again then is rung again.
 */
#ifndef RINGBACK_CORE_TWIN_H
#define RINGBACK_CORE_TWIN_H

#include "priv.h"

/** It has the same number as the other one (NULL: as none that is known). */
void twin_join(struct call *c, struct call *other);
void twin_leave(struct call *c);

/** Is one of its twins rung for it, or under way? */
bool twin_waits(const struct call *c);

/** Who is rung for it: an older twin, or itself. borrow */
struct call *twin_first(struct call *c);

/** What all of them allow. */
bool twin_safe(const struct core *core, const struct call *c, int64_t now);
enum promise_words twin_words(const struct call *c);
enum promise_shown twin_shown(const struct call *c);

/** It ends, or its attempts are used up: those who follow it will be told. */
void twin_ended(const struct call *c, struct turn *t);
void twin_tried(const struct call *c, struct turn *t);

/** Told: it follows. Perhaps it is over afterwards. @return false if it was
 *  told nothing */
bool twin_follow(struct call *c, struct turn *t);

#endif
