/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file trace.h  A simulated run in words
 */
#ifndef RINGBACK_SIM_TRACE_H
#define RINGBACK_SIM_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "base/step.h"
#include "core/core.h"

/** What the core is told. */
void trace_event(FILE *f, uint64_t n, uint64_t now,
		 const struct core_event *ev);

/** What it answers. */
void trace_actions(FILE *f, int err, const struct core_actions *actions);

/** A move of one of its machines; arg is the FILE. */
step_trace_h trace_move;

#endif
