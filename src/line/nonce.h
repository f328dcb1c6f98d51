/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file nonce.h  Challenges that nothing is remembered of
 *
 * A nonce says its algorithm and when it was made, under a key that only this
 * process has, and is good for one address for a minute.
 */
#ifndef RINGBACK_NONCE_H
#define RINGBACK_NONCE_H

#include <re.h>

#include "digest.h"

/** What digests name as the realm of this line. */
#define NONCE_REALM "ringback"

enum {
	NONCE_LIFE_S = 60,
	NONCE_KEY = 32,  /**< bytes */
	NONCE_MAC = 16,
	NONCE_HEX = 2 * (4 + 4 + NONCE_MAC) + 1,
};

struct nonces {
	uint8_t key[NONCE_KEY]; /**< wipe it in the end                     */
};

/** Make up a key. */
void nonces_init(struct nonces *n);

/**
 * Print the headers of a 401 to this address: a WWW-Authenticate for each
 * algorithm, the stronger first
 */
struct nonce_challenge {
	const struct nonces *nonces; /**< borrow                            */
	const struct sa *addr;       /**< borrow                            */
	bool with[DIGEST_ALGS];      /**< by which it may be answered       */
	bool stale; /**< the credentials may be right, their nonce is old   */
};
int nonce_challenge_print(struct re_printf *pf,
			  const struct nonce_challenge *c);

/** Answer 401 with these. @return 0; EMSGSIZE more than may leave (sieve.h) */
int nonce_reply(struct sip *sip, const struct sip_msg *msg,
		const struct nonce_challenge *c);

/** Was it made for this address? @return 0, with the algorithm; ENOENT not
 *  ours, ESTALE ours but old */
int nonce_check(const struct nonces *n, const struct pl *hex,
		enum digest_alg *algp, const struct sa *addr);

#endif
