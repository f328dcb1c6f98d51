/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * addr.c  Compares bits of addresses. Must not resolve names.
 */
#include <string.h>
#include <netinet/in.h>

#include "addr.h"


/* @return bytes written to ip, 0 if it is no IP address */
static unsigned addr_bytes(const struct sa *sa, uint8_t ip[16])
{
	uint32_t v4;

	switch (sa_af(sa)) {
	case AF_INET:
		v4 = htonl(sa_in(sa));
		memcpy(ip, &v4, sizeof(v4));
		return 4;
	case AF_INET6:
		sa_in6(sa, ip);
		return 16;
	default:
		return 0;
	}
}


static unsigned family_bytes(uint8_t family)
{
	return family == 4 ? 4 : family == 6 ? 16 : 0;
}


bool addr_net_valid(const struct wire_addr *net)
{
	const unsigned n = family_bytes(net->family);

	return n && net->bits <= n * 8;
}


bool addr_in_net(const struct sa *sa, const struct wire_addr *net)
{
	uint8_t ip[16];
	const unsigned n = addr_bytes(sa, ip);
	const unsigned whole = net->bits / 8;
	uint8_t mask;

	if (!n || n != family_bytes(net->family) || net->bits > n * 8)
		return false;
	if (memcmp(ip, net->ip, whole) != 0)
		return false;
	if (net->bits % 8 == 0)
		return true;

	mask = (uint8_t)(0xff00 >> (net->bits % 8));

	return ((ip[whole] ^ net->ip[whole]) & mask) == 0;
}


bool addr_net_is_loopback(const struct wire_addr *net)
{
	static const struct in6_addr one = IN6ADDR_LOOPBACK_INIT;

	if (net->family == 4)
		return net->ip[0] == 127 && net->bits >= 8;

	return net->family == 6 && net->bits == 128 &&
	       memcmp(net->ip, &one, sizeof(one)) == 0;
}


bool addr_is_inside(const struct sa *sa)
{
	static const struct wire_addr nets[] = {
		{.ip = {10}, .family = 4, .bits = 8},
		{.ip = {100, 64}, .family = 4, .bits = 10},
		{.ip = {127}, .family = 4, .bits = 8},
		{.ip = {169, 254}, .family = 4, .bits = 16},
		{.ip = {172, 16}, .family = 4, .bits = 12},
		{.ip = {192, 168}, .family = 4, .bits = 16},
		{.ip = {0}, .family = 6, .bits = 96}, /* ::1 */
		{.ip = {0xfc}, .family = 6, .bits = 7},
		{.ip = {0xfe, 0x80}, .family = 6, .bits = 10},
	};

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		if (addr_in_net(sa, &nets[i]))
			return true;
	}

	return false;
}


static bool v4_is_host(const uint8_t ip[4])
{
	/* 0/8 this network, 224/4 multicast, 240/4 reserved and broadcast */
	return ip[0] != 0 && ip[0] < 224;
}


bool addr_is_host(const struct sa *sa)
{
	uint8_t ip[16];
	struct in6_addr in6;

	switch (addr_bytes(sa, ip)) {
	case 4:
		return v4_is_host(ip);
	case 16:
		memcpy(&in6, ip, sizeof(in6));
		return !IN6_IS_ADDR_UNSPECIFIED(&in6) &&
		       !IN6_IS_ADDR_MULTICAST(&in6) &&
		       !IN6_IS_ADDR_LINKLOCAL(&in6) &&
		       !IN6_IS_ADDR_V4MAPPED(&in6) &&
		       !IN6_IS_ADDR_V4COMPAT(&in6);
	default:
		return false;
	}
}
