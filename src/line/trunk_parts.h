/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file trunk_parts.h  The inside of a trunk, shared by trunk.c and
 * registration.c alone
 */
#ifndef RINGBACK_TRUNK_PARTS_H
#define RINGBACK_TRUNK_PARTS_H

#include "net.h"
#include "trunk.h"

enum trunk_state {
	TRUNK_STATIC = 0,
	TRUNK_TRYING,     /* the first REGISTER is out                     */
	TRUNK_PROVING,    /* the same again with credentials               */
	TRUNK_WAITING,    /* it failed; tried again later                  */
	TRUNK_REFUSED,    /* credentials refused; tried again much later   */
	TRUNK_REGISTERED,
	TRUNK_LEAVING,    /* REGISTER with Expires 0 is out                */
	TRUNK_LEAVING_PROVING,
	TRUNK_GONE,
	TRUNK_STATES
};

enum trunk_event {
	TRUNK_EV_TRY = 0,
	TRUNK_EV_CHALLENGED,
	TRUNK_EV_OK,
	TRUNK_EV_FAILED,
	TRUNK_EV_REFUSED,
	TRUNK_EV_LEAVE,
	TRUNK_EVENTS
};

struct trunk {
	struct le le;
	struct trunks *all; /* borrow */
	struct store_trunk row;
	struct net net;     /* STATIC: who; else who answered REGISTER */
	struct uri uri;     /* into row.uri */
	struct sip_request *req;
	struct tmr tmr;
	char host[LIMIT_URI]; /* "sip:HOST[:PORT]" */
	char callid[33];
	char token[17];     /* user part of our Contact */
	char tag[17];
	uint32_t cseq;
	uint32_t expires_s; /* asked for */
	uint32_t granted_s;
	uint32_t retry_ms;
	uint8_t state;
	bool seen;          /* by the load that is going on */
};

struct trunks {
	struct list trunkl;
	struct list toldl;    /* secrets of files that we may not open */
	struct list leavingl; /* no trunks any more */
	struct sip *sip;
	struct step_trace trace;
	struct tlspeers *tls;
	enum wire_srtp srtp;
};

/* trunk.c */
/** What answers a challenge to a request of ours is appended. */
int trunk_authorize(struct mbuf *mb, const struct trunk *t,
		    const struct sip_msg *msg, const char *method,
		    const char *uri);

/* trunk_tls.c */
/** A request of this trunk's is about to go there. */
void trunk_expect(const struct trunk *t, const struct sa *dst);
/** Why its certificate was refused last; "" if it was not. */
void trunk_why(char *why, size_t size, const struct trunk *t);

/* registration.c */
void trunk_step(struct trunk *t, enum trunk_event event);
/** Registers, and again and again, until TRUNK_EV_LEAVE. */
int trunk_register(struct trunk *t);

#endif
