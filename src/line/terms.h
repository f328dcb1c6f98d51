/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file terms.h  What an INVITE or UPDATE must fulfil before we look at it
 *
 * Extensions we do not have (420), bodies that are not SDP (415), no SDP wanted
 * in return (406), session timers too short (422) or malformed (400).
 */
#ifndef RINGBACK_TERMS_H
#define RINGBACK_TERMS_H

#include <re.h>

#include "session.h"

/** Headers that say what we can do, with CRLFs. */
#define TERMS_ALLOW "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\n"
#define TERMS_ACCEPT "Accept: application/sdp\r\n"
#define TERMS_SUPPORTED "Supported: timer\r\n"

/** Does a request demand no extension that we do not have? If not, it has been
 *  refused (420). */
bool terms_extensions_fit(struct sip *sip, const struct sip_msg *msg);

/**
 * Check a request, and refuse it if it does not fit
 *
 * @param sip      SIP stack, for the refusal
 * @param msg      INVITE or UPDATE
 * @param interval Session interval that we want, seconds
 * @param timer    Set on success: the session timer to answer with
 *
 * @return true if it fits; false if it has been refused
 */
bool terms_fit(struct sip *sip, const struct sip_msg *msg, uint32_t interval,
	       struct session_timer *timer);

#endif
