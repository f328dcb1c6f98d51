/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core.c  From events to the machines, and what others may see of them.
 *
 * Finds whom an event is about and moves that machine; then the allocator
 * runs. Must not decide anything itself, ask for anything itself, allocate
 * after core_alloc(), or know what time it is.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "priv.h"


struct core_action *turn_action(struct turn *t, enum core_action_type type)
{
	struct core_action *a;

	assert(t->actions->n < CORE_ACTIONS_MAX);
	a = &t->actions->v[t->actions->n++];
	memset(a, 0, sizeof(*a));
	a->type = type;

	return a;
}


int core_alloc(struct core **corep, const struct core_settings *settings)
{
	struct core *core;

	if (!corep || !settings || !settings->ring_ms ||
	    !settings->first_call ||
	    (unsigned)settings->strategy >= STRATEGIES ||
	    settings->ring_at_once > LIMIT_RING_AT_ONCE)
		return EINVAL;

	core = calloc(1, sizeof(*core));
	if (!core)
		return ENOMEM;

	core->settings = *settings;
	core->next_call = settings->first_call;
	TAILQ_INIT(&core->open);
	TAILQ_INIT(&core->waiting);
	TAILQ_INIT(&core->rung);
	TAILQ_INIT(&core->free);

	*corep = core;
	return 0;
}


void core_free(struct core *core)
{
	free(core);
}


static struct call *find_call(const struct core *core, uint64_t number)
{
	const struct call *c = &core->calls[number % LIMIT_CALLS];

	if (!number || c->record.call != number)
		return NULL;

	return (struct call *)c;
}


/* Late news of somebody who is not there (any more): traced, and no more. */
static int unknown(struct turn *t, const struct step_machine *m, uint64_t id,
		   uint8_t ev)
{
	uint8_t none = 0;

	(void)step(m, &none, id, ev, &t->core->settings.trace, NULL, NULL);
	return ENOENT;
}


static int on_arrive(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	const uint64_t number = core_next_call(t->core);
	struct call *c;

	if (!number)
		return ENOSPC;
	if (ev->call != number || ev->line >= t->core->settings.n_lines)
		return EINVAL;

	t->core->next_call = number + 1;
	c = &t->core->calls[number % LIMIT_CALLS];
	c->arrived = t->now;
	c->record.call = number;
	c->record.line = ev->line;
	c->record.language = t->core->settings.lines[ev->line].languages[0];

	return call_step(c, cev, t);
}


static int on_call(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = find_call(t->core, ev->call);

	if (!c)
		return unknown(t, &call_machine, ev->call, cev);

	return call_step(c, cev, t);
}


static int on_offer(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct person *p = person_find_offer(t->core, ev->offer);

	if (!p)
		return unknown(t, &person_machine, 0, pev);

	return person_step(p, pev, t);
}


static int on_person(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct person *p = person_find(t->core, ev->person);

	if (!p)
		return unknown(t, &person_machine, ev->person, pev);

	return person_step(p, pev, t);
}


static int on_add(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct person *p = person_find(t->core, ev->person);
	int err = 0;

	if (!ev->person)
		return EINVAL;

	if (!p) {
		err = person_add(&p, t->core, ev->person);
		if (err)
			return err;

		err = person_step(p, pev, t);
	}
	p->wrap_up_ms = ev->wrap_up_ms;

	return err;
}


static int on_tick(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct deadline *d = deadline_pop(&t->core->deadlines, t->now);

	(void)ev;

	return d ? person_step(d->person, pev, t) : 0;
}


typedef int(event_h)(struct turn *t, const struct core_event *ev,
		     uint8_t machine_event);

static const struct {
	event_h *h;
	uint8_t event; /* of the machine that h moves */
} dispatch[CORE_EVENTS] = {
	[CORE_ARRIVE] = {on_arrive, CALL_EV_ARRIVE},
	[CORE_RECORDED] = {on_call, CALL_EV_RECORDED},
	[CORE_NOT_RECORDED] = {on_call, CALL_EV_NOT_RECORDED},
	[CORE_ANSWERED] = {on_call, CALL_EV_ANSWERED},
	[CORE_NOT_ANSWERED] = {on_call, CALL_EV_NOT_ANSWERED},
	[CORE_CALLER_GONE] = {on_call, CALL_EV_GONE},
	[CORE_CLOSE] = {on_call, CALL_EV_CLOSE},
	[CORE_ACCEPTED] = {on_offer, PERSON_EV_ACCEPTED},
	[CORE_NOT_ACCEPTED] = {on_offer, PERSON_EV_NOT_ACCEPTED},
	[CORE_PERSON_GONE] = {on_offer, PERSON_EV_GONE},
	[CORE_PERSON] = {on_add, PERSON_EV_ADD},
	[CORE_PERSON_ON] = {on_person, PERSON_EV_ON},
	[CORE_PERSON_OFF] = {on_person, PERSON_EV_OFF},
	[CORE_TICK] = {on_tick, PERSON_EV_TIME},
};


int core_step(struct core *core, const struct core_event *ev, uint64_t now,
	      struct core_actions *actions)
{
	struct turn t;
	int err;

	if (!core || !ev || !actions)
		return EINVAL;

	actions->n = 0;
	if ((unsigned)ev->type >= CORE_EVENTS || now < core->now)
		return EINVAL;

	t.core = core;
	t.now = now;
	t.cause = ev->cause;
	t.actions = actions;

	if (!dispatch[ev->type].h)
		return EINVAL; /* TODO */

	err = dispatch[ev->type].h(&t, ev, dispatch[ev->type].event);
	if (err)
		return err;

	core->now = now;
	alloc_run(&t);
	assert(actions->n <= TURN_ACTIONS);

	return 0;
}


uint64_t core_next_call(const struct core *core)
{
	for (uint64_t i = 0; core && i < LIMIT_CALLS; i++) {
		const uint64_t number = core->next_call + i;

		if (core->calls[number % LIMIT_CALLS].state == CALL_NONE)
			return number;
	}

	return 0;
}


uint64_t core_deadline(const struct core *core)
{
	return core ? deadline_first(&core->deadlines) : UINT64_MAX;
}


size_t core_count_calls(const struct core *core, enum call_state state)
{
	const struct call *c;
	size_t n = 0;

	if (!core)
		return 0;

	TAILQ_FOREACH(c, &core->open, open)
		n += c->state == state;

	return n;
}


size_t core_count_people(const struct core *core, enum person_state state)
{
	size_t n = 0;

	for (size_t i = 0; core && i < core->n_people; i++)
		n += core->people[i].state == state;

	return n;
}


static struct core_call_view view_call(const struct call *c)
{
	const struct person *p =
		c->n_ringing ? TAILQ_FIRST(&c->ringing) : c->person;

	return (struct core_call_view){
		.call = c->record.call,
		.state = c->state,
		.arrived = c->arrived,
		.offer = p ? p->offer : 0,
		.person = p ? p->id : 0,
		.n_offers = c->person ? 1 : c->n_ringing,
	};
}


static struct core_person_view view_person(const struct person *p)
{
	return (struct core_person_view){
		.person = p->id,
		.state = p->state,
		.call = p->call ? p->call->record.call : 0,
		.offer = p->offer,
		.deadline = p->deadline.when,
		.idle_since = p->idle_since,
		.n_failed = p->n_failed,
	};
}


bool core_call(const struct core *core, uint64_t call,
	       struct core_call_view *view)
{
	const struct call *c = core ? find_call(core, call) : NULL;

	if (c && view)
		*view = view_call(c);

	return c != NULL;
}


bool core_person(const struct core *core, uint32_t person,
		 struct core_person_view *view)
{
	const struct person *p = core ? person_find(core, person) : NULL;

	if (p && view)
		*view = view_person(p);

	return p != NULL;
}


void core_each_call(const struct core *core,
		    void (*h)(const struct core_call_view *view, void *arg),
		    void *arg)
{
	const struct call *c;

	if (!core || !h)
		return;

	TAILQ_FOREACH(c, &core->open, open) {
		const struct core_call_view view = view_call(c);

		h(&view, arg);
	}
}


void core_each_person(const struct core *core,
		      void (*h)(const struct core_person_view *view,
				void *arg),
		      void *arg)
{
	if (!core || !h)
		return;

	for (size_t i = 0; i < core->n_people; i++) {
		const struct core_person_view view =
			view_person(&core->people[i]);

		h(&view, arg);
	}
}
