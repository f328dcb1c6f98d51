/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file calendar.h  A town with summer time, in which lines open and close
 */
#ifndef RINGBACK_SIM_CALENDAR_H
#define RINGBACK_SIM_CALENDAR_H

#include "plan.h"

/** A day of the year 2026; often one near which the clocks are changed. */
int64_t calendar_some_day(struct rng *rng);

/** Answers from the plan, which is borrowed. */
struct core_calendar calendar_of(const struct plan *plan);

#endif
