/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file websrtp.h  SRTP and SRTCP (RFC 3711, RFC 7714) of one leg
 *
 * On libsrtp2: libre's own SRTP moves its roll-over counter before it has
 * authenticated a packet, so that one forged packet ends the sound. Works in
 * place and allocates for the first packet of an SSRC only, of which a peer
 * may use a few.
 */
#ifndef RINGBACK_MEDIA_WEBSRTP_H
#define RINGBACK_MEDIA_WEBSRTP_H

#include <stddef.h>
#include <re.h>

enum {
	WEBSRTP_ROOM = 148,  /**< bytes that sealing may add               */
	WEBSRTP_KEY  = 64,   /**< key and salt of any suite fit in here    */
};

struct websrtp;

/** Once for the process, before the first browser, and after the last: libsrtp2
 *  keeps tables of its own. @return 0, ENOMEM */
int websrtp_init(void);
void websrtp_close(void);

/**
 * @param sp     new
 * @param theirs Key, then salt, with which the peer seals; ours likewise
 *
 * @return 0; ENOTSUP a suite we do not want; ENOMEM
 */
int websrtp_alloc(struct websrtp **sp, enum srtp_suite suite,
		  const uint8_t *theirs, const uint8_t *ours);

/** The peer seals with another key from now on; ours stays. @return as
 *  websrtp_alloc(); nothing has changed on error */
int websrtp_rekey(struct websrtp *s, enum srtp_suite suite,
		  const uint8_t *theirs);

/**
 * One that nobody speaks through, to be kept until the last browser has gone
 *
 * What libsrtp2 encrypts with (NSS) is loaded for the first session and put
 * away with the last one. A process that is shut in (base/sandbox.h) can open
 * no library any more.
 *
 * @param sp new
 *
 * @return 0, ENOMEM
 */
int websrtp_warm(struct websrtp **sp);

/**
 * Authenticate and decrypt a packet in place; control: RTCP
 *
 * @param buf Aligned to 4 bytes
 *
 * @return 0; EBADMSG not authentic, broken, or its SSRC one too many; EALREADY
 *         it was here before
 */
int websrtp_open(struct websrtp *s, bool control, uint8_t *buf, size_t *n);

/** Encrypt a packet in place, with WEBSRTP_ROOM bytes behind it. @return 0;
 *  EALREADY there was one with this number; EBADMSG */
int websrtp_seal(struct websrtp *s, bool control, uint8_t *buf, size_t *n);

#endif
