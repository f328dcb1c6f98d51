/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trace.c  Writes a run. Must not change it.
 */
#include <inttypes.h>
#include <string.h>

#include "trace.h"


static const char *const events[CORE_EVENTS] = {
	[CORE_ARRIVE] = "ARRIVE",
	[CORE_RECORDED] = "RECORDED",
	[CORE_NOT_RECORDED] = "NOT_RECORDED",
	[CORE_ANSWERED] = "ANSWERED",
	[CORE_NOT_ANSWERED] = "NOT_ANSWERED",
	[CORE_CALLER_GONE] = "CALLER_GONE",
	[CORE_CLOSE] = "CLOSE",
	[CORE_ACCEPTED] = "ACCEPTED",
	[CORE_NOT_ACCEPTED] = "NOT_ACCEPTED",
	[CORE_PERSON_GONE] = "PERSON_GONE",
	[CORE_PERSON] = "PERSON",
	[CORE_PERSON_ON] = "PERSON_ON",
	[CORE_PERSON_OFF] = "PERSON_OFF",
	[CORE_TICK] = "TICK",
};

static const char *const actions[CORE_ACTIONS] = {
	[CORE_RECORD] = "RECORD",
	[CORE_UPDATE] = "UPDATE",
	[CORE_ANSWER] = "ANSWER",
	[CORE_REFUSE] = "REFUSE",
	[CORE_PLAY] = "PLAY",
	[CORE_OFFER] = "OFFER",
	[CORE_WITHDRAW] = "WITHDRAW",
	[CORE_CONNECT] = "CONNECT",
	[CORE_HANG_UP] = "HANG_UP",
	[CORE_RELEASE] = "RELEASE",
	[CORE_OFF_DUTY] = "OFF_DUTY",
};


static void whom(FILE *f, uint64_t call, uint64_t offer, uint32_t person,
		 enum core_cause cause)
{
	if (call)
		(void)fprintf(f, " call %" PRIu64, call);
	if (offer)
		(void)fprintf(f, " offer %" PRIu64, offer);
	if (person)
		(void)fprintf(f, " person %" PRIu32, person);
	if (cause)
		(void)fprintf(f, " (%s)", core_cause_name(cause));
}


void trace_event(FILE *f, uint64_t n, uint64_t now,
		 const struct core_event *ev)
{
	(void)fprintf(f, "%" PRIu64 ". %" PRIu64 ".%03u s: %s", n,
		      now / 1000, (unsigned)(now % 1000), events[ev->type]);
	whom(f, ev->call, ev->offer, ev->person, ev->cause);
	(void)fputc('\n', f);
}


void trace_actions(FILE *f, int err, const struct core_actions *did)
{
	if (err)
		(void)fprintf(f, "    -> %s\n", strerror(err));

	for (size_t i = 0; i < did->n; i++) {
		const struct core_action *a = &did->v[i];

		(void)fprintf(f, "    -> %s", actions[a->type]);
		whom(f, a->call, a->offer, a->person, a->cause);
		if (a->type == CORE_UPDATE)
			(void)fprintf(f, ": %s, %s",
				      call_state_name(a->record.state),
				      call_outcome_name(a->record.outcome));
		(void)fputc('\n', f);
	}
}


void trace_move(const struct step_machine *m, uint64_t id, uint8_t from,
		uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	(void)fprintf(arg, "       %s %" PRIu64 ": %s --%s--> %s\n", m->noun,
		      id, m->states[from], m->events[event],
		      unexpected ? "not expected, ignored"
				 : m->states[next]);
}
