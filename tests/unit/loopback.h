/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file loopback.h  An address that no other test uses at the same time
 *
 * All of 127/8 is this machine. A test that counts on ports being free, or
 * taken, has them to itself on an address made of its process id.
 */
#ifndef RINGBACK_TEST_LOOPBACK_H
#define RINGBACK_TEST_LOOPBACK_H

#include <stdio.h>
#include <unistd.h>

static inline void loopback_own(char *host, size_t size)
{
	const unsigned pid = (unsigned)getpid();

	(void)snprintf(host, size, "127.%u.%u.%u", 64 + (pid >> 16) % 64,
		       (pid >> 8) & 0xff, pid & 0xff);
}

#endif
