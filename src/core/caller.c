/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * caller.c  A caller on the line, from arrival to talk or hang-up: what
 * follows from each thing that happens. Must not choose who is rung (alloc.c),
 * nor what is asked (menu.c).
 */
#include "caller.h"
#include "dialogue.h"
#include "guest.h"
#include "plant.h"
#include "promise.h"


static enum core_cause extraordinary(enum core_cause cause)
{
	return cause == CAUSE_HUNG_UP ? CAUSE_NONE : cause;
}


static void waited(struct turn *t, struct call *c)
{
	if (!c->record.wait_ms) /* else they have left before */
		c->record.wait_ms = t->now - c->arrived;
}


static void refuse(struct turn *t, struct call *c, enum core_cause cause)
{
	waited(t, c);
	c->record.cause = cause;
	(void)call_ask(t, c, CORE_REFUSE);
	call_end(t, c, OUTCOME_BLOCKED, cause);
}


/* What lasted how long: so long will others, more or less. */
static void learn(struct core *core, uint64_t talk_ms)
{
	core->talk_ms = core->talk_ms ? (7 * core->talk_ms + talk_ms) / 8
				      : talk_ms;
}


/* Were they rung back? Their own talk comes before any attempt. */
static void end_talk(struct turn *t, struct call *c, enum core_cause cause)
{
	const bool kept = c->record.promise.n_attempts > 0;

	c->record.talk_ms += t->now - c->talking_since;
	learn(t->core, c->record.talk_ms);
	call_end(t, c, kept ? OUTCOME_KEPT : OUTCOME_TALKED, cause);
}


/* ---- arriving ----------------------------------------------------------- */

void caller_row_arrive(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	(void)call_ask_record(t, c, CORE_RECORD);
	promise_hold_alike(c, t);
}


void caller_row_answer(void *obj, void *arg)
{
	(void)call_ask(arg, obj, CORE_ANSWER);
}


void caller_row_not_recorded(void *obj, void *arg)
{
	/* the update tells a store that has recovered by then */
	refuse(arg, obj, CAUSE_STORE);
}


/* nobody has answered the caller yet: say no */
void caller_row_refuse(void *obj, void *arg)
{
	struct turn *t = arg;

	refuse(t, obj, t->cause);
}


void caller_row_answered(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	const struct core_line *line = line_of(t->core, c);

	if (line->kind == LINE_DETENTION)
		call_ask(t, c, CORE_SEND_KEY)->key = line->accept_key;
	c->menu.language = c->record.language;
	dialogue_tell(c, MENU_EV_BEGIN, t);
	if (c->state == CALL_CHOOSING)
		(void)call_ask_record(t, c, CORE_UPDATE);
}


void caller_row_wait(void *obj, void *arg)
{
	struct call *c = obj;

	promise_drop_unsaid(c, arg);
	dialogue_note(c, arg);
	call_into_queue(arg, c);
}


void caller_row_leave(void *obj, void *arg)
{
	call_out_of_queue(arg, obj);
	(void)call_ask_record(arg, obj, CORE_UPDATE);
}


/* one ring more or less */
void caller_row_place(void *obj, void *arg)
{
	alloc_place(arg, obj);
}


void caller_row_taken(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	struct core_action *a;

	c->talking_since = t->now;
	waited(t, c);
	c->record.counsellor = c->person->id;

	a = call_ask(t, c, CORE_CONNECT);
	a->person = c->person->id;
	a->offer = c->person->offer;
	dialogue_over(c, t);
	alloc_remove(t, c);
	deadline_clear(&t->core->deadlines, &c->circle_next);
	if (!PLANTED_BUG(PLANT_OTHERS_RING_ON))
		call_stop_ringing(t, c, PERSON_EV_TAKEN);
	(void)call_ask_record(t, c, CORE_UPDATE);
}


/* ---- the caller goes ---------------------------------------------------- */

void caller_row_give_up(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	const bool early = t->now - c->arrived < t->core->settings.short_ms;
	const bool waiting = c->line_up != NULL;

	waited(t, c);
	call_out_of_queue(t, c);
	if (waiting && !PLANTED_BUG(PLANT_PLACE_LOST))
		redial_keep(&t->core->redials, c->handle, c->record.line,
			    c->place, t->now);
	if (c->talked)
		call_end(t, c, OUTCOME_TALKED, extraordinary(t->cause));
	else if (c->declined)
		call_end(t, c, OUTCOME_DECLINED, CAUSE_NONE);
	else if (c->refused && !PLANTED_BUG(PLANT_REFUSED_GAVE_UP))
		call_end(t, c, OUTCOME_BLOCKED, c->refused);
	else
		call_end(t, c, early ? OUTCOME_SHORT : OUTCOME_GAVE_UP,
			 extraordinary(t->cause));
}


/* Nobody is on the line any more, and a promise is open. */
static void promised(struct turn *t, struct call *c)
{
	waited(t, c);
	call_out_of_queue(t, c);
	dialogue_over(c, t);
	(void)promise_hand_over(c, t);
	if (c->unwritten)
		promise_write(c, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	(void)call_ask_record(t, c, CORE_NOTICE);
	promise_free(c, t);
}


void caller_row_gone_owed(void *obj, void *arg)
{
	promised(arg, obj);
}


void caller_row_gone_saving(void *obj, void *arg)
{
	if (PLANTED_BUG(PLANT_FORGOTTEN_PROMISE))
		caller_row_give_up(obj, arg);
	else
		promised(arg, obj);
}


void caller_row_filed(void *obj, void *arg)
{
	promised(arg, obj);
}


void caller_row_gone_talking(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	guest_talk_over(c, t);
	person_drive(c->person, PERSON_EV_CALLER_GONE, t);
	end_talk(t, c, extraordinary(t->cause));
}


/* our own fault: they are owed something, and keep their place if they redial */
void caller_row_cut_off(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	(void)call_ask(t, c, CORE_HANG_UP);
	c->record.cause = t->cause;
	if (!promise_settle(c, t)) {
		promise_cut_off(c, t);
		redial_keep(&t->core->redials, c->handle, c->record.line,
			    c->place, t->now);
	}
	promised(t, c);
}


void caller_row_close_talking(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	guest_talk_over(c, t);
	person_drive(c->person, PERSON_EV_CALLER_GONE, t);
	(void)call_ask(t, c, CORE_HANG_UP);
	end_talk(t, c, t->cause);
}


void caller_row_counsellor_gone(void *obj, void *arg)
{
	struct turn *t = arg;

	(void)call_ask(t, obj, CORE_HANG_UP);
	end_talk(t, obj, extraordinary(t->cause));
}


/* Their old place, and nothing is asked anew. Whatever was promised before was
 * kept by this talk, but for a message: nobody knows whether it was heard. */
void caller_row_counsellor_lost(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->person = NULL;
	c->talked = true;
	c->settled = !c->voiced;
	c->record.talk_ms += t->now - c->talking_since;
	/* what they were typing before it must not be taken for a number */
	if (c->menu.n_digits)
		(void)call_ask(t, c, CORE_TYPE_ANEW);
	c->menu = (struct menu){.language = c->record.language};
	dialogue_note(c, t);
	call_into_queue(t, c);
	dialogue_tell(c, call_dialled(c) ? MENU_EV_LOST_BACK : MENU_EV_LOST,
		      t);
}
