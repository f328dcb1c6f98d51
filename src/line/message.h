/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file message.h  What libre's parser lets through and we do not
 *
 * libre 1.1 accepts requests that RFC 3261 forbids (RFC 4475 collects them):
 * doubled or missing mandatory headers, a CSeq that does not fit its method
 * or 31 bits, a wrong Content-Length, control characters. Every request
 * passes here before anything else looks at it.
 */
#ifndef RINGBACK_MESSAGE_H
#define RINGBACK_MESSAGE_H

#include <re.h>

/** How to turn a request away; scode 0: with silence. */
struct message_fault {
	uint16_t scode;
	const char *reason;
};

/**
 * Check a request, and cut its body to Content-Length
 *
 * @return 0 if sound; EBADMSG with the fault set
 */
int message_check(const struct sip_msg *msg, struct message_fault *fault);

/** Of one that message_check() found wrong: is it unknown where it ends? Then
 *  so is what follows on its stream. */
bool message_is_endless(const struct sip_msg *msg);

/** 1*DIGIT, at most max. @return 0, EINVAL for signs, spaces, overflow */
int message_number(uint32_t *np, const struct pl *pl, uint32_t max);

/** Does a comma-separated header list this word? ("Allow" has "UPDATE") */
bool message_lists(const struct sip_msg *msg, enum sip_hdrid id,
		   const char *word);

/** Has it an SDP body? false also if the body is of another type. */
bool message_has_sdp(const struct sip_msg *msg);

/** Has it any body? */
bool message_has_body(const struct sip_msg *msg);

#endif
