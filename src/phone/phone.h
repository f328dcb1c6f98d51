/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file phone.h  A small SIP phone, for tests, demo and self-test
 *
 * One phone is one SIP address; its calls are call.h. It calls out or is
 * rung, over UDP or TCP, IPv4 or IPv6, and does so in libre's loop of the
 * calling thread. It keeps no account anywhere. No part of the line uses it.
 */
#ifndef RINGBACK_PHONE_PHONE_H
#define RINGBACK_PHONE_PHONE_H

#include <stdint.h>
#include <re.h>

struct phone;

/** Transports (bits). */
enum phone_transports {
	PHONE_UDP = 1 << 0,
	PHONE_TCP = 1 << 1,
};

/**
 * Somebody rings: phone_call_take() it, or phone_refuse() it. Neither: it is
 * refused with 480.
 */
typedef void(phone_rung_h)(struct phone *phone, const struct sip_msg *msg,
			   void *arg);

/** All transactions are over; the phone may be freed. */
typedef void(phone_closed_h)(void *arg);

struct phone_prm {
	struct sa laddr;         /**< a concrete address; port 0: any        */
	unsigned transports;     /**< enum phone_transports                  */
	phone_rung_h *rungh;     /**< NULL: refuses all with 480             */
	phone_closed_h *closedh; /**< told after phone_close(), optional     */
	void *arg;
};

/** new; EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOMEM, EINVAL */
int phone_alloc(struct phone **pp, const struct phone_prm *prm);

/** The SIP address, with the port that was chosen. */
const struct sa *phone_laddr(const struct phone *phone);

/** Take no more calls; closedh follows when what was said is answered. */
void phone_close(struct phone *phone);

/** Say no to a call. @return 0 or errno */
int phone_refuse(struct phone *phone, const struct sip_msg *msg,
		 uint16_t scode);

/** The local address that packets to dst would come from, port 0.
 *  @return 0, ENETUNREACH, ... */
int phone_route(struct sa *laddr, const struct sa *dst);

/** "Busy Here" for 486; "Refused" for what is not in the table. */
const char *phone_reason(uint16_t scode);

/* for call.c */
struct sipsess_sock *phone_sock(const struct phone *phone);
void phone_taken(struct phone *phone);

#endif
