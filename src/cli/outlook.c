/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * outlook.c  Reads what a call's way depends on. Must not guess that way
 * (src/plan/trial.c), and must not keep a telephone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "outlook.h"


/* grows by one; @return true: stop, it could not be read or kept */
static bool person_keep(struct outlook *o, struct store *store,
			const struct store_person *p)
{
	struct plan_roles roles = {.words = &o->words};
	const size_t n = o->n_people + 1;
	void *people, *names;

	people = realloc(o->people, n * sizeof(*o->people));
	if (!people)
		return true;
	o->people = people;
	names = realloc(o->names, n * sizeof(*o->names));
	if (!names)
		return true;
	o->names = names;

	(void)plan_person(&o->people[o->n_people], &o->words, p);
	if (store_role_each(store, p->id, plan_role, &roles))
		return true;
	plan_person_roles(&o->people[o->n_people], &roles);
	memcpy(o->names[o->n_people], p->name, sizeof(*o->names));
	o->n_people = n;

	return false;
}


/* and whether somebody could not be read or kept */
struct loading {
	struct outlook *o;
	struct store *store; /* borrow */
	bool failed;
};


static bool person_handler(const struct store_person *p, void *arg)
{
	struct loading *l = arg;

	l->failed = p->on_duty && person_keep(l->o, l->store, p);

	return l->failed;
}


static bool trunk_handler(const struct store_trunk *trunk, void *arg)
{
	struct outlook *o = arg;

	++o->n_trunks;
	o->n_dialling += plan_dials(trunk);
	for (uint32_t i = 0; i < o->config->n_lines; i++)
		o->trunk_named[i] |=
			strcmp(o->config->lines[i].trunk, trunk->name) == 0;
	plan_trunk(&o->settings, o->config, trunk);

	return false;
}


static int config_load(struct outlook *o)
{
	int err;

	err = config_read(&o->config, ".");
	if (err)
		return err;
	err = hours_zone(o->config->timezone);
	if (!err)
		err = plan_words_make(&o->words, o->config);
	if (!err)
		err = plan_settings(&o->settings, o->config);
	if (err)
		fprintf(stderr, "ringback: ringback.conf: %s\n",
			strerror(err));

	return err;
}


static int store_load(struct outlook *o, struct store *store)
{
	struct loading l = {.o = o, .store = store};
	int err;

	err = store_person_each(store, person_handler, &l);
	if (!err && l.failed)
		err = ENOMEM;
	if (!err)
		err = store_trunk_each(store, trunk_handler, o);
	if (err)
		fprintf(stderr, "ringback: the store could not be read: %s\n",
			strerror(err));

	return err;
}


int outlook_load(struct outlook **op, const char *data)
{
	struct store *store = NULL;
	struct outlook *o;
	int err;

	o = calloc(1, sizeof(*o));
	if (!o) {
		fprintf(stderr, "ringback: out of memory\n");
		return ENOMEM;
	}

	err = data_store(&store, data);
	if (!err)
		err = config_load(o);
	if (!err)
		err = store_load(o, store);
	if (store)
		store_close(store);

	if (err)
		outlook_free(o);
	else
		*op = o;

	return err;
}


void outlook_free(struct outlook *o)
{
	if (!o)
		return;

	config_free(o->config);
	free(o->people);
	free(o->names);
	free(o);
}


struct trial outlook_trial(const struct outlook *o, uint16_t line,
			   uint8_t language)
{
	return (struct trial){
		.settings = &o->settings,
		.people = o->people,
		.n_people = o->n_people,
		.line = line,
		.language = language,
	};
}


const char *outlook_name(const struct outlook *o, uint32_t person)
{
	for (size_t i = 0; i < o->n_people; i++) {
		if (o->people[i].person == person)
			return o->names[i];
	}

	return "";
}


const char *outlook_language(const struct outlook *o, uint8_t language)
{
	return o->words.languages[language];
}


const char *outlook_no_ring_back(const struct outlook *o, uint16_t line)
{
	const struct config_line *l = &o->config->lines[line];

	if (o->settings.lines[line].ring_back)
		return NULL;
	if (l->kind == CONFIG_KIND_DETENTION)
		return "nobody can be rung back in detention";
	if (!l->ring_back)
		return "ring_back is no in the configuration";
	if (!o->n_trunks)
		return "there is no trunk (ringback trunk add --help)";
	if (*l->trunk && !o->trunk_named[line])
		return "the line's trunk is not there (ringback trunk list)";
	if (*l->trunk)
		return "the line's trunk cannot dial (ringback trunk add "
		       "--help: --to)";

	return "no trunk can dial (ringback trunk add --help: --to or "
	       "--register)";
}


const char *outlook_no_message(const struct outlook *o, uint16_t line)
{
	return o->settings.lines[line].messages
		       ? NULL
		       : "messages is no in the configuration";
}
