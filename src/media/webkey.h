/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file webkey.h  The one certificate of this process, for DTLS with browsers
 *
 * Made anew at each start (P-256), never written down: its fingerprint in our
 * SDP is all that vouches for it.
 */
#ifndef RINGBACK_MEDIA_WEBKEY_H
#define RINGBACK_MEDIA_WEBKEY_H

#include <re.h>

enum {
	WEBKEY_SHA256 = 32,
	WEBKEY_TEXT   = WEBKEY_SHA256 * 3, /**< "AB:CD:...", with its NUL  */
};

struct webkey {
	struct tls *tls; /**< DTLS 1.2, asks for the peer's certificate    */
	char fingerprint[WEBKEY_TEXT];
};

/** @param kp new. @return 0; ENOMEM; ENOTSUP OpenSSL cannot */
int webkey_alloc(struct webkey **kp);

#endif
