/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file number.h  Telephone numbers: one form for each, and which we may ring
 *
 * Two forms: as it is dialled ("+4930123", "004930123", "030123"), and the
 * one that is compared ("+4930123", "+4930123", "030123").
 */
#ifndef RINGBACK_NUMBER_H
#define RINGBACK_NUMBER_H

#include <re.h>

#include "base/config.h"
#include "base/secret.h"

/**
 * Read a number: the user part of a SIP URI, what stands behind "tel:", or
 * what somebody typed
 *
 * Visual separators (RFC 3966) are left out, escapes undone, parameters cut
 * off. What is left is an optional + and up to LIMIT_DIGITS digits, besides an
 * international 00.
 *
 * @param number Set on success, empty otherwise: as it is dialled
 *
 * @return 0, EINVAL if this is no number
 */
int number_read(struct secret_text *number, const struct pl *text);

/** The form that is compared: 00 and + are the same. */
void number_canonical(struct secret_text *canonical,
		      const struct secret_text *number);

/** The form that tells a caller again: the canonical one, and numbers of this
 *  country with its code, however they came. Not for ringing: whether digits
 *  without a code are a number of this country is a guess by their length. */
void number_alike(struct secret_text *alike, const struct config_home *home,
		  const struct secret_text *number);

/**
 * May a line ring this number back?
 *
 * Digits alone: three at least, seven with a country's code. No number for
 * emergencies, also behind such a code; none of our own lines, with or without
 * one; and a beginning that the line allows.
 */
bool number_may_ring(const struct config *config, uint16_t line,
		     const struct secret_text *number);

/**
 * May somebody at this number be brought into a talk?
 *
 * The operator has written it down: a number for emergencies may be. None of
 * our own lines: the line would ring itself.
 *
 * @param number Digits, with a + before them or none
 */
bool number_may_join(const struct config *config, const char *number);

/** Is this a number of ours, however it is written, and of which line? */
bool number_is_ours(const struct config *config, const struct pl *user,
		    uint16_t *linep);

#endif
