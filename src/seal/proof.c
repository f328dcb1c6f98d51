/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * proof.c  Proofs, tokens and salts. Must not keep or print any of them.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "proof.h"


static const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;


void proof_hash(uint8_t hash[PROOF_BYTES], const uint8_t proof[PROOF_BYTES])
{
	(void)crypto_generichash(hash, PROOF_BYTES, proof, PROOF_BYTES, NULL,
				 0);
}


bool proof_same(const uint8_t a[PROOF_BYTES], const uint8_t b[PROOF_BYTES])
{
	return sodium_memcmp(a, b, PROOF_BYTES) == 0;
}


void token_make(char text[PROOF_TEXT], uint8_t hash[PROOF_BYTES])
{
	uint8_t token[PROOF_BYTES];

	randombytes_buf(token, sizeof(token));
	proof_encode(text, token, sizeof(token));
	proof_hash(hash, token);
	sodium_memzero(token, sizeof(token));
}


int token_hash(uint8_t hash[PROOF_BYTES], const char *text)
{
	uint8_t token[PROOF_BYTES];
	int err;

	err = proof_decode(token, sizeof(token), text);
	if (!err)
		proof_hash(hash, token);
	sodium_memzero(token, sizeof(token));

	return err;
}


void proof_key(uint8_t key[PROOF_BYTES])
{
	randombytes_buf(key, PROOF_BYTES);
}


/* what is made of the key for one purpose says nothing about another */
static void keyed(uint8_t *hash, size_t n, const uint8_t *key,
		  const char *purpose, const char *text)
{
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, key, PROOF_BYTES, n);
	(void)crypto_generichash_update(&st, (const uint8_t *)purpose,
					strlen(purpose) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)text,
					strlen(text));
	(void)crypto_generichash_final(&st, hash, n);
	sodium_memzero(&st, sizeof(st));
}


void proof_salt(uint8_t salt[PROOF_SALT], const uint8_t key[PROOF_BYTES],
		const char *name)
{
	keyed(salt, PROOF_SALT, key, "ringback proof: salt", name);
}


uint32_t proof_place(const uint8_t key[PROOF_BYTES], const char *what)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint32_t place;

	keyed(hash, sizeof(hash), key, "ringback proof: place", what);
	memcpy(&place, hash, sizeof(place));

	return place;
}


int proof_decode(uint8_t *bytes, size_t n, const char *text)
{
	size_t n_decoded;

	if (sodium_base642bin(bytes, n, text, strlen(text), NULL, &n_decoded,
			      NULL, variant) != 0 || n_decoded != n)
		return EINVAL;

	return 0;
}


void proof_encode(char *text, const uint8_t *bytes, size_t n)
{
	(void)sodium_bin2base64(text, PROOF_TEXT, bytes, n, variant);
}
