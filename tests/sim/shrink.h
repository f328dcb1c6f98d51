/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file shrink.h  From a failing run to the smallest one that fails alike
 */
#ifndef RINGBACK_SIM_SHRINK_H
#define RINGBACK_SIM_SHRINK_H

#include "world.h"

/** What a run is made from: all that its replay command says. */
struct recipe {
	uint64_t seed, n_calls;
	uint32_t n_people; /**< 0: what the seed says */
	bool without[PLAN_PART_COUNT];
};

/** Run it. */
void recipe_run(const struct recipe *r, const bool *skip, struct cover *cover,
		FILE *trace, struct world_report *report);

/** "ringback-sim --seed 7 --calls 3 --no crash" and a newline. */
void recipe_print(const struct recipe *r, FILE *f);

/**
 * Make it smaller, as long as the same rule breaks: fewer calls, fewer
 * people, faults switched off one by one. A smaller world plays out another
 * way, so that some seeds near it are tried as well.
 */
void recipe_shrink(struct recipe *r, const bool *skip, enum check_rule rule);

#endif
