/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file signin_limit.h  How often somebody may guess
 *
 * After a few tries that failed there is a pause, which doubles with each
 * further one. Whatever is counted (a name, an address) is a place in a table
 * of fixed size: what shares a place shares its pause, and nobody can push
 * another out. Which ones share a place must be secret.
 */
#ifndef RINGBACK_SIGNIN_LIMIT_H
#define RINGBACK_SIGNIN_LIMIT_H

#include <stdint.h>

struct signin_terms {
	uint32_t n_free;    /**< failures without a pause                   */
	uint32_t most_s;    /**< no pause is longer                         */
	uint32_t forget_s;  /**< one failure is forgotten in that time      */
};

struct signin_limit;

/** @param lp new, free(). ENOMEM */
int signin_limit_alloc(struct signin_limit **lp,
		       const struct signin_terms *terms);

/** Seconds to wait before the next try, 0 none. now_ms: of any clock that
 *  does not go back */
uint32_t signin_limit_wait(const struct signin_limit *l, uint32_t place,
			   uint64_t now_ms);

/** A try has failed. */
void signin_limit_failed(struct signin_limit *l, uint32_t place,
			 uint64_t now_ms);

/** Somebody has shown who they are. */
void signin_limit_passed(struct signin_limit *l, uint32_t place);

#endif
