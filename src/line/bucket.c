/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * bucket.c  Token buckets. Must not read a clock.
 */
#include <netinet/in.h>
#include <string.h>

#include "bucket.h"


static void fill(struct bucket *b, uint64_t now, uint64_t burst, uint64_t rate)
{
	const uint64_t gained = (now - b->then) * rate;

	b->then = now;
	b->milli += gained;
	if (b->milli > burst * 1000 || gained > burst * 1000)
		b->milli = burst * 1000;
}


void buckets_init(struct buckets *b, uint64_t now, uint32_t salt)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		b->one[i].then = now;
		b->one[i].milli = BUCKET_BURST * 1000;
	}
	b->all.then = now;
	b->all.milli = BUCKET_ALL_BURST * 1000;
	b->salt = salt;
}


static struct bucket *find(struct buckets *b, const struct sa *addr)
{
	uint8_t key[4 + 8] = {0};

	memcpy(key, &b->salt, 4);
	if (sa_af(addr) == AF_INET6)
		memcpy(key + 4, addr->u.in6.sin6_addr.s6_addr, 8);
	else
		memcpy(key + 4, &addr->u.in.sin_addr, 4);

	return &b->one[hash_joaat(key, sizeof(key)) % BUCKETS];
}


bool buckets_take(struct buckets *b, const struct sa *addr, uint64_t now)
{
	struct bucket *one = find(b, addr);

	fill(one, now, BUCKET_BURST, BUCKET_RATE);
	fill(&b->all, now, BUCKET_ALL_BURST, BUCKET_ALL_RATE);
	if (one->milli < 1000 || b->all.milli < 1000)
		return false;

	one->milli -= 1000;
	b->all.milli -= 1000;
	return true;
}


bool buckets_take_own(struct buckets *b, const struct sa *addr, uint64_t now)
{
	struct bucket *one = find(b, addr);

	fill(one, now, BUCKET_BURST, BUCKET_RATE);
	if (one->milli < 1000)
		return false;

	one->milli -= 1000;
	return true;
}
