/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tick.h  Time has passed
 */
#ifndef RINGBACK_CORE_TICK_H
#define RINGBACK_CORE_TICK_H

#include "priv.h"

/** The earliest deadline, if it has come; else a piece of the walk over all
 *  calls (sweep.h). */
void tick(struct turn *t);

#endif
