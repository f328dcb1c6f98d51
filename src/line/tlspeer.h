/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tlspeer.h  Who has to be at the other end of TLS (RFC 5922)
 *
 * libre 1.1 connects by TLS to whoever answers. Here each connection of ours
 * has a name that the certificate must be for, by a subject alternative name,
 * and an authority that vouches for it; or it must be exactly the certificate
 * that was written down. Without any of these nothing is connected: also not
 * when the DNS prefers TLS (NAPTR, SIPS). Whoever connects to us is asked for a
 * certificate only if its trunk has one written down.
 */
#ifndef RINGBACK_TLSPEER_H
#define RINGBACK_TLSPEER_H

#include <openssl/ssl.h>
#include <re.h>

#include "base/limits.h"

enum { TLSPEER_PIN = 32 };

/** Who is expected at an address. */
struct tlspeer_want {
	char host[LIMIT_URI];      /**< "sip.example.net", or an address    */
	char label[LIMIT_NAME];    /**< for the log: a trunk's name, or ""  */
	uint8_t pin[TLSPEER_PIN];  /**< SHA-256 of its certificate          */
	bool pinned;
};

/** Whom an address belongs to. @return false: nobody that we know */
typedef bool(tlspeer_h)(struct tlspeer_want *want, const struct sa *addr,
			void *arg);

/** The handshake with whoever has connected to us from there is over. */
typedef void(tlspeer_shook_h)(const struct sa *addr, void *arg);

struct tlspeers;

/**
 * @param pp     new
 * @param ca     PEM file of the authorities that may vouch for a name; ""
 *               none
 * @param laddrs Where we listen for TLS (copied, up to LIMIT_LISTEN)
 *
 * @return 0; ENOENT, EACCES, ENOTSUP the file cannot be read; ENOMEM
 */
int tlspeers_alloc(struct tlspeers **pp, const char *ca,
		   const struct sa *laddrs, size_t n_laddrs);

/** Asked about addresses that nobody told of. */
void tlspeers_handler(struct tlspeers *p, tlspeer_h *h, void *arg);

/** Told of each connection to us that is ready. */
void tlspeers_shook_handler(struct tlspeers *p, tlspeer_shook_h *h, void *arg);

/** All connections of this context are looked after (borrowed by it). */
void tlspeers_guard(struct tlspeers *p, SSL_CTX *ctx);

/** A request of ours is about to go to this address. */
void tlspeers_expect(struct tlspeers *p, const struct sa *addr,
		     const struct tlspeer_want *want);

/** Why the certificate of who has this label was refused last, in words; NULL:
 *  it was not, or is fine now. */
const char *tlspeers_why(const struct tlspeers *p, const char *label);

/**
 * Look at a certificate
 *
 * @param chain What it came with, or NULL
 * @param whyp  Set if it is refused: plain words
 *
 * @return true if it is whom we want
 */
bool tlspeers_fit(const struct tlspeers *p, const struct tlspeer_want *want,
		  X509 *cert, STACK_OF(X509) *chain, const char **whyp);

#endif
