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
	[CORE_PERSON_LOST] = "PERSON_LOST",
	[CORE_CONSULT] = "CONSULT",
	[CORE_CONSULT_END] = "CONSULT_END",
	[CORE_THREE] = "THREE",
	[CORE_HAND_OVER] = "HAND_OVER",
	[CORE_PERSON] = "PERSON",
	[CORE_PERSON_ON] = "PERSON_ON",
	[CORE_PERSON_OFF] = "PERSON_OFF",
	[CORE_PERSON_READY] = "PERSON_READY",
	[CORE_PERSON_PAUSED] = "PERSON_PAUSED",
	[CORE_KEY] = "KEY",
	[CORE_PLAYED] = "PLAYED",
	[CORE_NUMBER_GOOD] = "NUMBER_GOOD",
	[CORE_NUMBER_BAD] = "NUMBER_BAD",
	[CORE_FILED] = "FILED",
	[CORE_PROMISE_MADE] = "PROMISE_MADE",
	[CORE_PROMISE_NOT_MADE] = "PROMISE_NOT_MADE",
	[CORE_NUMBER_BACK] = "NUMBER_BACK",
	[CORE_DIAL_ANSWERED] = "DIAL_ANSWERED",
	[CORE_DIAL_OVER] = "DIAL_OVER",
	[CORE_PROMISE_TAKE] = "PROMISE_TAKE",
	[CORE_PROMISE_KEEP] = "PROMISE_KEEP",
	[CORE_PROMISE_CLOSE] = "PROMISE_CLOSE",
	[CORE_PROMISE_SNOOZE] = "PROMISE_SNOOZE",
	[CORE_PROMISE_RING] = "PROMISE_RING",
	[CORE_RESTORE] = "RESTORE",
	[CORE_RESUME] = "RESUME",
	[CORE_CLOCK] = "CLOCK",
	[CORE_TICK] = "TICK",
};

static const char *const actions[CORE_ACTIONS] = {
	[CORE_RECORD] = "RECORD",
	[CORE_UPDATE] = "UPDATE",
	[CORE_ANSWER] = "ANSWER",
	[CORE_REFUSE] = "REFUSE",
	[CORE_PLAY] = "PLAY",
	[CORE_TYPED] = "TYPED",
	[CORE_TYPE_ANEW] = "TYPE_ANEW",
	[CORE_CHECK_NUMBER] = "CHECK_NUMBER",
	[CORE_PROMISE] = "PROMISE",
	[CORE_RECORD_MESSAGE] = "RECORD_MESSAGE",
	[CORE_STOP_MESSAGE] = "STOP_MESSAGE",
	[CORE_DROP_MESSAGE] = "DROP_MESSAGE",
	[CORE_DIAL] = "DIAL",
	[CORE_ATTEMPT] = "ATTEMPT",
	[CORE_SEND_KEY] = "SEND_KEY",
	[CORE_NOTICE] = "NOTICE",
	[CORE_OFFER] = "OFFER",
	[CORE_WITHDRAW] = "WITHDRAW",
	[CORE_CONNECT] = "CONNECT",
	[CORE_PARTY] = "PARTY",
	[CORE_HANG_UP] = "HANG_UP",
	[CORE_TELL] = "TELL",
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


/* What is not said otherwise: of those events that have it. */
static void details(FILE *f, const struct core_event *ev)
{
	if (ev->type == CORE_KEY)
		(void)fprintf(f, " key %u", ev->key);
	if (ev->type == CORE_ARRIVE)
		(void)fprintf(f, " line %u, handle %" PRIu32 "%s", ev->line,
			      ev->handle, ev->blocked ? " blocked" : "");
	if (ev->type == CORE_RESUME)
		(void)fprintf(f, " %s, offer %" PRIu64 ", guest %" PRIu64,
			      call_state_name(ev->kept->state),
			      ev->kept->offer, ev->kept->guest);
	if (ev->type == CORE_PLAYED)
		(void)fprintf(f, " list %" PRIu32, ev->serial);
	if (ev->type == CORE_FILED)
		(void)fprintf(f, " %" PRIu32 " ms, voiced %" PRIu32, ev->ms,
			      ev->voiced_ms);
	if (ev->type == CORE_PROMISE_SNOOZE)
		(void)fprintf(f, " %" PRIu32 " ms", ev->ms);
	if (ev->type == CORE_PROMISE_CLOSE)
		(void)fprintf(f, ": %s", close_reason_name(ev->reason));
	if (ev->type == CORE_CLOCK)
		(void)fprintf(f, " %" PRId64, ev->unix_ms);
	if (ev->type == CORE_PERSON)
		(void)fprintf(f, " languages %#x skills %#x organisation %u"
				 " region %u lines %#x%s", ev->languages,
			      ev->skills, ev->organisation, ev->region,
			      ev->lines, ev->learns ? " learns" : "");
}


void trace_event(FILE *f, uint64_t n, uint64_t now,
		 const struct core_event *ev)
{
	(void)fprintf(f, "%" PRIu64 ". %" PRIu64 ".%03u s: %s", n,
		      now / 1000, (unsigned)(now % 1000), events[ev->type]);
	whom(f, ev->call, ev->offer, ev->person, ev->cause);
	details(f, ev);
	(void)fputc('\n', f);
}


static void trace_record(FILE *f, const struct core_record *r)
{
	const struct core_promise *p = &r->promise;

	(void)fprintf(f, ": %s, %s", call_state_name(r->state),
		      call_outcome_name(r->outcome));
	if (p->kind != PROMISE_NONE)
		(void)fprintf(f, "; %s%s, due %" PRId64 ", next %" PRId64
				 ", owner %" PRIu32 ", level %s, %" PRIu32
				 " attempts, snoozed %" PRIu32,
			      promise_kind_name(p->kind),
			      p->number_waits ? " with number that waits"
			      : p->has_number ? " with number" : "", p->due_at,
			      p->next_at, p->owner,
			      promise_level_name(p->level), p->n_attempts,
			      p->n_snoozed);
}


static void trace_list(FILE *f, const struct core_playlist *l)
{
	(void)fprintf(f, " %" PRIu32 ":", l->serial);
	for (uint8_t i = 0; i < l->n && i < LIMIT_PLAYLIST; i++)
		(void)fprintf(f, " %s", prompt_name(l->v[i].prompt));
	if (l->loop)
		(void)fputs(" ...", f);
}


void trace_actions(FILE *f, int err, const struct core_actions *did)
{
	if (err)
		(void)fprintf(f, "    -> %s\n", strerror(err));

	for (size_t i = 0; i < did->n; i++) {
		const struct core_action *a = &did->v[i];

		(void)fprintf(f, "    -> %s", actions[a->type]);
		whom(f, a->call, a->offer, a->person, a->cause);
		if (a->record.call)
			trace_record(f, &a->record);
		if (a->type == CORE_PLAY || a->type == CORE_TELL)
			trace_list(f, &a->play);
		if (a->type == CORE_ATTEMPT)
			(void)fprintf(f, ": %s",
				      attempt_outcome_name(a->attempt));
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
