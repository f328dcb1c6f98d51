/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ice.h  ICE-lite (RFC 8445, 2.5): answers a browser's checks
 *
 * The browser checks whether it can reach us; we answer on our one address,
 * and learn its own. A check counts only with the password of our SDP in it:
 * nobody else is answered or believed. Checks can be recorded and sent again
 * from elsewhere, so once there are keys, a new address is taken only when an
 * authentic new packet of sound comes from there too.
 *
 * Pure: no socket, no clock.
 */
#ifndef RINGBACK_MEDIA_ICE_H
#define RINGBACK_MEDIA_ICE_H

#include <stdbool.h>
#include <re.h>

enum {
	ICE_OUR_UFRAG = 8 + 1,  /**< bytes incl. NUL                        */
	ICE_OUR_PWD   = 24 + 1, /**< letters and digits: 142 bits           */
	ICE_UFRAG     = 256 + 1, /**< the longest of a peer                 */
};

struct ice {
	char ufrag[ICE_OUR_UFRAG];
	char pwd[ICE_OUR_PWD];
	char peer_ufrag[ICE_UFRAG];
	struct sa peer;  /**< its proven address; not set before that       */
	struct sa next;  /**< where it wants to go; not set if it stays     */
	bool settled;    /**< there are keys: see ice_settle()              */
};

/** New names and passwords of ours. */
void ice_init(struct ice *ice, const char *peer_ufrag);

/**
 * Take a STUN message
 *
 * @param in    The message, from its first byte on; of mbuf_alloc()
 * @param reply Empty; the answer that is to be sent to src
 *
 * @return 0; EBADMSG it is no check of the peer's: to be dropped; ENOMEM
 */
int ice_take(struct ice *ice, const struct sa *src, struct mbuf *in,
	     struct mbuf *reply);

/** Keys are agreed: from now on checks alone move nothing. */
void ice_settle(struct ice *ice);

/** May this be the peer's, if it proves authentic? */
bool ice_allows(const struct ice *ice, const struct sa *src);

/** An authentic packet came from src. @return true if the peer has moved */
bool ice_heard(struct ice *ice, const struct sa *src);

#endif
