/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * net.c  Compares addresses bit by bit. Must not resolve names.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "message.h"
#include "net.h"


struct raw {
	uint8_t ip[16];
	unsigned n_bits; /* 32, 128, 0 for none */
};


static void raw_of(struct raw *r, const struct sa *addr)
{
	memset(r, 0, sizeof(*r));

	if (sa_af(addr) == AF_INET) {
		memcpy(r->ip, &addr->u.in.sin_addr, 4);
		r->n_bits = 32;
	}
	else if (sa_af(addr) == AF_INET6 &&
		 IN6_IS_ADDR_V4MAPPED(&addr->u.in6.sin6_addr)) {
		memcpy(r->ip, addr->u.in6.sin6_addr.s6_addr + 12, 4);
		r->n_bits = 32;
	}
	else if (sa_af(addr) == AF_INET6) {
		memcpy(r->ip, addr->u.in6.sin6_addr.s6_addr, 16);
		r->n_bits = 128;
	}
}


int net_decode(struct net *n, const char *text)
{
	struct pl addr, slash, bits, rest = PL_INIT;
	struct net tmp;
	struct raw r;

	if (!n || !text)
		return EINVAL;

	if (re_regex(text, strlen(text), "[0-9a-fA-F.:]+[/]*[0-9]*[^]*",
		     &addr, &slash, &bits, &rest) ||
	    addr.p != text || rest.l)
		return EINVAL;
	if (sa_set(&tmp.addr, &addr, 0))
		return EINVAL;

	raw_of(&r, &tmp.addr);
	tmp.bits = r.n_bits;
	if (slash.l && (slash.l != 1 ||
			message_number(&tmp.bits, &bits, r.n_bits)))
		return EINVAL;

	*n = tmp;
	return 0;
}


bool net_has(const struct net *n, const struct sa *addr)
{
	struct raw a, b;
	unsigned left;

	raw_of(&a, &n->addr);
	raw_of(&b, addr);
	if (!a.n_bits || a.n_bits != b.n_bits)
		return false;

	left = n->bits;
	for (unsigned i = 0; left; i++) {
		const unsigned k = left < 8 ? left : 8;
		const uint8_t mask = (uint8_t)(0xff << (8 - k));

		if ((a.ip[i] ^ b.ip[i]) & mask)
			return false;
		left -= k;
	}

	return true;
}


void net_of(struct net *n, const struct sa *addr)
{
	struct raw r;

	raw_of(&r, addr);
	n->addr = *addr;
	n->bits = r.n_bits;
}
