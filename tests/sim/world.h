/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file world.h  Callers, counsellors, phones, a store and a shell, simulated
 *
 * The world does what people and networks do: it hangs up at the wrong
 * moment, picks up as the ring is withdrawn, commits late, says things twice,
 * and dies. It carries out what the core asks for and tells it, some time
 * later, what came of it. Whether the core did well is for check.h to say.
 */
#ifndef RINGBACK_SIM_WORLD_H
#define RINGBACK_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "check.h"
#include "cover.h"
#include "plan.h"

struct world_report {
	uint64_t n_steps;
	uint64_t n_calls;     /**< let in                                */
	uint64_t ms;          /**< simulated                             */
	uint64_t outcomes[OUTCOMES]; /**< on record, at the end          */
	uint64_t n_offers;
	uint64_t n_crossings; /**< picked up when already withdrawn      */
	uint64_t n_most_rung; /**< for one caller at one time            */
	uint64_t n_unreachable; /**< put off duty by the core            */
	uint64_t n_promises;  /**< made durable                          */
	uint64_t n_dials;
	uint64_t n_crashes, n_resumed;
	uint64_t n_failed_commits;
	uint64_t n_ignored;   /**< ENOENT and EPROTO                     */
	enum check_rule broken;
	char text[200];
};

/**
 * Run it until nothing happens any more or a rule is broken
 *
 * @param plan   How the world is
 * @param skip   Rules not to look at, CHECK_RULE_COUNT of them
 * @param cover  Counts the core's moves (optional)
 * @param trace  Where each event and action is written (optional)
 * @param report What came of it
 */
void world_run(const struct plan *plan, const bool *skip, struct cover *cover,
	       FILE *trace, struct world_report *report);

#endif
