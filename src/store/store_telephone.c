/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store_telephone.c  Where people are rung, in the store. Must not know SQL, nor
 * open what is sealed.
 */
#include <errno.h>
#include <string.h>

#include "store_parts.h"


bool store_telephone_is_number(const struct store_person *person)
{
	return person->number.dialler ||
	       strncmp(secret_reveal(&person->phone), STORE_PHONE_NUMBER,
		       strlen(STORE_PHONE_NUMBER)) == 0;
}


const char *store_telephone_state(const struct store_person *person,
				  uint32_t dialler)
{
	if (person->number.dialler)
		return person->number.dialler == dialler ? "ready" : "waits";

	return person->phone.hidden[0] ? "ready" : "none";
}


static int set_write(const struct store_backend *be, struct store_db *db,
		     void *data)
{
	return be->telephone_set(db, data);
}


int store_telephone_set(struct store *s, const struct store_person *person)
{
	struct store_person copy;
	uint32_t id;
	int err;

	if (!s || !person)
		return EINVAL;

	/* a number that was replaced is a number that was removed */
	copy = *person;
	id = copy.id;
	err = store_now(s, set_write, &copy, &id, SCRUB_NOW);
	secret_wipe(&copy.phone);

	return err;
}


static int seal_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	return be->telephone_seal(db, data);
}


int store_telephone_seal(struct store *s, const struct store_person *was,
			 const struct store_number *number,
			 store_done_h *doneh, void *arg)
{
	struct telephone_change change;
	int err;

	if (!s || !was || !number || !number->dialler)
		return EINVAL;

	change.person = was->id;
	change.phone = was->phone;
	change.was = was->number;
	change.number = *number;
	err = writer_later(s->writer, seal_write, &change, sizeof(change),
			   SCRUB_SOON, doneh, arg);
	secret_wipe(&change.phone);

	return err;
}


static int back_write(const struct store_backend *be, struct store_db *db,
		      void *data)
{
	return be->telephone_back(db, data);
}


int store_telephone_back(struct store *s, uint32_t person, uint32_t dialler,
			 const uint8_t *for_dialler)
{
	struct telephone_change change = {.person = person};

	if (!s || !dialler || !for_dialler)
		return EINVAL;

	change.number.dialler = dialler;
	memcpy(change.number.for_dialler, for_dialler, STORE_NUMBER);

	return store_now(s, back_write, &change, &change.person,
			 SCRUB_NOTHING);
}
