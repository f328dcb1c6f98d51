/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file digest.h  Digest authentication with SHA-256 and MD5
 *
 * RFC 7616 and RFC 8760 (libre's own knows only MD5). Credentials are given
 * out by trunk.c for one host and realm alone.
 */
#ifndef RINGBACK_DIGEST_H
#define RINGBACK_DIGEST_H

#include <re.h>

enum digest_alg {
	DIGEST_SHA256 = 0, /**< the stronger first */
	DIGEST_MD5,
	DIGEST_ALGS
};

enum { DIGEST_HEX = 65 }; /**< bytes of the longest response incl. NUL */

/** As headers name it: "SHA-256". */
const char *digest_name(enum digest_alg alg);

/**
 * What a server keeps in place of a password: H(user:realm:password)
 *
 * @param hex Lower-case; wipe it
 */
int digest_ha1(char hex[DIGEST_HEX], enum digest_alg alg, const struct pl *user,
	       const struct pl *realm, const struct pl *pass);

/** What goes into a response; qop, cnonce and nc only with qop "auth". */
struct digest_in {
	enum digest_alg alg;
	struct pl user, realm, pass;
	struct pl ha1; /**< digest_ha1(), in place of these three           */
	struct pl nonce, method, uri;
	struct pl nc, cnonce, qop; /**< qop empty: RFC 2069 form */
};

/** Is this value of an Authorization header digest, or another scheme? */
bool digest_is_meant(const struct pl *val);

/** The response in lower-case hex. ENOMEM */
int digest_response(char hex[DIGEST_HEX], const struct digest_in *in);

/** A challenge we were sent, as far as we can answer it. */
struct digest_challenge {
	enum digest_alg alg;
	struct pl realm, nonce, opaque;
	bool qop_auth;
	bool stale;
	bool proxy; /**< 407: the answer goes into Proxy-Authorization */
};

/**
 * Choose the best challenge of a 401 or 407 (borrow from msg)
 *
 * @return 0, ENOTSUP if none has an algorithm and qop we know, ENOENT if
 *         there is none
 */
int digest_challenge_find(struct digest_challenge *ch,
			  const struct sip_msg *msg);

/**
 * Write the header that answers a challenge, with CRLF
 *
 * @param mb Appended to
 */
int digest_authorize(struct mbuf *mb, const struct digest_challenge *ch,
		     const char *user, const char *pass, const char *method,
		     const char *uri);

#endif
