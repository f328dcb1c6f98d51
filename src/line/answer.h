/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file answer.h  A 200 to an INVITE, sent until it is ACKed
 *
 * RFC 3261, 13.3.1.4: libre's server transaction ends with the 2xx, so the
 * user agent itself repeats it.
 */
#ifndef RINGBACK_ANSWER_H
#define RINGBACK_ANSWER_H

#include <re.h>

struct answer;

/** No ACK came within 64*T1. The owner may mem_deref() the answer here. */
typedef void(answer_lost_h)(void *arg);

/**
 * Send 200 and repeat it
 *
 * @param ap      new, mem_deref() stops repeating
 * @param sip     SIP stack
 * @param stp     The INVITE's server transaction; NULL afterwards
 * @param msg     The INVITE
 * @param headers Contact and others with their CRLFs (borrow)
 * @param sdp     Body, may be empty
 */
int answer_send(struct answer **ap, struct sip *sip, struct sip_strans **stp,
		const struct sip_msg *msg, const struct mbuf *headers,
		const struct pl *sdp, answer_lost_h *losth, void *arg);

/** Is this the ACK for it? */
bool answer_acked_by(const struct answer *a, const struct sip_msg *ack);

#endif
