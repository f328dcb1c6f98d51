/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file offer.h  The phone's side of SDP offer and answer (RFC 3264)
 */
#ifndef RINGBACK_PHONE_OFFER_H
#define RINGBACK_PHONE_OFFER_H

#include <re.h>

#include "sound.h"

struct offer;

/** What the phone can speak (bits). */
enum offer_codecs {
	OFFER_PCMU = 1 << 0,
	OFFER_PCMA = 1 << 1,
	OFFER_BOTH = OFFER_PCMU | OFFER_PCMA,
};

/**
 * @param op     new
 * @param laddr  Where we hear, with the port
 * @param codecs enum offer_codecs
 *
 * @return 0, ENOMEM, EINVAL
 */
int offer_alloc(struct offer **op, const struct sa *laddr, unsigned codecs);

/** Our SDP, an offer or the answer to the one decoded. new; ENOMEM */
int offer_encode(struct mbuf **mbp, struct offer *o, bool is_offer);

/**
 * Take the peer's SDP
 *
 * @param peer Set to where our sound shall go
 *
 * @return 0, ENOTSUP no codec in common, EBADMSG broken, ENOMEM
 */
int offer_decode(struct sound_peer *peer, struct offer *o, struct mbuf *mb,
		 bool is_offer);

#endif
