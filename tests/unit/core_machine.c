/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_machine.c  Every pair of both machines of the core: what is expected
 * moves, and can be made to happen from outside; what is not changes nothing.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"
#include "machine.h"


enum { __ = 255, QUIET_LINE = 5, CHOICE_LINE = 6 }; /* __: not expected */

#define C(state) CALL_##state
#define E(event) CALL_EV_##event
#define P(state) PERSON_##state

/* what follows; everything else is not expected */
static const struct {
	uint8_t state, event, next;
} call_moves[] = {
	{C(NONE), E(ARRIVE), C(ARRIVING)},
	{C(NONE), E(RESTORE), C(PROMISED)},
	{C(NONE), E(RESTORE_TALK), C(ENDED)},
	{C(NONE), E(RESUME), C(CHOOSING)},
	{C(NONE), E(RESUME_WAIT), C(WAITING)},
	{C(NONE), E(RESUME_LEAVE), C(LEAVING)},
	{C(NONE), E(RESUME_TALK), C(TALKING)},
	{C(ARRIVING), E(RECORDED), C(ANSWERING)},
	{C(ARRIVING), E(NOT_RECORDED), C(ENDED)},
	{C(ARRIVING), E(GONE), C(ENDED)},
	{C(ARRIVING), E(CLOSE), C(ENDED)},
	{C(ANSWERING), E(ANSWERED), C(CHOOSING)},
	{C(ANSWERING), E(NOT_ANSWERED), C(ENDED)},
	{C(ANSWERING), E(GONE), C(ENDED)},
	{C(ANSWERING), E(CLOSE), C(ENDED)},
	{C(CHOOSING), E(MENU), C(CHOOSING)},
	{C(CHOOSING), E(WAIT), C(WAITING)},
	{C(CHOOSING), E(LEAVE), C(LEAVING)},
	{C(CHOOSING), E(GONE), C(ENDED)},
	{C(CHOOSING), E(CLOSE), C(PROMISED)},
	{C(WAITING), E(MENU), C(WAITING)},
	{C(WAITING), E(LEAVE), C(LEAVING)},
	{C(WAITING), E(MESSAGE), C(SAVING_MESSAGE)},
	{C(WAITING), E(RING_BACK), C(SAVING_RING_BACK)},
	{C(WAITING), E(OFFER), C(OFFERED)},
	{C(WAITING), E(GONE), C(ENDED)},
	{C(WAITING), E(GONE_OWED), C(PROMISED)},
	{C(WAITING), E(CLOSE), C(PROMISED)},
	{C(WAITING), E(BREAK_OFF), C(HANGING_UP)},
	{C(WAITING), E(DIAL_OVER), C(ENDED)},
	{C(OFFERED), E(MENU), C(OFFERED)},
	{C(OFFERED), E(LEAVE), C(LEAVING)},
	{C(OFFERED), E(MESSAGE), C(SAVING_MESSAGE)},
	{C(OFFERED), E(RING_BACK), C(SAVING_RING_BACK)},
	{C(OFFERED), E(OFFER), C(OFFERED)},
	{C(OFFERED), E(NOT_TAKEN), C(OFFERED)},
	{C(OFFERED), E(NONE_LEFT), C(WAITING)},
	{C(OFFERED), E(TAKEN), C(TALKING)},
	{C(OFFERED), E(GONE), C(ENDED)},
	{C(OFFERED), E(GONE_OWED), C(PROMISED)},
	{C(OFFERED), E(CLOSE), C(PROMISED)},
	{C(OFFERED), E(BREAK_OFF), C(HANGING_UP)},
	{C(OFFERED), E(DIAL_OVER), C(ENDED)},
	{C(TALKING), E(COUNSELLOR_GONE), C(ENDED)},
	{C(TALKING), E(COUNSELLOR_LOST), C(WAITING)},
	{C(TALKING), E(GONE), C(ENDED)},
	{C(TALKING), E(DIAL_OVER), C(ENDED)},
	{C(TALKING), E(CLOSE), C(ENDED)},
	{C(SAVING_MESSAGE), E(MENU), C(SAVING_MESSAGE)},
	{C(SAVING_MESSAGE), E(MADE), C(SAVING_MESSAGE)},
	{C(SAVING_MESSAGE), E(NOT_MADE), C(WAITING)},
	{C(SAVING_MESSAGE), E(RECORD), C(RECORDING)},
	{C(SAVING_MESSAGE), E(WAIT), C(WAITING)},
	{C(SAVING_MESSAGE), E(LEAVE), C(LEAVING)},
	{C(SAVING_MESSAGE), E(GONE), C(ENDED)},
	{C(SAVING_MESSAGE), E(GONE_OWED), C(PROMISED)},
	{C(SAVING_MESSAGE), E(CLOSE), C(PROMISED)},
	{C(RECORDING), E(MENU), C(RECORDING)},
	{C(RECORDING), E(FILED), C(LEAVING)},
	{C(RECORDING), E(SILENT), C(SAVING_MESSAGE)},
	{C(RECORDING), E(GONE), C(FILING)},
	{C(RECORDING), E(CLOSE), C(FILING)},
	{C(FILING), E(FILED), C(PROMISED)},
	{C(FILING), E(SILENT), C(ENDED)},
	{C(SAVING_RING_BACK), E(MENU), C(SAVING_RING_BACK)},
	{C(SAVING_RING_BACK), E(MADE), C(LEAVING)},
	{C(SAVING_RING_BACK), E(NOT_MADE), C(WAITING)},
	{C(SAVING_RING_BACK), E(GONE_OWED), C(PROMISED)},
	{C(SAVING_RING_BACK), E(CLOSE), C(PROMISED)},
	{C(LEAVING), E(MENU), C(LEAVING)},
	{C(LEAVING), E(WAIT), C(WAITING)},
	{C(LEAVING), E(RING_BACK), C(SAVING_RING_BACK)},
	{C(LEAVING), E(GONE), C(ENDED)},
	{C(LEAVING), E(GONE_OWED), C(PROMISED)},
	{C(PROMISED), E(DUE), C(DUE)},
	{C(PROMISED), E(TAKE), C(PROMISED)},
	{C(PROMISED), E(SNOOZE), C(PROMISED)},
	{C(PROMISED), E(NUMBER_BACK), C(PROMISED)},
	{C(PROMISED), E(RING), C(PROMISED)},
	{C(PROMISED), E(KEEP), C(ENDED)},
	{C(PROMISED), E(DISMISS), C(ENDED)},
	{C(DUE), E(OFFER), C(DUE_OFFERED)},
	{C(DUE), E(HELD), C(PROMISED)},
	{C(DUE), E(CLOSE), C(PROMISED)},
	{C(DUE), E(TAKE), C(DUE)},
	{C(DUE), E(SNOOZE), C(DUE)},
	{C(DUE), E(RING), C(DUE)},
	{C(DUE), E(KEEP), C(ENDED)},
	{C(DUE), E(DISMISS), C(ENDED)},
	{C(DUE_OFFERED), E(OFFER), C(DUE_OFFERED)},
	{C(DUE_OFFERED), E(NOT_TAKEN), C(DUE_OFFERED)},
	{C(DUE_OFFERED), E(NONE_LEFT), C(DUE)},
	{C(DUE_OFFERED), E(TAKEN), C(DIALLING)},
	{C(DUE_OFFERED), E(TAKEN_LATE), C(PROMISED)},
	{C(DUE_OFFERED), E(HELD), C(PROMISED)},
	{C(DUE_OFFERED), E(CLOSE), C(PROMISED)},
	{C(DUE_OFFERED), E(TAKE), C(DUE_OFFERED)},
	{C(DUE_OFFERED), E(SNOOZE), C(DUE_OFFERED)},
	{C(DUE_OFFERED), E(RING), C(DUE_OFFERED)},
	{C(DUE_OFFERED), E(KEEP), C(ENDED)},
	{C(DUE_OFFERED), E(DISMISS), C(ENDED)},
	{C(DIALLING), E(DIAL_ANSWERED), C(CONFIRMING)},
	{C(DIALLING), E(DIAL_OVER), C(PROMISED)},
	{C(DIALLING), E(COUNSELLOR_GONE), C(HANGING_UP)},
	{C(DIALLING), E(HELD), C(HANGING_UP)},
	{C(DIALLING), E(CLOSE), C(HANGING_UP)},
	{C(CONFIRMING), E(MENU), C(CONFIRMING)},
	{C(CONFIRMING), E(CONFIRMED), C(TALKING)},
	{C(CONFIRMING), E(DECLINED), C(ENDED)},
	{C(CONFIRMING), E(NO_KEY), C(HANGING_UP)},
	{C(CONFIRMING), E(NO_KEY_WORDS), C(SAYING)},
	{C(CONFIRMING), E(DIAL_OVER), C(PROMISED)},
	{C(CONFIRMING), E(COUNSELLOR_GONE), C(HANGING_UP)},
	{C(CONFIRMING), E(CLOSE), C(HANGING_UP)},
	{C(SAYING), E(MENU), C(SAYING)},
	{C(SAYING), E(SAID), C(HANGING_UP)},
	{C(SAYING), E(DIAL_OVER), C(PROMISED)},
	{C(SAYING), E(CLOSE), C(HANGING_UP)},
	{C(HANGING_UP), E(DIAL_OVER), C(PROMISED)},
};

/* columns: add, on, off, ready, offer, accepted, not_accepted, gone, lost,
   caller_gone, taken, not_reached, unreachable, time, resume */
static const uint8_t person_next[PERSON_STATES][PERSON_EVENTS] = {
	[PERSON_NONE] = {P(OFF), __, __, __, __, __, __, __, __, __, __, __,
			__, __, __,
			__, __},
	[PERSON_OFF] = {__, P(FREE), P(OFF), __, __, __, __, __, __, __, __,
			__, __, __, P(TALKING_OFF),
			__, __},
	[PERSON_FREE] = {__, P(FREE), P(OFF), __, P(RINGING), __, __, __, __,
			__, __, __, __, __, P(TALKING),
			P(WRAP_UP), P(RESTING)},
	[PERSON_RINGING] = {__, P(RINGING), P(STOPPING_OFF), __, __,
			P(TALKING), P(RESTING), P(RESTING), __, P(STOPPING),
			P(STOPPING), __, __, P(STOPPING_LATE), __,
			__, __},
	[PERSON_STOPPING] = {__, P(STOPPING), P(STOPPING_OFF), __, __,
			P(RELEASING), P(RESTING), P(FREE), __, __, __, __, __,
			__, __,
			__, __},
	[PERSON_STOPPING_LATE] = {__, P(STOPPING_LATE), P(STOPPING_OFF), __,
			__, P(RELEASING), P(RESTING), P(FREE), __, __, __, __,
			__, __, __,
			__, __},
	[PERSON_RELEASING] = {__, P(RELEASING), P(RELEASING_OFF), __, __, __,
			P(FREE), P(FREE), __, __, __, __, __, __, __,
			__, __},
	[PERSON_TALKING] = {__, P(TALKING), P(TALKING_OFF), __, __, __,
			P(WRAP_UP), P(WRAP_UP), P(WRAP_UP), P(HANGING_UP), __,
			P(RELEASING), __, __, __,
			__, __},
	[PERSON_HANGING_UP] = {__, P(HANGING_UP), P(HANGING_UP_OFF), __, __,
			__, P(WRAP_UP), P(WRAP_UP), __, __, __, __, __, __,
			__,
			__, __},
	[PERSON_WRAP_UP] = {__, P(WRAP_UP), P(OFF), P(FREE), __, __, __, __,
			__, __, __, __, __, P(FREE), __,
			__, __},
	[PERSON_RESTING] = {__, P(RESTING), P(OFF), P(FREE), __, __, __, __,
			__, __, __, __, P(OFF), P(FREE), __,
			__, __},
	[PERSON_STOPPING_OFF] = {__, P(STOPPING), P(STOPPING_OFF), __, __,
			P(RELEASING_OFF), P(OFF), P(OFF), __, __, __, __, __,
			__, __,
			__, __},
	[PERSON_RELEASING_OFF] = {__, P(RELEASING), P(RELEASING_OFF), __, __,
			__, P(OFF), P(OFF), __, __, __, __, __, __, __,
			__, __},
	[PERSON_TALKING_OFF] = {__, P(TALKING), P(TALKING_OFF), __, __, __,
			P(OFF), P(OFF), P(OFF), P(HANGING_UP_OFF), __,
			P(RELEASING_OFF), __, __, __,
			__, __},
	[PERSON_HANGING_UP_OFF] = {__, P(HANGING_UP), P(HANGING_UP_OFF), __,
			__, __, P(OFF), P(OFF), __, __, __, __, __, __, __,
			__, __},
};



/* All rings at once, and lines of all kinds. */
static void open_whole(struct desk *d)
{
	struct core_settings s = desk_settings(d);

	s.strategy = STRATEGY_ALL;
	s.lines[QUIET_LINE] = (struct core_line){.n_languages = 1};
	s.lines[CHOICE_LINE] = s.lines[LINE];
	s.lines[CHOICE_LINE].n_languages = 2;
	s.lines[CHOICE_LINE].languages[1] = ES;
	assert_int_equal(desk_open_as(d, &s), 0);
	clock_says(d, MORNING);
}


/* asks to be rung back, and is not: the line has closed */
static void closes(struct desk *d)
{
	d->closed = true;
	clock_says(d, MORNING);
}


static void two_silences(struct desk *d)
{
	played(d, FIRST_CALL);
	silence(d, FIRST_CALL);
	played(d, FIRST_CALL);
	silence(d, FIRST_CALL);
}


/* A desk whose first call (if any) is in this state. */
static void reach_call(struct desk *d, enum call_state s, uint8_t words)
{
	switch (s) {
	case CALL_ARRIVING:
		(void)arriving_as(d, LINE, HANDLE);
		break;
	case CALL_ANSWERING:
		(void)arriving_as(d, LINE, HANDLE);
		OK(d, .type = CORE_RECORDED, .call = FIRST_CALL);
		break;
	case CALL_CHOOSING:
		on_duty_as(d, CEM, 1U << ES, 0);
		(void)waiting_as(d, CHOICE_LINE, HANDLE);
		break;
	case CALL_WAITING:
		(void)waiting_as(d, LINE, HANDLE);
		break;
	case CALL_OFFERED:
		on_duty(d, ANNA);
		(void)waiting_as(d, LINE, HANDLE);
		break;
	case CALL_TALKING:
		reach_call(d, CALL_OFFERED, words);
		accepted(d, ANNA);
		break;
	case CALL_SAVING_MESSAGE:
		reach_call(d, CALL_WAITING, words);
		key(d, FIRST_CALL, 2);
		played(d, FIRST_CALL);
		break;
	case CALL_RECORDING:
		reach_call(d, CALL_WAITING, words);
		speaks(d, FIRST_CALL);
		break;
	case CALL_FILING:
		reach_call(d, CALL_RECORDING, words);
		caller_gone(d, FIRST_CALL);
		break;
	case CALL_SAVING_RING_BACK:
		reach_call(d, CALL_WAITING, words);
		for (int i = 0; i < 4; i++)
			key(d, FIRST_CALL, 1);
		break;
	case CALL_LEAVING:
		reach_call(d, CALL_WAITING, words);
		asks_ring_back(d, FIRST_CALL, words);
		break;
	case CALL_PROMISED:
		reach_call(d, CALL_LEAVING, words);
		closes(d);
		caller_gone(d, FIRST_CALL);
		break;
	case CALL_DUE:
		reach_call(d, CALL_LEAVING, words);
		caller_gone(d, FIRST_CALL);
		break;
	case CALL_DUE_OFFERED:
		reach_call(d, CALL_DUE, words);
		on_duty(d, ANNA);
		break;
	case CALL_DIALLING:
		reach_call(d, CALL_DUE_OFFERED, words);
		accepted(d, ANNA);
		break;
	case CALL_CONFIRMING:
		reach_call(d, CALL_DIALLING, words);
		OK(d, .type = CORE_DIAL_ANSWERED, .call = FIRST_CALL);
		break;
	case CALL_SAYING:
		reach_call(d, CALL_CONFIRMING, 2);
		two_silences(d);
		break;
	case CALL_HANGING_UP:
		reach_call(d, CALL_DIALLING, words);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
		break;
	case CALL_ENDED:
		reach_call(d, CALL_WAITING, words);
		caller_gone(d, FIRST_CALL);
		break;
	default:
		break;
	}
	assert_int_equal(where(d, FIRST_CALL),
			 s == CALL_ENDED ? CALL_NONE : s);
}


/* ---- how it comes about, from outside ----------------------------------- */

static int cause_plain(struct desk *d, enum call_event e)
{
	static const enum core_event_type types[CALL_EVENTS] = {
		[CALL_EV_RECORDED] = CORE_RECORDED,
		[CALL_EV_NOT_RECORDED] = CORE_NOT_RECORDED,
		[CALL_EV_ANSWERED] = CORE_ANSWERED,
		[CALL_EV_NOT_ANSWERED] = CORE_NOT_ANSWERED,
		[CALL_EV_FILED] = CORE_FILED,
		[CALL_EV_SILENT] = CORE_FILED,
		[CALL_EV_MADE] = CORE_PROMISE_MADE,
		[CALL_EV_NOT_MADE] = CORE_PROMISE_NOT_MADE,
		[CALL_EV_GONE] = CORE_CALLER_GONE,
		[CALL_EV_GONE_OWED] = CORE_CALLER_GONE,
		[CALL_EV_CLOSE] = CORE_CLOSE,
		[CALL_EV_NOT_TAKEN] = CORE_NOT_ACCEPTED,
		[CALL_EV_NONE_LEFT] = CORE_NOT_ACCEPTED,
		[CALL_EV_TAKEN] = CORE_ACCEPTED,
		[CALL_EV_TAKEN_LATE] = CORE_ACCEPTED,
		[CALL_EV_COUNSELLOR_GONE] = CORE_PERSON_GONE,
		[CALL_EV_COUNSELLOR_LOST] = CORE_PERSON_LOST,
		[CALL_EV_BREAK_OFF] = CORE_CLOSE,
		[CALL_EV_DIAL_ANSWERED] = CORE_DIAL_ANSWERED,
		[CALL_EV_DIAL_OVER] = CORE_DIAL_OVER,
		[CALL_EV_TAKE] = CORE_PROMISE_TAKE,
		[CALL_EV_SNOOZE] = CORE_PROMISE_SNOOZE,
		[CALL_EV_RING] = CORE_PROMISE_RING,
		[CALL_EV_KEEP] = CORE_PROMISE_KEEP,
		[CALL_EV_DISMISS] = CORE_PROMISE_CLOSE,
		[CALL_EV_NUMBER_BACK] = CORE_NUMBER_BACK,
	};
	struct core_call_view v = {.call = FIRST_CALL};

	(void)core_call(d->core, FIRST_CALL, &v);
	return TELL(d, .type = types[e], .call = FIRST_CALL,
		    .offer = v.offer, .ms = 2000,
		    .person = e == CALL_EV_RING ? 0 : BELA,
		    .voiced_ms = e == CALL_EV_FILED ? 2000 : 0,
		    .reason = CLOSE_TEST);
}


static int cause_restore(struct desk *d, enum call_state was)
{
	const struct core_record r = {
		.call = FIRST_CALL - 1, .line = LINE, .state = was};

	return TELL(d, .type = CORE_RESTORE, .restore = &r);
}


static int cause_resume(struct desk *d, enum call_state was)
{
	const struct core_record r = {
		.call = FIRST_CALL - 1, .line = CHOICE_LINE, .state = was};
	const struct core_kept kept = {.state = was,
				       .person = ANNA,
				       .offer = UINT64_C(7) * LIMIT_PEOPLE + 5};

	return TELL(d, .type = CORE_RESUME, .restore = &r, .kept = &kept);
}


static int cause_resumed_talk(struct desk *d)
{
	on_duty(d, ANNA);

	return cause_resume(d, CALL_TALKING);
}


static int cause_leave(struct desk *d, enum call_state s)
{
	if (s == CALL_CHOOSING) {
		/* nothing to choose from: closed, and takes nothing */
		closes(d);
		(void)waiting_as(d, QUIET_LINE, 0);
		return 0;
	}
	if (s == CALL_SAVING_MESSAGE)
		OK(d, .type = CORE_PROMISE_MADE, .call = FIRST_CALL);
	key(d, FIRST_CALL, 9);

	return 0;
}


static int cause_wait(struct desk *d, enum call_state s)
{
	if (s == CALL_SAVING_MESSAGE)
		OK(d, .type = CORE_PROMISE_MADE, .call = FIRST_CALL);
	key(d, FIRST_CALL, s == CALL_CHOOSING ? 2 : 0);

	return 0;
}


/* has left a message as well, and says so there */
static int cause_ring_back(struct desk *d, enum call_state s)
{
	if (s == CALL_LEAVING) {
		key(d, FIRST_CALL, 0);
		speaks(d, FIRST_CALL);
		(void)cause_plain(d, CALL_EV_FILED);
	}
	for (int i = 0; i < 4; i++)
		key(d, FIRST_CALL, 1);

	return 0;
}


static int cause_gone(struct desk *d, enum call_state s)
{
	if (s == CALL_LEAVING) {
		/* asked for, and then not any more */
		key(d, FIRST_CALL, 0);
		key(d, FIRST_CALL, 9);
	}

	return cause_plain(d, CALL_EV_GONE);
}


static int cause_gone_owed(struct desk *d, enum call_state s)
{
	if (s == CALL_WAITING || s == CALL_OFFERED) {
		key(d, FIRST_CALL, 1);
		key(d, FIRST_CALL, 1);
	}
	if (s == CALL_SAVING_MESSAGE) {
		OK(d, .type = CORE_PROMISE_MADE, .call = FIRST_CALL);
		key(d, FIRST_CALL, 0);
		asks_ring_back(d, FIRST_CALL, 1);
		key(d, FIRST_CALL, 0);
		key(d, FIRST_CALL, 2);
		played(d, FIRST_CALL);
	}

	return cause_plain(d, CALL_EV_GONE_OWED);
}


static int cause_call(struct desk *d, enum call_state s, enum call_event e)
{
	switch (e) {
	case CALL_EV_ARRIVE:
		(void)arriving(d);
		return 0;
	case CALL_EV_RESTORE:
		return cause_restore(d, CALL_WAITING);
	case CALL_EV_RESTORE_TALK:
		return cause_restore(d, CALL_TALKING);
	case CALL_EV_RESUME:
		on_duty_as(d, CEM, 1U << ES, 0);
		return cause_resume(d, CALL_CHOOSING);
	case CALL_EV_RESUME_WAIT:
		return cause_resume(d, CALL_OFFERED);
	case CALL_EV_RESUME_LEAVE:
		return cause_resume(d, CALL_LEAVING);
	case CALL_EV_RESUME_TALK:
		return cause_resumed_talk(d);
	case CALL_EV_MENU:
		key(d, FIRST_CALL, 5);
		return 0;
	case CALL_EV_WAIT:
		return cause_wait(d, s);
	case CALL_EV_LEAVE:
		return cause_leave(d, s);
	case CALL_EV_MESSAGE:
		key(d, FIRST_CALL, 2);
		played(d, FIRST_CALL);
		return 0;
	case CALL_EV_RECORD:
		(void)cause_plain(d, CALL_EV_MADE);
		played(d, FIRST_CALL);
		return 0;
	case CALL_EV_RING_BACK:
		return cause_ring_back(d, s);
	case CALL_EV_GONE:
		return cause_gone(d, s);
	case CALL_EV_GONE_OWED:
		return cause_gone_owed(d, s);
	case CALL_EV_OFFER:
		on_duty(d, BELA);
		return 0;
	case CALL_EV_NOT_TAKEN:
		on_duty(d, BELA);
		return cause_plain(d, e);
	case CALL_EV_TAKEN_LATE:
		d->core->calls[FIRST_CALL % LIMIT_CALLS].record.promise.hours =
			HOURS_DAY;
		d->unsafe = true;
		return cause_plain(d, e);
	case CALL_EV_NUMBER_BACK:
		d->core->calls[FIRST_CALL % LIMIT_CALLS]
			.record.promise.number_waits = true;
		return cause_plain(d, e);
	case CALL_EV_DUE:
		d->closed = false;
		OK(d, .type = CORE_CLOCK, .unix_ms = MORNING);
		OK(d, .type = CORE_TICK);
		return 0;
	case CALL_EV_HELD:
		(void)arriving_as(d, LINE, HANDLE);
		return 0;
	case CALL_EV_CONFIRMED:
	case CALL_EV_DECLINED:
		key(d, FIRST_CALL, e == CALL_EV_CONFIRMED ? 1 : 9);
		return 0;
	case CALL_EV_NO_KEY:
	case CALL_EV_NO_KEY_WORDS:
		two_silences(d);
		return 0;
	case CALL_EV_SAID:
		played(d, FIRST_CALL);
		return 0;
	case CALL_EV_TAKE:
		/* on duty, and not to be rung for it */
		on_duty_as(d, BELA, 1U << ES, 0);
		return cause_plain(d, e);
	default:
		return cause_plain(d, e);
	}
}


/* ---- every pair --------------------------------------------------------- */

static void expect_traced(const struct desk *d, const struct step_machine *m,
			  uint8_t from, uint8_t event, uint8_t next)
{
	const struct traced *tr = traced(d, m, event);

	assert_int_equal(tr->from, from);
	assert_int_equal(tr->next, next == __ ? from : next);
	assert_int_equal(tr->unexpected, next == __);
}


/* What an event could have changed. */
struct picture {
	struct call call;
	struct person people[3];
	size_t n_calls[CALL_STATES];
	uint64_t next_call, n_offers, deadline;
	uint32_t n_played;
};


static struct picture picture(const struct core *core)
{
	struct picture p;

	memset(&p, 0, sizeof(p));
	p.call = core->calls[FIRST_CALL % LIMIT_CALLS];
	memcpy(p.people, core->people, sizeof(p.people));
	memcpy(p.n_calls, core->n_calls, sizeof(p.n_calls));
	p.next_call = core->next_call;
	p.n_offers = core->n_offers;
	p.n_played = core->n_played;
	p.deadline = core_deadline(core);

	return p;
}


static bool same_picture(const struct picture *a, const struct core *core)
{
	const struct picture b = picture(core);

	return !memcmp(&a->call, &b.call, sizeof(b.call)) &&
	       !memcmp(a->people, b.people, sizeof(b.people)) &&
	       !memcmp(a->n_calls, b.n_calls, sizeof(b.n_calls)) &&
	       a->next_call == b.next_call && a->n_offers == b.n_offers &&
	       a->n_played == b.n_played && a->deadline == b.deadline;
}


/* Moves the object itself: nothing may change. */
static void expect_refused(struct desk *d, const struct step_machine *m,
			   uint8_t s, uint8_t e)
{
	const struct picture before = picture(d->core);
	struct turn t = {.core = d->core, .now = d->now, .actions = &d->did};
	struct call *c = &d->core->calls[FIRST_CALL % LIMIT_CALLS];
	struct person *p = &d->core->people[0];
	int err;

	d->did.n = 0;
	d->n_traced = 0;

	err = m == &call_machine ? call_step(c, e, &t) : person_step(p, e, &t);

	assert_int_equal(err, EPROTO);
	assert_int_equal(d->did.n, 0);
	expect_traced(d, m, s, e, __);
	assert_true(same_picture(&before, d->core));
}


static uint8_t next_of_call(uint8_t s, uint8_t e)
{
	for (size_t i = 0; i < STEP_COUNT(call_moves); i++) {
		if (call_moves[i].state == s && call_moves[i].event == e)
			return call_moves[i].next;
	}

	return __;
}


/* only whoever was rung back, and whose counsellor was lost */
static bool waits_again(enum call_state s, enum call_event e)
{
	return (s == CALL_WAITING || s == CALL_OFFERED) &&
	       (e == CALL_EV_BREAK_OFF || e == CALL_EV_DIAL_OVER);
}


static void reach_waiting_again(struct desk *d, enum call_state s)
{
	reach_call(d, CALL_CONFIRMING, 1);
	key(d, FIRST_CALL, 1);
	OK(d, .type = CORE_PERSON_LOST, .offer = offer_of(d, ANNA));
	if (s == CALL_OFFERED)
		on_duty(d, BELA);
	assert_int_equal(where(d, FIRST_CALL), s);
}


static void walk_call(enum call_state s, enum call_event e)
{
	const uint8_t next = next_of_call(s, e);
	struct desk d;

	open_whole(&d);
	if (next != __ && waits_again(s, e))
		reach_waiting_again(&d, s);
	else
		reach_call(&d, s, e == CALL_EV_NO_KEY_WORDS ? 2 : 1);
	if (s == CALL_ENDED) {
		/* its slot is empty: all that comes is late news */
		assert_null(step_find(&call_machine, s, e));
		assert_int_equal(TELL(&d, .type = CORE_RECORDED,
				      .call = FIRST_CALL), ENOENT);
	}
	else if (next == __) {
		expect_refused(&d, &call_machine, s, e);
	}
	else {
		assert_int_equal(cause_call(&d, s, e), 0);
		expect_traced(&d, &call_machine, s, e, next);
		if (next == CALL_ENDED)
			assert_false(core_call(d.core, FIRST_CALL, NULL));
	}
	core_free(d.core);
}


static void every_pair_of_call(void **state)
{
	(void)state;
	for (int s = 0; s < CALL_STATES; s++) {
		for (int e = 0; e < CALL_EVENTS; e++)
			walk_call(s, e);
	}
}


/* A desk where the first counsellor (if any) is in this state. */
static void reach_person(struct desk *d, enum person_state s)
{
	switch (s) {
	case PERSON_NONE:
		break;
	case PERSON_OFF:
		OK(d, .type = CORE_PERSON, .person = ANNA, .lines = UINT16_MAX,
		   .wrap_up_ms = WRAP_UP_MS, .languages = 1);
		break;
	case PERSON_FREE:
		on_duty(d, ANNA);
		break;
	case PERSON_RINGING:
		on_duty(d, ANNA);
		waiting(d);
		break;
	case PERSON_STOPPING:
		reach_person(d, PERSON_RINGING);
		caller_gone(d, FIRST_CALL);
		break;
	case PERSON_STOPPING_LATE:
		reach_person(d, PERSON_RINGING);
		ring_time_over(d);
		break;
	case PERSON_RELEASING:
		reach_person(d, PERSON_STOPPING);
		accepted(d, ANNA);
		break;
	case PERSON_TALKING:
		reach_person(d, PERSON_RINGING);
		accepted(d, ANNA);
		break;
	case PERSON_HANGING_UP:
		reach_person(d, PERSON_TALKING);
		caller_gone(d, FIRST_CALL);
		break;
	case PERSON_WRAP_UP:
		reach_person(d, PERSON_HANGING_UP);
		OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
		break;
	case PERSON_RESTING:
		reach_person(d, PERSON_RINGING);
		OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA));
		break;
	case PERSON_STOPPING_OFF:
	case PERSON_RELEASING_OFF:
	case PERSON_TALKING_OFF:
	case PERSON_HANGING_UP_OFF:
		reach_person(d, s == PERSON_STOPPING_OFF ? PERSON_STOPPING
			     : s == PERSON_RELEASING_OFF ? PERSON_RELEASING
			     : s == PERSON_TALKING_OFF	 ? PERSON_TALKING
							 : PERSON_HANGING_UP);
		OK(d, .type = CORE_PERSON_OFF, .person = ANNA);
		break;
	case PERSON_STATES:
		fail();
	}
}


/* Rested, and rung again; three times without success. */
static int third_failure(struct desk *d)
{
	struct core_person_view v;

	for (int i = 0; i < CORE_FAILED_RINGS - 1; i++) {
		assert_true(core_person(d->core, ANNA, &v));
		until(d, v.deadline);
		assert_int_equal(at(d, ANNA), PERSON_RINGING);
		OK(d, .type = CORE_NOT_ACCEPTED, .offer = offer_of(d, ANNA),
		   .cause = CAUSE_BUSY);
	}
	assert_true(core_person(d->core, ANNA, &v));
	until(d, v.deadline);
	return TELL(d, .type = CORE_NOT_ACCEPTED,
		    .offer = offer_of(d, ANNA), .cause = CAUSE_BUSY);
}


static int cause_pause(struct desk *d, bool resting)
{
	const struct core_pause pause = {ANNA, resting, d->now + 1000};

	return TELL(d, .type = CORE_PERSON_PAUSED, .person = ANNA,
		    .pause = &pause);
}


static int cause_person(struct desk *d, enum person_event e)
{
	static const enum core_event_type types[PERSON_EVENTS] = {
		[PERSON_EV_ADD] = CORE_PERSON,
		[PERSON_EV_ON] = CORE_PERSON_ON,
		[PERSON_EV_OFF] = CORE_PERSON_OFF,
		[PERSON_EV_READY] = CORE_PERSON_READY,
		[PERSON_EV_ACCEPTED] = CORE_ACCEPTED,
		[PERSON_EV_NOT_ACCEPTED] = CORE_NOT_ACCEPTED,
		[PERSON_EV_GONE] = CORE_PERSON_GONE,
		[PERSON_EV_LOST] = CORE_PERSON_LOST,
		[PERSON_EV_CALLER_GONE] = CORE_CALLER_GONE,
		[PERSON_EV_TIME] = CORE_TICK,
	};
	struct core_person_view v = {0};

	if (e == PERSON_EV_TAKEN) {
		on_duty(d, BELA);
		return TELL(d, .type = CORE_ACCEPTED,
			    .offer = offer_of(d, BELA));
	}
	if (e == PERSON_EV_RESUME)
		return cause_resume(d, CALL_TALKING);
	if (e == PERSON_EV_WRITES_UP || e == PERSON_EV_RESTS)
		return cause_pause(d, e == PERSON_EV_RESTS);
	if (e == PERSON_EV_UNREACHABLE)
		return third_failure(d);
	if (e == PERSON_EV_NOT_REACHED)
		return TELL(d, .type = CORE_DIAL_OVER, .call = FIRST_CALL,
			    .cause = CAUSE_BUSY);

	if (e == PERSON_EV_OFFER) {
		answering(d);
		return TELL(d, .type = CORE_ANSWERED, .call = FIRST_CALL);
	}
	if (e == PERSON_EV_TIME) {
		settle(d);
		d->now = core_deadline(d->core);
	}

	(void)core_person(d->core, ANNA, &v);
	return TELL(d, .type = types[e], .person = ANNA, .offer = v.offer,
		    .call = v.call);
}


/* Rung for a ring-back: what the caller does there is told to them. */
static void reach_dialling(struct desk *d, enum person_state s)
{
	(void)dialling(d);
	if (s == PERSON_TALKING_OFF)
		off_duty(d, ANNA);
}


static void walk_person(enum person_state s, enum person_event e)
{
	const uint8_t next = person_next[s][e];
	struct desk d;

	open_whole(&d);
	if (e == PERSON_EV_NOT_REACHED && next != __)
		reach_dialling(&d, s);
	else
		reach_person(&d, s);
	if (next == __) {
		expect_refused(&d, &person_machine, s, e);
	}
	else {
		assert_int_equal(cause_person(&d, e), 0);
		expect_traced(&d, &person_machine, s, e, next);
	}
	core_free(d.core);
}


static void every_pair_of_person(void **state)
{
	(void)state;
	for (int s = 0; s < PERSON_STATES; s++) {
		for (int e = 0; e < PERSON_EVENTS; e++)
			walk_person(s, e);
	}
}


/* The same from outside: what core_step() refuses changes nothing. */
static void refused_events_change_nothing(void **state)
{
	static const struct {
		enum core_event_type type;
		enum person_event event;
	} outside[] = {
		{CORE_ACCEPTED, PERSON_EV_ACCEPTED},
		{CORE_NOT_ACCEPTED, PERSON_EV_NOT_ACCEPTED},
		{CORE_PERSON_GONE, PERSON_EV_GONE},
	};
	(void)state;
	for (int s = PERSON_OFF; s < PERSON_STATES; s++) {
		for (size_t i = 0; i < STEP_COUNT(outside); i++) {
			struct picture before;
			struct desk d;
			uint64_t offer;

			if (person_next[s][outside[i].event] != __)
				continue;

			open_whole(&d);
			reach_person(&d, s);
			offer = offer_of(&d, ANNA);
			before = picture(d.core);
			assert_int_equal(TELL(&d, .type = outside[i].type,
					      .offer = offer),
					 offer ? EPROTO : ENOENT);
			assert_int_equal(d.did.n, 0);
			assert_true(same_picture(&before, d.core));
			assert_int_equal(d.n_traced, 1);
			assert_true(d.traced[0].unexpected);
			core_free(d.core);
		}
	}
}


static void one_rule_for_each_pair(void **state)
{
	(void)state;
	machine_walk(&call_machine);
	machine_walk(&person_machine);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_call),
		cmocka_unit_test(every_pair_of_person),
		cmocka_unit_test(refused_events_change_nothing),
		cmocka_unit_test(one_rule_for_each_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
