/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * step.c  The stepper. Must not know any machine.
 */
#include <errno.h>
#include <inttypes.h>

#include "step.h"

#define LOG_MODULE "state"
#include "log.h"


const struct step_rule *step_find(const struct step_machine *m, uint8_t state,
				  uint8_t event)
{
	for (size_t i = 0; i < m->n_rules; i++) {
		const struct step_rule *r = &m->rules[i];

		if (r->state == state && r->event == event)
			return r;
	}

	return NULL;
}


int step(const struct step_machine *m, uint8_t *statep, uint64_t id,
	 uint8_t event, const struct step_trace *trace, void *obj, void *arg)
{
	const struct step_rule *r = step_find(m, *statep, event);
	const uint8_t from = *statep;
	const uint8_t next = r ? r->next : from;

	if (trace && trace->h)
		trace->h(m, id, from, event, next, !r, trace->arg);

	if (!r)
		return EPROTO;

	*statep = next;

	if (r->action)
		r->action(obj, arg);

	return 0;
}


void step_trace_log(const struct step_machine *m, uint64_t id, uint8_t from,
		    uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	(void)arg;

	if (unexpected)
		log_warn("%s %" PRIu64 ": %s --%s--> not expected, ignored",
			 m->noun, id, m->states[from], m->events[event]);
	else
		log_note("%s %" PRIu64 ": %s --%s--> %s", m->noun, id,
			 m->states[from], m->events[event], m->states[next]);
}
