/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file lurkers.h  Cuts connections to the SIP ports that bring nothing
 *
 * libre keeps a connection that drips for ever, and takes as many as there are
 * descriptors. So all connections that others have made to our SIP addresses
 * are looked over, at short intervals, by what the kernel knows of them: who
 * sends nothing, who has begun a message and does not end it, who has sent
 * whole ones and shown nobody that they may, and who is one too many. They are
 * shut down; libre sees the end, and cleans up.
 *
 * Known addresses are not looked at once TLS' handshake is over: trunks, and
 * where telephones are registered.
 */
#ifndef RINGBACK_LURKERS_H
#define RINGBACK_LURKERS_H

#include <stdbool.h>
#include <re.h>

enum {
	LURKERS_SILENT_MS = 5000,   /**< from connecting to the first byte  */
	LURKERS_SHAKE_MS = 5000,    /**< from connecting to the end of TLS'
					 handshake: also of known addresses */
	LURKERS_MESSAGE_MS = 10000, /**< from that to the end of a message  */
	LURKERS_PROOF_MS = 30000,   /**< from connecting to having proven   */
	LURKERS_OF_ONE = 16,        /**< unproven ones of one address       */
	LURKERS = 256,              /**< of all                             */
	LURKERS_SWEEP_MS = 500,
	LURKERS_BUSY_MS = 100,      /**< the same, if there are many        */
};

struct lurkers;

typedef bool(lurkers_known_h)(const struct sa *addr, void *arg);

/** @param lp new @param laddrs Our addresses (copied)
 *  @param n_tcp The first so many are without TLS */
int lurkers_alloc(struct lurkers **lp, const struct sa *laddrs, size_t n,
		  size_t n_tcp, lurkers_known_h *h, void *arg);

/** The connection from there is done with the handshake of TLS. */
void lurkers_shook(struct lurkers *l, const struct sa *peer);

/** A whole message came by a connection. @param proven Its sender has shown that
 *  they may send it */
void lurkers_heard(struct lurkers *l, const struct sip_msg *msg, bool proven);

/** Look them all over now. @return how many are unproven, and were not cut */
size_t lurkers_sweep(struct lurkers *l);

/** How many were cut since the start. */
uint64_t lurkers_cut(const struct lurkers *l);

#endif
