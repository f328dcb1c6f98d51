/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dial.c  Rings a caller back: the counsellor has accepted and waits.
 *
 * Whatever becomes of it is an attempt on record, and the promise stays open
 * unless they talk or the caller declines. Must not decide when (promise.c).
 */
#include "dial.h"
#include "dialogue.h"
#include "plant.h"
#include "promise.h"
#include "twin.h"


enum { DOUBLINGS = 16 };


static void tell_attempt(struct call *c, struct turn *t,
			 enum attempt_outcome outcome)
{
	call_ask_record(t, c, CORE_ATTEMPT)->attempt = outcome;
}


static void tell_counsellor(const struct call *c, struct turn *t)
{
	struct core_action *a = call_ask(t, c, CORE_TELL);

	a->person = c->person->id;
	a->offer = c->person->offer;
	a->play.v[0].prompt = PROMPT_RING_BACK_FOR;
	a->play.v[1].prompt = PROMPT_RINGTONE;
	for (int i = 0; i < 2; i++)
		a->play.v[i].language = c->record.language;
	a->play.n = 2;
	a->play.loop = true;
}


static void release_counsellor(struct call *c, struct turn *t)
{
	if (c->person)
		person_drive(c->person, PERSON_EV_NOT_REACHED, t);
	c->person = NULL;
}


void dial_row_begin(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	if (!PLANTED_BUG(PLANT_ATTEMPT_UNCOUNTED))
		++c->record.promise.n_attempts;
	alloc_remove(t, c);
	call_stop_ringing(t, c, PERSON_EV_TAKEN);
	(void)call_ask_record(t, c, CORE_UPDATE);
	tell_attempt(c, t, ATTEMPT_OPEN);
	tell_counsellor(c, t);
	call_ask_record(t, c, CORE_DIAL)->record.promise.shown = twin_shown(c);
}


/* They were rung for it while it was safe; it is not any more. */
void dial_row_too_late(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	alloc_remove(t, c);
	call_stop_ringing(t, c, PERSON_EV_TAKEN);
	release_counsellor(c, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	promise_arm(c, t);
}


void dial_row_answered(void *obj, void *arg)
{
	struct call *c = obj;

	c->menu = (struct menu){
		.language = c->record.language,
		.words = twin_words(c),
	};
	dialogue_tell(c, MENU_EV_CONFIRM, arg);
}


static void hang_up(struct call *c, struct turn *t)
{
	dialogue_over(c, t);
	(void)call_ask(t, c, CORE_HANG_UP);
}


/* The next attempt: later each time, and not for ever. */
static void plan_next(struct call *c, struct turn *t, bool dead)
{
	const struct core_line *line = line_of(t->core, c);
	struct core_promise *p = &c->record.promise;
	const uint32_t n = p->n_attempts - c->n_stopped;
	const uint32_t n_doubled = n > DOUBLINGS ? DOUBLINGS : n ? n - 1 : 0;
	const int64_t ms = (int64_t)line->attempt_ms << n_doubled;

	if (dead || n >= line->attempts) {
		twin_tried(c, t);
		promise_give_to_coordinator(p);
		return;
	}

	p->next_at = turn_unix(t) + ms;
	c->place = (int64_t)t->now + ms; /* not before those who wait then */
}


/* It has failed: on record, with what comes next. */
static void fail(struct call *c, struct turn *t, enum attempt_outcome outcome)
{
	const enum promise_level level = c->record.promise.level;

	tell_attempt(c, t, outcome);
	plan_next(c, t, outcome == ATTEMPT_DEAD);
	(void)call_ask_record(t, c, CORE_UPDATE);
	if (c->record.promise.level != level)
		(void)call_ask_record(t, c, CORE_NOTICE);
}


/* Not again at once: what stopped it may go on for a while. */
static void pause(struct call *c, struct turn *t)
{
	c->record.promise.next_at =
		turn_unix(t) + line_of(t->core, c)->attempt_ms;
	(void)call_ask_record(t, c, CORE_UPDATE);
}


/* It was given up by us: it does not count, but their phone may have rung. */
static void stop(struct call *c, struct turn *t)
{
	++c->n_stopped;
	tell_attempt(c, t, ATTEMPT_STOPPED);
	pause(c, t);
}


static enum attempt_outcome why(enum core_cause cause)
{
	static const enum attempt_outcome outcomes[CAUSES] = {
		[CAUSE_NONE] = ATTEMPT_NO_ANSWER,
		[CAUSE_DECLINED] = ATTEMPT_BUSY,
		[CAUSE_BUSY] = ATTEMPT_BUSY,
		[CAUSE_NO_ANSWER] = ATTEMPT_NO_ANSWER,
		[CAUSE_DEAD] = ATTEMPT_DEAD,
		[CAUSE_NETWORK] = ATTEMPT_NETWORK,
		[CAUSE_NO_CODEC] = ATTEMPT_NETWORK,
		[CAUSE_HUNG_UP] = ATTEMPT_NO_ANSWER,
		[CAUSE_BAD_PEER] = ATTEMPT_NETWORK,
		[CAUSE_RESTART] = ATTEMPT_NETWORK,
		[CAUSE_STORE] = ATTEMPT_NETWORK,
		[CAUSE_HOUSE] = ATTEMPT_NETWORK,
		[CAUSE_CLOSED] = ATTEMPT_NETWORK,
		[CAUSE_UNSTAFFED] = ATTEMPT_NETWORK,
		[CAUSE_MARKED] = ATTEMPT_NETWORK,
		[CAUSE_FLOOD] = ATTEMPT_NETWORK,
	};

	return (unsigned)cause < CAUSES ? outcomes[cause] : ATTEMPT_NETWORK;
}


/* not reached */
void dial_row_failed(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	fail(c, t, why(t->cause));
	promise_free(c, t);
}


/* picked up there, and hung up without a key */
void dial_row_hung_up(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	dialogue_over(c, t);
	fail(c, t, ATTEMPT_HUNG_UP);
	promise_free(c, t);
}


void dial_row_confirmed(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	struct core_action *a;

	dialogue_over(c, t);
	c->talking_since = t->now;
	c->record.wait_ms = turn_unix(t) > c->record.arrived_at
				    ? (uint64_t)(turn_unix(t) -
						 c->record.arrived_at)
				    : 0;
	c->record.counsellor = c->person->id;

	a = call_ask(t, c, CORE_CONNECT);
	a->person = c->person->id;
	a->offer = c->person->offer;
	tell_attempt(c, t, ATTEMPT_TALKED);
	(void)call_ask_record(t, c, CORE_UPDATE);
}


void dial_row_declined(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	hang_up(c, t);
	tell_attempt(c, t, ATTEMPT_DECLINED);
	call_end(t, c, OUTCOME_DECLINED, CAUSE_NONE);
}


void dial_row_no_key(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	hang_up(c, t);
	fail(c, t, ATTEMPT_VOICEMAIL);
}


void dial_row_say(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	fail(c, t, ATTEMPT_VOICEMAIL);
	dialogue_tell(c, MENU_EV_LEAVE_WORDS, t);
}


void dial_row_said(void *obj, void *arg)
{
	hang_up(obj, arg);
}


void dial_row_over(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	dialogue_over(c, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	promise_free(c, t);
}


void dial_row_counsellor_gone(void *obj, void *arg)
{
	struct call *c = obj;

	c->person = NULL;
	hang_up(c, arg);
	stop(c, arg);
}


/* their phone has been picked up already: that was an attempt */
void dial_row_counsellor_gone_late(void *obj, void *arg)
{
	struct call *c = obj;

	c->person = NULL;
	hang_up(c, arg);
	fail(c, arg, ATTEMPT_STOPPED);
}


void dial_row_close(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	release_counsellor(c, t);
	hang_up(c, t);
	stop(c, t);
}


void dial_row_close_saying(void *obj, void *arg)
{
	hang_up(obj, arg);
}


void dial_row_not_now(void *obj, void *arg)
{
	struct call *c = obj;

	call_out_of_queue(arg, c);
	pause(c, arg);
	promise_arm(c, arg);
}


/* the caller rings us */
void dial_row_held(void *obj, void *arg)
{
	struct call *c = obj;

	release_counsellor(c, arg);
	hang_up(c, arg);
	stop(c, arg);
}


/* They have talked, and wait in vain to do so again: they are rung once more,
 * at their old place. */
void dial_row_break_off(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	struct core_promise *p = &c->record.promise;
	const uint32_t n = p->n_attempts - c->n_stopped;

	call_out_of_queue(t, c);
	hang_up(c, t);
	if (n >= line_of(t->core, c)->attempts) {
		twin_tried(c, t);
		promise_give_to_coordinator(p);
	}
	else {
		p->next_at = turn_unix(t) + line_of(t->core, c)->attempt_ms;
	}
	(void)promise_hand_over(c, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	(void)call_ask_record(t, c, CORE_NOTICE);
}


/* They have talked, and did not wait to do so again. */
void dial_row_gone_waiting(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	call_out_of_queue(t, c);
	dialogue_over(c, t);
	call_end(t, c, OUTCOME_KEPT,
		 t->cause == CAUSE_HUNG_UP ? CAUSE_NONE : t->cause);
}
