/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file world.h  Callers, counsellors, phones, a store and a shell, simulated
 *
 * The world does what people and networks do: it hangs up at the wrong
 * moment, picks up as the ring is withdrawn, commits late, says things twice.
 * It carries out what the core asks for and tells it, some time later, what
 * came of it. Whether the core did well is for check.h to say.
 */
#ifndef RINGBACK_SIM_WORLD_H
#define RINGBACK_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/step.h"
#include "check.h"
#include "core/core.h"

/** How the world is, on average. Milliseconds; chances per mille. */
struct world_plan {
	uint64_t seed;
	uint64_t n_calls;    /**< how many callers dial                    */
	uint32_t n_people;
	uint32_t arrival_ms; /**< from one caller to the next              */
	uint32_t patience_ms;
	uint32_t talk_ms;
	uint32_t duty_ms;    /**< from one change of duty to the next      */
	uint32_t delay_ms;   /**< the most that news take, ordinarily      */
	uint32_t store_fails;
	uint32_t noise;      /**< news repeated, and nonsense              */
	struct core_settings settings;
};

struct world_report {
	uint64_t n_steps;
	uint64_t n_calls;
	uint64_t ms; /**< simulated */
	uint64_t outcomes[OUTCOMES];
	uint64_t n_offers;
	uint64_t n_crossings; /**< picked up when already withdrawn */
	uint64_t n_most_rung; /**< for one caller at one time     */
	uint64_t n_unreachable; /**< put off duty by the core     */
	uint64_t n_ignored;   /**< ENOENT and EPROTO                */
	enum check_rule broken;
	char text[200];
};

/** What such a seed is like: a quiet night, a storm, a slow store ... */
void world_plan_init(struct world_plan *plan, uint64_t seed,
		     uint64_t n_calls, uint32_t n_people);

/**
 * Run it until nothing happens any more or a rule is broken
 *
 * @param plan   How the world is
 * @param skip   Rules not to look at, CHECK_RULE_COUNT of them
 * @param step   Told of the core's steps (optional handler)
 * @param trace  Where each event and action is written (optional)
 * @param report What came of it
 */
void world_run(const struct world_plan *plan, const bool *skip,
	       struct step_trace step, FILE *trace,
	       struct world_report *report);

#endif
