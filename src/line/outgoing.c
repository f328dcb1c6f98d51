/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * outgoing.c  Counts ring-backs. Must not keep a number.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include <sodium.h>

#include "outgoing.h"
#include "ration.h"


struct outgoing {
	struct ration *house; /* NULL: no limit */
	struct ration *numbers;
	uint8_t key[crypto_shorthash_KEYBYTES];
};


static void destructor(void *data)
{
	struct outgoing *o = data;

	mem_deref(o->house);
	mem_deref(o->numbers);
	sodium_memzero(o->key, sizeof(o->key));
}


int outgoing_alloc(struct outgoing **op, uint32_t an_hour)
{
	struct outgoing *o;
	int err;

	if (!op)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;
	randombytes_buf(o->key, sizeof(o->key));
	err = ration_alloc(&o->numbers, OUTGOING_OF_ONE);
	if (!err && an_hour)
		err = ration_alloc(&o->house, an_hour);

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


int outgoing_take(struct outgoing *o, const struct secret_text *number,
		  uint64_t now)
{
	const int err = ration_take(o->numbers, mark_of(o, number), 1, now);

	if (err || !o->house)
		return err;

	return ration_take(o->house, 0, 1, now);
}
