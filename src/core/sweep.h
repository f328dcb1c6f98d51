/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sweep.h  Walks over all open calls, a few at each TICK
 *
 * When time has passed or people have come or gone, each call is looked at
 * once: has its promise an owner on duty, is it overdue, is it its turn, can
 * somebody still take a caller who waits?
 */
#ifndef RINGBACK_CORE_SWEEP_H
#define RINGBACK_CORE_SWEEP_H

#include "priv.h"

/** Begin a walk; once more from the beginning if one is under way. */
void sweep_start(struct core *core);

/** Go on: to the next call for which something has to be done, or so many. */
void sweep_go_on(struct turn *t);

/** The clock was told: lines open and close. */
void sweep_hours(struct core *core);

#endif
