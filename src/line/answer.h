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
 * Make the 200, and do not send it yet
 *
 * @param ap      new, mem_deref() stops repeating
 * @param sip     SIP stack
 * @param msg     The INVITE
 * @param headers Contact and others with their CRLFs (borrow)
 * @param sdp     Body, may be empty
 */
int answer_make(struct answer **ap, struct sip *sip, const struct sip_msg *msg,
		const struct mbuf *headers, const struct pl *sdp,
		answer_lost_h *losth, void *arg);

/** Send it, and repeat it. @param stp The INVITE's server transaction; NULL
 *  afterwards */
int answer_send(struct answer *a, struct sip_strans **stp);

/**
 * Go on repeating a 200 of an earlier life of this process, from now on
 *
 * @param text As answer_text() said
 * @param to   As answer_peer() did: by a new connection, where it was one
 */
int answer_again(struct answer **ap, struct sip *sip, const char *text,
		 enum sip_transp tp, const struct sa *to, uint32_t cseq,
		 answer_lost_h *losth, void *arg);

/** The INVITE came again: so does this, at once. */
void answer_repeat(struct answer *a);

/** The whole of it (borrow). */
const struct mbuf *answer_text(const struct answer *a);

/** Where it goes if there is no connection (any more): RFC 3261, 18.2.2. */
const struct sa *answer_peer(const struct answer *a);
enum sip_transp answer_transp(const struct answer *a);
uint32_t answer_cseq(const struct answer *a);

/** Is this the ACK for it? */
bool answer_acked_by(const struct answer *a, const struct sip_msg *ack);

#endif
