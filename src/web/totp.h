/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file totp.h  One-time codes as a second proof (RFC 6238)
 *
 * Six digits, 30 seconds, SHA-1: what every authenticator app takes. A code of
 * the step before and of the one after is good too, and each is good once.
 */
#ifndef RINGBACK_WEB_TOTP_H
#define RINGBACK_WEB_TOTP_H

#include <stdint.h>

#include "base/limits.h"
#include "base/secret.h"

enum {
	TOTP_STEP_S = 30,
	TOTP_DIGITS = 6,
	TOTP_SECRET = 20, /**< bytes (RFC 4226, 4)                          */
	TOTP_URI = 1024,  /**< bytes of a URI incl. NUL                     */
};

/** A new secret, base32. ENOMEM */
int totp_secret(struct secret_text *secret);

/** "otpauth://totp/HOTLINE:NAME?secret=..&issuer=HOTLINE", as apps scan it;
 *  text of TOTP_URI bytes, to be wiped. EOVERFLOW */
int totp_uri(char *text, const char *hotline, const char *name,
	     const struct secret_text *secret);

/**
 * Is this code good, and was none used that is as late?
 *
 * @param last     Counter of the last code that was taken
 * @param now_s    Unix time
 * @param counterp Its counter, on success
 *
 * @return 0, EACCES it is not, ENOMEM
 */
int totp_check(const struct secret_text *secret, const char *code,
	       int64_t last, int64_t now_s, int64_t *counterp);

#endif
