/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cover.c  Counts walked rules. A rule that no simulated day ever reaches is
 * one about which the simulation says nothing.
 */
#include <stdlib.h>

#include "core/core.h"
#include "cover.h"
#include "trace.h"


void cover_move(const struct step_machine *m, uint64_t id, uint8_t from,
		uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	const struct step_rule *r = step_find(m, from, event);
	struct cover *cover = arg;
	uint64_t *n = m == &call_machine ? cover->n_call : cover->n_person;

	if (r && r - m->rules >= COVER_RULES_MAX)
		abort();
	if (r)
		++n[r - m->rules];
	if (cover->trace)
		trace_move(m, id, from, event, next, unexpected,
			   cover->trace);
}


static unsigned missing(const struct step_machine *m, const uint64_t *n,
			FILE *f)
{
	unsigned count = 0;

	for (size_t i = 0; i < m->n_rules; i++) {
		const struct step_rule *r = &m->rules[i];

		if (n[i])
			continue;
		++count;
		(void)fprintf(f, "never walked: %s %s --%s--> %s\n", m->noun,
			      m->states[r->state], m->events[r->event],
			      m->states[r->next]);
	}

	return count;
}


unsigned cover_missing(const struct cover *cover, FILE *f)
{
	return missing(&call_machine, cover->n_call, f) +
	       missing(&person_machine, cover->n_person, f);
}
