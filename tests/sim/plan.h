/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file plan.h  What a seed's world is like: how many, how often, how bad
 */
#ifndef RINGBACK_SIM_PLAN_H
#define RINGBACK_SIM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/core.h"
#include "rng.h"

/** What can be switched off with --no: constant, name, in words. */
#define PLAN_PARTS(X)                                                       \
	X(PART_CRASH, "crash", "processes die at any step")                 \
	X(PART_STORE, "store", "the disk fails, and is full for a while")   \
	X(PART_CLOCK, "clock", "the wall clock jumps")                      \
	X(PART_NETWORK, "network", "the trunk and phones fail")             \
	X(PART_DELAY, "delay", "news take time")                            \
	X(PART_DOUBLED, "doubled", "news come twice")                       \
	X(PART_NONSENSE, "nonsense", "news that are about nothing")         \
	X(PART_KEYS, "keys", "callers mash keys")                           \
	X(PART_REDIAL, "redial", "callers dial again")                      \
	X(PART_COLLIDE, "collide", "two callers look the same")             \
	X(PART_COORDINATOR, "coordinator", "somebody works on promises")    \
	X(PART_HOURS, "hours", "lines close")                               \
	X(PART_DUTY, "duty", "counsellors come and go")                     \
	X(PART_LANGUAGES, "languages", "languages, skills, organisations")  \
	X(PART_PHONES, "phones", "counsellors decline, fidget, do not answer") \
	X(PART_CLOSE, "close", "the house ends calls")                      \
	X(PART_CONSULT, "consult", "counsellors ask each other, hand over") \
	X(PART_KEY, "key", "a crash takes the key to numbers with it")      \
	X(PART_LEGS, "legs", "legs live on when our processes die")

enum plan_part {
#define X(part, name, words) part,
	PLAN_PARTS(X)
#undef X
	PLAN_PART_COUNT
};

/** When a line is open: local time. */
enum plan_hours {
	OPEN_ALWAYS = 0,
	OPEN_BY_DAY,    /**< 09:00 to 21:00              */
	OPEN_WEEKDAYS,  /**< the same, Monday to Friday  */
	OPEN_BY_NIGHT,  /**< 20:00 to 06:00              */
	PLAN_HOURS
};

/** Averages in milliseconds (0: never); chances per mille. */
struct plan {
	uint64_t seed;
	uint64_t n_calls;    /**< how many callers dial                    */
	uint32_t n_people;
	uint32_t n_tongues, n_skills;
	uint32_t arrival_ms; /**< from one caller to the next              */
	uint32_t patience_ms;
	uint32_t talk_ms;
	uint32_t duty_ms;    /**< from one change of duty to the next      */
	uint32_t delay_ms;   /**< the most that news take, ordinarily      */
	uint32_t commit_ms;  /**< the most that a commit takes, ordinarily */
	uint32_t store_fails; /**< commits that fail                       */
	uint32_t full_ms;    /**< from one change to the next: full, not   */
	uint32_t crash_ms;
	uint32_t crash_steps; /**< one step of so many is the last         */
	uint32_t key_lost;   /**< crashes after which numbers wait         */
	uint32_t legs_live;  /**< crashes that media outlives              */
	uint32_t clock_ms;   /**< from one jump to the next                */
	uint32_t work_ms;    /**< from one look at promises to the next    */
	uint32_t network_fails, phones_fail, house_closes;
	uint32_t consults;   /**< talks in which a second one is asked     */
	uint32_t doubled, nonsense, mash, redial, collide, withheld;
	uint32_t flood;      /**< callers asked for a key, of a thousand     */
	uint32_t blocked;    /**< one caller of so many                    */
	int64_t unix_ms;     /**< when it begins                           */
	enum plan_hours hours[LIMIT_LINES];
	struct core_settings settings;
};

/** A quiet night, a storm, a slow store ... people 0: what the seed says. */
void plan_init(struct plan *plan, uint64_t seed, uint64_t n_calls,
	       uint32_t n_people);

/** Without this part. The rest stays as it is. */
void plan_without(struct plan *plan, enum plan_part part);

const char *plan_part_name(enum plan_part part);

/** PLAN_PART_COUNT if there is no such part. */
enum plan_part plan_part_decode(const char *name);

#endif
