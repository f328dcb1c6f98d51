/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_calls.c  No call is lost: on record before all else, always somewhere,
 * and at the end exactly one outcome, the right one.
 */
#include <string.h>

#include "books.h"


/* --- where it is --------------------------------------------------------- */

enum fact {
	ON_LINE = 1 << 0,
	RECORDED = 1 << 1,
	ANSWERED = 1 << 2,
	CONNECTED = 1 << 3,
	DIALLED = 1 << 4,
	DIAL_UP = 1 << 5,
	ACCEPTED = 1 << 6, /* by a counsellor who is with it */
	RINGS = 1 << 7,
	RECORDING = 1 << 8,
};

#define ALONE (CONNECTED | DIALLED | DIAL_UP | ACCEPTED | RINGS)

/* What must be so of a call that is shown there, and what must not. */
static const struct {
	unsigned must, must_not;
} facts[CALL_STATES] = {
	[CALL_ARRIVING] = {ON_LINE, ANSWERED | ALONE | RECORDING},
	[CALL_ANSWERING] = {ON_LINE | RECORDED, ANSWERED | ALONE | RECORDING},
	[CALL_CHOOSING] = {ON_LINE | ANSWERED, ALONE | RECORDING},
	[CALL_WAITING] = {ON_LINE | ANSWERED, ALONE | RECORDING},
	[CALL_OFFERED] = {ON_LINE | ANSWERED | RINGS,
			  (ALONE & ~RINGS) | RECORDING},
	[CALL_TALKING] = {CONNECTED | ACCEPTED, RINGS | RECORDING},
	[CALL_SAVING_MESSAGE] = {0, ALONE | RECORDING},
	[CALL_RECORDING] = {ON_LINE | ANSWERED | RECORDING, ALONE},
	[CALL_FILING] = {RECORDING, ON_LINE | ALONE},
	[CALL_SAVING_RING_BACK] = {0, ALONE | RECORDING},
	[CALL_LEAVING] = {ON_LINE | ANSWERED, ALONE | RECORDING},
	[CALL_PROMISED] = {0, ON_LINE | ALONE | RECORDING},
	[CALL_DUE] = {0, ON_LINE | ALONE | RECORDING},
	[CALL_DUE_OFFERED] = {RINGS, ON_LINE | (ALONE & ~RINGS) | RECORDING},
	[CALL_DIALLING] = {DIALLED | ACCEPTED, ON_LINE | DIAL_UP | RINGS},
	[CALL_CONFIRMING] = {DIALLED | DIAL_UP | ACCEPTED, ON_LINE | RINGS},
	[CALL_SAYING] = {DIALLED | DIAL_UP, ON_LINE | RINGS | ACCEPTED},
	[CALL_HANGING_UP] = {DIALLED, ON_LINE | RINGS | ACCEPTED},
};


static unsigned facts_of(const struct book_call *c)
{
	return (c->on_line ? ON_LINE : 0u) | (c->recorded ? RECORDED : 0u) |
	       (c->answered ? ANSWERED : 0u) |
	       (c->connected ? CONNECTED : 0u) |
	       (c->dialled ? DIALLED : 0u) | (c->dial_up ? DIAL_UP : 0u) |
	       (c->person ? ACCEPTED : 0u) | (c->n_rings ? RINGS : 0u) |
	       (c->recording ? RECORDING : 0u);
}


static void judge_state(struct check *k, const struct book_call *c)
{
	unsigned have = facts_of(c);

	/* reached by us, and waits to talk again: that is being on the line */
	if (c->talked && c->dialled && c->dial_up && book_is_queued(c->state))
		have = (have & ~(unsigned)(DIALLED | DIAL_UP)) | ON_LINE |
		       ANSWERED;

	if (!facts[c->state].must && !facts[c->state].must_not)
		check_broken(k, CHECK_STATE, "call %" PRIu64 " is shown as %s",
			     c->call, call_state_name(c->state));
	if (have & facts[c->state].must_not & RINGS)
		check_broken(k, CHECK_STOP, "phones still ring for call %" PRIu64
			     ", which is %s", c->call,
			     call_state_name(c->state));
	if ((have & facts[c->state].must) != facts[c->state].must ||
	    have & facts[c->state].must_not)
		check_broken(k, CHECK_STATE, "call %" PRIu64
			     " is %s, but its facts are %#x", c->call,
			     call_state_name(c->state), have);
}


/* --- what is told to the store ------------------------------------------- */

static bool same_promise(const struct core_promise *a,
			 const struct core_promise *b)
{
	return a->kind == b->kind && a->has_number == b->has_number &&
	       a->number_waits == b->number_waits &&
	       a->words == b->words && a->hours == b->hours &&
	       a->shown == b->shown && a->made_at == b->made_at &&
	       a->due_at == b->due_at && a->next_at == b->next_at &&
	       a->owner == b->owner && a->level == b->level &&
	       a->n_attempts == b->n_attempts && a->n_snoozed == b->n_snoozed;
}


static bool same_record(const struct core_record *a,
			const struct core_record *b)
{
	return a->call == b->call && a->line == b->line &&
	       a->language == b->language && a->outcome == b->outcome &&
	       a->counsellor == b->counsellor &&
	       a->arrived_at == b->arrived_at &&
	       same_promise(&a->promise, &b->promise) &&
	       !strcmp(promise_state_name(a), promise_state_name(b));
}


/* What the core knows of a call, the store was told. */
static void judge_told(struct check *k, const struct book_call *c)
{
	if (!same_record(&c->record, &c->told))
		check_broken(k, CHECK_TOLD, "call %" PRIu64
			     " has changed (%s, promise %s), and the store"
			     " was not told (%s, %s)",
			     c->call, call_state_name(c->record.state),
			     promise_state_name(&c->record),
			     call_state_name(c->told.state),
			     promise_state_name(&c->told));
}


/* Asked for, and said to be kept: it stays. */
static void judge_owed(struct check *k, struct book_call *c)
{
	if (c->record.promise.kind == PROMISE_RING_BACK && !c->asked_promise)
		c->owed = true;
	if (c->voiced || c->record.promise.kind == PROMISE_CUT_OFF)
		c->owed = true;
	if (c->owed && c->record.promise.kind == PROMISE_NONE &&
	    !c->asked_promise)
		check_broken(k, CHECK_LOST, "call %" PRIu64
			     " had a promise, and has none", c->call);
	if (!c->on_line && !c->recording && !c->asked_promise &&
	    c->record.promise.kind == PROMISE_NONE)
		check_broken(k, CHECK_LOST, "call %" PRIu64
			     " is open, with nobody on the line and"
			     " nothing owed", c->call);
}


/* It rings for nobody, they speak to nobody, and they ask for nothing. */
static void judge_blocked(struct check *k, const struct book_call *c)
{
	if (c->blocked && (c->n_rings || c->connected || c->recording ||
			   c->asked_promise))
		check_broken(k, CHECK_BLOCKED, "call %" PRIu64
			     " is blocked, but its facts are %#x", c->call,
			     facts_of(c));
}


/* In a flood: until they have pressed the key it is the same. */
static void judge_flood(struct check *k, const struct book_call *c)
{
	if (c->check && (c->n_rings || c->connected || c->recording ||
			 c->asked_promise || book_is_queued(c->state)))
		check_broken(k, CHECK_FLOOD, "call %" PRIu64
			     " has pressed no key, but its facts are %#x",
			     c->call, facts_of(c));
}


void judge_call(struct check *k, struct book_call *c)
{
	judge_blocked(k, c);
	judge_flood(k, c);
	judge_state(k, c);
	judge_told(k, c);
	judge_owed(k, c);
}


/* --- how it ends --------------------------------------------------------- */

static bool had_talked(const struct book_call *c)
{
	return c->connected || c->talked ||
	       (c->has_durable && c->durable.state == CALL_TALKING);
}


/* By their own call: whatever was promised before in it has been kept so. */
static bool ends_talked(const struct check *k, const struct book_call *c)
{
	(void)k;

	return had_talked(c) && !c->n_dials;
}


static bool ends_kept(const struct check *k, const struct book_call *c)
{
	return c->told.promise.kind != PROMISE_NONE &&
	       ((had_talked(c) && c->n_dials) ||
		k->ev->type == CORE_PROMISE_KEEP);
}


static bool ends_declined(const struct check *k, const struct book_call *c)
{
	(void)k;

	return c->no_more && !c->connected;
}


/* They hung up, or said nothing until we said goodbye. */
static bool ends_gave_up(const struct check *k, const struct book_call *c)
{
	return !had_talked(c) && !c->owed && !c->refused &&
	       k->now - c->arrived >= k->settings.short_ms;
}


static bool ends_short(const struct check *k, const struct book_call *c)
{
	return !had_talked(c) && !c->owed && !c->refused &&
	       k->now - c->arrived < k->settings.short_ms;
}


static bool ends_blocked(const struct check *k, const struct book_call *c)
{
	(void)k;

	if (c->answered)
		return !had_talked(c) && !c->owed && c->refused &&
		       c->told.cause == c->refused;

	return !c->owed && c->told.cause != CAUSE_NONE;
}


static bool ends_closed(const struct check *k, const struct book_call *c)
{
	return k->ev->type == CORE_PROMISE_CLOSE &&
	       c->told.reason == k->ev->reason &&
	       c->told.reason != CLOSE_NONE;
}


typedef bool(ends_h)(const struct check *k, const struct book_call *c);

static ends_h *const ends[OUTCOMES] = {
	[OUTCOME_TALKED] = ends_talked,	  [OUTCOME_KEPT] = ends_kept,
	[OUTCOME_DECLINED] = ends_declined, [OUTCOME_GAVE_UP] = ends_gave_up,
	[OUTCOME_SHORT] = ends_short,	  [OUTCOME_BLOCKED] = ends_blocked,
	[OUTCOME_CLOSED] = ends_closed,
};


/* While something still hangs on it, a call does not end. */
static void judge_left_over(struct check *k, const struct book_call *c)
{
	if (c->on_line || (c->dialled && !c->hung_up) || c->recording ||
	    c->n_rings)
		check_broken(k, CHECK_LOST, "call %" PRIu64
			     " has ended, but its facts are %#x", c->call,
			     facts_of(c));
}


void judge_end(struct check *k, const struct book_call *c)
{
	const struct core_record *r = &c->told;

	if (r->state != CALL_ENDED || r->outcome == OUTCOME_OPEN) {
		check_broken(k, CHECK_TOLD, "call %" PRIu64
			     " has ended untold", c->call);
		return;
	}
	if (!ends[r->outcome] || !ends[r->outcome](k, c))
		check_broken(k, CHECK_OUTCOME, "call %" PRIu64
			     " ends as %s: that is not so", c->call,
			     call_outcome_name(r->outcome));
	if (c->connected &&
	    r->talk_ms != c->talked_ms + k->now - c->connected_at)
		check_broken(k, CHECK_OUTCOME, "call %" PRIu64
			     " talked for %" PRIu64 " ms, told %" PRIu64,
			     c->call, k->now - c->connected_at, r->talk_ms);
	judge_left_over(k, c);
}


/* --- steps --------------------------------------------------------------- */

/* These come once and never again: they must not be ignored. */
void judge_calls_event(struct check *k, const struct core_event *ev, int err)
{
	const struct book_call *c = book_find_call(k, ev->call);
	const bool once = ev->type == CORE_DIAL_OVER ||
			  ev->type == CORE_FILED;

	if (c && once && err)
		check_broken(k, CHECK_ANSWER, "call %" PRIu64
			     ": event %d is ignored in %s", c->call,
			     (int)ev->type, call_state_name(c->state));
}


static void did_answer(struct check *k, const struct book_call *c)
{
	if (!c->has_durable || !c->on_line || c->answered)
		check_broken(k, CHECK_RECORD, "call %" PRIu64
			     " is answered, and not on record", c->call);
}


static void did_drop_message(struct check *k, const struct book_call *c)
{
	if (c->voiced)
		check_broken(k, CHECK_MESSAGE, "the message of call %" PRIu64
			     " is dropped, but somebody spoke", c->call);
}


static void did_record_message(struct check *k, const struct book_call *c)
{
	if (!c->has_durable || c->durable.promise.kind == PROMISE_NONE ||
	    !c->on_line)
		check_broken(k, CHECK_DURABLE, "call %" PRIu64
			     " leaves a message that is not on record",
			     c->call);
}


static void did_refuse(struct check *k, const struct book_call *c)
{
	if (c->answered)
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " is answered, and refused", c->call);
}


typedef void(did_h)(struct check *k, const struct book_call *c);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_ANSWER] = did_answer,
	[CORE_REFUSE] = did_refuse,
	[CORE_DROP_MESSAGE] = did_drop_message,
	[CORE_RECORD_MESSAGE] = did_record_message,
};


void judge_calls_action(struct check *k, const struct core_action *a)
{
	const struct book_call *c = book_find_call(k, a->call);

	if (c && did[a->type])
		did[a->type](k, c);
}
