/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * restore.c  After a restart: who talked has talked, whom we owe something is
 * still owed, and whoever was cut off is owed something now.
 *
 * No leg is left. Who was to be rung back has a handle if the number is known.
 */
#include <errno.h>

#include "promise.h"
#include "restore.h"
#include "sweep.h"


/* It died in an attempt: that counts, and it must not be what kills us. */
static void after_attempt(struct call *c, struct turn *t)
{
	const struct core_line *line = line_of(t->core, c);
	struct core_promise *p = &c->record.promise;
	const int64_t earliest = turn_unix(t) + line->attempt_ms;

	if (p->n_attempts >= line->attempts)
		promise_give_to_coordinator(p);
	else if (p->next_at < earliest)
		p->next_at = earliest;
}


/* Waiting after an attempt: they had been reached, and waited to talk again. */
static bool attempt_was_open(const struct core_record *was)
{
	return was->state == CALL_DIALLING || was->state == CALL_CONFIRMING ||
	       (was->promise.n_attempts && (was->state == CALL_WAITING ||
					    was->state == CALL_OFFERED));
}


/* Its old place, or the time of its next attempt. */
static void set_place(struct call *c, struct turn *t)
{
	const struct core_promise *p = &c->record.promise;
	const bool again = p->next_at && p->next_at != PROMISE_NOT_BY_ITSELF;
	const int64_t at = again ? p->next_at : c->record.arrived_at;

	c->place = (int64_t)t->now + (at - turn_unix(t));
}


static void set_arrived(struct call *c, struct turn *t)
{
	const int64_t ago = turn_unix(t) - c->record.arrived_at;

	c->arrived = ago < 0                  ? t->now
		     : (uint64_t)ago > t->now ? 0
					      : t->now - (uint64_t)ago;
}


void restore_row(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	const struct core_promise was = c->record.promise;

	if (was.kind == PROMISE_NONE) {
		c->record.cause = CAUSE_RESTART;
		promise_cut_off(c, t);
	}
	if (attempt_was_open(t->ev->restore))
		after_attempt(c, t);
	set_place(c, t);
	(void)promise_hand_over(c, t);

	(void)call_ask_record(t, c, CORE_UPDATE);
	if (was.kind == PROMISE_NONE || was.owner != c->record.promise.owner ||
	    was.level != c->record.promise.level)
		(void)call_ask_record(t, c, CORE_NOTICE);
	promise_look(c, t);
}


void restore_row_talk(void *obj, void *arg)
{
	struct call *c = obj;
	const bool kept = c->record.promise.n_attempts > 0;

	call_end(arg, c, kept ? OUTCOME_KEPT : OUTCOME_TALKED, CAUSE_RESTART);
}


bool restore_is_sound(const struct core *core,
		      const struct core_record *record)
{
	return record && record->call &&
	       record->call < core->settings.first_call &&
	       record->line < core->settings.n_lines &&
	       record->language < LIMIT_TONGUES &&
	       (unsigned)record->promise.kind < PROMISES;
}


int restore_open(struct call **cp, struct turn *t)
{
	const struct core_record *record = t->ev->restore;
	struct call *c = call_open(t, record->call, t->ev->handle);

	if (!c)
		return ENOSPC;

	c->record = *record;
	set_arrived(c, t);
	c->record.outcome = OUTCOME_OPEN;
	c->voiced = record->promise.kind == PROMISE_MESSAGE;
	c->before = record->promise;
	promise_adopt(t->core, c);
	promise_number_is(c, t->ev, t);

	*cp = c;
	return 0;
}


int restore_call(struct turn *t)
{
	const struct core_record *record = t->ev->restore;
	const bool talked = record && record->state == CALL_TALKING;
	struct call *c;
	int err;

	if (!restore_is_sound(t->core, record))
		return EINVAL;

	err = restore_open(&c, t);
	if (err)
		return err;

	return call_step(c, talked ? CALL_EV_RESTORE_TALK : CALL_EV_RESTORE,
			 t);
}
