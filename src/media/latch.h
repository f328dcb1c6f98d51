/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file latch.h  Whose packets a leg hears, and where its own go
 *
 * Phones behind address translation send from another port, often another
 * address, than their SDP says. So a leg learns its peer's true address from
 * the first valid RTP packet, but only from an address that its SDP or its
 * SIP names, and only once: from then on nobody else is heard and nobody can
 * redirect the sound ("RTP bleed", AST-2017-005, CVE-2025-53399). It learns
 * again only after the peer itself named another address or port in its SDP.
 *
 * Exactly the address and port in the SDP go first. A peer that is likely to
 * know its address (its SIP comes from there, or it is a public one) has a head
 * start of half a second before whoever else is at that address; and should
 * it speak later than they, it is heard and they are not, from then on.
 *
 * Pure: no socket; the time is a count of 20 ms ticks.
 */
#ifndef RINGBACK_MEDIA_LATCH_H
#define RINGBACK_MEDIA_LATCH_H

#include <stdbool.h>
#include <re.h>

#include "wire/wire.h"

enum {
	LATCH_TRIAL  = 25, /**< packets, and ticks: half a second          */
	LATCH_RETURN = 5,  /**< of the one that its SDP names, after another */
};

struct latch {
	struct wire_addr nets[WIRE_NETS];
	struct sa named;  /**< in the peer's SDP; not set before one came  */
	struct sa peer;   /**< latched, if fixed                           */
	struct sa trial;  /**< who may become it, after some more packets  */
	uint64_t tick;    /**< when the first of these came                */
	uint32_t ssrc;    /**< of these packets                            */
	uint16_t seq;
	uint8_t n_trial;
	uint8_t n_nets;
	bool fixed;
};

enum latch_verdict {
	LATCH_STRANGER,  /**< not to be heard                              */
	LATCH_CANDIDATE, /**< may become the peer, if its packet is valid  */
	LATCH_PEER,
};

/** Nobody is named yet, nobody is heard. */
void latch_init(struct latch *l);

/** Whom to hear besides the address in the peer's SDP: n_nets networks, up to
 *  WIRE_NETS. What was learnt stays. */
void latch_policy(struct latch *l, const struct wire_addr *nets,
		  uint8_t n_nets);

/**
 * May the peer's SDP name this address?
 *
 * A host, and not this machine's inside unless its SIP comes from there: no
 * caller points our sound at a local service.
 */
bool latch_allows(const struct latch *l, const struct sa *named);

/**
 * The peer's SDP names this address and port
 *
 * The same as before keeps what was learnt; another one forgets it. An
 * unspecified address (hold) changes nothing.
 *
 * @return true if it is another one
 */
bool latch_aim(struct latch *l, const struct sa *named);

/** Judge where a packet came from. */
enum latch_verdict latch_check(const struct latch *l, const struct sa *src);

/**
 * A candidate sent a valid packet with this SSRC and number
 *
 * @return true if it is the peer from now on; false: not yet, it is not to be
 *         heard
 */
bool latch_try(struct latch *l, const struct sa *src, uint64_t tick,
	       uint32_t ssrc, uint16_t seq);

/** Where to send: what was learnt, else what the SDP named; NULL if neither
 *  is known (borrow). */
const struct sa *latch_target(const struct latch *l);

#endif
