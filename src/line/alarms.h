/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alarms.h  What a coordinator must hear of while it lasts
 *
 * Records that wait for the store, a flood of calls, media processes that do
 * not answer. Looks once a second, on the monotonic clock, and has pages told
 * by BOARD_CHANGED when one begins or ends; that a number in one has changed,
 * every five seconds at most.
 */
#ifndef RINGBACK_ALARMS_H
#define RINGBACK_ALARMS_H

#include <re.h>

#include "wire/wire.h"

struct alarms;
struct switchboard;

/** @param ap new; sb: borrow */
int alarms_alloc(struct alarms **ap, const struct switchboard *sb);

/** Fills in .n_behind, .behind_s, .flood_s, .media_s. */
void alarms_status(const struct alarms *a, struct wire_status *status);

#endif
