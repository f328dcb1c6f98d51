/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ports.h  The UDP ports that legs are given, and take back rested
 *
 * Even ports of the configured ranges, in random order: a stranger who knows
 * one leg's port does not know the next. A port that was given back rests
 * some seconds while others are free, so that the last packets of one call
 * never land in another.
 */
#ifndef RINGBACK_MEDIA_PORTS_H
#define RINGBACK_MEDIA_PORTS_H

#include <re.h>

#include "base/config.h"

struct ports;

/** One open socket: non-blocking, not in the loop. */
struct port {
	struct ports *ports; /**< counted                                 */
	struct sa local;
	int fd;
	uint32_t range;      /**< where it came from                      */
	uint32_t i;
};

/**
 * @param pp    new
 * @param media The ranges (copied)
 * @param n     How many, up to LIMIT_LISTEN
 *
 * @return 0; EADDRNOTAVAIL and others if an address is none of this machine
 *         (said in an error line); EINVAL, ENOMEM
 */
int ports_alloc(struct ports **pp, const struct config_media *media,
		uint32_t n);

/**
 * Open a port
 *
 * @param portp new, mem_deref() closes it and gives it back
 * @param af    AF_INET or AF_INET6
 *
 * @return 0; EAFNOSUPPORT no such address is configured; ENOSPC all ports are
 *         taken; EMFILE, ENOMEM, ...
 */
int ports_open(struct ports *p, struct port **portp, int af);

/** True if this address and port is one that is open now. */
bool ports_is_ours(const struct ports *p, const struct sa *sa);

#endif
