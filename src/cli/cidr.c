/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cidr.c  Nets. Names are not looked up: an answer could change, and a trunk
 * must not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cidr.h"


enum {
	BITS_LEAST = 8,
	IP_MAX = 16,
};


static int bits_decode(unsigned *bitsp, const char *text, unsigned most)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return EINVAL;
	n = strtoul(text, &end, 10);
	if (*end || n > most)
		return EINVAL;
	if (n < BITS_LEAST)
		return ERANGE;

	*bitsp = (unsigned)n;
	return 0;
}


static void host_clear(uint8_t *ip, size_t n, unsigned bits)
{
	for (size_t i = 0; i < n; i++) {
		unsigned left = bits > i * 8 ? bits - (unsigned)i * 8 : 0;

		if (left < 8)
			ip[i] &= (uint8_t)(0xff00u >> left);
	}
}


int cidr_decode(char *buf, size_t size, const char *text)
{
	char addr[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	uint8_t ip[IP_MAX];
	unsigned bits;
	int af, err;

	if (n >= sizeof(addr))
		return EINVAL;
	memcpy(addr, text, n);
	addr[n] = '\0';

	af = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(af, addr, ip) != 1)
		return EINVAL;

	bits = af == AF_INET6 ? 128 : 32;
	if (slash) {
		err = bits_decode(&bits, slash + 1, bits);
		if (err)
			return err;
	}
	host_clear(ip, af == AF_INET6 ? 16 : 4, bits);

	if (!inet_ntop(af, ip, addr, sizeof(addr)))
		return EINVAL;
	n = (size_t)snprintf(buf, size, "%s/%u", addr, bits);

	return n < size ? 0 : ENOSPC;
}
