/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file webauthn.h  What security keys say, checked (WebAuthn level 2)
 *
 * A key signs what the browser says it was asked: by whom (origin and host),
 * and with which challenge. Signatures and CBOR are seen to by libfido2 and
 * libcbor. Whose challenge it was, challenge.h knows.
 */
#ifndef RINGBACK_WEB_WEBAUTHN_H
#define RINGBACK_WEB_WEBAUTHN_H

#include <stdint.h>

#include "store/credential.h"

enum {
	WEBAUTHN_CHALLENGE = 32, /**< bytes                                 */
	WEBAUTHN_ALGORITHMS = 3, /**< that we take                          */
};

/** Of COSE, the one we like best first. */
extern const int32_t webauthn_algorithms[WEBAUTHN_ALGORITHMS];

/** Where the page is. */
struct webauthn_site {
	const char *origin;   /**< "https://hotline.example:8443"; borrow   */
	char host[LIMIT_URI]; /**< "hotline.example", which keys are bound
				   to (the RP ID); "" if it has none        */
};

/** @param origin borrow. Keys are bound to names of hosts alone: with an IP
 *  address site->host is "" */
void webauthn_site(struct webauthn_site *site, const char *origin);

/** Bytes that somebody else made; borrow. */
struct webauthn_bytes {
	const uint8_t *p;
	size_t n;
};

enum webauthn_act {
	WEBAUTHN_CREATE = 0, /**< a key is made known                       */
	WEBAUTHN_GET,        /**< a key that is known has answered          */
};

/**
 * What a browser says it asked the key (clientDataJSON)
 *
 * @param challenge Filled with the one that it was asked with
 *
 * @return 0; EPROTO not understood; EACCES it was asked something else, or by
 *         a page of another origin
 */
int webauthn_client(uint8_t challenge[WEBAUTHN_CHALLENGE],
		    const struct webauthn_site *site, enum webauthn_act act,
		    const struct webauthn_bytes *client);

/**
 * A key is made known (attestationObject)
 *
 * Of which make it is nobody asks, so "none" is fine; a signature that is
 * there must be right.
 *
 * @param c      Filled: key_id, algorithm, public, sign_count
 * @param client As above, checked already
 *
 * @return 0; EPROTO not understood; EACCES it is for another host, nobody was
 *         there, or the signature is wrong; ENOMEM
 */
int webauthn_attest(struct store_credential *c,
		    const struct webauthn_site *site,
		    const struct webauthn_bytes *client,
		    const struct webauthn_bytes *object);

/**
 * A key has answered (authenticatorData and signature)
 *
 * @param sign_count Filled: for store_credential_used()
 *
 * @return As webauthn_attest()
 */
int webauthn_assert(uint32_t *sign_count, const struct store_credential *c,
		    const struct webauthn_site *site,
		    const struct webauthn_bytes *client,
		    const struct webauthn_bytes *data,
		    const struct webauthn_bytes *signature);

#endif
