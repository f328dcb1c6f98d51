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
	[CALL_CHOOSING] = "choosing",
	[CALL_WAITING] = "waiting",
	[CALL_OFFERED] = "offered",
	[CALL_TALKING] = "talking",
	[CALL_SAVING_MESSAGE] = "saving_message",
	[CALL_RECORDING] = "recording",
	[CALL_FILING] = "filing",
	[CALL_SAVING_RING_BACK] = "saving_ring_back",
	[CALL_LEAVING] = "leaving",
	[CALL_PROMISED] = "promised",
	[CALL_DUE] = "due",
	[CALL_DUE_OFFERED] = "due_offered",
	[CALL_DIALLING] = "dialling",
	[CALL_CONFIRMING] = "confirming",
	[CALL_SAYING] = "saying",
	[CALL_HANGING_UP] = "hanging_up",
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

const char *const guest_state_names[GUEST_STATES] = {
	[GUEST_NONE] = "none",
	[GUEST_RINGING] = "ringing",
	[GUEST_ASIDE] = "aside",
	[GUEST_THREE] = "three",
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
	[CAUSE_CLOSED] = "closed",
	[CAUSE_UNSTAFFED] = "unstaffed",
	[CAUSE_MARKED] = "marked",
	[CAUSE_FLOOD] = "flood",
};

static const char *const kinds[PROMISES] = {
	[PROMISE_NONE] = "none",
	[PROMISE_RING_BACK] = "ring_back",
	[PROMISE_MESSAGE] = "message",
	[PROMISE_CUT_OFF] = "cut_off",
};

static const char *const words[PROMISE_WORDS] = {
	[WORDS_NONE] = "none",
	[WORDS_PLAIN] = "plain",
	[WORDS_NAME] = "name",
};

static const char *const hours[PROMISE_HOURS] = {
	[HOURS_ANY] = "any",
	[HOURS_DAY] = "day",
	[HOURS_EVENING] = "evening",
};

static const char *const shown[PROMISE_SHOWN] = {
	[SHOWN_WITHHELD] = "withheld",
	[SHOWN_LINE] = "line",
	[SHOWN_NEUTRAL] = "neutral",
};

static const char *const levels[PROMISE_LEVELS] = {
	[LEVEL_OWNER] = "owner",
	[LEVEL_ON_DUTY] = "on_duty",
	[LEVEL_COORDINATOR] = "coordinator",
};

static const char *const attempts[ATTEMPTS] = {
	[ATTEMPT_OPEN] = "open",
	[ATTEMPT_TALKED] = "talked",
	[ATTEMPT_NO_ANSWER] = "no_answer",
	[ATTEMPT_BUSY] = "busy",
	[ATTEMPT_VOICEMAIL] = "voicemail",
	[ATTEMPT_HUNG_UP] = "hung_up",
	[ATTEMPT_DECLINED] = "declined",
	[ATTEMPT_DEAD] = "dead",
	[ATTEMPT_NETWORK] = "network",
	[ATTEMPT_STOPPED] = "stopped",
};

static const char *const reasons[CLOSE_REASONS] = {
	[CLOSE_NONE] = "none",
	[CLOSE_REACHED] = "reached",
	[CLOSE_UNREACHABLE] = "unreachable",
	[CLOSE_NO_NUMBER] = "no_number",
	[CLOSE_DUPLICATE] = "duplicate",
	[CLOSE_NOT_FOR_US] = "not_for_us",
	[CLOSE_UNSAFE] = "unsafe",
	[CLOSE_TEST] = "test",
};

static const char *const line_kinds[LINE_KINDS] = {
	[LINE_ORDINARY] = "ordinary",
	[LINE_DETENTION] = "detention",
	[LINE_AFTER_HOURS] = "after_hours",
};

static const char *const prompts[PROMPTS] = {
#define X(name, word) word,
	CORE_PROMPTS(X)
#undef X
};

/* what `ringback promises` says of a call that is open */
static const char *const promise_states[CALL_STATES] = {
	[CALL_CHOOSING] = "recording",
	[CALL_WAITING] = "recording",
	[CALL_OFFERED] = "recording",
	[CALL_TALKING] = "recording",
	[CALL_SAVING_MESSAGE] = "recording",
	[CALL_RECORDING] = "recording",
	[CALL_FILING] = "recording",
	[CALL_SAVING_RING_BACK] = "recording",
	[CALL_LEAVING] = "recording",
	[CALL_PROMISED] = "open",
	[CALL_DUE] = "due",
	[CALL_DUE_OFFERED] = "due",
	[CALL_DIALLING] = "ringing",
	[CALL_CONFIRMING] = "ringing",
	[CALL_SAYING] = "ringing",
	[CALL_HANGING_UP] = "ringing",
};

/* and of one that has ended: they talked, on whatever way, or they did not */
static const char *const promise_ends[OUTCOMES] = {
	[OUTCOME_TALKED] = "kept",
	[OUTCOME_KEPT] = "kept",
	[OUTCOME_DECLINED] = "declined",
	[OUTCOME_CLOSED] = "closed",
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


/* One pair of functions for each table; a macro, as each has its own type. */
#define NAME(noun, names, n)                                           \
	const char *noun##_name(enum noun value)                       \
	{                                                              \
		return name(names, n, (size_t)value);                  \
	}

#define DECODE(noun, names, n)                                         \
	int noun##_decode(enum noun *valuep, const char *s)            \
	{                                                              \
		size_t i;                                              \
		int err;                                               \
                                                                       \
		if (!valuep)                                           \
			return EINVAL;                                 \
                                                                       \
		err = decode(&i, names, n, s);                         \
		if (!err)                                              \
			*valuep = (enum noun)i;                        \
                                                                       \
		return err;                                            \
	}

NAME(call_state, call_state_names, CALL_STATES)
NAME(call_outcome, outcomes, OUTCOMES)
NAME(person_state, person_state_names, PERSON_STATES)
NAME(guest_state, guest_state_names, GUEST_STATES)
NAME(core_cause, causes, CAUSES)
NAME(promise_kind, kinds, PROMISES)
NAME(promise_words, words, PROMISE_WORDS)
NAME(promise_hours, hours, PROMISE_HOURS)
NAME(promise_shown, shown, PROMISE_SHOWN)
NAME(promise_level, levels, PROMISE_LEVELS)
NAME(attempt_outcome, attempts, ATTEMPTS)
NAME(close_reason, reasons, CLOSE_REASONS)
NAME(prompt, prompts, PROMPTS)
NAME(line_kind, line_kinds, LINE_KINDS)

DECODE(call_outcome, outcomes, OUTCOMES)
DECODE(call_state, call_state_names, CALL_STATES)
DECODE(promise_kind, kinds, PROMISES)
DECODE(promise_words, words, PROMISE_WORDS)
DECODE(promise_hours, hours, PROMISE_HOURS)
DECODE(promise_shown, shown, PROMISE_SHOWN)
DECODE(promise_level, levels, PROMISE_LEVELS)
DECODE(attempt_outcome, attempts, ATTEMPTS)
DECODE(close_reason, reasons, CLOSE_REASONS)


const char *promise_state_name(const struct core_record *record)
{
	const char *word = NULL;

	if (!record || record->promise.kind == PROMISE_NONE)
		return "";

	if (record->state == CALL_ENDED)
		word = promise_ends[record->outcome % OUTCOMES];
	else if ((record->state == CALL_TALKING ||
		  record->state == CALL_WAITING ||
		  record->state == CALL_OFFERED) &&
		 record->promise.n_attempts)
		word = "ringing";
	else if ((unsigned)record->state < CALL_STATES)
		word = promise_states[record->state];

	return word ? word : "";
}
