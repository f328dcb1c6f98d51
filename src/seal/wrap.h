/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wrap.h  A person's private key, as the server may keep it
 *
 * Made and opened in the person's browser alone, with the wrapping key that
 * Argon2id makes of the passphrase there (proof.h: number 2). Here for tests
 * and for whoever writes another browser's half.
 *
 *     head   16  as in seal.h, kind 'P', no epoch
 *     nonce  24
 *     body   48  XChaCha20-Poly1305 of the private key, with head and public
 *                key as associated data
 */
#ifndef RINGBACK_SEAL_WRAP_H
#define RINGBACK_SEAL_WRAP_H

#include "seal.h"

enum { WRAP_SIZE = SEAL_HEAD + SEAL_NONCE + SEAL_KEY + SEAL_TAG };

void wrap_make(uint8_t out[WRAP_SIZE], const uint8_t private[SEAL_KEY],
	       const uint8_t wrapping[SEAL_KEY]);

/** @return 0; EBADMSG not a wrapped key, changed, of another public key, or
 *          another passphrase */
int wrap_open(uint8_t private[SEAL_KEY], const uint8_t wrapped[WRAP_SIZE],
	      const uint8_t public[SEAL_KEY],
	      const uint8_t wrapping[SEAL_KEY]);

/** Can it be one? What a browser sends, before it is kept. */
int wrap_check(const uint8_t *wrapped, size_t n);

#endif
