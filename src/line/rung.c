/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rung.c  Seals people's numbers, and opens them to be rung. Must not log one,
 * nor keep it open.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "epoch/numbers.h"
#include "rung.h"

#define LOG_MODULE "people"
#include "base/log.h"


static void stored(int err, void *arg)
{
	(void)arg;

	/* ENOENT: it has changed, and is read again */
	if (err && err != ENOENT)
		log_error("a telephone number could not be sealed on disk: %s."
			  " It is tried again when people change",
			  strerror(err));
}


/* into memory, and towards the disk */
static int seal(struct rung *r, struct store *s, const struct rung_key *key,
		const struct store_person *row,
		const struct secret_text *number)
{
	struct store_number sealed;
	int err;

	err = telephone_seal(s, &key->dialler, row->id, number, &sealed);
	if (!err)
		err = store_telephone_seal(s, row, &sealed, stored, NULL);
	if (err)
		return err;

	secret_wipe(&r->phone);
	r->number = sealed;
	r->opens = true;

	return 0;
}


static int seal_clear(struct rung *r, struct store *s,
		      const struct rung_key *key,
		      const struct store_person *row)
{
	const char *clear = telephone_clear(row);
	struct secret_text number;
	int err;

	err = secret_set(&number, clear, strlen(clear));
	if (!err)
		err = seal(r, s, key, row, &number);
	secret_wipe(&number);

	return err;
}


/* One that opens, and was sealed to what is not current any more, or to no
 * epoch at all: whoever came since could not bring it back, who left could. */
static int seal_anew(struct rung *r, struct store *s,
		     const struct rung_key *key,
		     const struct store_person *row)
{
	struct secret_text number;
	int err;

	err = number_open(&number, &r->number, number_of_person(row->id),
			  key->private);
	if (!err)
		err = seal(r, s, key, row, &number);
	secret_wipe(&number);

	return err;
}


static bool is_same(const struct store_number *a, const struct store_number *b)
{
	return a->dialler == b->dialler && a->epoch == b->epoch &&
	       memcmp(a->for_dialler, b->for_dialler, STORE_NUMBER) == 0;
}


static bool opens(const struct rung *r, const struct rung_key *key,
		  uint32_t person)
{
	struct secret_text number;
	int err;

	if (!key->private || !number_is(&r->number) || rung_waits(r, key))
		return false;
	err = number_open(&number, &r->number, number_of_person(person),
			  key->private);
	secret_wipe(&number);
	if (err)
		log_error("person %" PRIu32 ": their telephone number is "
			  "damaged; give it anew: ringback person set", person);

	return err == 0;
}


void rung_load(struct rung *r, struct store *s, const struct rung_key *key,
	       const struct store_person *row)
{
	int err = 0;

	r->phone = row->phone;
	/* once with each key: what is damaged is said once */
	if (!is_same(&r->number, &row->number) ||
	    r->tried != key->dialler.id) {
		r->number = row->number;
		r->tried = key->dialler.id;
		r->opens = opens(r, key, row->id);
	}

	if (key->private && telephone_clear(row))
		err = seal_clear(r, s, key, row);
	else if (r->opens && key->house && r->number.epoch != key->house)
		err = seal_anew(r, s, key, row);
	if (err)
		log_error("person %" PRIu32 ": their telephone number could "
			  "not be sealed: %s", row->id, strerror(err));
}


bool rung_ready(const struct rung *r)
{
	return r->opens || r->phone.hidden[0];
}


bool rung_waits(const struct rung *r, const struct rung_key *key)
{
	return number_is(&r->number) &&
	       (!key->private || r->number.dialler != key->dialler.id);
}


bool rung_is_number(const struct rung *r)
{
	return number_is(&r->number) ||
	       strncmp(secret_reveal(&r->phone), STORE_PHONE_NUMBER,
		       strlen(STORE_PHONE_NUMBER)) == 0;
}


static int number_reveal(struct secret_text *phone, const struct rung *r,
			 const struct rung_key *key, uint32_t person)
{
	const size_t n = strlen(STORE_PHONE_NUMBER);
	struct secret_text number;
	int err;

	err = number_open(&number, &r->number, number_of_person(person),
			  key->private);
	if (err)
		return err;
	memcpy(phone->hidden, STORE_PHONE_NUMBER, n);
	memcpy(phone->hidden + n, secret_reveal(&number), NUMBERS_MOST + 1);
	secret_wipe(&number);

	return 0;
}


int rung_reveal(struct secret_text *phone, const struct rung *r,
		const struct rung_key *key, uint32_t person)
{
	memset(phone, 0, sizeof(*phone));
	if (!rung_ready(r))
		return ENOENT;
	if (r->opens)
		return number_reveal(phone, r, key, person);
	*phone = r->phone;

	return 0;
}


void rung_wipe(struct rung *r)
{
	secret_wipe(&r->phone);
	memset(r, 0, sizeof(*r));
}
