/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file bucket.h  How many answers a stranger may cause
 *
 * Token buckets in one fixed table: nothing is allocated however many
 * addresses knock. Two addresses may share a bucket; that only makes it
 * empty sooner. A second bucket limits all strangers together.
 */
#ifndef RINGBACK_BUCKET_H
#define RINGBACK_BUCKET_H

#include <stdbool.h>
#include <re.h>

enum {
	BUCKETS          = 1024,
	BUCKET_BURST     = 10, /**< answers at once to one address  */
	BUCKET_RATE      = 2,  /**< answers a second to one address */
	BUCKET_ALL_BURST = 100,
	BUCKET_ALL_RATE  = 20,
};

struct bucket {
	uint64_t then;    /**< when last looked at, ms */
	uint64_t milli;   /**< tokens, in thousandths  */
};

struct buckets {
	struct bucket one[BUCKETS];
	struct bucket all;
	uint32_t salt;    /**< so that nobody can aim at a shared bucket */
};

/** Fill them all. */
void buckets_init(struct buckets *b, uint64_t now, uint32_t salt);

/** May an answer go to this address (IPv6: its /64)? Takes a token. */
bool buckets_take(struct buckets *b, const struct sa *addr, uint64_t now);

/** The same for whoever really is at this address: however many strangers
 *  there are, it is not their bucket that counts. */
bool buckets_take_own(struct buckets *b, const struct sa *addr, uint64_t now);

#endif
