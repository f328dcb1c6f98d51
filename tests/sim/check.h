/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file check.h  The promises, checked after every step of the core
 *
 * Keeps books of its own about what the core was told, what it asked for and
 * what is on disk. The books hold facts (on the line, picked up, withdrawn,
 * confirmed, durable ...). What the core shows of itself (core_call(),
 * core_get_record()) is what it claims: the rules hold it against the facts.
 *
 * books.c writes facts down; judges are one file for each promise:
 * judge_answers.c (what the core answers),
 * judge_offers.c and judge_order.c (who is rung), judge_guests.c (who is asked
 * in a talk), judge_calls.c (nothing is lost), judge_hearing.c (what callers
 * hear), judge_promises.c (what is owed).
 */
#ifndef RINGBACK_SIM_CHECK_H
#define RINGBACK_SIM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"

/** What can be broken. One row per rule: constant, name, in words. */
#define CHECK_RULES(X)                                                      \
	X(CHECK_NONE, "none", "nothing is broken")                          \
	X(CHECK_ANSWER, "answer", "an event is taken, or refused rightly")  \
	X(CHECK_ACTIONS, "actions", "what is asked for makes sense")        \
	/* nothing is lost */                                               \
	X(CHECK_RECORD, "record", "on record before it is answered")        \
	X(CHECK_TOLD, "told", "the store is told whatever changes")         \
	X(CHECK_OUTCOME, "outcome", "each end has the one right outcome")   \
	X(CHECK_LOST, "lost", "no call and no promise disappears")          \
	X(CHECK_RESTORE, "restore", "all that was open is open again")      \
	X(CHECK_TALK_ON, "talk_on", "a talk goes on over a crash")          \
	X(CHECK_PLACE, "place", "who waits keeps the place over a crash")   \
	X(CHECK_PAUSE, "pause", "who writes up does so over a crash")       \
	X(CHECK_MESSAGE, "message", "no message in which somebody speaks"   \
				    " is dropped")                          \
	X(CHECK_DURABLE, "durable", "kept is said when it is on disk")      \
	/* it ends somewhere */                                             \
	X(CHECK_STATE, "state", "a call is where the facts say")            \
	X(CHECK_WAIT, "wait", "nobody waits too long without an offer")     \
	X(CHECK_NOBODY, "nobody", "nobody waits for nobody")                \
	X(CHECK_SILENCE, "silence", "nobody is hurried")                    \
	X(CHECK_GOODBYE, "goodbye", "nobody is just hung up on")            \
	X(CHECK_PERSON, "person", "0 is always a person")                   \
	X(CHECK_QUIET, "quiet", "a detention line is never silent for long") \
	X(CHECK_WORDS, "words", "what is played fits line and moment")      \
	X(CHECK_DRAIN, "drain", "everything ends")                          \
	/* it is fair */                                                    \
	X(CHECK_ONE_OFFER, "one_offer", "nobody is offered two calls")      \
	X(CHECK_NOT_FREE, "not_free", "only who is free is rung")           \
	X(CHECK_LINES, "lines", "who is rung is a counsellor of that line") \
	X(CHECK_SKILLS, "skills", "who is rung can take the call")          \
	X(CHECK_ORDER, "order", "the longest wait comes first")             \
	X(CHECK_SPREAD, "spread", "one ring for each caller, then more")    \
	X(CHECK_AT_ONCE, "at_once", "no more rings than set for a caller")  \
	X(CHECK_LEAST, "least", "who can do least else is rung first")      \
	X(CHECK_IDLE, "idle", "who has been free longest is rung first")    \
	X(CHECK_TURN, "turn", "round robin: everybody in turn")             \
	X(CHECK_CIRCLE, "circle", "tiers: the own circle first")            \
	X(CHECK_STARVE, "starve", "ring-backs do not starve live callers")  \
	X(CHECK_RESERVED, "reserved", "who asks for a ring-back is rung for" \
				      " it, and nobody else")        \
	X(CHECK_WORK, "work", "nobody is free while a ring is wanted")      \
	X(CHECK_BLOCKED, "blocked", "for who is blocked nobody is rung")    \
	X(CHECK_FLOOD, "flood", "nor for who has not pressed the key")      \
	X(CHECK_CONNECT, "connect", "one call, one counsellor, accepted")   \
	/* the guest of a talk */                                           \
	X(CHECK_GUEST, "guest", "one guest at most, and never the one who"  \
				" talks")                                   \
	X(CHECK_ALONE, "alone", "no caller is left in a talk with nobody")  \
	X(CHECK_ASIDE, "aside", "who hears hold sound in a talk does so for" \
				" two who are there")                       \
	X(CHECK_PARTY, "party", "who hears whom is told at each change")    \
	X(CHECK_HAND_OVER, "hand_over", "after it one counsellor is left")  \
	X(CHECK_STOP, "stop", "the first pick-up stops all other rings")    \
	X(CHECK_RELEASE, "release", "no counsellor is left on a dead line") \
	X(CHECK_RING_TIME, "ring_time", "no phone rings too long")          \
	X(CHECK_OFF_DUTY, "off_duty", "three failed rings: off duty")       \
	X(CHECK_VIEW, "view", "the core shows what is true")                \
	/* what is owed, and to whom */                                     \
	X(CHECK_NUMBER, "number", "only a number that was confirmed is rung") \
	X(CHECK_HOURS, "hours", "no phone rings at an unsafe hour")         \
	X(CHECK_TWICE, "twice", "one ring-back at a time for a caller, and" \
				" none while they are on the line")         \
	X(CHECK_SPACING, "spacing", "attempts are spaced and limited")      \
	X(CHECK_ATTEMPT, "attempt", "each attempt is put on record")        \
	X(CHECK_OWNER, "owner", "the owner is on duty, or the coordinator") \
	X(CHECK_LADDER, "ladder", "overdue promises climb, and only climb") \
	X(CHECK_SNOOZE, "snooze", "no promise is put off for ever")         \
	X(CHECK_NOTICE, "notice", "who must act is told")

enum check_rule {
#define X(rule, name, words) rule,
	CHECK_RULES(X)
#undef X
	CHECK_RULE_COUNT
};

struct check;

/** How late the world's ticks may be. */
enum { CHECK_TICK_LATE_MS = 50 };

/** new. Aborts if there is no memory. @param skip rules not to look at,
 *  CHECK_RULE_COUNT of them: for planted bugs that break several */
struct check *check_alloc(const bool *skip);

/** takes */
void check_free(struct check *k);

/** A core begins; borrowed. */
void check_start(struct check *k, const struct core *core,
		 const struct core_settings *settings);

/** It has been told of all that is on disk. */
void check_restored(struct check *k);

/** It is dead, and what is not on disk is lost; all: media is, too. */
void check_crash(struct check *k, bool all);

/** It has been told of all pauses that were kept. */
void check_paused(struct check *k);

/** This is on disk. */
void check_committed(struct check *k, const struct core_record *record);

/** Before a step: what the core is about to be told. */
void check_event(struct check *k, const struct core_event *ev, uint64_t now);

/** During it: some machine of the core moved (where to look). */
void check_moved(struct check *k, const struct step_machine *m, uint64_t id);

/** After it: what it answered. False if that breaks a rule. */
bool check_step(struct check *k, int err, const struct core_actions *actions);

/** Is all that is open a promise of the coordinator's? */
bool check_settled(struct check *k);

/** Has every call ended? */
bool check_all_ended(const struct check *k);

/** When nothing will happen any more. False if something is left. */
bool check_drained(struct check *k);

/** It does not end: says what is left. */
void check_endless(struct check *k);

/** Say that a rule is broken. False, unless this rule is skipped. */
bool check_broken(struct check *k, enum check_rule rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** The rule that broke first, and how. */
enum check_rule check_result(const struct check *k, const char **textp);

/** "one_offer" */
const char *check_rule_name(enum check_rule rule);

/** CHECK_NONE if there is no such rule. */
enum check_rule check_rule_decode(const char *name);

#endif
