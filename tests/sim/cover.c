/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cover.c  Counts walked rules. A rule that no simulated day ever reaches is
 * one about which the simulation says nothing.
 */
#include <stdlib.h>

#include "core/core.h"
#include "cover.h"
#include "trace.h"


static uint64_t *counter(struct cover *cover, const struct step_machine *m,
			 uint8_t state, uint8_t event)
{
	struct cover_machine *c = m == &call_machine    ? &cover->call
				  : m == &guest_machine ? &cover->guest
							: &cover->person;

	if (state >= COVER_MAX || event >= COVER_MAX)
		abort();

	return &c->n[state][event];
}


void cover_move(const struct step_machine *m, uint64_t id, uint8_t from,
		uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	struct cover *cover = arg;

	if (!unexpected)
		++*counter(cover, m, from, event);
	if (cover->trace)
		trace_move(m, id, from, event, next, unexpected,
			   cover->trace);
}


static unsigned missing(struct cover *cover, const struct step_machine *m,
			FILE *f)
{
	unsigned count = 0;

	for (size_t i = 0; i < m->n_rules; i++) {
		const struct step_rule *r = &m->rules[i];

		if (*counter(cover, m, r->state, r->event))
			continue;
		++count;
		(void)fprintf(f, "never walked: %s %s --%s--> %s\n", m->noun,
			      m->states[r->state], m->events[r->event],
			      m->states[r->next]);
	}

	return count;
}


unsigned cover_missing(struct cover *cover, FILE *f)
{
	return missing(cover, &call_machine, f) +
	       missing(cover, &person_machine, f) +
	       missing(cover, &guest_machine, f);
}
