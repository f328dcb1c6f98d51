/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * outgoing.c  Counts ring-backs. Must not keep a number.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <re.h>
#include <sodium.h>

#include "outgoing.h"
#include "ration.h"


struct outgoing {
	struct ration *hour; /* of the house; NULL: no limit */
	struct ration *day;  /* the same                     */
	struct ration *numbers;
	uint8_t key[crypto_shorthash_KEYBYTES];
};


static void destructor(void *data)
{
	struct outgoing *o = data;

	mem_deref(o->hour);
	mem_deref(o->day);
	mem_deref(o->numbers);
	sodium_memzero(o->key, sizeof(o->key));
}


int outgoing_alloc(struct outgoing **op, const struct outgoing_terms *terms)
{
	struct outgoing *o;
	int err;

	if (!op || !terms)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;
	randombytes_buf(o->key, sizeof(o->key));
	err = ration_alloc(&o->numbers, OUTGOING_OF_ONE);
	if (!err && terms->an_hour)
		err = ration_alloc(&o->hour, terms->an_hour);
	if (!err && terms->a_day)
		err = ration_alloc_within(&o->day, terms->a_day,
					  RATION_DAY_MS);

	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


static uint32_t mark_of(const struct outgoing *o,
			const struct secret_text *number)
{
	const char *text = secret_reveal(number);
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t mark;

	(void)crypto_shorthash(hash, (const uint8_t *)text, strlen(text),
			       o->key);
	memcpy(&mark, hash, sizeof(mark));

	return mark;
}


static bool is_spent(struct ration *r, uint32_t who, uint64_t now)
{
	return r && ration_wait(r, who, now);
}


static int take(struct ration *r, uint32_t who, uint64_t now)
{
	return r ? ration_take(r, who, 1, now) : 0;
}


int outgoing_take(struct outgoing *o, const struct secret_text *number,
		  uint64_t now)
{
	struct ration *numbers = number ? o->numbers : NULL;
	const uint32_t mark = number ? mark_of(o, number) : 0;
	int err;

	if (is_spent(numbers, mark, now) || is_spent(o->hour, 0, now) ||
	    is_spent(o->day, 0, now))
		return EDQUOT;

	err = take(numbers, mark, now);
	if (!err)
		err = take(o->hour, 0, now);

	return err ? err : take(o->day, 0, now);
}


uint32_t outgoing_today(struct outgoing *o, uint64_t now)
{
	return o->day ? ration_count(o->day, 0, now) : 0;
}


uint64_t outgoing_wait(struct outgoing *o, uint64_t now)
{
	return o->day ? ration_wait(o->day, 0, now) : 0;
}
