/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file leg_parts.h  What a leg is made of; for leg*.c alone
 */
#ifndef RINGBACK_MEDIA_LEG_PARTS_H
#define RINGBACK_MEDIA_LEG_PARTS_H

#include "dtmf.h"
#include "keypress.h"
#include "latch.h"
#include "leg.h"
#include "player.h"
#include "sdpneg.h"
#include "stream.h"
#include "tally.h"
#include "webrtc.h"

struct leg {
	struct room *room;     /* borrow */
	struct leg *partner;   /* borrow: each lets the other go */
	struct port *port;
	struct webrtc *web;    /* NULL: the peer is no browser */
	struct sdpneg *neg;
	struct latch latch;
	struct stream out;
	struct player player;
	struct dtmf dtmf;
	struct tally tally;
	struct recording *rec; /* the last one; NULL: none yet             */
	struct keypress *key;  /* to be pressed, or being pressed          */
	struct sdpneg_peer peer; /* n_rx 0: it has not answered yet */
	uint64_t id;
	uint64_t relay_tick;   /* when the partner was last heard here */
	uint64_t n_sent;
	uint64_t n_dropped;
	uint32_t serial;       /* of the list; 0: nobody waits for its end */
	bool offered;
};

/** Take one packet off the socket. @param arg The leg */
void leg_readable(int flags, void *arg);

/** Listen on this port (counted) from now on. */
int leg_port_take(struct leg *leg, struct port *port);

/** Close the socket, if there is one. */
void leg_port_drop(struct leg *leg);

#endif
