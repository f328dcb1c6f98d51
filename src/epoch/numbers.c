/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numbers.c  Seals telephone numbers, and opens them for the dialler. Must not
 * keep one, nor a key.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "numbers.h"

_Static_assert((int)STORE_DIALLER == (int)SEAL_KEY, "one kind of key");
_Static_assert((int)STORE_NUMBER ==
	       (int)SEAL_LID + NUMBERS_MOST + 1 + (int)SEAL_TAG,
	       "one step of padding");


static int seal_to(uint8_t out[STORE_NUMBER], uint64_t key, uint64_t subject,
		   const uint8_t public[SEAL_KEY],
		   const struct secret_text *number)
{
	const struct seal_about about = {.kind = SEAL_NUMBER, .epoch = key,
					 .subject = subject};
	const char *text = secret_reveal(number);

	return seal_make(out, &about, public, (const uint8_t *)text,
			 strlen(text));
}


int number_seal(struct store_number *sealed,
		const struct store_dialler *dialler,
		const struct store_epoch *epoch, uint64_t subject,
		const struct secret_text *number)
{
	struct store_number made;
	size_t n;
	int err;

	if (!sealed || !dialler || !dialler->id || !number)
		return EINVAL;
	n = strlen(secret_reveal(number));
	if (!n || n > NUMBERS_MOST)
		return EINVAL;

	memset(&made, 0, sizeof(made));
	made.dialler = dialler->id;
	err = seal_to(made.for_dialler, made.dialler, subject,
		      dialler->public, number);
	if (!err && epoch) {
		made.epoch = epoch->id;
		err = seal_to(made.for_epoch, made.epoch, subject,
			      epoch->public, number);
	}
	if (!err)
		*sealed = made;

	return err;
}


int number_open(struct secret_text *number, const struct store_number *sealed,
		uint64_t subject, const uint8_t private[SEAL_KEY])
{
	struct seal_about about = {.kind = SEAL_NUMBER, .subject = subject};
	uint8_t text[STORE_NUMBER];
	size_t n = 0;
	int err;

	if (!number || !sealed || !private)
		return EINVAL;
	memset(number, 0, sizeof(*number));
	if (!number_is(sealed))
		return ENOENT;

	about.epoch = sealed->dialler;
	err = seal_open(text, &n, &about, private, sealed->for_dialler,
			sizeof(sealed->for_dialler));
	if (!err && (!n || n > NUMBERS_MOST || memchr(text, 0, n)))
		err = EBADMSG;
	if (!err)
		err = secret_set(number, (const char *)text, n);
	sodium_memzero(text, sizeof(text));

	return err;
}


const char *number_state(const struct store_number *sealed, uint32_t dialler)
{
	if (!number_is(sealed))
		return "none";

	return sealed->dialler == dialler ? "ready" : "waits";
}


int number_check(const uint8_t *sealed, size_t n, uint32_t dialler)
{
	struct seal_about about;

	if (!sealed || n != STORE_NUMBER || seal_look(&about, sealed, n) ||
	    about.kind != SEAL_NUMBER || about.detail)
		return EBADMSG;

	return about.epoch == dialler ? 0 : ESTALE;
}
