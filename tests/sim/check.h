/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file check.h  The promises, checked after every step of the core
 *
 * Keeps books of its own about what the core was told and what it asked for,
 * and knows from them what it must answer. The books hold facts (on duty,
 * picked up, withdrawn ...), not states: they do not share the core's idea of
 * how it works, nor the world's idea of who does what.
 */
#ifndef RINGBACK_SIM_CHECK_H
#define RINGBACK_SIM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

/** What can be broken. One row per promise: constant, name, in words. */
#define CHECK_RULES(X)                                                      \
	X(CHECK_NONE, "none", "nothing is broken")                          \
	X(CHECK_ANSWER, "answer", "an event is taken, or refused rightly")  \
	X(CHECK_ACTIONS, "actions", "what an event asks for is asked for")  \
	X(CHECK_ONE_OFFER, "one_offer", "nobody is offered two calls")      \
	X(CHECK_NOT_FREE, "not_free", "only who is free is rung")           \
	X(CHECK_ORDER, "order", "the longest wait comes first")             \
	X(CHECK_SPREAD, "spread", "one ring for each caller, then more")    \
	X(CHECK_AT_ONCE, "at_once", "no more rings than set for a caller")  \
	X(CHECK_IDLE, "idle", "who has been free longest is rung first")    \
	X(CHECK_TURN, "turn", "round robin: everybody in turn")             \
	X(CHECK_CONNECT, "connect", "one call, one counsellor, accepted")   \
	X(CHECK_STOP, "stop", "the first pick-up stops all other rings")    \
	X(CHECK_OFF_DUTY, "off_duty", "three failed rings: off duty")     \
	X(CHECK_RECORD, "record", "what is on record is true")              \
	X(CHECK_UPDATE, "update", "talks and ends are put on record")       \
	X(CHECK_WORK, "work", "nobody is free while a ring is wanted")      \
	X(CHECK_RING_TIME, "ring_time", "no phone rings too long")          \
	X(CHECK_VIEW, "view", "the core shows what is true")                \
	X(CHECK_DRAIN, "drain", "everything ends")

enum check_rule {
#define X(rule, name, words) rule,
	CHECK_RULES(X)
#undef X
	CHECK_RULE_COUNT
};

struct check;

/** How late the world's ticks may be. */
enum { CHECK_TICK_LATE_MS = 50 };

/** new. Aborts if there is no memory. The core is borrowed. */
struct check *check_alloc(const struct core *core,
			  const struct core_settings *settings);

/** takes */
void check_free(struct check *k);

/** Do not look at this rule: for planted bugs that break several. */
void check_skip(struct check *k, enum check_rule rule);

/** Before a step: what the core is about to be told. */
void check_event(struct check *k, const struct core_event *ev, uint64_t now);

/** After it: what it answered. False if that breaks a rule. */
bool check_step(struct check *k, int err, const struct core_actions *actions);

/** When nothing will happen any more. False if something is left. */
bool check_drained(struct check *k);

/** Say that a rule is broken. False, unless this rule is skipped. */
bool check_broken(struct check *k, enum check_rule rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** The rule that broke first, and how. */
enum check_rule check_result(const struct check *k, const char **textp);

/** "one_offer" */
const char *check_rule_name(enum check_rule rule);

/** CHECK_NONE if there is no such rule. */
enum check_rule check_rule_decode(const char *name);

/** How often calls ended this way. */
uint64_t check_count(const struct check *k, enum call_outcome outcome);

#endif
