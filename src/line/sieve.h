/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sieve.h  Looks at each datagram of the SIP ports before libre does
 *
 * What nobody asked for costs as little as can be: an address that is not
 * known has a budget of datagrams, and beyond it they are not even read. STUN
 * of such an address is dropped (libre would answer), and so is what is no
 * SIP, which is counted, and mentioned once a minute.
 *
 * And what leaves: an address that is not known gets no answer that is larger
 * than what it sent, because its datagrams may be somebody else's doing.
 *
 * Known are trunks, addresses where telephones are registered, and whoever has
 * shown lately that they receive what we send there.
 */
#ifndef RINGBACK_SIEVE_H
#define RINGBACK_SIEVE_H

#include <stdbool.h>
#include <re.h>

enum {
	SIEVE_BURST = 300,      /**< datagrams at once, of one address      */
	SIEVE_RATE = 100,       /**< a second                               */
	SIEVE_PROVEN = 256,     /**< addresses remembered                   */
	SIEVE_PROVEN_MS = 600000, /**< how long                             */
	SIEVE_QUIET_MS = 60000, /**< the log mentions what was dropped      */
};

struct sieve;

/** Is this address known from elsewhere? */
typedef bool(sieve_known_h)(const struct sa *addr, void *arg);

/** Why datagrams were dropped: so many since the start. */
struct sieve_count {
	uint64_t over_budget;
	uint64_t undecodable; /**< also of known addresses */
	uint64_t stun;
	uint64_t too_large;   /**< answers */
};

/** @param sp new. Comes before whoever listens to the stack later */
int sieve_alloc(struct sieve **sp, struct sip *sip, sieve_known_h *h,
		void *arg);

/** Stand before the sockets of these addresses from the first datagram on.
 *  (libre does not tell its sockets before something came by them.) */
void sieve_open(struct sieve *s, const struct sa *laddrs, size_t n);

/** Whoever sent this has received what we sent them: a tag, a nonce. */
void sieve_prove(struct sieve *s, const struct sip_msg *msg);

const struct sieve_count *sieve_counted(const struct sieve *s);

#endif
