/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_phone.c  Where a person is rung. Must not print a part of it.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "epoch/telephones.h"
#include "audited.h"
#include "person_phone.h"
#include "telephone.h"
#include "tell.h"


/* a mailbox picks up as well as a person does, but presses no key */
static const char *accept_take(struct store_person *p, int accept,
			       bool had_number)
{
	const bool has_number = store_telephone_is_number(p);

	if (has_number && accept == STORE_ACCEPT_ANSWER)
		return "a number always asks for a key: a mailbox may"
		       " pick up there. Leave --accept out";
	if (accept != PERSON_PHONE_UNSET)
		p->accept = (enum store_accept)accept;
	else if (had_number)
		p->accept = STORE_ACCEPT_ANSWER;
	if (has_number)
		p->accept = STORE_ACCEPT_KEY;

	return NULL;
}


const char *person_phone_take(struct store_person *p, const char *phone,
			      int accept, const struct config *cfg)
{
	const bool had_number = store_telephone_is_number(p);
	const char *why = NULL;

	if (phone) {
		p->number = (struct store_number){.dialler = 0};
		why = telephone_read(&p->phone, phone, cfg);
	}

	return why ? why : accept_take(p, accept, had_number);
}


static const char *word_of(const struct store_person *p)
{
	if (store_telephone_is_number(p))
		return "number";

	return p->phone.hidden[0] ? "address" : "none";
}


/* Only a line that answers has put its key on record: that of one which was
 * killed, or is starting, may be gone. */
static bool line_answers(void)
{
	const struct wire_none none = {0};
	struct wire_refused refused;

	return !tell_ask(WIRE_PEOPLE_CHANGED, &none, &refused) && !refused.err;
}


static int number_seal_now(struct store *store, struct store_person *p)
{
	if (!telephone_clear(p))
		return 0;
	if (sodium_init() < 0 || !line_answers())
		return ENOENT;

	return telephone_take(store, p);
}


int person_phone_store(struct store *store, struct store_person *p)
{
	const bool clear = number_seal_now(store, p) != 0;
	int err;

	err = audited(store, "person_phone", p->id, word_of(p));
	if (!err)
		err = store_telephone_set(store, p);
	if (!err && clear)
		printf("The number stands in the clear in this store until"
		       " the line starts next, which seals it.\n");

	return err;
}
