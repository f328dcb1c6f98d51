/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handle.c  Makes handles. Must not remember a number or a handle.
 */
#include <sodium.h>

#include "handle.h"


struct handles {
	uint8_t key[crypto_generichash_KEYBYTES];
	int64_t day;
	uint64_t is_begun; /* a day is known */
};


int handles_alloc(struct handles **hp)
{
	struct handles *h;

	if (!hp)
		return EINVAL;

	h = sodium_malloc(sizeof(*h));
	if (!h)
		return ENOMEM;
	memset(h, 0, sizeof(*h));
	randombytes_buf(h->key, sizeof(h->key));
	*hp = h;

	return 0;
}


void handles_free(struct handles *h)
{
	sodium_free(h);
}


void handles_day(struct handles *h, int64_t day)
{
	static const uint8_t next[] = "ringback handle: next day";

	if (h->is_begun && h->day != day)
		(void)crypto_generichash(h->key, sizeof(h->key), next,
					 sizeof(next), h->key,
					 sizeof(h->key));
	h->day = day;
	h->is_begun = 1;
}


uint32_t handle_of(const struct handles *h, uint16_t line,
		   const struct secret_text *number)
{
	static const uint8_t what[] = "ringback handle: caller";
	const char *text = secret_reveal(number);
	uint8_t hash[crypto_generichash_BYTES_MIN];
	crypto_generichash_state st;
	uint32_t handle;

	if (!text[0])
		return 0;

	(void)crypto_generichash_init(&st, h->key, sizeof(h->key),
				      sizeof(hash));
	(void)crypto_generichash_update(&st, what, sizeof(what));
	(void)crypto_generichash_update(&st, (const uint8_t *)&line,
					sizeof(line));
	(void)crypto_generichash_update(&st, (const uint8_t *)text,
					strlen(text));
	(void)crypto_generichash_final(&st, hash, sizeof(hash));
	sodium_memzero(&st, sizeof(st));

	/* all of the hash would name one number, not a thousand */
	memcpy(&handle, hash, sizeof(handle));
	sodium_memzero(hash, sizeof(hash));
	handle &= (1u << HANDLE_BITS) - 1;

	return handle ? handle : 1;
}
