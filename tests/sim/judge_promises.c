/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_promises.c  What is owed: who owns it, when it climbs, and that nobody
 * is rung back who did not ask for it, or at a bad time.
 */
#include "books.h"


enum {
	HANDED_OVER_MS = 5000, /* by the core, one each tick */
	LATE_MS = 3 * 60 * 1000,
	READY_MS = 4 * 60 * 1000,
};


/* --- ringing back -------------------------------------------------------- */

static void judge_number(struct check *k, const struct book_call *c,
			 const struct core_promise *asked)
{
	const struct core_promise *p = &c->durable.promise;

	if (!c->has_durable || c->durable.outcome != OUTCOME_OPEN ||
	    p->kind == PROMISE_NONE || !p->has_number)
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     " is rung back: no such promise is on disk",
			     c->call);
	if (c->waits)
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     " is rung back at a number that nobody can"
			     " open", c->call);
	if (!c->agreed)
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     " is rung back at a number that nobody"
			     " confirmed", c->call);
	if (asked->words != p->words || asked->hours != p->hours ||
	    asked->shown != p->shown)
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     " is rung back in another way than asked for",
			     c->call);
}


static void judge_hours(struct check *k, const struct book_call *c)
{
	const struct core_calendar *cal = &k->settings.calendar;

	if (!book_calendar_open(k, c) ||
	    !cal->safe(c->told.promise.hours, book_unix(k), cal->arg))
		check_broken(k, CHECK_HOURS, "call %" PRIu64
			     " is rung back at an unsafe hour, or by a closed"
			     " line", c->call);
}


static void judge_twice(struct check *k, const struct book_call *c)
{
	const struct book_call *other;

	if (c->on_line)
		check_broken(k, CHECK_TWICE, "call %" PRIu64
			     " is rung back while on the line", c->call);
	for (other = book_alike(k, c, NULL); other;
	     other = book_alike(k, c, other)) {
		if (other->on_line || other->dialled)
			check_broken(k, CHECK_TWICE, "call %" PRIu64
				     " is rung back while the same caller is"
				     " %s by call %" PRIu64, c->call,
				     other->on_line ? "on the line"
						    : "rung back",
				     other->call);
	}
}


/* Before did_dial() has counted it. */
static void judge_spacing(struct check *k, const struct book_call *c,
			  const struct core_promise *asked)
{
	const struct core_line *line = book_line(k, c);

	if (asked->n_attempts != c->told.promise.n_attempts + 1 &&
	    asked->n_attempts != c->told.promise.n_attempts)
		check_broken(k, CHECK_SPACING, "call %" PRIu64
			     ": attempt %" PRIu32 " follows attempt %" PRIu32,
			     c->call, asked->n_attempts,
			     c->told.promise.n_attempts);
	if (c->ring_asked)
		return;
	if (c->n_tried >= line->attempts)
		check_broken(k, CHECK_SPACING, "call %" PRIu64
			     " is rung back once more than %" PRIu32
			     " times", c->call, line->attempts);
	if (c->tried_at &&
	    k->now < c->tried_at + line->attempt_ms &&
	    !c->clock_jumped)
		check_broken(k, CHECK_SPACING, "call %" PRIu64
			     " is rung back %" PRIu64
			     " ms after the last attempt", c->call,
			     k->now - c->tried_at);
}


static void did_dial(struct check *k, struct book_call *c,
		     const struct core_action *a)
{
	if (!c->person || c->connected)
		check_broken(k, CHECK_ACTIONS, "call %" PRIu64
			     " is rung back, but nobody has accepted",
			     c->call);
	judge_number(k, c, &a->record.promise);
	judge_hours(k, c);
	judge_twice(k, c);
	judge_spacing(k, c, &a->record.promise);
}


/* The number that goes with it is the one that was typed last: nobody else
 * may be rung by a slip of the finger. */
static void did_promise(struct check *k, const struct book_call *c,
			const struct core_action *a)
{
	if (a->record.promise.has_number && !c->confirmed &&
	    (!c->agreed || c->n_typed))
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     " is promised a ring-back to a number that"
			     " nobody confirmed", c->call);
}


/* Does what is put on record fit what is known of the attempt? */
static bool fits(const struct book_call *c, enum attempt_outcome how)
{
	switch (how) {
	case ATTEMPT_TALKED: return c->dial_was_up;
	case ATTEMPT_VOICEMAIL:
	case ATTEMPT_HUNG_UP: return c->dial_was_up && !c->connected;
	case ATTEMPT_DECLINED: return c->no_more;
	case ATTEMPT_NO_ANSWER:
	case ATTEMPT_BUSY:
	case ATTEMPT_DEAD: return !c->dial_was_up;
	default: return true;
	}
}


static void did_attempt(struct check *k, struct book_call *c,
			const struct core_action *a)
{
	if (!fits(c, a->attempt))
		check_broken(k, CHECK_ATTEMPT, "an attempt of call %" PRIu64
			     " is put on record as %s", c->call,
			     attempt_outcome_name(a->attempt));
	if (a->attempt == ATTEMPT_OPEN)
		return;
	c->attempt_told = true;
	c->tried_at = k->now;
	c->tried_in = k->n_steps;
	c->stopped_early = a->attempt == ATTEMPT_STOPPED &&
			   (!c->dial_was_up || k->ev->type == CORE_CLOSE);
	if (a->attempt != ATTEMPT_STOPPED) {
		++c->n_tried;
		c->counted |= 1u << (a->record.promise.n_attempts % 32);
	}
	if (!c->stopped_early)
		c->ring_asked = false;
}


void judge_promises_action(struct check *k, const struct core_action *a)
{
	struct book_call *c = book_find_call(k, a->call);

	if (c && a->type == CORE_DIAL)
		did_dial(k, c, a);
	if (c && a->type == CORE_PROMISE)
		did_promise(k, c, a);
	if (c && a->type == CORE_ATTEMPT)
		did_attempt(k, c, a);
}


/* --- what was told ------------------------------------------------------- */

void judge_promises_event(struct check *k, const struct core_event *ev,
			  int err)
{
	const struct book_call *c = book_find_call(k, ev->call);

	if (ev->type == CORE_PROMISE_CLOSE && !err &&
	    ev->reason == CLOSE_NONE)
		check_broken(k, CHECK_OUTCOME, "call %" PRIu64
			     " is closed without a reason", ev->call);
	if (c && ev->type == CORE_DIAL_OVER && !c->attempt_told)
		check_broken(k, CHECK_ATTEMPT, "an attempt of call %" PRIu64
			     " is over, and not on record", c->call);
}


/* --- who must see to it -------------------------------------------------- */

static void judge_owner(struct check *k, const struct book_call *c)
{
	const uint32_t owner = c->record.promise.owner;
	const struct book_person *p = book_find_person(k, owner);

	/* while they are with us, nobody else must see to it */
	if (!owner || k->restoring || c->on_line || c->recording ||
	    c->connected || (c->talked && c->dial_up))
		return;
	if (!p)
		check_broken(k, CHECK_OWNER, "call %" PRIu64
			     " is owned by %" PRIu32 ", who is not there",
			     c->call, owner);
	else if (!p->on && k->now > p->off_since + HANDED_OVER_MS)
		check_broken(k, CHECK_OWNER, "call %" PRIu64
			     " is owned by %" PRIu32 ", who is off duty",
			     c->call, owner);
}


static void judge_ladder(struct check *k, struct book_call *c)
{
	const struct core_promise *p = &c->record.promise;
	const enum core_event_type why = k->ev->type;
	const bool asked = why == CORE_PROMISE_TAKE ||
			   why == CORE_PROMISE_SNOOZE ||
			   why == CORE_PROMISE_RING ||
			   why == CORE_PROMISE_MADE ||
			   why == CORE_PROMISE_NOT_MADE;

	if (p->level < c->level && !asked && !c->on_line)
		check_broken(k, CHECK_LADDER, "call %" PRIu64
			     " climbs down by itself", c->call);
	c->level = p->level;
}


static void judge_snooze(struct check *k, struct book_call *c)
{
	const struct core_promise *p = &c->record.promise;

	if (!p->n_snoozed)
		c->first_due = p->due_at;
	if (p->n_snoozed > CORE_SNOOZES ||
	    p->due_at > c->first_due + CORE_SNOOZE_MS)
		check_broken(k, CHECK_SNOOZE, "call %" PRIu64
			     " is put off too often, or too far", c->call);
}


static void judge_noticed(struct check *k, const struct book_call *c)
{
	const struct core_promise *p = &c->record.promise;

	if (c->state == CALL_PROMISED && !k->restoring &&
	    (p->owner != c->noticed_owner || p->level != c->noticed_level))
		check_broken(k, CHECK_NOTICE, "call %" PRIu64
			     " has come to owner %" PRIu32
			     ", level %s: nobody was told", c->call, p->owner,
			     promise_level_name(p->level));
}


void judge_promise(struct check *k, struct book_call *c)
{
	if (c->record.promise.kind == PROMISE_NONE)
		return;

	judge_owner(k, c);
	judge_ladder(k, c);
	judge_snooze(k, c);
	judge_noticed(k, c);
}


/* --- each minute --------------------------------------------------------- */

static void judge_overdue(struct check *k, const struct book_call *c)
{
	const int64_t climb = book_line(k, c)->climb_ms;
	const struct core_promise *p = &c->record.promise;
	const int64_t late = book_unix(k) - p->due_at - LATE_MS;
	const enum promise_level least = late > 2 * climb ? LEVEL_COORDINATOR
					 : late > climb	  ? LEVEL_ON_DUTY
							  : LEVEL_OWNER;

	if (c->clock_jumped || c->state != CALL_PROMISED)
		return;
	if (p->level < least)
		check_broken(k, CHECK_LADDER, "call %" PRIu64
			     " is overdue by %" PRId64
			     " ms, and still at level %s", c->call,
			     late + LATE_MS, promise_level_name(p->level));
}


/* The first of them goes on. */
static bool same_caller_due(struct check *k, const struct book_call *c)
{
	const struct book_call *other;

	for (other = book_alike(k, c, NULL); other;
	     other = book_alike(k, c, other)) {
		if (book_is_due(other->state))
			return true;
	}

	return false;
}


static bool is_on_disk(const struct book_call *c)
{
	return c->has_durable && !c->asked_promise &&
	       c->durable.promise.has_number;
}


static bool could_be_rung(struct check *k, const struct book_call *c)
{
	const struct core_promise *p = &c->record.promise;

	if (!p->has_number || c->waits || !is_on_disk(c) ||
	    p->level == LEVEL_COORDINATOR || c->n_rings || c->person ||
	    same_caller_due(k, c) ||
	    c->n_tried >= book_line(k, c)->attempts ||
	    p->next_at > book_unix(k) || judge_held_back(k, c))
		return false;

	for (size_t i = 0; i < k->n_people; i++) {
		const struct book_person *q = &k->people[i];

		if (q->on && !q->offer && !q->pause_until &&
		    book_can_take(k, q, c) && !reserved_for(k, c))
			return true;
	}

	return false;
}


/* It is its turn, somebody is free who can, and still nobody is rung. */
static void judge_ready(struct check *k, struct book_call *c,
			uint32_t n_under_way)
{
	const bool ready = n_under_way < k->settings.dials_at_once &&
			   could_be_rung(k, c);

	/* circles grow twice */
	const uint64_t enough = READY_MS + 2 * k->settings.tier_ms;

	if (!ready || !c->ready_since)
		c->ready_since = ready ? k->now : 0;
	if (ready && k->now > c->ready_since + enough)
		check_broken(k, CHECK_WORK, "call %" PRIu64
			     " could be rung back for minutes, and is not (%s)",
			     c->call, call_state_name(c->state));
}


void judge_promises_minute(struct check *k)
{
	struct book_call *c;
	uint32_t n = 0;

	LIST_FOREACH(c, &k->open, open)
		n += book_under_way(c);
	LIST_FOREACH(c, &k->open, open) {
		if (c->record.promise.kind == PROMISE_NONE || k->restoring)
			continue;
		judge_overdue(k, c);
		judge_ready(k, c, n);
	}
}
