/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sdpneg.h  Offer and answer (RFC 3264) for one leg: one audio stream
 *
 * PCMU, PCMA and telephone-event/8000 over RTP/AVP or RTP/SAVP, 20 ms. Each offer or
 * answer is worked out on a session of its own, so that a refused one leaves
 * nothing behind; what must stay the same from one to the next (the o= line,
 * the order of m-lines) is kept in struct sdpneg.
 */
#ifndef RINGBACK_MEDIA_SDPNEG_H
#define RINGBACK_MEDIA_SDPNEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <re.h>

#include "codec.h"
#include "sdes.h"

enum { SDPNEG_NO_PT = 0xff };

/** What the peer's SDP says about its sound. */
struct sdpneg_peer {
	struct sa addr;    /**< where it wants to hear us; the unspecified
				address if it wants to hear nothing        */
	enum sdp_dir dir;  /**< ours: SDP_SENDONLY bit: we may send,
				SDP_RECVONLY bit: it may send              */
	enum codec codec;  /**< what we send                               */
	uint8_t pt;
	uint8_t event_pt;  /**< telephone-event as we send it, or none     */
	struct {
		uint8_t pt;
		enum codec codec;
	} rx[CODEC_COUNT]; /**< what it may send                           */
	uint8_t n_rx;
	uint8_t event_rx[2]; /**< telephone-event as it may send it        */
};

struct sdpneg;

/** @param np new. @return 0, ENOMEM */
int sdpneg_alloc(struct sdpneg **np);

/** Keys of this leg: what may be used is to be set before anything is offered
 *  or answered; sdes_take() as soon as an answer is taken (borrow). */
struct sdes *sdpneg_sdes(struct sdpneg *n);

/**
 * Write an offer: sendrecv, both codecs
 *
 * @param n     The leg's; our last version becomes this one
 * @param mbp   new, the SDP
 * @param local Where we want to hear the peer
 * @param first The codec we prefer
 */
int sdpneg_offer_write(struct sdpneg *n, struct mbuf **mbp,
		       const struct sa *local, enum codec first);

/**
 * Read the answer to our offer
 *
 * @param peer Set on success
 *
 * @return 0; EPROTO broken; ENOTSUP no sound in common, or addresses that
 *         are not literals; ENOMEM
 */
int sdpneg_answer_read(struct sdpneg *n, struct sdpneg_peer *peer,
		       const uint8_t *sdp, size_t n_sdp);

/**
 * Read an offer of the peer
 *
 * @param n    The leg's: only whether keys may be used is looked at
 * @param sp   new, for sdpneg_answer_write()
 * @param peer Set on success: its first codec that we speak
 *
 * @return as sdpneg_answer_read()
 */
int sdpneg_offer_read(const struct sdpneg *n, struct sdp_session **sp, struct sdpneg_peer *peer,
		      const uint8_t *sdp, size_t n_sdp);

/**
 * Answer it: one codec, one telephone-event, further m-lines refused
 *
 * @param s     From sdpneg_offer_read() (borrow)
 * @param peer  From sdpneg_offer_read()
 * @param local Where we want to hear the peer
 */
int sdpneg_answer_write(struct sdpneg *n, struct mbuf **mbp,
			struct sdp_session *s, const struct sdpneg_peer *peer,
			const struct sa *local);

/** True if the SDP names no place to send to (hold as in RFC 2543). */
bool sdpneg_peer_deaf(const struct sdpneg_peer *peer);

#endif
