/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * twin.c  Calls whose promises have the same number: a ring of them. Must not
 * know the number, nor ring anybody.
 */
#include "promise.h"
#include "sweep.h"
#include "twin.h"


/* what one has told those who follow it */
enum { TOLD_NOTHING = 0, TOLD_KEPT, TOLD_CLOSED, TOLD_TRIED };


/* ---- the ring ----------------------------------------------------------- */

void twin_leave(struct call *c)
{
	struct call *last = c->twin;

	if (!last)
		return;

	while (last->twin != c)
		last = last->twin;
	last->twin = c->twin == last ? NULL : c->twin;
	c->twin = NULL;
}


void twin_join(struct call *c, struct call *other)
{
	twin_leave(c);
	if (!other || other == c || other->record.line != c->record.line)
		return;

	c->twin = other->twin ? other->twin : other;
	other->twin = c;
}


/* the next one after it; NULL when it is c's turn again */
static struct call *after(const struct call *other, const struct call *c)
{
	return other->twin == c ? NULL : other->twin;
}


static bool has_number(const struct call *c)
{
	return c->record.promise.kind != PROMISE_NONE &&
	       c->record.promise.has_number;
}


static bool by_itself(const struct call *c)
{
	return has_number(c) && !c->twin_told &&
	       c->record.promise.next_at != PROMISE_NOT_BY_ITSELF;
}


static bool is_older(const struct call *a, const struct call *b)
{
	const int64_t a_at = a->record.promise.made_at;
	const int64_t b_at = b->record.promise.made_at;

	return a_at != b_at ? a_at < b_at : a->record.call < b->record.call;
}


/* ---- whose turn it is --------------------------------------------------- */

struct call *twin_first(struct call *c)
{
	struct call *first = c, *other = c->twin;

	for (; other; other = after(other, c)) {
		if (call_ringing_back(other))
			return other;
		if (by_itself(other) && is_older(other, first))
			first = other;
	}

	return first;
}


bool twin_waits(const struct call *c)
{
	return c->twin_told || twin_first((struct call *)c) != c;
}


/* ---- what all of them allow --------------------------------------------- */

bool twin_safe(const struct core *core, const struct call *c, int64_t now)
{
	const struct core_calendar *calendar = &core->settings.calendar;
	const struct call *other = c;

	if (!calendar->safe)
		return true;

	for (; other; other = after(other, c)) {
		if (has_number(other) &&
		    !calendar->safe(other->record.promise.hours, now,
				    calendar->arg))
			return false;
	}

	return true;
}


enum promise_words twin_words(const struct call *c)
{
	enum promise_words least = c->record.promise.words;

	for (const struct call *o = c->twin; o; o = after(o, c)) {
		if (has_number(o) && o->record.promise.words < least)
			least = o->record.promise.words;
	}

	return least;
}


enum promise_shown twin_shown(const struct call *c)
{
	static const uint8_t tells[PROMISE_SHOWN] = {
		[SHOWN_WITHHELD] = 0, [SHOWN_NEUTRAL] = 1, [SHOWN_LINE] = 2};
	enum promise_shown least = c->record.promise.shown;

	for (const struct call *o = c->twin; o; o = after(o, c)) {
		if (has_number(o) &&
		    tells[o->record.promise.shown] < tells[least])
			least = o->record.promise.shown;
	}

	return least;
}


/* ---- what becomes of those who follow ----------------------------------- */

/* Each is told now and follows in the walk: one step stays short. */
static void tell(const struct call *c, uint8_t what, struct turn *t)
{
	const bool rung = by_itself(c);
	struct call *o = c->twin;

	for (; o; o = after(o, c)) {
		if (!what || o->state != CALL_PROMISED || o->twin_told ||
		    by_itself(o) != rung || !has_number(o) || is_older(o, c))
			continue;
		o->twin_told = what;
		o->twin_reason = c->record.outcome == OUTCOME_CLOSED
					 ? (uint8_t)c->record.reason
					 : CLOSE_DUPLICATE;
		o->twin_person = c->record.counsellor;
	}
	if (c->twin)
		sweep_start(t->core);
}


void twin_tried(const struct call *c, struct turn *t)
{
	tell(c, TOLD_TRIED, t);
}


/* A call that ends on the line says nothing of who has that number, and "the
 * same caller, in another call" is true of the others only while one is left. */
void twin_ended(const struct call *c, struct turn *t)
{
	const struct core_record *r = &c->record;
	uint8_t what = TOLD_NOTHING;

	if (r->outcome == OUTCOME_KEPT)
		what = TOLD_KEPT;
	else if (r->outcome == OUTCOME_DECLINED && r->promise.n_attempts)
		what = TOLD_CLOSED;
	else if (r->outcome == OUTCOME_CLOSED && r->reason != CLOSE_DUPLICATE)
		what = TOLD_CLOSED;

	tell(c, what, t);
}


/* It stays open, and is not rung any more. */
static void follow_open(struct call *c, struct turn *t, bool tried)
{
	if (tried)
		promise_give_to_coordinator(&c->record.promise);
	else
		c->record.promise.next_at = PROMISE_NOT_BY_ITSELF;
	(void)call_ask_record(t, c, CORE_UPDATE);
	(void)call_ask_record(t, c, CORE_NOTICE);
}


bool twin_follow(struct call *c, struct turn *t)
{
	const uint8_t told = c->twin_told;
	const struct core_event *ev = t->ev;
	const struct core_event said = {
		.person = c->twin_person,
		.reason = (enum close_reason)c->twin_reason};

	if (!told)
		return false;

	c->twin_told = TOLD_NOTHING;
	if (told == TOLD_TRIED || c->voiced) {
		follow_open(c, t, told == TOLD_TRIED);
		return true;
	}

	/* as if it had been said of this one, too */
	t->ev = &said;
	call_drive(c, told == TOLD_KEPT ? CALL_EV_KEEP : CALL_EV_DISMISS, t);
	t->ev = ev;

	return true;
}
