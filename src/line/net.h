/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file net.h  IP networks: does this address belong to that peer?
 */
#ifndef RINGBACK_NET_H
#define RINGBACK_NET_H

#include <stdbool.h>
#include <re.h>

/** A network: an address and how many leading bits of it count. */
struct net {
	struct sa addr;
	unsigned bits;
};

/** "192.0.2.0/24", "2001:db8::1". EINVAL. */
int net_decode(struct net *n, const char *text);

/** Port does not count; an IPv4-mapped IPv6 address counts as IPv4. */
bool net_has(const struct net *n, const struct sa *addr);

/** The network of exactly one address. */
void net_of(struct net *n, const struct sa *addr);

#endif
