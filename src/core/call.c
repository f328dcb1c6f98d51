/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * call.c  A call for help: what may happen to it, from arrival to its end.
 *
 * Every way out of the table ends in call_end() (slot.c): there is no other,
 * and it is the only place that gives an outcome. Must not choose who is rung
 * (alloc.c), nor what is asked (menu.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "caller.h"
#include "dial.h"
#include "dialogue.h"
#include "message.h"
#include "names.h"
#include "promise.h"
#include "restore.h"
#include "resume.h"
#include "staff.h"
#include "verb.h"


struct core_action *call_ask(struct turn *t, const struct call *c,
			     enum core_action_type type)
{
	struct core_action *a = turn_action(t, type);

	a->call = c->record.call;
	a->cause = c->record.cause;

	return a;
}


struct core_action *call_ask_record(struct turn *t, const struct call *c,
				    enum core_action_type type)
{
	struct core_action *a = turn_action(t, type);

	a->call = c->record.call;
	a->record = c->record;
	a->record.state = c->state;

	return a;
}


/* ---- the queue ---------------------------------------------------------- */

/* Whatever ends the ring of somebody who wanted to be rung alone: that was
 * it. */
static void leave_ringing(struct turn *t, struct call *c, struct person *p)
{
	TAILQ_REMOVE(&c->ringing, p, ringing);
	--c->n_ringing;
	if (c->reserved == p->id)
		staff_reserve(t, c, 0);
}


/* Each of them is asked to stop, for the reason that the event says. */
void call_stop_ringing(struct turn *t, struct call *c, enum person_event ev)
{
	struct person *p;

	while ((p = TAILQ_FIRST(&c->ringing))) {
		leave_ringing(t, c, p);
		person_drive(p, ev, t);
	}
}


void call_out_of_queue(struct turn *t, struct call *c)
{
	alloc_remove(t, c);
	deadline_clear(&t->core->deadlines, &c->circle_next);
	deadline_clear(&t->core->deadlines, &c->news);
	deadline_clear(&t->core->deadlines, &c->wait);
	call_stop_ringing(t, c, PERSON_EV_CALLER_GONE);
}


void call_into_queue(struct turn *t, struct call *c)
{
	c->declined = false;
	staff_circle_begin(t, c);
	alloc_place(t, c);
	(void)call_ask_record(t, c, CORE_UPDATE);
}


/* ---- the table ---------------------------------------------------------- */

/* short names, to keep the table in columns */
#define S(state) CALL_##state
#define E(event) CALL_EV_##event

static const struct step_rule rules[] = {
	{S(NONE), E(ARRIVE), caller_row_arrive, S(ARRIVING)},
	{S(NONE), E(RESTORE), restore_row, S(PROMISED)},
	{S(NONE), E(RESTORE_TALK), restore_row_talk, S(ENDED)},
	{S(NONE), E(RESUME), resume_row, S(CHOOSING)},
	{S(NONE), E(RESUME_WAIT), resume_row_wait, S(WAITING)},
	{S(NONE), E(RESUME_LEAVE), resume_row_leave, S(LEAVING)},
	{S(NONE), E(RESUME_TALK), resume_row_talk, S(TALKING)},

	{S(ARRIVING), E(RECORDED), caller_row_answer, S(ANSWERING)},
	{S(ARRIVING), E(NOT_RECORDED), caller_row_not_recorded, S(ENDED)},
	{S(ARRIVING), E(GONE), caller_row_give_up, S(ENDED)},
	{S(ARRIVING), E(CLOSE), caller_row_refuse, S(ENDED)},

	{S(ANSWERING), E(ANSWERED), caller_row_answered, S(CHOOSING)},
	{S(ANSWERING), E(NOT_ANSWERED), caller_row_refuse, S(ENDED)},
	{S(ANSWERING), E(GONE), caller_row_give_up, S(ENDED)},
	{S(ANSWERING), E(CLOSE), caller_row_refuse, S(ENDED)},

	{S(CHOOSING), E(MENU), dialogue_row, S(CHOOSING)},
	{S(CHOOSING), E(WAIT), caller_row_wait, S(WAITING)},
	{S(CHOOSING), E(LEAVE), caller_row_leave, S(LEAVING)},
	{S(CHOOSING), E(GONE), caller_row_give_up, S(ENDED)},
	{S(CHOOSING), E(CLOSE), caller_row_cut_off, S(PROMISED)},

	{S(WAITING), E(MENU), dialogue_row, S(WAITING)},
	{S(WAITING), E(LEAVE), caller_row_leave, S(LEAVING)},
	{S(WAITING), E(MESSAGE), promise_row_message, S(SAVING_MESSAGE)},
	{S(WAITING), E(RING_BACK), promise_row_ring_back,
	 S(SAVING_RING_BACK)},
	{S(WAITING), E(OFFER), caller_row_place, S(OFFERED)},
	{S(WAITING), E(GONE), caller_row_give_up, S(ENDED)},
	{S(WAITING), E(GONE_OWED), caller_row_gone_owed, S(PROMISED)},
	{S(WAITING), E(CLOSE), caller_row_cut_off, S(PROMISED)},
	{S(WAITING), E(BREAK_OFF), dial_row_break_off, S(HANGING_UP)},
	{S(WAITING), E(DIAL_OVER), dial_row_gone_waiting, S(ENDED)},

	{S(OFFERED), E(MENU), dialogue_row, S(OFFERED)},
	{S(OFFERED), E(LEAVE), caller_row_leave, S(LEAVING)},
	{S(OFFERED), E(MESSAGE), promise_row_message, S(SAVING_MESSAGE)},
	{S(OFFERED), E(RING_BACK), promise_row_ring_back,
	 S(SAVING_RING_BACK)},
	{S(OFFERED), E(OFFER), caller_row_place, S(OFFERED)},
	{S(OFFERED), E(NOT_TAKEN), caller_row_place, S(OFFERED)},
	{S(OFFERED), E(NONE_LEFT), caller_row_place, S(WAITING)},
	{S(OFFERED), E(TAKEN), caller_row_taken, S(TALKING)},
	{S(OFFERED), E(GONE), caller_row_give_up, S(ENDED)},
	{S(OFFERED), E(GONE_OWED), caller_row_gone_owed, S(PROMISED)},
	{S(OFFERED), E(CLOSE), caller_row_cut_off, S(PROMISED)},
	{S(OFFERED), E(BREAK_OFF), dial_row_break_off, S(HANGING_UP)},
	{S(OFFERED), E(DIAL_OVER), dial_row_gone_waiting, S(ENDED)},

	{S(TALKING), E(COUNSELLOR_GONE), caller_row_counsellor_gone, S(ENDED)},
	{S(TALKING), E(COUNSELLOR_LOST), caller_row_counsellor_lost,
	 S(WAITING)},
	{S(TALKING), E(GONE), caller_row_gone_talking, S(ENDED)},
	{S(TALKING), E(DIAL_OVER), caller_row_gone_talking, S(ENDED)},
	{S(TALKING), E(CLOSE), caller_row_close_talking, S(ENDED)},

	{S(SAVING_MESSAGE), E(MENU), dialogue_row, S(SAVING_MESSAGE)},
	{S(SAVING_MESSAGE), E(MADE), promise_row_made, S(SAVING_MESSAGE)},
	{S(SAVING_MESSAGE), E(NOT_MADE), promise_row_not_made, S(WAITING)},
	{S(SAVING_MESSAGE), E(RECORD), message_row_begin, S(RECORDING)},
	{S(SAVING_MESSAGE), E(WAIT), caller_row_wait, S(WAITING)},
	{S(SAVING_MESSAGE), E(LEAVE), caller_row_leave, S(LEAVING)},
	{S(SAVING_MESSAGE), E(GONE), caller_row_give_up, S(ENDED)},
	{S(SAVING_MESSAGE), E(GONE_OWED), caller_row_gone_owed, S(PROMISED)},
	{S(SAVING_MESSAGE), E(CLOSE), caller_row_cut_off, S(PROMISED)},

	{S(RECORDING), E(MENU), dialogue_row, S(RECORDING)},
	{S(RECORDING), E(FILED), message_row_kept, S(LEAVING)},
	{S(RECORDING), E(SILENT), message_row_silent, S(SAVING_MESSAGE)},
	{S(RECORDING), E(GONE), message_row_gone, S(FILING)},
	{S(RECORDING), E(CLOSE), message_row_close, S(FILING)},

	{S(FILING), E(FILED), caller_row_filed, S(PROMISED)},
	{S(FILING), E(SILENT), caller_row_give_up, S(ENDED)},

	{S(SAVING_RING_BACK), E(MENU), dialogue_row, S(SAVING_RING_BACK)},
	{S(SAVING_RING_BACK), E(MADE), promise_row_made, S(LEAVING)},
	{S(SAVING_RING_BACK), E(NOT_MADE), promise_row_not_made, S(WAITING)},
	{S(SAVING_RING_BACK), E(GONE_OWED), caller_row_gone_saving, S(PROMISED)},
	{S(SAVING_RING_BACK), E(CLOSE), caller_row_cut_off, S(PROMISED)},

	{S(LEAVING), E(MENU), dialogue_row, S(LEAVING)},
	{S(LEAVING), E(WAIT), caller_row_wait, S(WAITING)},
	{S(LEAVING), E(RING_BACK), promise_row_ring_back,
	 S(SAVING_RING_BACK)},
	{S(LEAVING), E(GONE), caller_row_give_up, S(ENDED)},
	{S(LEAVING), E(GONE_OWED), caller_row_gone_owed, S(PROMISED)},

	{S(PROMISED), E(DUE), promise_row_due, S(DUE)},
	{S(PROMISED), E(TAKE), verb_row_take, S(PROMISED)},
	{S(PROMISED), E(SNOOZE), verb_row_snooze, S(PROMISED)},
	{S(PROMISED), E(NUMBER_BACK), promise_row_number_back, S(PROMISED)},
	{S(PROMISED), E(RING), verb_row_ring, S(PROMISED)},
	{S(PROMISED), E(KEEP), verb_row_keep, S(ENDED)},
	{S(PROMISED), E(DISMISS), verb_row_dismiss, S(ENDED)},

	{S(DUE), E(OFFER), caller_row_place, S(DUE_OFFERED)},
	{S(DUE), E(HELD), promise_row_held, S(PROMISED)},
	{S(DUE), E(CLOSE), dial_row_not_now, S(PROMISED)},
	{S(DUE), E(TAKE), verb_row_take, S(DUE)},
	{S(DUE), E(SNOOZE), verb_row_snooze, S(DUE)},
	{S(DUE), E(RING), verb_row_ring, S(DUE)},
	{S(DUE), E(KEEP), verb_row_keep, S(ENDED)},
	{S(DUE), E(DISMISS), verb_row_dismiss, S(ENDED)},

	{S(DUE_OFFERED), E(OFFER), caller_row_place, S(DUE_OFFERED)},
	{S(DUE_OFFERED), E(NOT_TAKEN), caller_row_place, S(DUE_OFFERED)},
	{S(DUE_OFFERED), E(NONE_LEFT), caller_row_place, S(DUE)},
	{S(DUE_OFFERED), E(TAKEN), dial_row_begin, S(DIALLING)},
	{S(DUE_OFFERED), E(TAKEN_LATE), dial_row_too_late, S(PROMISED)},
	{S(DUE_OFFERED), E(HELD), promise_row_held, S(PROMISED)},
	{S(DUE_OFFERED), E(CLOSE), dial_row_not_now, S(PROMISED)},
	{S(DUE_OFFERED), E(TAKE), verb_row_take, S(DUE_OFFERED)},
	{S(DUE_OFFERED), E(SNOOZE), verb_row_snooze, S(DUE_OFFERED)},
	{S(DUE_OFFERED), E(RING), verb_row_ring, S(DUE_OFFERED)},
	{S(DUE_OFFERED), E(KEEP), verb_row_keep, S(ENDED)},
	{S(DUE_OFFERED), E(DISMISS), verb_row_dismiss, S(ENDED)},

	{S(DIALLING), E(DIAL_ANSWERED), dial_row_answered, S(CONFIRMING)},
	{S(DIALLING), E(DIAL_OVER), dial_row_failed, S(PROMISED)},
	{S(DIALLING), E(COUNSELLOR_GONE), dial_row_counsellor_gone,
	 S(HANGING_UP)},
	{S(DIALLING), E(HELD), dial_row_held, S(HANGING_UP)},
	{S(DIALLING), E(CLOSE), dial_row_close, S(HANGING_UP)},

	{S(CONFIRMING), E(MENU), dialogue_row, S(CONFIRMING)},
	{S(CONFIRMING), E(CONFIRMED), dial_row_confirmed, S(TALKING)},
	{S(CONFIRMING), E(DECLINED), dial_row_declined, S(ENDED)},
	{S(CONFIRMING), E(NO_KEY), dial_row_no_key, S(HANGING_UP)},
	{S(CONFIRMING), E(NO_KEY_WORDS), dial_row_say, S(SAYING)},
	{S(CONFIRMING), E(DIAL_OVER), dial_row_hung_up, S(PROMISED)},
	{S(CONFIRMING), E(COUNSELLOR_GONE), dial_row_counsellor_gone_late,
	 S(HANGING_UP)},
	{S(CONFIRMING), E(CLOSE), dial_row_close, S(HANGING_UP)},

	{S(SAYING), E(MENU), dialogue_row, S(SAYING)},
	{S(SAYING), E(SAID), dial_row_said, S(HANGING_UP)},
	{S(SAYING), E(DIAL_OVER), dial_row_over, S(PROMISED)},
	{S(SAYING), E(CLOSE), dial_row_close_saying, S(HANGING_UP)},

	{S(HANGING_UP), E(DIAL_OVER), dial_row_over, S(PROMISED)},
};

static const char *const event_names[CALL_EVENTS] = {
	[CALL_EV_ARRIVE] = "arrive",
	[CALL_EV_RESTORE] = "restore",
	[CALL_EV_RESTORE_TALK] = "restore_talk",
	[CALL_EV_RESUME] = "resume",
	[CALL_EV_RESUME_WAIT] = "resume_wait",
	[CALL_EV_RESUME_LEAVE] = "resume_leave",
	[CALL_EV_RESUME_TALK] = "resume_talk",
	[CALL_EV_RECORDED] = "recorded",
	[CALL_EV_NOT_RECORDED] = "not_recorded",
	[CALL_EV_ANSWERED] = "answered",
	[CALL_EV_NOT_ANSWERED] = "not_answered",
	[CALL_EV_MENU] = "menu",
	[CALL_EV_WAIT] = "wait",
	[CALL_EV_LEAVE] = "leave",
	[CALL_EV_MESSAGE] = "message",
	[CALL_EV_RECORD] = "record",
	[CALL_EV_FILED] = "filed",
	[CALL_EV_SILENT] = "silent",
	[CALL_EV_RING_BACK] = "ring_back",
	[CALL_EV_MADE] = "made",
	[CALL_EV_NOT_MADE] = "not_made",
	[CALL_EV_GONE] = "gone",
	[CALL_EV_GONE_OWED] = "gone_owed",
	[CALL_EV_CLOSE] = "close",
	[CALL_EV_OFFER] = "offer",
	[CALL_EV_NOT_TAKEN] = "not_taken",
	[CALL_EV_NONE_LEFT] = "none_left",
	[CALL_EV_TAKEN] = "taken",
	[CALL_EV_TAKEN_LATE] = "taken_late",
	[CALL_EV_COUNSELLOR_GONE] = "counsellor_gone",
	[CALL_EV_COUNSELLOR_LOST] = "counsellor_lost",
	[CALL_EV_BREAK_OFF] = "break_off",
	[CALL_EV_DUE] = "due",
	[CALL_EV_HELD] = "held",
	[CALL_EV_NUMBER_BACK] = "number_back",
	[CALL_EV_DIAL_ANSWERED] = "dial_answered",
	[CALL_EV_CONFIRMED] = "confirmed",
	[CALL_EV_DECLINED] = "declined",
	[CALL_EV_NO_KEY] = "no_key",
	[CALL_EV_NO_KEY_WORDS] = "no_key_words",
	[CALL_EV_SAID] = "said",
	[CALL_EV_DIAL_OVER] = "dial_over",
	[CALL_EV_TAKE] = "take",
	[CALL_EV_SNOOZE] = "snooze",
	[CALL_EV_RING] = "ring",
	[CALL_EV_KEEP] = "keep",
	[CALL_EV_DISMISS] = "dismiss",
};

const struct step_machine call_machine = {
	.noun = "call",
	.states = call_state_names,
	.events = event_names,
	.rules = rules,
	.n_states = CALL_STATES,
	.n_events = CALL_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


int call_step(struct call *c, enum call_event ev, struct turn *t)
{
	const struct step_rule *r =
		step_find(&call_machine, c->state, (uint8_t)ev);

	/* before it acts: what it drives counts on */
	if (r) {
		--t->core->n_calls[c->state];
		++t->core->n_calls[r->next];
	}

	return step(&call_machine, &c->state, c->record.call, (uint8_t)ev,
		    &t->core->settings.trace, c, t);
}


void call_drive(struct call *c, enum call_event ev, struct turn *t)
{
	if (call_step(c, ev, t))
		abort();
}


bool call_expects(const struct call *c, enum call_event ev)
{
	return step_find(&call_machine, c->state, (uint8_t)ev) != NULL;
}


int call_unexpected(const struct call *c, enum call_event ev,
		    const struct turn *t)
{
	const struct step_trace *trace = &t->core->settings.trace;

	if (trace->h)
		trace->h(&call_machine, c->record.call, c->state, (uint8_t)ev,
			 c->state, true, trace->arg);

	return EPROTO;
}


bool call_on_line(const struct call *c)
{
	return c->state >= CALL_ARRIVING && c->state <= CALL_LEAVING;
}


bool call_dialled(const struct call *c)
{
	return c->record.promise.n_attempts > 0 &&
	       (c->state == CALL_WAITING || c->state == CALL_OFFERED ||
		c->state == CALL_TALKING);
}


bool call_ringing_back(const struct call *c)
{
	return c->state >= CALL_DUE && c->state <= CALL_HANGING_UP;
}


/* ---- drivers ------------------------------------------------------------ */

void call_offer(struct call *c, struct person *p, struct turn *t)
{
	p->call = c;
	TAILQ_INSERT_TAIL(&c->ringing, p, ringing);
	++c->n_ringing;
	if (c->reserved == p->id)
		deadline_clear(&t->core->deadlines, &c->reserved_end);
	call_drive(c, CALL_EV_OFFER, t);
}


void call_not_taken(struct call *c, struct person *p, struct turn *t)
{
	leave_ringing(t, c, p);
	call_drive(c, c->n_ringing ? CALL_EV_NOT_TAKEN : CALL_EV_NONE_LEFT,
		   t);
}


void call_taken(struct call *c, struct person *p, struct turn *t)
{
	const bool late = call_ringing_back(c) && !promise_may_ring(c, t);

	leave_ringing(t, c, p);
	c->person = p;
	call_drive(c, late ? CALL_EV_TAKEN_LATE : CALL_EV_TAKEN, t);
}


int call_leave(struct call *c, struct turn *t)
{
	const bool owed = call_expects(c, CALL_EV_GONE_OWED) &&
			  !c->settled && promise_settle(c, t);

	return call_step(c, owed ? CALL_EV_GONE_OWED : CALL_EV_GONE, t);
}


int call_close(struct call *c, struct turn *t)
{
	if (c->state == CALL_LEAVING) {
		/* all is said; thanks can wait */
		(void)call_ask(t, c, CORE_HANG_UP);
		return call_leave(c, t);
	}

	if (call_dialled(c) && c->state != CALL_TALKING)
		return call_step(c, CALL_EV_BREAK_OFF, t);

	return call_step(c, CALL_EV_CLOSE, t);
}
