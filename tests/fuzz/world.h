/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file world.h  The line process, whole, and all who can reach it
 *
 * From reception.c on everything is the line's own, in one process with the
 * target: SIP by loopback sockets, ringback-media and ringback-web by those
 * that they use, a store. Made once; each input finds a line that has just
 * started, and must leave nothing behind.
 *
 * What holds whatever is said: nobody is rung but a counsellor at their
 * telephone, or whoever is owed a call; nothing else is asked of anybody;
 * strangers get no answer larger than their question; and when all have hung up,
 * no leg, no sound and no call is left.
 */
#ifndef RINGBACK_FUZZ_WORLD_H
#define RINGBACK_FUZZ_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fuzz.h"
#include "../unit/house.h"
#include "line/reception.h"
#include "seal/held.h"

/** Three at the address of a trunk: who calls, Ana's telephone, and what is
 *  behind the provider. Nobody knows the fourth. */
enum { CALLER, PHONE, HOME, STRANGER, WORLD_PEERS };

/** Ana has a telephone of her own; Ben's registers, as "ben". */
enum { ANA = 1, BEN };
#define WORLD_SECRET "open sesame"

enum { WORLD_HEARD = 8, WORLD_TALKS = 8, WORLD_TEXT = 64 };

struct world;

/** One end of SIP outside. */
struct peer {
	struct world *w;
	struct udp_sock *us;
	struct sa laddr;
	struct sip_msg *asked[WORLD_HEARD];  /**< requests that came; the last
						  one is at n_asked - 1       */
	unsigned n_asked;
	struct sip_msg *challenge; /**< the last 401 or 407; NULL             */
	char proof[1024];          /**< the last that was made of it          */
	size_t most;               /**< bytes of the longest it has sent      */
	bool proven;               /**< has shown Ben's secret                */
};

/** A dialog, as the peer knows it. */
struct talk {
	unsigned peer;
	char callid[WORLD_TEXT], ltag[WORLD_TEXT], rtag[WORLD_TEXT];
	uint32_t cseq, invite_cseq, branch, invite_branch;
};

struct world {
	struct house *h;
	struct door *door;
	struct registrar *registrar;
	struct reception *reception;
	struct wire_conn *web, *tool; /**< NULL until world_clients()        */
	struct wire_counsellor said;  /**< the last about anybody            */
	struct peer peer[WORLD_PEERS];
	struct talk talk[WORLD_TALKS]; /**< the last one is at n_talks - 1   */
	unsigned n_talks;
	unsigned n_calls;  /**< begun by peers                               */
	unsigned n_sent;   /**< requests, of all peers                       */
	unsigned n_waiting; /**< questions of web and tool without an answer */
	bool polite;       /**< who is asked something says 200              */
};

/** A line that has just started; borrow. */
struct world *world_begin(void);

/** All hang up, and nothing may be left. */
void world_end(struct world *w);

/** ringback-web connects, with the pages of both open, and a command. */
void world_clients(struct world *w);

/** A wire_reply_h of whoever does not want to know. */
void world_forgotten(const struct wire_msg *msg, void *arg);

/** Send this, and let happen what comes of it. */
void world_send(struct world *w, unsigned peer, const struct mbuf *mb);

#endif
