/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people.c  Keeps the store's people and the core's in step. Must not decide
 * who is rung.
 */
#include "people.h"


struct person {
	struct le le;
	uint32_t id;
	struct secret_text phone;
	bool on_duty;
	bool seen; /* by the load that is going on */
};

struct people {
	struct list personl;
	people_event_h *h;
	void *arg;
};


static void person_destructor(void *data)
{
	struct person *p = data;

	list_unlink(&p->le);
	secret_wipe(&p->phone);
}


static void people_destructor(void *data)
{
	struct people *p = data;

	list_flush(&p->personl);
}


int people_alloc(struct people **pp, people_event_h *h, void *arg)
{
	struct people *p;

	if (!pp || !h)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), people_destructor);
	if (!p)
		return ENOMEM;
	p->h = h;
	p->arg = arg;
	*pp = p;

	return 0;
}


static struct person *find(const struct people *p, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&p->personl, le)
	{
		struct person *person = le->data;

		if (person->id == id)
			return person;
	}

	return NULL;
}


static void duty(struct people *p, struct person *person, bool on)
{
	const struct core_event ev = {
		.type = on ? CORE_PERSON_ON : CORE_PERSON_OFF,
		.person = person->id,
	};

	if (person->on_duty == on)
		return;

	person->on_duty = on;
	p->h(&ev, p->arg);
}


static bool row_load(const struct store_person *row, void *arg)
{
	const struct core_event ev = {
		.type = CORE_PERSON,
		.person = row->id,
		.wrap_up_ms = row->wrap_up_s * 1000,
	};
	struct people *p = arg;
	struct person *person = find(p, row->id);

	if (!person) {
		person = mem_zalloc(sizeof(*person), person_destructor);
		if (!person)
			return true;
		person->id = row->id;
		list_append(&p->personl, &person->le, person);
	}

	person->seen = true;
	person->phone = row->phone;
	p->h(&ev, p->arg);
	duty(p, person, row->on_duty);

	return false;
}


int people_load(struct people *p, struct store *store)
{
	struct le *le;
	int err;

	LIST_FOREACH(&p->personl, le)
		((struct person *)le->data)->seen = false;

	err = store_person_each(store, row_load, p);
	if (err)
		return err;

	for (le = list_head(&p->personl); le;) {
		struct person *person = le->data;

		le = le->next;
		if (!person->seen) {
			duty(p, person, false);
			mem_deref(person);
		}
	}

	return 0;
}


const struct secret_text *people_phone(const struct people *p, uint32_t id)
{
	const struct person *person = find(p, id);

	return person ? &person->phone : NULL;
}


size_t people_count_on_duty(const struct people *p)
{
	size_t n = 0;
	struct le *le;

	LIST_FOREACH(&p->personl, le)
		n += ((struct person *)le->data)->on_duty;

	return n;
}
