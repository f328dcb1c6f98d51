/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promise.c  What is owed: how it is made, whose it is, how it climbs, and
 * when it is its turn. Must not ring anybody (alloc.c, dial.c).
 */
#include "dialogue.h"
#include "plant.h"
#include "promise.h"
#include "staff.h"
#include "twin.h"


/* ---- whose it is -------------------------------------------------------- */

void promise_own(struct core *core, struct core_promise *p, uint32_t id)
{
	struct person *old = person_find(core, p->owner);
	struct person *now = person_find(core, id);

	if (old && old->n_owned)
		--old->n_owned;
	if (now)
		++now->n_owned;
	p->owner = id;
}


void promise_adopt(struct core *core, struct call *c)
{
	const uint32_t id = c->record.promise.owner;

	c->record.promise.owner = 0;
	promise_own(core, &c->record.promise, id);
}


/* on duty, could take it, and owns fewest; 0: the coordinator */
static uint32_t pick_owner(const struct core *core, const struct call *c)
{
	const struct person *best = NULL;

	for (size_t i = 0; i < core->n_people; i++) {
		const struct person *p = core->by_id[i];

		if (person_on_duty(p) &&
		    staff_fits(core, p, c->record.line, c->record.language) &&
		    (!best || p->n_owned < best->n_owned))
			best = p;
	}

	return best ? best->id : 0;
}


bool promise_hand_over(struct call *c, struct turn *t)
{
	struct core_promise *p = &c->record.promise;
	const struct person *owner = person_find(t->core, p->owner);
	const uint32_t was = p->owner;

	if (p->kind == PROMISE_NONE || PLANTED_BUG(PLANT_LOST_OWNER))
		return false;
	if (was ? owner && person_on_duty(owner) : p->level != LEVEL_OWNER)
		return false;

	/* nobody but a coordinator knows what to do about a caller who was
	   cut off, unless somebody takes it */
	promise_own(t->core, p,
		    p->kind == PROMISE_CUT_OFF ? 0 : pick_owner(t->core, c));

	return p->owner != was;
}


/* ---- how it is made ----------------------------------------------------- */

/* first due: some time after it was made, or after the line opens */
int64_t promise_first_due(const struct core *core, const struct call *c,
			 int64_t made_at)
{
	const struct core_calendar *calendar = &core->settings.calendar;
	int64_t from = made_at;

	if (calendar->opens)
		from = calendar->opens(c->record.line, made_at, calendar->arg);
	if (from == INT64_MAX)
		from = made_at;

	return from + line_of(core, c)->promise_ms;
}


static void take_back(struct call *c, struct turn *t)
{
	struct core_promise *p = &c->record.promise;
	const uint32_t owner = p->owner;

	if (c->before.kind == PROMISE_NONE)
		promise_own(t->core, p, 0);
	*p = c->before;
	if (p->kind != PROMISE_NONE)
		p->owner = owner;
	c->unwritten = false;
}


/* A message of which nothing has been said is no promise. */
void promise_drop_unsaid(struct call *c, struct turn *t)
{
	if (c->record.promise.kind == PROMISE_MESSAGE && !c->voiced)
		take_back(c, t);
}


static void make(struct call *c, enum promise_kind kind, struct turn *t)
{
	struct core_promise *p = &c->record.promise;

	promise_drop_unsaid(c, t);
	c->before = *p;
	c->declined = c->settled = false;
	if (p->kind == PROMISE_NONE) {
		p->made_at = turn_unix(t);
		p->due_at = promise_first_due(t->core, c, p->made_at);
		p->kind = kind;
		(void)promise_hand_over(c, t);
	}
	if (kind == PROMISE_MESSAGE)
		p->kind = kind; /* and is rung back, if there is a number */
	c->unwritten = true;
}


static void make_ring_back(struct call *c, struct turn *t)
{
	struct core_promise *p = &c->record.promise;

	make(c, PROMISE_RING_BACK, t);
	p->has_number = true;
	p->words = c->menu.words;
	p->hours = c->menu.hours;
	p->shown = c->menu.shown;
	if (!line_of(t->core, c)->attempts)
		promise_give_to_coordinator(p);
}


void promise_give_to_coordinator(struct core_promise *p)
{
	p->next_at = PROMISE_NOT_BY_ITSELF;
	p->level = LEVEL_COORDINATOR;
}


bool promise_settle(struct call *c, struct turn *t)
{
	const struct core_promise *p = &c->record.promise;

	promise_drop_unsaid(c, t);
	if (c->menu.number_confirmed && !p->has_number && !c->declined &&
	    line_of(t->core, c)->ring_back)
		make_ring_back(c, t);
	if (c->cut_off)
		promise_cut_off(c, t);

	/* "no more" ends what was asked for, not what was said */
	return p->kind != PROMISE_NONE && (!c->declined || c->voiced);
}


void promise_cut_off(struct call *c, struct turn *t)
{
	struct core_promise *p = &c->record.promise;

	if (p->kind != PROMISE_NONE)
		return;

	p->kind = PROMISE_CUT_OFF;
	p->made_at = turn_unix(t);
	p->due_at = p->made_at;
	promise_give_to_coordinator(p);
	c->before = *p;
}


void promise_write(struct call *c, struct turn *t)
{
	c->unwritten = false;
	++c->n_saving;
	(void)call_ask_record(t, c, CORE_PROMISE);
}


void promise_number_is(struct call *c, const struct core_event *ev,
		       struct turn *t)
{
	twin_join(c, call_find(t->core, ev->twin));
	if (!c->handle && ev->handle) {
		c->handle = ev->handle;
		alike_add(&t->core->alike, c);
	}
}


int promise_answer(struct call *c, bool made, struct turn *t)
{
	const enum call_event ev = made ? CALL_EV_MADE : CALL_EV_NOT_MADE;

	if (!c->n_saving)
		return call_unexpected(c, ev, t);

	/* the last one that was asked for is the one that counts */
	if (--c->n_saving)
		return 0;
	if (made)
		promise_number_is(c, t->ev, t);
	if (call_expects(c, ev))
		return call_step(c, ev, t);

	if (!made && c->record.promise.kind != PROMISE_NONE) {
		/* nobody is on the line to be asked for it again */
		c->unwritten = true;
		promise_arm(c, t);
	}
	else if (c->state == CALL_PROMISED) {
		promise_look(c, t);
	}

	return 0;
}


void promise_row_message(void *obj, void *arg)
{
	struct call *c = obj;

	call_out_of_queue(arg, c);
	/* digits that they did not confirm must not replace those promised */
	if (c->record.promise.has_number && c->menu.n_digits &&
	    !c->menu.number_confirmed)
		(void)call_ask(arg, c, CORE_TYPE_ANEW);
	make(c, PROMISE_MESSAGE, arg);
	promise_write(c, arg);
}


void promise_row_ring_back(void *obj, void *arg)
{
	struct call *c = obj;

	call_out_of_queue(arg, c);
	make_ring_back(c, arg);
	promise_write(c, arg);
}


void promise_row_made(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	if (c->state == CALL_LEAVING)
		(void)call_ask_record(t, c, CORE_UPDATE);
	dialogue_tell(c, MENU_EV_SAVED, t);
}


void promise_row_not_made(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	take_back(c, t);
	call_into_queue(t, c);
	dialogue_tell(c, MENU_EV_NOT_SAVED, t);
}


/* ---- when it is its turn ------------------------------------------------ */

static bool may_ring_now(const struct core *core, const struct call *c,
			 int64_t now)
{
	const struct core_promise *p = &c->record.promise;

	if (c->unwritten || c->n_saving)
		return false; /* a crash would forget whom we have rung */
	if (!p->has_number || p->next_at == PROMISE_NOT_BY_ITSELF ||
	    now < p->next_at || !line_of(core, c)->ring_back)
		return false;
	if (p->number_waits && !PLANTED_BUG(PLANT_RUNG_UNOPENED))
		return false;

	return !core->closed[c->record.line] && !twin_waits(c) &&
	       twin_safe(core, c, now);
}


bool promise_may_ring(const struct call *c, const struct turn *t)
{
	return may_ring_now(t->core, c, turn_unix(t));
}


/* Another call of the same caller is on the line, or being rung back. */
static bool is_held(struct core *core, const struct call *c)
{
	const struct call *other = alike_first(&core->alike, c->handle);

	for (; other; other = alike_next(other)) {
		if (other == c || other->state == CALL_PROMISED)
			continue;
		if (PLANTED_BUG(PLANT_TWO_AT_ONCE) && !call_on_line(other))
			continue;
		if (PLANTED_BUG(PLANT_RUNG_ON_THE_LINE) && call_on_line(other))
			continue;
		return true;
	}

	return false;
}


static bool climb(struct call *c, int64_t now, const struct core *core)
{
	struct core_promise *p = &c->record.promise;
	const int64_t climb_ms = line_of(core, c)->climb_ms;
	enum promise_level level = LEVEL_OWNER;

	if (now >= p->due_at + 2 * climb_ms)
		level = LEVEL_COORDINATOR;
	else if (now >= p->due_at + climb_ms)
		level = LEVEL_ON_DUTY;
	if (level <= p->level || PLANTED_BUG(PLANT_NEVER_OVERDUE))
		return false;

	p->level = level;
	return true;
}


void promise_look(struct call *c, struct turn *t)
{
	const int64_t now = turn_unix(t);
	const bool handed = promise_hand_over(c, t);
	const bool climbed = climb(c, now, t->core);
	bool its_turn;

	if (handed || climbed) {
		(void)call_ask_record(t, c, CORE_UPDATE);
		(void)call_ask_record(t, c, CORE_NOTICE);
	}

	its_turn = may_ring_now(t->core, c, now) && !is_held(t->core, c);
	if (its_turn && c->state == CALL_PROMISED)
		call_drive(c, CALL_EV_DUE, t);
	else if (!its_turn && call_expects(c, CALL_EV_HELD) &&
		 c->state != CALL_DIALLING)
		call_drive(c, CALL_EV_HELD, t);
	else
		promise_arm(c, t);
}


void promise_arm(struct call *c, struct turn *t)
{
	const int64_t next_at = c->record.promise.next_at;
	const int64_t now = turn_unix(t);

	deadline_clear(&t->core->deadlines, &c->promise_next);
	if (c->unwritten)
		deadline_set(&t->core->deadlines, &c->promise_next,
			     t->now + CORE_ANSWER_MS);
	else if (c->state == CALL_PROMISED && next_at > now &&
		 next_at != PROMISE_NOT_BY_ITSELF)
		deadline_set(&t->core->deadlines, &c->promise_next,
			     t->now + (uint64_t)(next_at - now));
}


void promise_time(struct call *c, struct turn *t)
{
	if (c->unwritten)
		promise_write(c, t);
	if (c->state == CALL_PROMISED)
		promise_look(c, t);
}


void promise_hold_alike(struct call *c, struct turn *t)
{
	struct call *other = alike_first(&t->core->alike, c->handle);

	for (; other; other = alike_next(other)) {
		if (other != c && call_expects(other, CALL_EV_HELD) &&
		    !PLANTED_BUG(PLANT_RUNG_ON_THE_LINE))
			call_drive(other, CALL_EV_HELD, t);
	}
}


void promise_free(struct call *c, struct turn *t)
{
	t->freed = c->handle;
	if (c->handle)
		promise_arm(c, t);
	else
		promise_look(c, t);
}


/* The first of them goes on; while it does, the others are held. */
void promise_free_alike(uint32_t handle, struct turn *t)
{
	struct call *c = alike_first(&t->core->alike, handle);

	for (; c; c = alike_next(c)) {
		if (c->state != CALL_PROMISED)
			continue;
		promise_look(c, t);
		if (c->state != CALL_PROMISED &&
		    !PLANTED_BUG(PLANT_TWO_AT_ONCE))
			break;
	}
}


void promise_row_due(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	/* its turn has come sooner than was reckoned: the clock was set */
	if (c->place > (int64_t)t->now)
		c->place = (int64_t)t->now;
	deadline_clear(&t->core->deadlines, &c->promise_next);
	staff_circle_begin(t, c);
	alloc_place(t, c);
	(void)call_ask_record(t, c, CORE_UPDATE);
	if (c->unwritten)
		promise_arm(c, t);
}


void promise_row_held(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	call_out_of_queue(t, c);
	(void)call_ask_record(t, c, CORE_UPDATE);
	promise_arm(c, t);
}


void promise_row_number_back(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	if (PLANTED_BUG(PLANT_STILL_WAITS))
		return;
	c->record.promise.number_waits = false;
	promise_number_is(c, t->ev, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	promise_look(c, t);
}
