/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * telephones.c  Counts people's own numbers by what would become of them. Must
 * not look at one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "epoch/telephones.h"
#include "telephones.h"


struct counting {
	struct telephones *t;
	uint32_t dialler;
};


static bool count_handler(const struct store_person *p, void *arg)
{
	const struct counting *c = arg;
	const struct store_number *n = &p->number;

	if (telephone_clear(p))
		++c->t->n_clear;
	else if (n->dialler && n->dialler != c->dialler)
		++*(n->epoch ? &c->t->n_waiting : &c->t->n_lost);
	else if (n->dialler && !n->epoch)
		++c->t->n_unbacked;

	return false;
}


int telephones_count(struct telephones *t, struct store *store)
{
	struct store_dialler dialler = {.id = 0};
	struct counting c = {.t = t};
	int err;

	memset(t, 0, sizeof(*t));
	err = store_dialler_current(store, &dialler);
	if (err && err != ENOENT)
		return err;
	c.dialler = dialler.id;

	return store_person_each(store, count_handler, &c);
}


void telephones_print(const struct telephones *t)
{
	if (t->n_waiting)
		printf("Telephones of people who answer that are not rung: %u."
		       " The key to their numbers\nis lost. As soon as a"
		       " coordinator of all lines opens the page with their"
		       " passphrase,\nit brings them back.\n", t->n_waiting);
	if (t->n_lost)
		printf("Telephones whose numbers are lost: %u. They were"
		       " sealed while there was no recovery\nkey. Give them"
		       " anew: ringback person set NAME --phone NUMBER\n",
		       t->n_lost);
	if (t->n_unbacked)
		printf("Telephone numbers of people that only this server's"
		       " memory opens: %u. There is no\nrecovery key: a power"
		       " loss would lose them.\n", t->n_unbacked);
	if (t->n_clear)
		printf("Telephone numbers of people that are not sealed yet:"
		       " %u. The line seals them at its\nnext start.\n",
		       t->n_clear);
}


json_t *telephones_json(const struct telephones *t)
{
	return json_pack("{s:I, s:I, s:I, s:I}",
			 "waiting", (json_int_t)t->n_waiting,
			 "lost", (json_int_t)t->n_lost,
			 "unbacked", (json_int_t)t->n_unbacked,
			 "clear", (json_int_t)t->n_clear);
}
