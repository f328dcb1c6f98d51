/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file machine.h  What every state machine must fulfil, whatever it is for
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_MACHINE_H
#define RINGBACK_TEST_MACHINE_H

#include <errno.h>
#include <string.h>

#include "base/step.h"

enum { MACHINE_RULES = 192, MACHINE_STATES = 32 };

/** The number of a state or event by its name. */
static inline uint8_t machine_name(const char *const *names, size_t n,
				   const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(names[i], name))
			return (uint8_t)i;
	}

	fail_msg("no such name: %s", name);
	return 0;
}


/** Each pair has one rule at most; it moves, or nothing changes. */
static inline void machine_walk(const struct step_machine *m)
{
	struct step_rule still[MACHINE_RULES];
	struct step_machine copy = *m;
	size_t n_found = 0;

	assert_true(m->n_rules <= MACHINE_RULES);
	memcpy(still, m->rules, m->n_rules * sizeof(still[0]));
	for (size_t i = 0; i < m->n_rules; i++)
		still[i].action = NULL; /* there is no object to act on */
	copy.rules = still;

	for (uint8_t s = 0; s < m->n_states; s++) {
		for (uint8_t e = 0; e < m->n_events; e++) {
			const struct step_rule *r = step_find(m, s, e);
			uint8_t state = s;

			assert_int_equal(step(&copy, &state, 1, e, NULL, NULL,
					      NULL), r ? 0 : EPROTO);
			assert_int_equal(state, r ? r->next : s);
			n_found += r != NULL;
		}
	}

	/* no rule is hidden behind another, none is out of range */
	assert_int_equal(n_found, m->n_rules);
}


/**
 * Which states can be reached, by these events alone
 *
 * @param seen   Where to begin: true; set to true for all that are reached
 * @param events Event numbers, n of them; n 0: all
 */
static inline void machine_reach(const struct step_machine *m, bool *seen,
				 const uint8_t *events, size_t n)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < m->n_rules; i++) {
			const struct step_rule *r = &m->rules[i];

			if (!seen[r->state] || seen[r->next])
				continue;
			if (n && !memchr(events, r->event, n))
				continue;
			seen[r->next] = more = true;
		}
	}
}

#endif
