/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * telephones.c  Seals people's own telephone numbers. Must not open one, nor
 * write a row.
 */
#include <errno.h>
#include <string.h>

#include "epochs.h"
#include "numbers.h"
#include "telephones.h"


int telephone_seal(struct store *s, const struct store_dialler *dialler,
		   uint32_t person, const struct secret_text *number,
		   struct store_number *sealed)
{
	struct store_epoch epoch;
	int err;

	if (!s || !person)
		return EINVAL;

	err = store_epoch_current(s, EPOCHS_HOUSE, &epoch);
	if (err && err != ENOENT)
		return err;

	return number_seal(sealed, dialler, err ? NULL : &epoch,
			   number_of_person(person), number);
}


const char *telephone_clear(const struct store_person *person)
{
	const char *text = secret_reveal(&person->phone);
	const size_t n = strlen(STORE_PHONE_NUMBER);

	return strncmp(text, STORE_PHONE_NUMBER, n) == 0 ? text + n : NULL;
}


int telephone_take(struct store *s, struct store_person *person)
{
	struct store_dialler dialler;
	struct secret_text number;
	const char *clear;
	int err;

	if (!s || !person)
		return EINVAL;
	clear = telephone_clear(person);
	if (!clear)
		return 0;

	err = store_dialler_current(s, &dialler);
	if (err)
		return err;
	err = secret_set(&number, clear, strlen(clear));
	if (!err)
		err = telephone_seal(s, &dialler, person->id, &number,
				     &person->number);
	secret_wipe(&number);
	if (!err)
		secret_wipe(&person->phone);

	return err;
}
