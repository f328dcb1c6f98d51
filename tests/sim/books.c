/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * books.c  Facts, from what the core was told and what it asked for.
 *
 * Must not look at how the core works (priv.h), nor be told by the world what
 * somebody is about to do: only what was said to the core counts.
 */
#include <string.h>

#include "books.h"


enum { VOICED_MS = 1000 }; /* less than this in a message is silence */


struct book_call *book_find_call(struct check *k, uint64_t call)
{
	struct book_call *c = &k->calls[call % LIMIT_CALLS];

	return call && c->call == call ? c : NULL;
}


struct book_person *book_find_person(struct check *k, uint32_t id)
{
	const uint32_t i = id < BOOK_PEOPLE ? k->by_id[id] : 0;

	return i ? &k->people[i - 1] : NULL;
}


struct book_person *book_find_offer(struct check *k, uint64_t offer)
{
	const uint32_t i = k->by_offer[offer % BOOK_OFFERS];

	if (offer && i && k->people[i - 1].offer == offer)
		return &k->people[i - 1];
	for (size_t j = 0; offer && j < k->n_people; j++) {
		if (k->people[j].offer == offer)
			return &k->people[j];
	}

	return NULL;
}


void book_touch(struct check *k, struct book_call *c)
{
	if (!c || c->touched || k->n_touched == BOOK_TOUCHED)
		return;

	c->touched = true;
	c->was = c->state;
	k->touched[k->n_touched++] = c;
}


void book_touch_person(struct check *k, struct book_person *p)
{
	if (!p || p->touched || k->n_moved == BOOK_TOUCHED)
		return;

	p->touched = true;
	k->moved[k->n_moved++] = p;
}


struct book_call *book_alike(struct check *k, const struct book_call *c,
			     const struct book_call *after)
{
	struct book_call *other = NULL;

	if (!c->handle)
		return NULL;

	other = after ? LIST_NEXT(after, alike)
		      : LIST_FIRST(&k->alike[c->handle % BOOK_ALIKE]);
	while (other && (other == c || other->handle != c->handle))
		other = LIST_NEXT(other, alike);

	return other;
}


int64_t book_unix(const struct check *k)
{
	return k->unix_told + (int64_t)(k->now - k->unix_told_at);
}


bool book_ringing(const struct book_person *p)
{
	return p->offer && !p->accepted && !p->withdrawn;
}


bool book_is_queued(enum call_state state)
{
	return state == CALL_WAITING || state == CALL_OFFERED ||
	       book_is_due(state);
}


bool book_is_due(enum call_state state)
{
	return state == CALL_DUE || state == CALL_DUE_OFFERED;
}


bool book_under_way(const struct book_call *c)
{
	return c->state >= CALL_DUE_OFFERED && c->state <= CALL_HANGING_UP;
}


/* Rung back when somebody comes who can: until then it is theirs. */
bool book_is_coordinators(const struct book_call *c)
{
	return (c->state == CALL_PROMISED || c->state == CALL_DUE) &&
	       c->record.promise.level == LEVEL_COORDINATOR;
}


const struct core_line *book_line(const struct check *k,
				  const struct book_call *c)
{
	return &k->settings.lines[c->line];
}


bool book_hears(const struct core_playlist *list, enum prompt prompt)
{
	for (uint8_t i = 0; i < list->n && i < LIMIT_PLAYLIST; i++) {
		if (list->v[i].prompt == prompt)
			return true;
	}

	return false;
}


bool book_of_line(const struct book_person *p, const struct book_call *c)
{
	return !p->learns && (p->lines >> c->line & 1);
}


bool book_can_take(const struct check *k, const struct book_person *p,
		   const struct book_call *c)
{
	const uint32_t skills = book_line(k, c)->skills;

	return book_of_line(p, c) &&
	       (p->languages >> c->record.language & 1) &&
	       (p->skills & skills) == skills;
}


bool book_staffed(const struct check *k, const struct book_call *c)
{
	for (size_t i = 0; i < k->n_people; i++) {
		if (k->people[i].on && book_can_take(k, &k->people[i], c))
			return true;
	}

	return false;
}


/* As of the minute: that is how often the clock is told. */
bool book_calendar_open(const struct check *k, const struct book_call *c)
{
	const struct core_calendar *cal = &k->settings.calendar;

	return cal->open(c->line, k->unix_told, cal->arg);
}


bool book_open(const struct check *k, const struct book_call *c)
{
	return book_line(k, c)->kind != LINE_AFTER_HOURS &&
	       book_calendar_open(k, c);
}


/* --- places of those who redial ------------------------------------------ */

static void keep_place(struct check *k, const struct book_call *c)
{
	if (!c->handle || !c->place)
		return;

	k->redials[k->next_redial] = (struct book_redial){
		.handle = c->handle,
		.line = c->line,
		.place = c->place,
		.gone = k->now,
	};
	k->next_redial = (k->next_redial + 1) % LIMIT_REDIALS;
}


/* --- the queue ----------------------------------------------------------- */

static void leave_queue(struct check *k, struct book_call *c)
{
	if (c->in_queue)
		TAILQ_REMOVE(&k->queue, c, queued);
	c->in_queue = false;
}


static void join_queue(struct check *k, struct book_call *c)
{
	if (c->in_queue)
		return;

	if (c->place > k->now)
		c->place = k->now; /* the clock was set: sooner than reckoned */
	TAILQ_INSERT_TAIL(&k->queue, c, queued);
	c->in_queue = true;
	c->asked_at = k->now;
}


void book_forget(struct check *k, struct book_call *c)
{
	leave_queue(k, c);
	if (c->handle)
		LIST_REMOVE(c, alike);
	LIST_REMOVE(c, open);
	--k->n_open;
	memset(c, 0, sizeof(*c));
}


void book_look(struct check *k, struct book_call *c)
{
	struct core_call_view v;

	if (!core_call(k->core, c->call, &v)) {
		if (c->left_waiting)
			keep_place(k, c);
		book_touch_person(k, c->person);
		book_touch_person(k, c->guest);
		judge_end(k, c);
		book_forget(k, c);
		return;
	}
	c->state = v.state;
	(void)core_get_record(k->core, c->call, &c->record);
	/* what our own fault breaks off keeps its place as well */
	if (c->closed_on && c->record.promise.kind == PROMISE_CUT_OFF)
		keep_place(k, c);
	c->closed_on = false;
	if (book_is_queued(v.state))
		join_queue(k, c);
	else
		leave_queue(k, c);
}


/* --- what it was told ---------------------------------------------------- */

static uint64_t take_place(struct check *k, const struct core_event *ev)
{
	for (size_t i = 0; ev->handle && i < LIMIT_REDIALS; i++) {
		struct book_redial *r = &k->redials[i];

		if (r->handle != ev->handle || r->line != ev->line)
			continue;
		r->handle = 0;
		if (k->now - r->gone <= CORE_REDIAL_MS)
			return r->place;
	}

	return k->now;
}


static struct book_call *book_new(struct check *k, uint64_t call)
{
	struct book_call *c = &k->calls[call % LIMIT_CALLS];

	if (c->call)
		check_broken(k, CHECK_LOST, "call %" PRIu64
			     " takes the place of call %" PRIu64
			     ", which is open", call, c->call);
	if (c->call)
		book_forget(k, c);
	memset(c, 0, sizeof(*c));
	c->call = call;
	c->life = k->life;
	c->arrived = k->now;
	LIST_INSERT_HEAD(&k->open, c, open);
	++k->n_open;

	return c;
}


void book_survive(struct book_call *c)
{
	const struct book_call old = *c;

	if (c->taken_up)
		resumed_note(c);
	c->taken_up = false;
	c->on_line = c->recorded = c->answered = c->dialled = false;
	c->dial_up = c->connected = c->recording = c->asked_promise = false;
	c->talked = c->blocked = false;
	c->check = 0;
	c->talked_ms = old.durable.talk_ms;
	c->person = c->guest = NULL;
	c->n_rings = c->reserved = 0;
	c->place = 0;
	if (c->handle)
		LIST_REMOVE(c, alike);
	c->handle = 0; /* the core cannot know it any more */
	c->told = c->record = old.durable;
	c->was = c->state = CALL_NONE;
	c->agreed = old.durable.promise.has_number;
	c->confirmed = false;
	c->n_dials = old.durable.promise.n_attempts;
	c->counted &= (2u << (c->n_dials % 31)) - 1; /* the rest is forgotten */
	c->n_tried = (uint32_t)__builtin_popcount(c->counted);
	c->tried_at = 0;
	if (c->n_dials && !old.durable.promise.next_at)
		c->ring_asked = true;
	c->owed = old.durable.promise.kind == PROMISE_RING_BACK || old.voiced;
	c->attempt_told = true;
	c->goodbye = false;
	c->noticed_owner = old.durable.promise.owner;
	c->level = c->noticed_level = old.durable.promise.level;
	memset(&c->heard, 0, sizeof(c->heard));
}


static void told_arrive(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_new(k, ev->call);

	if (ev->call <= k->last_call)
		check_broken(k, CHECK_ANSWER, "call number %" PRIu64
			     " is given twice", ev->call);
	k->last_call = ev->call;
	c->handle = ev->handle;
	if (c->handle)
		LIST_INSERT_HEAD(&k->alike[c->handle % BOOK_ALIKE], c, alike);
	c->line = ev->line;
	c->blocked = ev->blocked;
	if (!c->blocked && book_line(k, c)->kind != LINE_DETENTION)
		c->check = ev->check;
	c->taken_up = c->on_line = true;
	c->place = take_place(k, ev);
	k->about = c;
}


static void told_restore(struct check *k, const struct core_event *ev)
{
	struct book_call *c = book_find_call(k, ev->call);

	/* it had ended, but that was not on disk yet */
	if (!c) {
		c = book_new(k, ev->call);
		c->line = ev->restore->line;
		c->durable = *ev->restore;
		c->has_durable = true;
		c->first_due = ev->restore->promise.due_at;
		book_survive(c);
	}
	c->taken_up = true;
	c->waits = ev->restore->promise.number_waits;
	c->durable.promise.number_waits = c->waits;
	c->told.promise.number_waits = c->record.promise.number_waits =
		c->waits;
	k->about = c;
}


static void told_resume(struct check *k, const struct core_event *ev)
{
	told_restore(k, ev);
	k->about->handle = ev->handle;
	if (ev->handle)
		LIST_INSERT_HEAD(&k->alike[ev->handle % BOOK_ALIKE], k->about,
				 alike);
	resumed_told(k, ev);
}


static void told_number_back(struct check *k, const struct core_event *ev)
{
	(void)ev;
	k->about->waits = false;
}


static void told_recorded(struct check *k, const struct core_event *ev)
{
	(void)k;
	(void)ev;
	k->about->recorded = true;
}


static void told_answered(struct check *k, const struct core_event *ev)
{
	(void)ev;
	k->about->answered = true;
	k->about->quiet_since = k->about->offered_at = k->now;
	k->about->asked_at = k->now;
}


static void told_leg_gone(struct check *k, const struct core_event *ev)
{
	struct book_call *c = k->about;

	(void)k;
	(void)ev;
	c->left_waiting = c->on_line && book_is_queued(c->state);
	c->on_line = false;
}


static void told_key(struct check *k, const struct core_event *ev)
{
	struct book_call *c = k->about;

	c->key_at = k->now;
	if (ev->key == c->check && book_hears(&c->heard, PROMPT_CHECK))
		c->check = 0;
	if (ev->key == 1 && book_hears(&c->heard, PROMPT_NUMBER))
		c->confirmed = true;
	if (ev->key == 9)
		c->no_more = true;
	if (ev->key == 0) {
		c->stays = true;
		c->asked_at = k->now;
	}
}


static void told_played(struct check *k, const struct core_event *ev)
{
	struct book_call *c = k->about;

	if (ev->serial && ev->serial == c->heard.serial && !c->heard_at)
		c->heard_at = c->quiet_since = k->now;
}


static void told_filed(struct check *k, const struct core_event *ev)
{
	(void)k;
	k->about->recording = false;
	if (ev->voiced_ms >= VOICED_MS)
		k->about->voiced = true;
}


static void told_promise(struct check *k, const struct core_event *ev)
{
	(void)ev;
	k->about->asked_promise = false;
}


static void told_dial_answered(struct check *k, const struct core_event *ev)
{
	(void)ev;
	k->about->dial_up = k->about->dial_was_up = k->about->dialled;
	k->about->dial_up_at = k->now;
}


static void told_dial_over(struct check *k, const struct core_event *ev)
{
	(void)k;
	(void)ev;
	k->about->dialled = k->about->dial_up = false;
}


static void told_ring(struct check *k, const struct core_event *ev)
{
	k->about->ring_asked = true;
	reserved_asked(k, k->about, ev->person);
}


static void told_clock(struct check *k, const struct core_event *ev)
{
	const int64_t off = ev->unix_ms - book_unix(k);
	struct book_call *c;

	if (off > 1000 || off < -1000) {
		LIST_FOREACH(c, &k->open, open)
			c->clock_jumped = true;
	}
	k->unix_told = ev->unix_ms;
	k->unix_told_at = k->now;
}


static void told_person(struct check *k, const struct core_event *ev)
{
	struct book_person *p = book_find_person(k, ev->person);

	if (!p) {
		p = &k->people[k->n_people++];
		k->by_id[ev->person] = (uint32_t)k->n_people;
	}
	p->id = ev->person;
	p->wrap_up_ms = ev->wrap_up_ms;
	p->languages = ev->languages;
	p->skills = ev->skills;
	p->organisation = ev->organisation;
	p->region = ev->region;
	p->lines = ev->lines;
	p->learns = ev->learns;
	k->duty_changed = k->now;
}


typedef void(told_h)(struct check *k, const struct core_event *ev);

/* about_call: only of a call that is open; always: also if it was refused */
static const struct {
	told_h *h;
	bool about_call, always;
} told[CORE_EVENTS] = {
	[CORE_ARRIVE] = {told_arrive, false, false},
	[CORE_RESTORE] = {told_restore, false, false},
	[CORE_RESUME] = {told_resume, false, false},
	[CORE_RECORDED] = {told_recorded, true, true},
	[CORE_ANSWERED] = {told_answered, true, false},
	[CORE_NOT_ANSWERED] = {told_leg_gone, true, false},
	[CORE_CALLER_GONE] = {told_leg_gone, true, true},
	[CORE_KEY] = {told_key, true, true},
	[CORE_PLAYED] = {told_played, true, true},
	[CORE_FILED] = {told_filed, true, true},
	[CORE_PROMISE_MADE] = {told_promise, true, true},
	[CORE_PROMISE_NOT_MADE] = {told_promise, true, true},
	[CORE_NUMBER_BACK] = {told_number_back, true, false},
	[CORE_DIAL_ANSWERED] = {told_dial_answered, true, true},
	[CORE_DIAL_OVER] = {told_dial_over, true, true},
	[CORE_PROMISE_RING] = {told_ring, true, false},
	[CORE_PERSON] = {told_person, false, false},
	[CORE_CLOCK] = {told_clock, false, false},
};


void book_event(struct check *k, const struct core_event *ev, int err)
{
	if (!told[ev->type].h || (err && !told[ev->type].always))
		return;
	if (told[ev->type].about_call && !k->about)
		return;

	told[ev->type].h(k, ev);
	book_touch(k, k->about);
}


/* --- what it asked for --------------------------------------------------- */

/* After an attempt that failed, the place is when the next one is due; asked
 * for by a coordinator, it is now at the latest. */
static void move_place(struct check *k, struct book_call *c, int64_t next_at)
{
	const bool tried = c->tried_in == k->n_steps && !c->stopped_early;

	if (!c->place || next_at == c->told.promise.next_at)
		return;
	if (k->ev->type == CORE_PROMISE_RING && c->place > k->now)
		c->place = k->now;
	else if (tried && next_at != INT64_MAX)
		c->place = k->now + (uint64_t)(next_at - book_unix(k));
}


static void did_told(struct check *k, struct book_call *c,
		     const struct core_action *a)
{
	move_place(k, c, a->record.promise.next_at);
	c->told = a->record;
}


static void did_promise(struct check *k, struct book_call *c,
			const struct core_action *a)
{
	(void)k;
	c->told = a->record;
	c->asked_promise = true;
	if (!a->record.promise.has_number)
		return;
	c->agreed = true;
	c->n_typed = 0;
}


static void did_end_leg(struct check *k, struct book_call *c,
			const struct core_action *a)
{
	(void)a;
	c->closed_on = k->ev->type == CORE_CLOSE && c->on_line;
	c->on_line = false;
	c->hung_up = true;
}


bool book_offers_anything(const struct check *k, const struct book_call *c)
{
	const struct core_line *line = book_line(k, c);

	return line->messages ||
	       (line->ring_back && line->kind != LINE_DETENTION);
}


/* They have chosen the language in which they hear it. */
static void note_refusal(struct check *k, struct book_call *c,
			 const struct core_playlist *list)
{
	if (list->n)
		c->record.language = list->v[0].language;
	if (c->blocked)
		c->refused = CAUSE_MARKED;
	else if (book_hears(list, PROMPT_CHECK) ||
		 book_hears(list, PROMPT_UNCHECKED))
		c->refused = CAUSE_FLOOD;
	else if (book_offers_anything(k, c) ||
		 (book_open(k, c) && book_staffed(k, c)))
		c->refused = CAUSE_NONE;
	else if (book_hears(list, PROMPT_CLOSED))
		c->refused = CAUSE_CLOSED;
	else if (book_hears(list, PROMPT_NOBODY))
		c->refused = CAUSE_UNSTAFFED;
	else if (c->refused == CAUSE_FLOOD)
		c->refused = CAUSE_NONE;
}


static void did_play(struct check *k, struct book_call *c,
		     const struct core_action *a)
{
	note_refusal(k, c, &a->play);
	/* they have been asked: they wait anew */
	if (!c->heard.loop && !book_hears(&c->heard, PROMPT_STAY))
		c->asked_at = k->now;
	c->heard = a->play;
	c->list_since = k->now;
	c->heard_at = 0;
	c->quiet_since = k->now;
	c->stays = c->stays && !book_hears(&a->play, PROMPT_CLOSED) &&
		   !book_hears(&a->play, PROMPT_NOBODY);
	if (book_hears(&a->play, PROMPT_OFFER_RING_BACK) ||
	    book_hears(&a->play, PROMPT_OFFER_MESSAGE) ||
	    book_hears(&a->play, PROMPT_SPEAK) ||
	    book_hears(&a->play, PROMPT_NUMBER) ||
	    book_hears(&a->play, PROMPT_TYPE_NUMBER))
		c->offered_at = k->now;
	if (book_hears(&a->play, PROMPT_SPEAK) ||
	    book_hears(&a->play, PROMPT_LONG_WAIT) ||
	    book_hears(&a->play, PROMPT_QUEUE_FULL) ||
	    book_hears(&a->play, PROMPT_NOBODY) ||
	    book_hears(&a->play, PROMPT_CLOSED)) {
		c->asked_at = k->now;
		c->told_nobody = true;
	}
	else if (book_open(k, c) && book_staffed(k, c))
		c->told_nobody = false;
	if (book_hears(&a->play, PROMPT_GOODBYE) ||
	    book_hears(&a->play, PROMPT_UNCHECKED) ||
	    book_hears(&a->play, PROMPT_BLOCKED))
		c->goodbye = true;
	if (book_hears(&a->play, PROMPT_HOLD))
		c->goodbye = false;
}


static void did_record_message(struct check *k, struct book_call *c,
			       const struct core_action *a)
{
	(void)k;
	(void)a;
	c->recording = true;
	c->stopped = false;
}


static void did_stop_message(struct check *k, struct book_call *c,
			     const struct core_action *a)
{
	(void)k;
	(void)a;
	c->stopped = true;
}


static void did_typed(struct check *k, struct book_call *c,
		      const struct core_action *a)
{
	(void)a;
	c->typed_in = k->n_steps;
	++c->n_typed;
	c->confirmed = false;
}


static void did_type_anew(struct check *k, struct book_call *c,
			  const struct core_action *a)
{
	(void)a;
	c->typed_in = k->n_steps;
	c->n_typed = 0;
	c->confirmed = false;
}


static void did_dial(struct check *k, struct book_call *c,
		     const struct core_action *a)
{
	(void)k;
	(void)a;
	c->dialled = true;
	c->hung_up = false;
	++c->n_dials;
	c->attempt_told = false;
	c->no_more = c->goodbye = c->dial_was_up = false;
}


static void did_notice(struct check *k, struct book_call *c,
		       const struct core_action *a)
{
	(void)k;
	c->noticed_owner = a->record.promise.owner;
	c->noticed_level = a->record.promise.level;
}


typedef void(did_h)(struct check *k, struct book_call *c,
		    const struct core_action *a);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_RECORD] = did_told,
	[CORE_UPDATE] = did_told,
	[CORE_PROMISE] = did_promise,
	[CORE_REFUSE] = did_end_leg,
	[CORE_HANG_UP] = did_end_leg,
	[CORE_PLAY] = did_play,
	[CORE_RECORD_MESSAGE] = did_record_message,
	[CORE_STOP_MESSAGE] = did_stop_message,
	[CORE_TYPED] = did_typed,
	[CORE_TYPE_ANEW] = did_type_anew,
	[CORE_DIAL] = did_dial,
	[CORE_NOTICE] = did_notice,
};


bool book_action(struct check *k, const struct core_action *a)
{
	struct book_call *c = book_find_call(k, a->call);

	book_touch(k, c);
	book_touch_person(k, book_find_offer(k, a->offer));
	if (!c && a->call)
		return check_broken(k, CHECK_ACTIONS, "asked to do %d to call %"
				    PRIu64 ", which is not open",
				    (int)a->type, a->call);
	if (c && did[a->type])
		did[a->type](k, c, a);

	return true;
}
