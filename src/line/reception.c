/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * reception.c  Sorts what comes in. Must not know what becomes of it.
 */
#include <sys/socket.h>

#include "lurkers.h"
#include "message.h"
#include "reception.h"
#include "terms.h"
#include "tlspeer.h"


struct reception {
	struct sieve *sieve;
	struct lurkers *lurkers;
	struct sip_lsnr *requests;
	struct sip_lsnr *responses;
	struct sip *sip;
	struct door *door;
	struct registrar *registrar;
	struct switchboard *switchboard;
	struct tlspeers *tls; /* NULL: no TLS */
	bool closed;
};

typedef void(request_h)(struct reception *r, const struct sip_msg *msg);


static void reception_destructor(void *data)
{
	struct reception *r = data;

	tlspeers_shook_handler(r->tls, NULL, NULL);
	mem_deref(r->requests);
	mem_deref(r->responses);
	mem_deref(r->sieve);
	mem_deref(r->lurkers);
}


static void on_invite(struct reception *r, const struct sip_msg *msg)
{
	switchboard_invite(r->switchboard, msg);
}


static void on_options(struct reception *r, const struct sip_msg *msg)
{
	if (!terms_extensions_fit(r->sip, msg))
		return;

	(void)sip_treplyf(NULL, NULL, r->sip, msg, false, 200, "OK",
			  TERMS_ALLOW TERMS_ACCEPT TERMS_SUPPORTED
			  "Content-Length: 0\r\n\r\n");
}


static void on_other(struct reception *r, const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, r->sip, msg, false, 405,
			  "Method Not Allowed",
			  TERMS_ALLOW "Content-Length: 0\r\n\r\n");
}


/* what belongs into a dialog, and names none */
static void on_stray(struct reception *r, const struct sip_msg *msg)
{
	(void)sip_treply(NULL, r->sip, msg, 481, "Call Does Not Exist");
}


static const struct {
	const char *method;
	request_h *h;
} methods[] = {
	{"INVITE", on_invite},
	{"OPTIONS", on_options},
	{"BYE", on_stray},
	{"UPDATE", on_stray},
};


static void outside_dialogs(struct reception *r, const struct sip_msg *msg)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!pl_strcmp(&msg->met, methods[i].method)) {
			methods[i].h(r, msg);
			return;
		}
	}

	on_other(r, msg);
}


/* The trunks have left already. A provider that hears 503 tries elsewhere; a
 * 401 or 403 would be final for the caller. */
static void stopping(struct reception *r, const struct sip_msg *msg)
{
	if (door_may_answer(r->door, &msg->src))
		(void)sip_replyf(r->sip, msg, 503, "Service Unavailable",
				 "Retry-After: 10\r\n"
				 "Content-Length: 0\r\n\r\n");
}


/* 481 for what nobody here knows; an ACK is never answered */
static void unknown_dialog(struct reception *r, const struct sip_msg *msg,
			   const char *reason)
{
	if (pl_strcmp(&msg->met, "ACK") &&
	    door_may_answer(r->door, &msg->src))
		(void)sip_reply(r->sip, msg, 481, reason);
}


/* What stands behind it may be the rest of it, and is no request: libre, which
 * has taken 2^32+32 for 32, gets none of it. */
static void stream_end(const struct sip_msg *msg)
{
	struct tcp_conn *tc = sip_msg_tcpconn(msg);

	if (msg->tp == SIP_TRANSP_UDP || !tc)
		return;

	msg->mb->end = msg->mb->size;
	(void)shutdown(tcp_conn_fd(tc), SHUT_RD);
}


static void malformed(struct reception *r, const struct sip_msg *msg,
		      const struct message_fault *fault)
{
	if (fault->scode && pl_strcmp(&msg->met, "ACK") &&
	    door_may_answer(r->door, &msg->src))
		(void)sip_reply(r->sip, msg, fault->scode, fault->reason);
	if (message_is_endless(msg))
		stream_end(msg);
}


/* Nobody pretends to be at the other end of a connection; where a telephone is
 * registered it has proven to be. Else a few packets a second with made-up
 * senders would end every registration. */
static bool is_known(const struct reception *r, const struct sip_msg *msg)
{
	return msg->tp != SIP_TRANSP_UDP ||
	       registrar_is_at(r->registrar, &msg->src);
}


/* from wherever they are: also from an address of a trunk's */
static void registers(struct reception *r, const struct sip_msg *msg)
{
	if (is_known(r, msg) ? door_may_answer_known(r->door, &msg->src)
			     : door_may_answer(r->door, &msg->src))
		registrar_request(r->registrar, msg);
}


/* they receive what we send there, and may send what they do */
static void proven(struct reception *r, const struct sip_msg *msg)
{
	sieve_prove(r->sieve, msg);
	lurkers_heard(r->lurkers, msg, true);
}


static bool is_known_at(const struct sa *addr, void *arg)
{
	const struct reception *r = arg;

	return door_knows(r->door, addr) ||
	       registrar_is_at(r->registrar, addr);
}


/* Tags and Call-ID are no secrets of those alone who talk: proxies have them,
 * and their logs. They are not enough to have the sound sent elsewhere. */
static bool is_hijacked(struct reception *r, const struct sip_msg *msg)
{
	struct legs *legs = switchboard_legs(r->switchboard);

	return (!pl_strcmp(&msg->met, "INVITE") ||
		!pl_strcmp(&msg->met, "UPDATE")) &&
	       !is_known_at(&msg->src, r) && legs_know(legs, msg) &&
	       !legs_is_at_home(legs, msg);
}


static void not_for_them(struct reception *r, const struct sip_msg *msg)
{
	if (door_may_answer(r->door, &msg->src))
		(void)sip_reply(r->sip, msg, 403, "Forbidden");
}


static void inside_dialogs(struct reception *r, const struct sip_msg *msg)
{
	struct legs *legs = switchboard_legs(r->switchboard);

	if (is_hijacked(r, msg)) {
		not_for_them(r, msg);
		return;
	}
	if (legs_know(legs, msg))
		proven(r, msg);
	if (!legs_request(legs, msg))
		unknown_dialog(r, msg, "Call Does Not Exist");
}


static bool request(const struct sip_msg *msg, void *arg)
{
	struct reception *r = arg;
	struct legs *legs = switchboard_legs(r->switchboard);
	struct message_fault fault;

	lurkers_heard(r->lurkers, msg, false);
	if (message_check(msg, &fault))
		malformed(r, msg, &fault);
	else if (!pl_strcmp(&msg->met, "CANCEL"))
		unknown_dialog(r, msg, "Transaction Does Not Exist");
	else if (pl_isset(&msg->to.tag))
		inside_dialogs(r, msg);
	else if (!pl_strcmp(&msg->met, "ACK"))
		return true;
	else if (r->closed)
		stopping(r, msg);
	else if (!pl_strcmp(&msg->met, "REGISTER"))
		registers(r, msg);
	else if (!pl_strcmp(&msg->met, "INVITE") && legs_repeated(legs, msg))
		return true;
	else if (door_admit(r->door, msg)) {
		proven(r, msg);
		outside_dialogs(r, msg);
	}

	return true;
}


static bool response(const struct sip_msg *msg, void *arg)
{
	struct reception *r = arg;

	legs_response(switchboard_legs(r->switchboard), msg);

	return true;
}


int reception_alloc(struct reception **rp, struct sip *sip, struct door *door,
		    struct registrar *registrar,
		    struct switchboard *switchboard)
{
	struct reception *r;
	int err;

	if (!rp || !sip || !door || !registrar || !switchboard)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), reception_destructor);
	if (!r)
		return ENOMEM;
	r->sip = sip;
	r->door = door;
	r->registrar = registrar;
	r->switchboard = switchboard;

	/* before all others: libre asks in the order in which they came */
	err = sieve_alloc(&r->sieve, sip, is_known_at, r);
	if (!err)
		err = sip_listen(&r->requests, sip, true, request, r);
	if (!err)
		err = sip_listen(&r->responses, sip, false, response, r);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


static void shook(const struct sa *addr, void *arg)
{
	struct reception *r = arg;

	lurkers_shook(r->lurkers, addr);
}


int reception_open(struct reception *r, const struct ports *ports)
{
	sieve_open(r->sieve, ports->laddrs, ports->n_laddrs);
	r->tls = ports->tls;
	tlspeers_shook_handler(r->tls, shook, r);

	return lurkers_alloc(&r->lurkers, ports->streams, ports->n_streams,
			     ports->n_laddrs, is_known_at, r);
}


const struct sieve_count *reception_dropped(const struct reception *r)
{
	return sieve_counted(r->sieve);
}


void reception_close(struct reception *r)
{
	r->closed = true;
}
