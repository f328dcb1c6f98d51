/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people.c  Keeps the store's people and the core's in step. Must not decide
 * who is rung.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "epoch/epochs.h"
#include "people.h"
#include "rung.h"
#include "wall.h"

#define LOG_MODULE "people"
#include "base/log.h"


struct person {
	struct le le;
	struct people *people; /* borrow, while it is in its list */
	uint32_t id;
	struct rung rung;
	struct tmr tmr; /* cannot be rung, but is on duty in the store */
	bool on_record; /* on duty, says the store */
	bool on_duty; /* the core was told so */
	bool asks; /* picking up does not accept */
	bool seen; /* by the load that is going on */
	bool going; /* off duty; the store does not say so yet */
};

struct people {
	struct list personl;
	struct store *store; /* borrow: last read from */
	const struct plan_words *words; /* borrow */
	struct rung_key key;
	unsigned n_waiting; /* numbers that do, as was said last */
	struct people_handlers h;
	void *arg;
};


static void person_destructor(void *data)
{
	struct person *p = data;

	tmr_cancel(&p->tmr);
	list_unlink(&p->le);
	rung_wipe(&p->rung);
}


static void people_destructor(void *data)
{
	struct people *p = data;

	list_flush(&p->personl);
}


int people_alloc(struct people **pp, const struct plan_words *words,
		 const struct people_handlers *handlers, void *arg)
{
	struct people *p;

	if (!pp || !words || !handlers || !handlers->eventh)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), people_destructor);
	if (!p)
		return ENOMEM;
	p->words = words;
	p->h = *handlers;
	p->arg = arg;
	*pp = p;

	return 0;
}


void people_key(struct people *p, const struct store_dialler *dialler,
		const uint8_t *private)
{
	p->key.dialler = *dialler;
	p->key.private = private;
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
	p->h.eventh(&ev, p->arg);
}


static bool ask(const struct people *p, people_ask_h *h, uint32_t id)
{
	return h && h(id, p->arg);
}


/* why nothing of somebody's can be rung */
static const struct silence {
	const char *reason; /* on record */
	const char *text;
} silences[] = {
	{"silent", "their page is gone, and they have no telephone"},
	{STORE_OFF_WAITS, "they have no page open, and their telephone number "
			  "waits for the page of a coordinator of all lines"},
	{"dead", "they have no page open, and their telephone number is "
		 "damaged"},
};


static const struct silence *silence_of(const struct people *p,
					const struct person *person)
{
	if (!rung_is_number(&person->rung))
		return &silences[0];

	return &silences[rung_waits(&person->rung, &p->key) ? 1 : 2];
}


/* They are on duty and could not be rung all the time: so that nobody
 * believes the line to be staffed, that ends. A talk needs no page. */
static void silent(void *arg)
{
	struct person *person = arg;
	struct people *p = person->people;
	const struct silence *silence = silence_of(p, person);

	if (ask(p, p->h.talkingh, person->id)) {
		tmr_start(&person->tmr, PEOPLE_SILENT_MS, silent, person);
		return;
	}

	log_warn("person %" PRIu32 " is off duty: %s", person->id,
		 silence->text);
	people_off(p, p->store, person->id, silence->reason);
}


static bool can_be_rung(const struct people *p, const struct person *person)
{
	return rung_ready(&person->rung) ||
	       ask(p, p->h.presenth, person->id);
}


/* the core may believe what the store says, if they can be rung */
static void settle(struct people *p, struct person *person, uint32_t wait_ms)
{
	const bool rung = can_be_rung(p, person);

	if (ask(p, p->h.registersh, person->id))
		wait_ms = PEOPLE_PHONE_MS;
	if (person->going)
		return;

	if (rung || !person->on_record)
		tmr_cancel(&person->tmr);
	else if (!tmr_isrunning(&person->tmr))
		tmr_start(&person->tmr, wait_ms, silent, person);
	duty(p, person, person->on_record && rung);
}


static bool row_load(const struct store_person *row, void *arg)
{
	struct people *p = arg;
	struct person *person = find(p, row->id);
	struct plan_roles roles = {.words = p->words};
	struct core_event ev;

	if (!person) {
		person = mem_zalloc(sizeof(*person), person_destructor);
		if (!person)
			return true;
		person->people = p;
		person->id = row->id;
		list_append(&p->personl, &person->le, person);
	}

	person->seen = true;
	rung_load(&person->rung, p->store, &p->key, row);
	person->asks = row->accept == STORE_ACCEPT_KEY;
	if (plan_person(&ev, p->words, row) ||
	    store_role_each(p->store, row->id, plan_role, &roles))
		return true;
	plan_person_roles(&ev, &roles);
	p->h.eventh(&ev, p->arg);
	person->on_record = row->on_duty;
	settle(p, person, PEOPLE_LOST_MS);

	return false;
}


/* which epoch is the house's, and will be until the next look */
static int house_look(struct people *p, uint64_t *housep)
{
	struct store_epoch epoch;
	int err;

	err = store_epoch_current(p->store, EPOCHS_HOUSE, &epoch);
	*housep = err ? 0 : epoch.id;

	return err == ENOENT ? 0 : err;
}


static void waiting_say(struct people *p)
{
	unsigned n = 0;
	struct le *le;

	LIST_FOREACH(&p->personl, le)
	{
		const struct person *person = le->data;

		n += rung_waits(&person->rung, &p->key);
	}
	if (n > p->n_waiting)
		log_warn("%u telephone numbers of people who answer wait: "
			 "they are not rung there until a coordinator of all "
			 "lines has opened the page with their passphrase", n);
	else if (!n && p->n_waiting)
		log_note("no telephone number of people who answer waits any "
			 "more");
	p->n_waiting = n;
}


int people_load(struct people *p, struct store *store)
{
	struct le *le;
	int err;

	p->store = store;
	err = house_look(p, &p->key.house);
	if (err)
		return err;
	LIST_FOREACH(&p->personl, le)
		((struct person *)le->data)->seen = false;

	err = store_person_each(store, row_load, p);
	if (err)
		return err;

	for (le = list_head(&p->personl); le;) {
		struct person *person = le->data;

		le = le->next;
		if (!person->seen) {
			tmr_cancel(&person->tmr);
			duty(p, person, false);
			/* the store may hold a reference */
			list_unlink(&person->le);
			mem_deref(person);
		}
	}
	waiting_say(p);

	return 0;
}


static void went_off(int err, void *arg)
{
	struct person *person = arg;
	struct people *p = person->people;

	if (err && err != ENOENT)
		log_error("person %" PRIu32 " could not be put off duty: %s",
			  person->id, strerror(err));

	/* the store may say something else again by now */
	person->going = false;
	if (person->le.list)
		(void)people_load(p, p->store);
	mem_deref(person);
}


void people_off(struct people *p, struct store *store, uint32_t id,
		const char *reason)
{
	struct person *person = find(p, id);
	int err;

	if (!person)
		return;

	tmr_cancel(&person->tmr);
	person->on_duty = false;
	person->going = true;
	err = store_person_off(store, id, reason, wall_now(), went_off,
			       mem_ref(person));
	if (err)
		went_off(err, person);
}


void people_lost(struct people *p, uint32_t id)
{
	struct person *person = find(p, id);

	if (!person || !person->on_record || rung_ready(&person->rung))
		return;

	log_warn("person %" PRIu32 " is off duty: their browser was lost in a "
		 "talk, and they have no telephone", id);
	duty(p, person, false);
	people_off(p, p->store, id, "lost");
}


void people_presence(struct people *p, uint32_t id, bool lost)
{
	struct person *person = find(p, id);

	if (!person)
		return;

	/* they may be reported again by the next web process */
	if (lost)
		tmr_cancel(&person->tmr);
	settle(p, person, lost ? PEOPLE_LOST_MS : PEOPLE_SILENT_MS);
}


bool people_is_on_duty(const struct people *p, uint32_t id)
{
	const struct person *person = find(p, id);

	return person && person->on_record;
}


void people_look(struct people *p)
{
	uint64_t house;

	if (p->store && !house_look(p, &house) && house != p->key.house)
		(void)people_load(p, p->store);
}


int people_phone(struct secret_text *phone, const struct people *p,
		 uint32_t id)
{
	const struct person *person = find(p, id);

	memset(phone, 0, sizeof(*phone));

	return person ? rung_reveal(phone, &person->rung, &p->key, id)
		      : ENOENT;
}


bool people_has_number(const struct people *p, uint32_t id)
{
	const struct person *person = find(p, id);

	return person && rung_is_number(&person->rung);
}


bool people_asks(const struct people *p, uint32_t id)
{
	const struct person *person = find(p, id);

	return person && person->asks;
}


size_t people_count_on_duty(const struct people *p)
{
	size_t n = 0;
	struct le *le;

	LIST_FOREACH(&p->personl, le)
		n += ((struct person *)le->data)->on_duty;

	return n;
}
