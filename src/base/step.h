/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file step.h  State machines as tables, and the one place that moves them
 *
 * A machine is a table of rules {state, event, action, next}. step() looks
 * the pair up, writes the new state, calls the action, and hands every move
 * to a trace handler. A pair that is not in the table changes nothing, is
 * traced as unexpected, and step() returns EPROTO.
 *
 * The state is written before the action runs: an action that causes further
 * events sees the machine where it will be.
 */
#ifndef RINGBACK_STEP_H
#define RINGBACK_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a rule does. @param obj the machine's object, @param arg per step */
typedef void(step_action_h)(void *obj, void *arg);

struct step_rule {
	uint8_t state;
	uint8_t event;
	step_action_h *action; /**< may be NULL */
	uint8_t next;
};

struct step_machine {
	const char *noun;            /**< "call", "leg": for the trace       */
	const char *const *states;   /**< names, n_states of them            */
	const char *const *events;   /**< names, n_events of them            */
	const struct step_rule *rules;
	size_t n_states;
	size_t n_events;
	size_t n_rules;
};

/**
 * Told of every step, before its action
 *
 * @param unexpected the pair is not in the table; from == next
 */
typedef void(step_trace_h)(const struct step_machine *m, uint64_t id,
			   uint8_t from, uint8_t event, uint8_t next,
			   bool unexpected, void *arg);

struct step_trace {
	step_trace_h *h; /**< may be NULL */
	void *arg;
};

/**
 * Move one object
 *
 * @param m      Its machine
 * @param statep Where its state is kept; written here and nowhere else
 * @param id     Its number, for the trace
 * @param event  What happened
 * @param trace  Told of the step (optional)
 * @param obj    Handed to the action
 * @param arg    Handed to the action
 *
 * @return 0, EPROTO if the table has no such pair (nothing changed)
 */
int step(const struct step_machine *m, uint8_t *statep, uint64_t id,
	 uint8_t event, const struct step_trace *trace, void *obj, void *arg);

/** The rule for a pair, NULL if none: for tests and drawings. */
const struct step_rule *step_find(const struct step_machine *m, uint8_t state,
				  uint8_t event);

/** A trace handler that writes one log line a step ("note", else "warn"). */
void step_trace_log(const struct step_machine *m, uint64_t id, uint8_t from,
		    uint8_t event, uint8_t next, bool unexpected, void *arg);

#define STEP_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
