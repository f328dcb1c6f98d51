/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cover.h  Which rules of the core's tables a simulation has walked
 */
#ifndef RINGBACK_SIM_COVER_H
#define RINGBACK_SIM_COVER_H

#include <stdint.h>
#include <stdio.h>

#include "base/step.h"

enum { COVER_MAX = 64 }; /* states, and events, of one machine */

struct cover_machine {
	uint64_t n[COVER_MAX][COVER_MAX]; /**< by state and event */
};

struct cover {
	struct cover_machine call, person, guest;
	FILE *trace; /**< each move is written there too (optional) */
};

/** Counts moves; arg is the struct cover. */
step_trace_h cover_move;

/** Name those that were never walked. @return how many */
unsigned cover_missing(struct cover *cover, FILE *f);

#endif
