/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * view.c  What others may see of the core. Must not change anything.
 */
#include "priv.h"


size_t core_count_calls(const struct core *core, enum call_state state)
{
	return core && state > CALL_NONE && state < CALL_STATES
		       ? core->n_calls[state]
		       : 0;
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
		.guest_state = c->guest_state,
		.guest = c->guest ? c->guest->offer : 0,
		.guest_person = c->guest ? c->guest->id : 0,
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


bool core_get_record(const struct core *core, uint64_t call,
		     struct core_record *record)
{
	const struct call *c = core ? call_find(core, call) : NULL;

	if (c && record) {
		*record = c->record;
		record->state = c->state;
	}

	return c != NULL;
}


bool core_call(const struct core *core, uint64_t call,
	       struct core_call_view *view)
{
	const struct call *c = core ? call_find(core, call) : NULL;

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
