/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file turn.h  Whose turn it is to wait for the store's lock
 *
 * SQLite's lock goes to whoever asks at the moment it is free. A writer that
 * commits back to back takes it anew within microseconds; another one, who
 * looks every few milliseconds, may come too late for as long as it cares to
 * wait. So whoever wants the lock first takes the turn, a lock on the data
 * folder, and gives it back as soon as it has the other: the busy writer finds
 * the turn taken, and is the one who waits.
 *
 * A courtesy, not a guard: where the turn cannot be had, it goes without.
 */
#ifndef RINGBACK_TURN_H
#define RINGBACK_TURN_H

#include "backend.h"

struct turn {
	int fd; /**< of the data folder; -1 without */
};

void turn_open(struct turn *t, const char *dir);
void turn_close(struct turn *t);

/** Wait until it is ours, or a second has passed, or h says no; NULL: then
 *  only a second. */
void turn_take(struct turn *t, store_wait_h *h, void *arg);
void turn_give(struct turn *t);

#endif
