/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * names.c  The core's words, for records, --json and traces. They are stored:
 * must not change without a migration of the store.
 */
#include <errno.h>
#include <string.h>

#include "names.h"


const char *const call_state_names[CALL_STATES] = {
	[CALL_NONE] = "none",
	[CALL_ARRIVING] = "arriving",
	[CALL_ANSWERING] = "answering",
	[CALL_WAITING] = "waiting",
	[CALL_OFFERED] = "offered",
	[CALL_TALKING] = "talking",
	[CALL_ENDED] = "ended",
};

const char *const person_state_names[PERSON_STATES] = {
	[PERSON_NONE] = "none",
	[PERSON_OFF] = "off",
	[PERSON_FREE] = "free",
	[PERSON_RINGING] = "ringing",
	[PERSON_STOPPING] = "stopping",
	[PERSON_STOPPING_LATE] = "stopping_late",
	[PERSON_RELEASING] = "releasing",
	[PERSON_TALKING] = "talking",
	[PERSON_HANGING_UP] = "hanging_up",
	[PERSON_WRAP_UP] = "wrap_up",
	[PERSON_RESTING] = "resting",
	[PERSON_STOPPING_OFF] = "stopping_off",
	[PERSON_RELEASING_OFF] = "releasing_off",
	[PERSON_TALKING_OFF] = "talking_off",
	[PERSON_HANGING_UP_OFF] = "hanging_up_off",
};

static const char *const outcomes[OUTCOMES] = {
	[OUTCOME_OPEN] = "open",
	[OUTCOME_TALKED] = "talked",
	[OUTCOME_KEPT] = "promise_kept",
	[OUTCOME_DECLINED] = "declined",
	[OUTCOME_GAVE_UP] = "gave_up",
	[OUTCOME_SHORT] = "short",
	[OUTCOME_BLOCKED] = "blocked",
	[OUTCOME_CLOSED] = "closed",
};

static const char *const causes[CAUSES] = {
	[CAUSE_NONE] = "none",
	[CAUSE_DECLINED] = "declined",
	[CAUSE_BUSY] = "busy",
	[CAUSE_NO_ANSWER] = "no_answer",
	[CAUSE_DEAD] = "dead",
	[CAUSE_NETWORK] = "network",
	[CAUSE_NO_CODEC] = "no_codec",
	[CAUSE_HUNG_UP] = "hung_up",
	[CAUSE_BAD_PEER] = "bad_peer",
	[CAUSE_RESTART] = "restart",
	[CAUSE_STORE] = "store",
	[CAUSE_HOUSE] = "house",
};


static const char *name(const char *const *names, size_t n, size_t i)
{
	return i < n ? names[i] : "unknown";
}


static int decode(size_t *ip, const char *const *names, size_t n,
		  const char *s)
{
	if (!ip || !s)
		return EINVAL;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(names[i], s)) {
			*ip = i;
			return 0;
		}
	}

	return EINVAL;
}


const char *call_state_name(enum call_state state)
{
	return name(call_state_names, CALL_STATES, (size_t)state);
}


const char *call_outcome_name(enum call_outcome outcome)
{
	return name(outcomes, OUTCOMES, (size_t)outcome);
}


const char *person_state_name(enum person_state state)
{
	return name(person_state_names, PERSON_STATES, (size_t)state);
}


const char *core_cause_name(enum core_cause cause)
{
	return name(causes, CAUSES, (size_t)cause);
}


int call_outcome_decode(enum call_outcome *outcomep, const char *s)
{
	size_t i;
	int err;

	if (!outcomep)
		return EINVAL;

	err = decode(&i, outcomes, OUTCOMES, s);
	if (!err)
		*outcomep = (enum call_outcome)i;

	return err;
}


int call_state_decode(enum call_state *statep, const char *s)
{
	size_t i;
	int err;

	if (!statep)
		return EINVAL;

	err = decode(&i, call_state_names, CALL_STATES, s);
	if (!err)
		*statep = (enum call_state)i;

	return err;
}
