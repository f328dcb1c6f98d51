/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wanting.c  Who is entitled to an epoch's key and has not got it. Must not
 * give it to anybody.
 */
#include <errno.h>
#include <stdlib.h>

#include "epochs.h"
#include "wanting.h"


/* epochs that somebody holds, or people who hold one: read before anything
 * else is looked up */
struct held {
	uint64_t *v;
	size_t n;
	int err;
};


static bool held_add(struct held *held, uint64_t id)
{
	uint64_t *v;

	v = realloc(held->v, (held->n + 1) * sizeof(*v));
	if (!v) {
		held->err = ENOMEM;
		return true;
	}
	held->v = v;
	v[held->n++] = id;

	return false;
}


static bool epoch_add(const struct store_grant *grant, void *arg)
{
	return held_add(arg, grant->epoch);
}


static bool holder_add(const struct store_grant *grant, void *arg)
{
	return held_add(arg, grant->person);
}


static bool is_held(const struct held *held, uint64_t id)
{
	for (size_t i = 0; i < held->n; i++) {
		if (held->v[i] == id)
			return true;
	}

	return false;
}


struct search {
	uint64_t id;
	struct store_epoch *e;
	bool found;
};


static bool epoch_look(const struct store_epoch *epoch, void *arg)
{
	struct search *s = arg;

	if (epoch->id != s->id)
		return false;
	s->found = !epoch->dropped;
	*s->e = *epoch;

	return true;
}


int wanting_epoch(struct store *s, uint64_t id, struct store_epoch *e)
{
	struct search search = {id, e, false};
	int err;

	err = store_epoch_each(s, epoch_look, &search);
	if (err)
		return err;

	return search.found ? 0 : ENOENT;
}


int wanting_holds(struct store *s, uint64_t epoch, uint32_t person)
{
	struct held people = {NULL, 0, 0};
	int err;

	err = store_grant_of_epoch(s, epoch, holder_add, &people);
	if (!err)
		err = people.err;
	if (!err && !is_held(&people, person))
		err = ENOENT;
	free(people.v);

	return err;
}


struct walk {
	struct store *s;
	const struct store_epoch *epoch;
	struct held people; /* who have it */
	wanting_h *h;
	void *arg;
	bool stop;
	int err;
};


/* 0: they should have it, and have not; ENOENT: all is as it should be */
static int person_wants(struct walk *w, uint32_t person,
			struct store_identity *identity)
{
	int err;

	if (is_held(&w->people, person))
		return ENOENT;
	err = epochs_entitled(w->s, w->epoch->line, person);

	return err ? err : store_identity_get(w->s, person, identity);
}


static bool person_look(const struct store_person *person, void *arg)
{
	struct store_identity identity;
	struct walk *w = arg;
	int err;

	err = person_wants(w, person->id, &identity);
	if (!err) {
		const struct wanting one = {w->epoch->id, &identity,
					    person->name};

		w->stop = w->h(&one, w->arg);
	}
	else if (err != ENOENT) {
		w->err = err;
	}

	return w->stop || w->err;
}


static int epoch_walk(struct walk *w)
{
	int err;

	w->people = (struct held){NULL, 0, 0};
	err = store_grant_of_epoch(w->s, w->epoch->id, holder_add,
				   &w->people);
	if (!err)
		err = w->people.err;
	if (!err)
		err = store_person_each(w->s, person_look, w);
	free(w->people.v);

	return err ? err : w->err;
}


int wanting_each(struct store *s, uint32_t holder, wanting_h *h, void *arg)
{
	struct held held = {NULL, 0, 0};
	struct store_epoch e;
	struct walk w = {.s = s, .epoch = &e, .h = h, .arg = arg};
	int err;

	if (!s || !holder || !h)
		return EINVAL;

	err = store_grant_of_person(s, holder, epoch_add, &held);
	if (!err)
		err = held.err;
	for (size_t i = 0; !err && !w.stop && i < held.n; i++) {
		err = wanting_epoch(s, held.v[i], &e);
		if (!err)
			err = epoch_walk(&w);
		else if (err == ENOENT) /* dropped meanwhile */
			err = 0;
	}
	free(held.v);

	return err;
}
