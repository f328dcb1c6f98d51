/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * chain.c  Makes links of a chain. Must not know what the rows are about.
 */
#include <string.h>

#include "chain.h"


static void number_put(struct chain *c, uint64_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(n >> (8 * i));
	(void)crypto_generichash_update(&c->state, bytes, sizeof(bytes));
}


void chain_begin(struct chain *c, const uint8_t *previous)
{
	static const uint8_t what[] = "ringback chain";

	(void)crypto_generichash_init(&c->state, NULL, 0, CHAIN_LINK);
	(void)crypto_generichash_update(&c->state, what, sizeof(what));
	(void)crypto_generichash_update(&c->state, previous, CHAIN_LINK);
}


void chain_number(struct chain *c, uint64_t n)
{
	number_put(c, sizeof(n));
	number_put(c, n);
}


void chain_text(struct chain *c, const char *text)
{
	const size_t n = strlen(text);

	number_put(c, n);
	(void)crypto_generichash_update(&c->state, (const uint8_t *)text, n);
}


void chain_end(struct chain *c, uint8_t *link)
{
	(void)crypto_generichash_final(&c->state, link, CHAIN_LINK);
}
