/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file bucket.h  How many answers a stranger may cause
 *
 * Token buckets in fixed tables: nothing is allocated however many addresses
 * knock. Two strangers may share a bucket; that only makes it empty sooner. A
 * second bucket limits all strangers together.
 *
 * Whoever really is where they seem to be has a bucket that nobody shares: a
 * flood of others, whatever addresses it makes up, takes nothing from it.
 */
#ifndef RINGBACK_BUCKET_H
#define RINGBACK_BUCKET_H

#include <stdbool.h>
#include <re.h>

enum {
	BUCKETS          = 1024,
	BUCKETS_OWN      = 256,  /**< known addresses that ask at one time */
	BUCKET_BURST     = 10, /**< answers at once to one address  */
	BUCKET_RATE      = 2,  /**< answers a second to one address */
	BUCKET_ALL_BURST = 100,
	BUCKET_ALL_RATE  = 20,
};

struct bucket {
	uint64_t then;    /**< when last looked at, ms */
	uint64_t milli;   /**< tokens, in thousandths  */
};

/** Of one address, IPv6: of its /64. */
struct bucket_own {
	struct bucket bucket;
	uint8_t addr[8];
	int af;           /**< AF_UNSPEC: of nobody */
};

struct buckets {
	struct bucket one[BUCKETS];
	struct bucket_own own[BUCKETS_OWN];
	struct bucket all;
	uint32_t salt;    /**< so that nobody can aim at a shared bucket */
};

/** Fill them all. */
void buckets_init(struct buckets *b, uint64_t now, uint32_t salt);

/** May an answer go to this address (IPv6: its /64)? Takes a token. */
bool buckets_take(struct buckets *b, const struct sa *addr, uint64_t now);

/** The same for whoever really is at this address: however many strangers
 *  there are, it is not their buckets that count. Are all taken, the fullest
 *  is given away: whoever had it has hardly asked. */
bool buckets_take_own(struct buckets *b, const struct sa *addr, uint64_t now);

#endif
