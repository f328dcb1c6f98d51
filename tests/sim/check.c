/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check.c  After each step: facts are written down (books.c), then judged.
 * Must not know why somebody did something.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"


enum { LOOK_AT_ALL = 64 }; /* steps: now and then, whatever has moved */


void check_event(struct check *k, const struct core_event *ev, uint64_t now)
{
	k->now = now;
	++k->n_steps;
	k->ev = ev;
	k->n_touched = k->n_moved = 0;
	k->about = book_find_call(k, ev->call);
	k->about_state = k->about ? k->about->state : CALL_NONE;
	if (ev->type == CORE_PERSON_ON || ev->type == CORE_PERSON_OFF)
		k->duty_changed = now;
}


void check_moved(struct check *k, const struct step_machine *m, uint64_t id)
{
	if (m == &call_machine || m == &guest_machine)
		book_touch(k, book_find_call(k, id));
	else if (id < BOOK_PEOPLE)
		book_touch_person(k, book_find_person(k, (uint32_t)id));
}


/* The numbers of an event that only a shell in error could send. */
static int judge_answer(struct check *k, const struct core_event *ev, int err)
{
	static const bool of_calls[CORE_EVENTS] = {
		[CORE_RECORDED] = true,	     [CORE_NOT_RECORDED] = true,
		[CORE_ANSWERED] = true,	     [CORE_NOT_ANSWERED] = true,
		[CORE_CALLER_GONE] = true,   [CORE_CLOSE] = true,
		[CORE_KEY] = true,	     [CORE_PLAYED] = true,
		[CORE_NUMBER_GOOD] = true,   [CORE_NUMBER_BAD] = true,
		[CORE_FILED] = true,	     [CORE_PROMISE_MADE] = true,
		[CORE_PROMISE_NOT_MADE] = true,
		[CORE_NUMBER_BACK] = true,
		[CORE_DIAL_ANSWERED] = true, [CORE_DIAL_OVER] = true,
		[CORE_PROMISE_TAKE] = true,  [CORE_PROMISE_KEEP] = true,
		[CORE_PROMISE_CLOSE] = true, [CORE_PROMISE_SNOOZE] = true,
		[CORE_PROMISE_RING] = true,
	};

	if (of_calls[ev->type] && !k->about)
		return ENOENT;
	if (of_calls[ev->type])
		return err == ENOSPC || (err == ENOENT &&
					 ev->type != CORE_PLAYED &&
					 ev->type != CORE_PROMISE_TAKE)
			       ? 0
			       : err;

	return judge_offer_event(k, ev);
}


static bool judge_actions(struct check *k, const struct core_actions *actions,
			  int err)
{
	if (actions->n > CORE_ACTIONS_MAX || (err && actions->n))
		return check_broken(k, CHECK_ACTIONS, "%zu actions, error %d",
				    actions->n, err);

	for (size_t i = 0; i < actions->n; i++) {
		const struct core_action *a = &actions->v[i];

		if ((unsigned)a->type >= CORE_ACTIONS)
			return check_broken(k, CHECK_ACTIONS, "action %d",
					    (int)a->type);
		if (a->type == CORE_OFFER)
			continue;
		judge_promises_action(k, a);
		judge_hearing_action(k, a);
		if (!book_action(k, a))
			return false;
		judge_offers_action(k, a);
		judge_guests_action(k, a);
		judge_calls_action(k, a);
	}

	return k->broken == CHECK_NONE;
}


/* Where all calls are must be known before this can be judged. */
static bool judge_rings(struct check *k, const struct core_actions *actions)
{
	for (size_t i = 0; i < actions->n; i++) {
		const struct core_action *a = &actions->v[i];

		if (a->type == CORE_OFFER && book_action(k, a))
			judge_offers_action(k, a);
	}

	return k->broken == CHECK_NONE;
}


static void count_call(const struct core_call_view *view, void *arg)
{
	struct check *k = arg;

	if (!book_find_call(k, view->call))
		check_broken(k, CHECK_VIEW, "call %" PRIu64
			     " is shown, but is over", view->call);
	++k->n_shown;
}


/* Everything, whether it has moved or not. */
static void look_at_all(struct check *k)
{
	struct book_call *c, *next;

	for (c = LIST_FIRST(&k->open); c; c = next) {
		next = LIST_NEXT(c, open);
		book_touch(k, c);
	}
	for (size_t i = 0; i < k->n_people; i++)
		book_touch_person(k, &k->people[i]);

	k->n_shown = 0;
	core_each_call(k->core, count_call, k);
}


static void look_at_touched(struct check *k)
{
	for (size_t i = 0; i < k->n_touched; i++) {
		if (k->touched[i]->call)
			book_look(k, k->touched[i]);
	}
}


static void judge_touched(struct check *k)
{
	for (size_t i = 0; i < k->n_moved; i++) {
		k->moved[i]->touched = false;
		judge_person(k, k->moved[i]);
	}
	for (size_t i = 0; i < k->n_touched; i++) {
		struct book_call *c = k->touched[i];

		c->touched = false;
		if (!c->call || k->broken != CHECK_NONE)
			continue;
		judge_call(k, c);
		judge_guest(k, c);
		judge_hearing(k, c);
		judge_promise(k, c);
		c->left_waiting = false;
	}
}


bool check_step(struct check *k, int err, const struct core_actions *actions)
{
	const int right = judge_answer(k, k->ev, err);

	if (err != right &&
	    !check_broken(k, CHECK_ANSWER, "answered %d, not %d, to event %d",
			  err, right, (int)k->ev->type))
		return false;

	book_event(k, k->ev, err);
	if (!err)
		judge_offers_event(k, k->ev);
	if (!err)
		judge_guests_event(k, k->ev);
	if (k->ev->type == CORE_RESUME && !err)
		judge_resumed(k);
	if (!judge_actions(k, actions, err))
		return false;

	judge_calls_event(k, k->ev, err);
	judge_promises_event(k, k->ev, err);
	if (k->n_steps % LOOK_AT_ALL == 0 && !k->restoring)
		look_at_all(k);
	look_at_touched(k);
	if (!judge_rings(k, actions))
		return false;
	judge_touched(k);
	if (!k->restoring)
		judge_work(k);
	if (k->ev->type == CORE_CLOCK)
		judge_promises_minute(k);

	return k->broken == CHECK_NONE;
}


/* --- from one life to the next ------------------------------------------- */

void check_start(struct check *k, const struct core *core,
		 const struct core_settings *settings)
{
	k->core = core;
	k->settings = *settings;
	k->last_call = settings->first_call - 1;
	k->restoring = true;
	++k->life;
}


void check_restored(struct check *k)
{
	struct book_call *c;

	k->restoring = false;
	LIST_FOREACH(c, &k->open, open) {
		if (!core_call(k->core, c->call, NULL))
			check_broken(k, CHECK_RESTORE, "call %" PRIu64
				     " was open on record, and is gone after"
				     " a restart", c->call);
	}
}


/* A life that dies before it was told leaves what it found. */
static void pauses_note(struct check *k, bool all)
{
	if (!k->pauses_told && !all)
		return;
	k->n_pauses = 0;
	for (size_t i = 0; i < k->n_people && !all; i++) {
		const struct book_person *p = &k->people[i];

		if (p->on && !p->offer && !p->free_since &&
		    p->pause_until > k->now)
			k->pauses[k->n_pauses++] = (struct book_pause){
				p->id, p->wrapping_up, p->pause_until};
	}
	k->pauses_told = false;
}


void check_paused(struct check *k)
{
	k->pauses_told = true;
	for (size_t i = 0; i < k->n_pauses; i++) {
		const struct book_pause *b = &k->pauses[i];
		const struct book_person *p = book_find_person(k, b->id);

		if (!p || !p->on || b->until <= k->now)
			continue;
		if (p->wrapping_up != b->wrapping_up || !p->pause_until ||
		    (p->pause_until != b->until &&
		     p->pause_until != k->now + (b->wrapping_up
						 ? p->wrap_up_ms
						 : k->settings.rest_ms)))
			check_broken(k, CHECK_PAUSE, "counsellor %" PRIu32
				     " was %s, and is not after a restart",
				     b->id, b->wrapping_up ? "writing up"
							   : "resting");
	}
}


void check_crash(struct check *k, bool all)
{
	struct book_call *c, *next;

	pauses_note(k, all);

	for (c = LIST_FIRST(&k->open); c; c = next) {
		next = LIST_NEXT(c, open);
		if (c->in_queue)
			TAILQ_REMOVE(&k->queue, c, queued);
		c->in_queue = false;
		if (!c->has_durable || c->durable.outcome != OUTCOME_OPEN)
			book_forget(k, c);
		else
			book_survive(c);
	}
	memset(k->people, 0, sizeof(k->people[0]) * k->n_people);
	memset(k->by_id, 0, sizeof(k->by_id));
	memset(k->redials, 0, sizeof(k->redials));
	k->n_people = 0;
	k->last_was_due = false;
	k->last_rung = 0;
}


void check_committed(struct check *k, const struct core_record *record)
{
	struct book_call *c = book_find_call(k, record->call);

	if (!c)
		return;
	c->durable = *record;
	c->has_durable = true;
}


/* --- the end ------------------------------------------------------------- */

bool check_settled(struct check *k)
{
	const struct book_call *c;

	LIST_FOREACH(c, &k->open, open) {
		if (!book_is_coordinators(c))
			return false;
	}

	return true;
}


bool check_all_ended(const struct check *k)
{
	return !k->n_open;
}


bool check_drained(struct check *k)
{
	const size_t n = core_count_people(k->core, PERSON_FREE) +
			 core_count_people(k->core, PERSON_OFF) +
			 core_count_people(k->core, PERSON_WRAP_UP) +
			 core_count_people(k->core, PERSON_RESTING);

	if (k->n_open)
		return check_broken(k, CHECK_DRAIN, "%" PRIu64
				    " calls never end", k->n_open);
	if (n != k->n_people)
		return check_broken(k, CHECK_DRAIN,
				    "a counsellor is still held");

	return true;
}


void check_endless(struct check *k)
{
	const struct book_call *c;

	LIST_FOREACH(c, &k->open, open) {
		if (!book_is_coordinators(c))
			check_broken(k, CHECK_DRAIN, "call %" PRIu64
				     " is %s for ever (%s)", c->call,
				     call_state_name(c->state),
				     promise_level_name(
					     c->record.promise.level));
	}
	check_broken(k, CHECK_DRAIN, "it does not end");
}


/* --- the rest ------------------------------------------------------------ */

struct check *check_alloc(const bool *skip)
{
	struct check *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	memcpy(k->skip, skip, sizeof(k->skip));
	LIST_INIT(&k->open);
	TAILQ_INIT(&k->queue);

	return k;
}


void check_free(struct check *k)
{
	free(k);
}


bool check_broken(struct check *k, enum check_rule rule, const char *fmt, ...)
{
	va_list ap;

	if (k->skip[rule] || k->broken != CHECK_NONE)
		return k->broken == CHECK_NONE;

	k->broken = rule;
	va_start(ap, fmt);
	(void)vsnprintf(k->text, sizeof(k->text), fmt, ap);
	va_end(ap);

	return false;
}


enum check_rule check_result(const struct check *k, const char **textp)
{
	if (textp)
		*textp = k->text;

	return k->broken;
}


static const char *const rule_names[CHECK_RULE_COUNT] = {
#define X(rule, name, words) [rule] = name,
	CHECK_RULES(X)
#undef X
};


const char *check_rule_name(enum check_rule rule)
{
	return rule_names[rule];
}


enum check_rule check_rule_decode(const char *name)
{
	for (int rule = 0; rule < CHECK_RULE_COUNT; rule++) {
		if (!strcmp(name, rule_names[rule]))
			return (enum check_rule)rule;
	}

	return CHECK_NONE;
}
