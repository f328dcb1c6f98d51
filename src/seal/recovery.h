/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file recovery.h  The recovery key, in shares that people keep as words
 *
 * Every epoch key is granted to the recovery key too, whose private half is
 * nowhere but in these shares: any "need" of them give it back, fewer give
 * nothing (Shamir, by libgfshare). A share as words (list of BIP-39, 11 bits a
 * word, the most significant first):
 *
 *     need 1, number 1, share 32, check 2 bytes (of BLAKE2b over the others),
 *     then zeros up to a whole word
 */
#ifndef RINGBACK_SEAL_RECOVERY_H
#define RINGBACK_SEAL_RECOVERY_H

#include "seal.h"

enum {
	RECOVERY_WORDS = 27, /**< 36 bytes                                  */
	RECOVERY_TEXT = RECOVERY_WORDS * 9, /**< as text, incl. NUL         */
	RECOVERY_SHARES = 16, /**< at most                                  */
};

struct recovery_share {
	uint8_t need;   /**< how many open                                  */
	uint8_t number; /**< which it is: 1, ...                            */
	uint8_t bytes[SEAL_KEY];
};

/**
 * Split a private key
 *
 * @param v    Set: n shares
 * @param need 1 to n; n at most RECOVERY_SHARES
 *
 * @return 0; EINVAL, ENOMEM
 */
int recovery_split(struct recovery_share *v, uint8_t n, uint8_t need,
		   const uint8_t private[SEAL_KEY]);

/**
 * Put it together again
 *
 * @param public Whose private key it must be
 *
 * @return 0; ENODATA there are too few; EINVAL not of one key, or one twice;
 *         EKEYREJECTED of another key; ENOMEM
 */
int recovery_join(uint8_t private[SEAL_KEY],
		  const uint8_t public[SEAL_KEY],
		  const struct recovery_share *v, uint8_t n);

/** What the server keeps, to tell a right share when its holder tries it:
 *  32 random bytes are not guessed. */
void recovery_hash(uint8_t hash[SEAL_KEY], const struct recovery_share *share);

/** As words, small letters, one space between. */
void recovery_words(char text[RECOVERY_TEXT],
		    const struct recovery_share *share);

/**
 * Read words, whatever stands between them; four letters of each are enough
 *
 * @param wrong Optional; set to which word is none (1, ...), 0 if none is
 *
 * @return 0; EINVAL a word is none, too few or too many; EBADMSG words are
 *         swapped or mistaken for others
 */
int recovery_read(struct recovery_share *share, const char *text,
		  unsigned *wrong);

#endif
