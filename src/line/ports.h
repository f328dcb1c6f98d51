/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ports.h  The SIP stack and the addresses it listens on
 */
#ifndef RINGBACK_PORTS_H
#define RINGBACK_PORTS_H

#include <re.h>

#include "base/config.h"

struct ports {
	struct sip *sip;
	struct sa laddrs[LIMIT_LISTEN];
	size_t n_laddrs;
	struct sa streams[2 * LIMIT_LISTEN]; /**< n_laddrs of TCP, then of TLS */
	size_t n_streams;
	struct tlspeers *tls; /**< NULL: no TLS */
};

/**
 * Start the stack, listen on UDP and TCP of every address, and on those of TLS
 *
 * @param p Filled; ports_close() it, also after an error
 *
 * @return 0; EADDRINUSE, EADDRNOTAVAIL, EACCES, ... said in plain words
 */
int ports_open(struct ports *p, const struct config *config);

void ports_close(struct ports *p);

#endif
