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

#include "dialogue.h"
#include "guest.h"
#include "message.h"
#include "plant.h"
#include "priv.h"
#include "promise.h"
#include "restore.h"
#include "resume.h"
#include "staff.h"
#include "sweep.h"
#include "tick.h"
#include "verb.h"


enum { KEYS = 12 };


struct core_action *turn_action(struct turn *t, enum core_action_type type)
{
	struct core_action *a;

	assert(t->actions->n < CORE_ACTIONS_MAX);
	a = &t->actions->v[t->actions->n++];
	memset(a, 0, sizeof(*a));
	a->type = type;

	return a;
}


/* bits: what callers of any line may speak */
static uint32_t offered_languages(const struct core_settings *settings)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < settings->n_lines; i++) {
		const struct core_line *line = &settings->lines[i];

		for (uint8_t k = 0; k < line->n_languages; k++)
			bits |= 1U << line->languages[k] % LIMIT_TONGUES;
	}

	return bits;
}


static bool is_sound(const struct core_settings *settings)
{
	if (!settings->ring_ms || !settings->first_call ||
	    (unsigned)settings->strategy >= STRATEGIES ||
	    settings->ring_at_once > LIMIT_RING_AT_ONCE ||
	    settings->n_lines > LIMIT_LINES)
		return false;

	for (uint32_t i = 0; i < settings->n_lines; i++) {
		const struct core_line *line = &settings->lines[i];

		if (line->n_languages > LIMIT_LANGUAGES)
			return false;
		for (uint8_t k = 0; k < LIMIT_LANGUAGES; k++) {
			if (line->languages[k] >= LIMIT_TONGUES)
				return false;
		}
	}

	return true;
}


int core_alloc(struct core **corep, const struct core_settings *settings)
{
	struct core *core;

	if (!corep || !settings || !is_sound(settings))
		return EINVAL;

	core = calloc(1, sizeof(*core));
	if (!core)
		return ENOMEM;

	core->settings = *settings;
	core->next_call = settings->first_call;
	core->n_offers = settings->first_offer / LIMIT_PEOPLE;
	TAILQ_INIT(&core->open);
	TAILQ_INIT(&core->free);
	lanes_init(&core->lanes);
	alike_init(&core->alike);
	core->n_calls[CALL_NONE] = LIMIT_CALLS;
	core->offered = offered_languages(settings);

	*corep = core;
	return 0;
}


void core_free(struct core *core)
{
	free(core);
}


/* Late news of somebody who is not there (any more): traced, and no more. */
static int unknown(struct turn *t, const struct step_machine *m, uint64_t id,
		   uint8_t ev)
{
	const struct step_trace *trace = &t->core->settings.trace;

	if (trace->h)
		trace->h(m, id, 0, ev, 0, true, trace->arg);

	return ENOENT;
}


int64_t turn_unix(const struct turn *t)
{
	return t->core->unix_ms + (int64_t)(t->now - t->core->unix_at);
}


static size_t n_on_line(const struct core *core)
{
	size_t n = 0;

	for (int s = CALL_ARRIVING; s <= CALL_LEAVING; s++)
		n += core->n_calls[s];

	return n;
}


static int on_arrive(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	const uint64_t number = core_next_call(t->core);
	struct call *c;

	if (!number || n_on_line(t->core) >= LIMIT_ON_LINE)
		return ENOSPC;
	if (ev->call != number || ev->line >= t->core->settings.n_lines)
		return EINVAL;

	t->core->next_call = number + 1;
	c = call_open(t, number, ev->handle);
	assert(c);
	c->record.line = ev->line;
	c->record.language = t->core->settings.lines[ev->line].languages[0];
	c->record.arrived_at = turn_unix(t);
	c->number_known = ev->number_known;
	c->blocked = ev->blocked;
	c->menu.check = ev->check;
	(void)redial_take(&t->core->redials, ev->handle, ev->line, t->now,
			  &c->place);

	return call_step(c, cev, t);
}


static int on_call(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	if (!c)
		return unknown(t, &call_machine, ev->call, cev);

	return call_step(c, cev, t);
}


/* It follows each DIAL, also when a talk or the caller's no has ended the call
 * in the meantime: that is nothing to wonder about. */
static int on_dial_over(struct turn *t, const struct core_event *ev,
			uint8_t cev)
{
	const struct call *c = call_find(t->core, ev->call);

	if (!c && ev->call && ev->call < t->core->next_call)
		return ENOENT;
	if (c && !call_dialled(c) &&
	    (c->state == CALL_WAITING || c->state == CALL_OFFERED))
		return call_unexpected(c, cev, t);

	return on_call(t, ev, cev);
}


/* Whoever was rung back leaves by DIAL_OVER: when they talk this is late news
 * of the leg on which they had called. */
static int on_gone(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);
	if (c && call_dialled(c))
		return EPROTO;

	return c ? call_leave(c, t)
		 : unknown(t, &call_machine, ev->call, cev);
}


static int on_close(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	return c ? call_close(c, t)
		 : unknown(t, &call_machine, ev->call, cev);
}


static int on_dialogue(struct turn *t, const struct core_event *ev,
		       uint8_t menu_event)
{
	struct call *c = call_find(t->core, ev->call);

	if (ev->type == CORE_KEY && ev->key >= KEYS)
		return EINVAL;

	return c ? dialogue_event(c, menu_event, t)
		 : unknown(t, &call_machine, ev->call, CALL_EV_MENU);
}


static int on_filed(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	return c ? message_filed(c, t)
		 : unknown(t, &call_machine, ev->call, cev);
}


static int on_written(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	return c ? promise_answer(c, cev == CALL_EV_MADE, t)
		 : unknown(t, &call_machine, ev->call, cev);
}


static int on_number_back(struct turn *t, const struct core_event *ev,
			  uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	if (c && !c->record.promise.number_waits)
		return call_unexpected(c, cev, t);

	return on_call(t, ev, cev);
}


static int on_verb(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	struct call *c = call_find(t->core, ev->call);

	return c ? verb_step(c, cev, t)
		 : unknown(t, &call_machine, ev->call, cev);
}


static int on_restore(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	(void)ev;
	(void)cev;

	return restore_call(t);
}


static int on_resume(struct turn *t, const struct core_event *ev, uint8_t cev)
{
	(void)ev;
	(void)cev;

	return resume_call(t);
}


static int on_clock(struct turn *t, const struct core_event *ev, uint8_t none)
{
	(void)none;

	t->core->unix_ms = ev->unix_ms;
	t->core->unix_at = t->now;
	sweep_hours(t->core);
	sweep_start(t->core);

	return 0;
}


static int on_tick(struct turn *t, const struct core_event *ev, uint8_t none)
{
	(void)ev;
	(void)none;

	tick(t);
	return 0;
}


static int on_offer(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct person *p = person_find_offer(t->core, ev->offer);

	if (!p)
		return unknown(t, &person_machine, 0, pev);

	return person_step(p, pev, t);
}


/* Without a caller to keep it is the same as if they had hung up. */
static int on_lost(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	const struct person *p = person_find_offer(t->core, ev->offer);
	const bool talks = p && p->call && p->call->state == CALL_TALKING &&
			   person_talks(p) &&
			   !PLANTED_BUG(PLANT_LOST_HUNG_UP_ON);

	return on_offer(t, ev, talks ? pev : (uint8_t)PERSON_EV_GONE);
}


static int on_guest(struct turn *t, const struct core_event *ev, uint8_t gev)
{
	struct person *p = person_find_offer(t->core, ev->offer);

	return p ? guest_ask(p, gev, t) : unknown(t, &guest_machine, 0, gev);
}


static int on_person(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	struct person *p = person_find(t->core, ev->person);

	if (PLANTED_BUG(PLANT_READY_UNHEARD) && p && pev == PERSON_EV_READY)
		return 0;

	return p ? person_step(p, pev, t)
		 : unknown(t, &person_machine, ev->person, pev);
}


static int on_pause(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	if (!ev->pause)
		return EINVAL;

	return on_person(t, ev, ev->pause->resting ? PERSON_EV_RESTS : pev);
}


static int on_duty(struct turn *t, const struct core_event *ev, uint8_t pev)
{
	const int err = on_person(t, ev, pev);

	if (!err)
		sweep_start(t->core);

	return err;
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
	else if (p->languages != ev->languages || p->skills != ev->skills ||
		 p->lines != ev->lines || p->learns != ev->learns) {
		sweep_start(t->core);
	}
	p->wrap_up_ms = ev->wrap_up_ms;
	p->languages = ev->languages;
	p->skills = ev->skills;
	p->organisation = ev->organisation;
	p->region = ev->region;
	p->lines = ev->lines;
	p->learns = ev->learns;

	return err;
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
	[CORE_CALLER_GONE] = {on_gone, CALL_EV_GONE},
	[CORE_CLOSE] = {on_close, CALL_EV_CLOSE},
	[CORE_ACCEPTED] = {on_offer, PERSON_EV_ACCEPTED},
	[CORE_NOT_ACCEPTED] = {on_offer, PERSON_EV_NOT_ACCEPTED},
	[CORE_PERSON_GONE] = {on_offer, PERSON_EV_GONE},
	[CORE_PERSON_LOST] = {on_lost, PERSON_EV_LOST},
	[CORE_CONSULT] = {on_guest, GUEST_EV_CONSULT},
	[CORE_CONSULT_END] = {on_guest, GUEST_EV_END},
	[CORE_THREE] = {on_guest, GUEST_EV_THREE},
	[CORE_HAND_OVER] = {on_guest, GUEST_EV_HAND_OVER},
	[CORE_PERSON] = {on_add, PERSON_EV_ADD},
	[CORE_PERSON_ON] = {on_duty, PERSON_EV_ON},
	[CORE_PERSON_OFF] = {on_duty, PERSON_EV_OFF},
	[CORE_PERSON_READY] = {on_person, PERSON_EV_READY},
	[CORE_PERSON_PAUSED] = {on_pause, PERSON_EV_WRITES_UP},
	[CORE_KEY] = {on_dialogue, MENU_EV_KEY},
	[CORE_PLAYED] = {on_dialogue, MENU_EV_PLAYED},
	[CORE_NUMBER_GOOD] = {on_dialogue, MENU_EV_NUMBER_GOOD},
	[CORE_NUMBER_BAD] = {on_dialogue, MENU_EV_NUMBER_BAD},
	[CORE_FILED] = {on_filed, CALL_EV_FILED},
	[CORE_PROMISE_MADE] = {on_written, CALL_EV_MADE},
	[CORE_PROMISE_NOT_MADE] = {on_written, CALL_EV_NOT_MADE},
	[CORE_NUMBER_BACK] = {on_number_back, CALL_EV_NUMBER_BACK},
	[CORE_DIAL_ANSWERED] = {on_call, CALL_EV_DIAL_ANSWERED},
	[CORE_DIAL_OVER] = {on_dial_over, CALL_EV_DIAL_OVER},
	[CORE_PROMISE_TAKE] = {on_verb, CALL_EV_TAKE},
	[CORE_PROMISE_KEEP] = {on_verb, CALL_EV_KEEP},
	[CORE_PROMISE_CLOSE] = {on_verb, CALL_EV_DISMISS},
	[CORE_PROMISE_SNOOZE] = {on_verb, CALL_EV_SNOOZE},
	[CORE_PROMISE_RING] = {on_verb, CALL_EV_RING},
	[CORE_RESTORE] = {on_restore, CALL_EV_RESTORE},
	[CORE_RESUME] = {on_resume, CALL_EV_RESUME},
	[CORE_CLOCK] = {on_clock, 0},
	[CORE_TICK] = {on_tick, 0},
};


/* Who is still to be taken up may wait for longer, or not be free at all. */
static bool is_taken_up(enum core_event_type type)
{
	return type == CORE_RESTORE || type == CORE_RESUME;
}


int core_step(struct core *core, const struct core_event *ev, uint64_t now,
	      struct core_actions *actions)
{
	struct turn t = {.core = core, .now = now, .ev = ev,
			 .actions = actions};
	int err;

	if (!core || !ev || !actions)
		return EINVAL;

	actions->n = 0;
	if ((unsigned)ev->type >= CORE_EVENTS || now < core->now)
		return EINVAL;

	t.cause = ev->cause;
	err = dispatch[ev->type].h(&t, ev, dispatch[ev->type].event);
	if (err)
		return err;

	core->now = now;
	promise_free_alike(t.freed, &t);
	if (is_taken_up(ev->type))
		core->unfinished = true;
	else
		alloc_run(&t);
	assert(actions->n <= TURN_ACTIONS);

	return 0;
}


void core_ring_back(struct core *core, uint16_t line, bool may)
{
	if (!core || line >= core->settings.n_lines)
		return;

	core->settings.lines[line].ring_back = may;
	sweep_start(core);
}


void core_messages(struct core *core, uint16_t line, bool may)
{
	if (core && line < core->settings.n_lines)
		core->settings.lines[line].messages = may;
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
	if (!core)
		return UINT64_MAX;
	if (core->sweep || core->unfinished)
		return core->now;

	return deadline_first(&core->deadlines);
}
