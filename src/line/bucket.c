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
	for (size_t i = 0; i < BUCKETS_OWN; i++)
		b->own[i] = (struct bucket_own){
			.bucket = {now, BUCKET_BURST * 1000},
			.af = AF_UNSPEC,
		};
	b->all.then = now;
	b->all.milli = BUCKET_ALL_BURST * 1000;
	b->salt = salt;
}


/* what tells one customer from another */
static void addr_of(uint8_t part[8], const struct sa *addr)
{
	memset(part, 0, 8);
	if (sa_af(addr) == AF_INET6)
		memcpy(part, addr->u.in6.sin6_addr.s6_addr, 8);
	else
		memcpy(part, &addr->u.in.sin_addr, 4);
}


static struct bucket *find(struct buckets *b, const struct sa *addr)
{
	uint8_t key[4 + 8];

	memcpy(key, &b->salt, 4);
	addr_of(key + 4, addr);

	return &b->one[hash_joaat(key, sizeof(key)) % BUCKETS];
}


static struct bucket *find_own(struct buckets *b, const struct sa *addr,
			       uint64_t now)
{
	struct bucket_own *fullest = &b->own[0];
	uint8_t part[8];

	addr_of(part, addr);
	for (size_t i = 0; i < BUCKETS_OWN; i++) {
		struct bucket_own *o = &b->own[i];

		fill(&o->bucket, now, BUCKET_BURST, BUCKET_RATE);
		if (o->af == sa_af(addr) && !memcmp(o->addr, part, 8))
			return &o->bucket;
		if (o->bucket.milli > fullest->bucket.milli)
			fullest = o;
	}

	fullest->af = sa_af(addr);
	memcpy(fullest->addr, part, 8);
	fullest->bucket.milli = BUCKET_BURST * 1000;
	return &fullest->bucket;
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
	struct bucket *one = find_own(b, addr, now);

	if (one->milli < 1000)
		return false;

	one->milli -= 1000;
	return true;
}
