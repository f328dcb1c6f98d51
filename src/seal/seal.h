/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file seal.h  Seals something so that only the holder of a private key opens
 * it
 *
 * Format of everything sealed, numbers big-endian:
 *
 *     head   16  "RBS", version 1, kind, detail, two zeros, epoch (64 bits)
 *     box    80  crypto_box_seal() (X25519, XSalsa20-Poly1305), to the public
 *                key: a key of 32 random bytes for this thing alone
 *     nonce  24
 *     body       XChaCha20-Poly1305 under that key, with head and subject (64
 *                bits) as associated data, so that it opens only as what it is
 *                and where it belongs; before it is sealed it is padded (ISO/IEC
 *                7816-4) to a multiple of what seal_step() says of its kind
 *
 * A message from a caller is longer, and grows, as a backup does: see stream.h.
 * Who sealed something cannot be told: the server has public keys only, and
 * anybody who has them can. Other implementations are checked against tests/suites/seal.
 */
#ifndef RINGBACK_SEAL_H
#define RINGBACK_SEAL_H

#include <stddef.h>
#include <stdint.h>

enum {
	SEAL_KEY = 32,     /**< bytes of any key here                       */
	SEAL_HEAD = 16,
	SEAL_BOX = 80,
	SEAL_NONCE = 24,
	SEAL_TAG = 16,
	SEAL_LID = SEAL_HEAD + SEAL_BOX + SEAL_NONCE, /**< before the body   */
	SEAL_MOST = 65536, /**< bytes of a thing, before padding            */
};

/** What is sealed; the letter stands in the head. */
enum seal_kind {
	SEAL_NOTE = 'N',    /**< what a counsellor writes; subject: the call */
	SEAL_NUMBER = 'D',  /**< to be dialled; subject: call or person      */
	SEAL_MESSAGE = 'M', /**< spoken; subject: the call; see stream.h     */
	SEAL_GRANT = 'E',   /**< private key of an epoch; subject: the person */
	SEAL_BACKUP = 'B',  /**< a backup; subject: its time; see archive.h  */
};

/** Which thing it is. */
struct seal_about {
	enum seal_kind kind;
	uint8_t detail;   /**< of the kind; 0                               */
	uint64_t epoch;   /**< whose public key it is sealed to; 0 none     */
	uint64_t subject; /**< not in the head: who opens it must know      */
};

/** Two keys that belong together. The private one must be wiped by whoever
 *  asked for it (sodium_memzero()). */
void seal_pair(uint8_t public[SEAL_KEY], uint8_t private[SEAL_KEY]);

/** The public key of a private one. */
void seal_public(uint8_t public[SEAL_KEY], const uint8_t private[SEAL_KEY]);

/** Bytes of something sealed, of n; 0 if it is too long or no such kind. */
size_t seal_size(enum seal_kind kind, size_t n);

/** Lengths of what is sealed are multiples of this; 0 no such kind. */
size_t seal_step(enum seal_kind kind);

/**
 * Seal
 *
 * @param out seal_size() bytes
 *
 * @return 0; EINVAL no such kind, too long, or no public key
 */
int seal_make(uint8_t *out, const struct seal_about *about,
	      const uint8_t public[SEAL_KEY], const uint8_t *in, size_t n);

/**
 * Open
 *
 * @param out     At least n_sealed bytes
 * @param np      Set to how many were sealed
 * @param about   As when it was sealed
 *
 * @return 0; EBADMSG not sealed, cut off, changed, of another kind, epoch or
 *         subject; EKEYREJECTED for another key, or its box was changed
 */
int seal_open(uint8_t *out, size_t *np, const struct seal_about *about,
	      const uint8_t private[SEAL_KEY], const uint8_t *sealed,
	      size_t n_sealed);

/** What the head says: kind, detail, epoch. EBADMSG no head of ours */
int seal_look(struct seal_about *about, const uint8_t *sealed, size_t n);

/*
 * Parts for stream.c
 */

/** Head and subject, as associated data. */
enum { SEAL_BOUND = SEAL_HEAD + 8 };
void seal_bound(uint8_t bound[SEAL_BOUND], const struct seal_about *about);

/** Head and box around a new key. EINVAL no public key */
int seal_lid(uint8_t lid[SEAL_HEAD + SEAL_BOX], uint8_t key[SEAL_KEY],
	     const struct seal_about *about, const uint8_t public[SEAL_KEY]);

/** The key in it. @return as seal_open() */
int seal_unlid(uint8_t key[SEAL_KEY], const struct seal_about *about,
	       const uint8_t private[SEAL_KEY],
	       const uint8_t lid[SEAL_HEAD + SEAL_BOX]);

#endif
