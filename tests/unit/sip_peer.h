/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sip_peer.h  A SIP stack under test, and a peer that says what it likes
 *
 * The stack is libre's, on a free UDP port of 127.0.0.1. The peer is a bare
 * UDP socket: it keeps what it gets, repeats nothing, and may break every
 * rule. Whatever fails to come fails the test.
 */
#ifndef RINGBACK_TEST_SIP_PEER_H
#define RINGBACK_TEST_SIP_PEER_H

#include <re.h>

/** A request for the code under test (its To may have a tag). */
typedef void(sip_bench_h)(const struct sip_msg *msg, void *arg);

/** The stack under test. */
struct sip_bench {
	struct sip *sip;
	struct sa laddr;
	struct sip_lsnr *requests;
	struct sip_lsnr *responses;
	sip_bench_h *requesth;
	sip_bench_h *responseh; /**< optional */
	void *arg;
};

void sip_bench_open(struct sip_bench *b, sip_bench_h *requesth,
		    sip_bench_h *responseh, void *arg);
/** Once more, behind who has come to listen since (drop both first). */
void sip_bench_listen(struct sip_bench *b);
void sip_bench_close(struct sip_bench *b);

/** Run the loop until the condition holds; the test fails after 5 s. */
void sip_loop(bool (*done)(void *arg), void *arg, const char *what);

struct sip_peer {
	struct udp_sock *us;
	struct sa laddr;
	struct sa to;
	struct list newl;  /**< what came and was not asked for yet */
	struct list seenl;
	unsigned n_sent;
};

/** @param ip 127.0.0.0/8 */
void sip_peer_open(struct sip_peer *p, const char *ip, const struct sa *to);
void sip_peer_close(struct sip_peer *p);

/** Send this text. */
void sip_peer_send(struct sip_peer *p, const char *text);

/**
 * Wait for a request ("BYE") or a response ("200 INVITE")
 *
 * @return The first one not asked for yet (borrow, lives with the peer)
 */
const struct sip_msg *sip_peer_await(struct sip_peer *p, const char *what);

/** How many of these have come and were not asked for, after a round trip. */
unsigned sip_peer_count(struct sip_peer *p, const char *what);

/** Once to the stack and back: what was under way has arrived. */
void sip_peer_sync(struct sip_peer *p);

/** One side of a dialog, the peer's. */
struct sip_call {
	struct sip_peer *peer;
	char target[128]; /**< Request-URI                             */
	char callid[64];
	char ltag[64];
	char rtag[64];    /**< empty until known                       */
	uint32_t cseq;    /**< of the last request                     */
	uint32_t invite_cseq;
	unsigned invite_branch;
	bool refused;     /**< the INVITE was: its ACK is of the same branch */
};

/** A new call to "sip:line@STACK". */
void sip_call_begin(struct sip_call *c, struct sip_peer *p);

/** The peer's side of a call that this INVITE started. */
void sip_call_of(struct sip_call *c, struct sip_peer *p,
		 const struct sip_msg *invite, const char *ltag);

/** Send a request; headers with CRLFs; a body is called SDP unless the
 *  headers have a Content-Type. ACK and CANCEL belong to the last INVITE. */
void sip_call_request(struct sip_call *c, const char *method,
		      const char *headers, const char *body);

/** Await a final response to it; remembers the tag. */
const struct sip_msg *sip_call_await(struct sip_call *c, const char *what);

/** Answer a request, as a party with this tag. Headers that name another
 *  "Contact:" ("No-Contact:", even) get none besides. */
void sip_peer_reply(struct sip_peer *p, const struct sip_msg *req,
		    unsigned scode, const char *tag, const char *headers,
		    const char *body);

/** Does the message have this text anywhere? */
bool sip_msg_has(const struct sip_msg *msg, const char *text);

#endif
