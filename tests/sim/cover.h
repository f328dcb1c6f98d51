/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cover.h  Which rules of the core's tables a simulation has walked
 */
#ifndef RINGBACK_SIM_COVER_H
#define RINGBACK_SIM_COVER_H

#include <stdint.h>
#include <stdio.h>

#include "base/step.h"

enum { COVER_RULES_MAX = 128 };

struct cover {
	uint64_t n_call[COVER_RULES_MAX];   /**< by index of the rule */
	uint64_t n_person[COVER_RULES_MAX];
	FILE *trace; /**< each move is written there too (optional) */
};

/** Counts moves; arg is the struct cover. */
step_trace_h cover_move;

/** Name those that were never walked. @return how many */
unsigned cover_missing(const struct cover *cover, FILE *f);

#endif
