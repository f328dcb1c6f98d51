/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file leg_parts.h  What a leg is made of; for leg*.c alone
 */
#ifndef RINGBACK_MEDIA_LEG_PARTS_H
#define RINGBACK_MEDIA_LEG_PARTS_H

#include "dtmf.h"
#include "ear.h"
#include "keypress.h"
#include "latch.h"
#include "leg.h"
#include "pace.h"
#include "player.h"
#include "sdpneg.h"
#include "source.h"
#include "stream.h"
#include "tally.h"
#include "webrtc.h"

/* that a leg hears another one */
struct hearing {
	struct le le;          /* in the source's list of who hears it      */
	struct leg *hearer;    /* borrow: whose it is                       */
	struct leg *source;    /* borrow; NULL: a free place                */
	struct ear *ear;       /* NULL: relayed as it comes, else mixed     */
};

struct leg {
	struct room *room;     /* borrow */
	struct leg *partner;   /* borrow: the other half of a bridge        */
	struct hearing hears[WIRE_HEARS];
	struct list heardl;    /* of struct hearing: who hears this one     */
	struct port *port;
	struct webrtc *web;    /* NULL: the peer is no browser */
	struct sdpneg *neg;
	struct websrtp *srtp;  /* by keys of the SDP; NULL: plain RTP */
	struct latch latch;
	struct source source;
	struct pace pace;
	struct stream out;
	struct player player;
	struct dtmf dtmf;
	struct tally tally;
	struct recording *rec; /* the last one; NULL: none yet             */
	struct keypress *key;  /* to be pressed, or being pressed          */
	struct sdpneg_peer peer; /* n_rx 0: it has not answered yet */
	uint64_t id;
	uint64_t relay_tick;   /* when a packet was last relayed here */
	uint64_t n_sent;
	uint64_t n_dropped;
	uint32_t serial;       /* of the list; 0: nobody waits for its end */
	bool offered;
};

/** May something be sent to the peer: is it there, and wants to hear? */
bool leg_may_send(const struct leg *leg);

/** Send it. @param p With room for the header before its payload */
void leg_send(struct leg *leg, struct rtp_packet *p,
	      const struct stream_stamp *stamp);

/** Hear nobody; a bridge is over for both. */
void leg_part(struct leg *leg);

/** It sends no more: nobody hears it. */
void leg_heard_end(struct leg *leg);

/** What comes from its peer may have other numbers from now on. */
void leg_source_moved(struct leg *leg);

bool leg_hears_any(const struct leg *leg);

/** Has it just heard its one source? Then nothing is to be filled in. */
bool leg_is_relayed(const struct leg *leg);

/** Hand on sound of its peer, or a packet of a key that stands for span
 *  samples, to those who hear the leg. The packet stays as it is. */
void leg_heard(struct leg *leg, const struct rtp_packet *p, enum codec c);
void leg_heard_key(struct leg *leg, const struct rtp_packet *p, uint32_t span);

/** The next 20 ms of all who are mixed for this leg. @return false if none
 *  of them sends: out is not touched */
bool leg_mix(struct leg *leg, uint8_t out[CODEC_FRAME]);

/** Take one packet off the socket. @param arg The leg */
void leg_readable(int flags, void *arg);

/** Listen on this port (counted) from now on. */
int leg_port_take(struct leg *leg, struct port *port);

/** Close the socket, if there is one. */
void leg_port_drop(struct leg *leg);

#endif
