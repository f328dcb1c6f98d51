/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file proof.h  How somebody shows who they are without telling us how
 *
 * A passphrase never leaves the browser. There, Argon2id makes a key of it,
 * and of that key (crypto_kdf, context "ringback") number 1 is the proof,
 * which is sent, and number 2 stays there, to open what is sealed for them. We
 * keep a hash of the proof: the proof is 32 random-looking bytes, which nobody
 * guesses, so that a quick hash (BLAKE2b) is enough. The same holds for tokens
 * of sessions and invitations. See docs/decisions/0013-signing-in.md.
 */
#ifndef RINGBACK_PROOF_H
#define RINGBACK_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PROOF_BYTES = 32, /**< a proof, a token, a hash, a key              */
	PROOF_SALT = 16,
	PROOF_TEXT = 44,  /**< a token as text, incl. NUL                   */
	PROOF_OPSLIMIT = 3,         /**< of Argon2id, where nobody chose    */
	PROOF_MEMLIMIT = 67108864,  /**< bytes                              */
	PROOF_INVITATION_S = 604800, /**< a link is good: seven days        */
};

/** What we keep of a proof or a token: BLAKE2b-256. */
void proof_hash(uint8_t hash[PROOF_BYTES], const uint8_t proof[PROOF_BYTES]);

/** In a time that does not tell where they differ. */
bool proof_same(const uint8_t a[PROOF_BYTES], const uint8_t b[PROOF_BYTES]);

/** A new token, as text, and its hash; sodium_init() comes first. */
void token_make(char text[PROOF_TEXT], uint8_t hash[PROOF_BYTES]);

/** The hash of a token that somebody showed. EINVAL: it cannot be one */
int token_hash(uint8_t hash[PROOF_BYTES], const char *text);

/** A random key. */
void proof_key(uint8_t key[PROOF_BYTES]);

/** A salt for a name that nobody has: always the same for this name, so that
 *  asking twice does not tell. */
void proof_salt(uint8_t salt[PROOF_SALT], const uint8_t key[PROOF_BYTES],
		const char *name);

/** A place in a table for something that strangers choose: without the key
 *  nobody knows what shares it. */
uint32_t proof_place(const uint8_t key[PROOF_BYTES], const char *what);

/** Base64url without padding, exactly n bytes. EINVAL */
int proof_decode(uint8_t *bytes, size_t n, const char *text);

/** @param text Of PROOF_TEXT bytes; n is PROOF_BYTES at most */
void proof_encode(char *text, const uint8_t *bytes, size_t n);

#endif
