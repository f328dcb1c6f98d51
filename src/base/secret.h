/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file secret.h  Text that must never reach a log, an error or a metric
 *
 * Telephone numbers, SIP addresses, digits and passwords travel as
 * struct secret_text. No printf-like function accepts it; whoever needs the
 * characters says so with secret_reveal(), which a reviewer can search for.
 */
#ifndef RINGBACK_SECRET_H
#define RINGBACK_SECRET_H

#include <errno.h>
#include <string.h>

#include "limits.h"

/** A short secret, always NUL-terminated; all zero is the empty one. */
struct secret_text {
	char hidden[LIMIT_URI];
};

/**
 * Copy plain text into a secret
 *
 * @return 0, or ENAMETOOLONG with the secret left empty
 */
static inline int secret_set(struct secret_text *s, const char *text, size_t n)
{
	memset(s, 0, sizeof(*s));
	if (n >= sizeof(s->hidden))
		return ENAMETOOLONG;
	memcpy(s->hidden, text, n);
	return 0;
}

/** The characters themselves (borrow): for the wire and the store only. */
static inline const char *secret_reveal(const struct secret_text *s)
{
	return s->hidden;
}

static inline void secret_wipe(struct secret_text *s)
{
	explicit_bzero(s, sizeof(*s));
}

#endif
