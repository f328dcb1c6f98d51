/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wrap.c  A person's private key under their passphrase. Must not keep any.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "wrap.h"

enum { BOUND = SEAL_HEAD + SEAL_KEY };

static const uint8_t head[SEAL_HEAD] = {'R', 'B', 'S', 1, 'P'};


static void bind_to(uint8_t bound[BOUND], const uint8_t public[SEAL_KEY])
{
	memcpy(bound, head, SEAL_HEAD);
	memcpy(bound + SEAL_HEAD, public, SEAL_KEY);
}


void wrap_make(uint8_t out[WRAP_SIZE], const uint8_t private[SEAL_KEY],
	       const uint8_t wrapping[SEAL_KEY])
{
	uint8_t public[SEAL_KEY], bound[BOUND];

	seal_public(public, private);
	bind_to(bound, public);
	memcpy(out, head, SEAL_HEAD);
	randombytes_buf(out + SEAL_HEAD, SEAL_NONCE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + SEAL_HEAD + SEAL_NONCE, NULL, private, SEAL_KEY, bound,
		sizeof(bound), NULL, out + SEAL_HEAD, wrapping);
}


int wrap_check(const uint8_t *wrapped, size_t n)
{
	return wrapped && n == WRAP_SIZE && !memcmp(wrapped, head, SEAL_HEAD)
		       ? 0 : EBADMSG;
}


int wrap_open(uint8_t private[SEAL_KEY], const uint8_t wrapped[WRAP_SIZE],
	      const uint8_t public[SEAL_KEY],
	      const uint8_t wrapping[SEAL_KEY])
{
	uint8_t bound[BOUND], of[SEAL_KEY];

	if (wrap_check(wrapped, WRAP_SIZE))
		return EBADMSG;
	bind_to(bound, public);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    private, NULL, NULL, wrapped + SEAL_HEAD + SEAL_NONCE,
		    SEAL_KEY + SEAL_TAG, bound, sizeof(bound),
		    wrapped + SEAL_HEAD, wrapping))
		return EBADMSG;
	seal_public(of, private);
	if (sodium_memcmp(of, public, SEAL_KEY)) {
		sodium_memzero(private, SEAL_KEY);
		return EBADMSG;
	}

	return 0;
}
