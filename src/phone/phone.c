/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone.c  The SIP side of the test phone that is no call: transports,
 * OPTIONS, what nobody knows. Must answer every request, so that libre does
 * not print it.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "base/step.h"
#include "phone.h"


enum {
	HASH_SIZE = 32,
	PORT_TRIES = 16,
};

static const char allow[] = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
			    "Content-Length: 0\r\n\r\n";

struct phone {
	struct sip *sip;
	struct sipsess_sock *sock;
	struct sip_lsnr *options;
	struct sip_lsnr *rest;
	struct sip_lsnr *late;
	struct sa laddr;
	phone_rung_h *rungh;
	phone_closed_h *closedh;
	void *arg;
	bool rung;   /* the handler has answered */
	bool closing;
};

static const struct {
	uint16_t scode;
	const char *reason;
} reasons[] = {
	{404, "Not Found"},
	{480, "Temporarily Unavailable"},
	{486, "Busy Here"},
	{488, "Not Acceptable Here"},
	{500, "Server Internal Error"},
	{503, "Service Unavailable"},
	{600, "Busy Everywhere"},
	{603, "Decline"},
};


static void destructor(void *arg)
{
	struct phone *phone = arg;

	phone->closedh = NULL;
	mem_deref(phone->options);
	mem_deref(phone->rest);
	mem_deref(phone->late);
	if (phone->sock)
		sipsess_close_all(phone->sock);
	mem_deref(phone->sock);
	sip_close(phone->sip, true);
	mem_deref(phone->sip);
}


const char *phone_reason(uint16_t scode)
{
	for (size_t i = 0; i < STEP_COUNT(reasons); i++) {
		if (reasons[i].scode == scode)
			return reasons[i].reason;
	}

	return "Refused";
}


static void exit_handler(void *arg)
{
	struct phone *phone = arg;

	if (phone->closedh)
		phone->closedh(phone->arg);
}


static void rung_handler(const struct sip_msg *msg, void *arg)
{
	struct phone *phone = arg;

	phone->rung = false;
	if (phone->rungh && !phone->closing)
		phone->rungh(phone, msg, phone->arg);
	if (!phone->rung)
		(void)phone_refuse(phone, msg, 480);
}


static bool options_handler(const struct sip_msg *msg, void *arg)
{
	struct phone *phone = arg;

	if (pl_strcmp(&msg->met, "OPTIONS"))
		return false;

	(void)sip_treplyf(NULL, NULL, phone->sip, msg, false, 200, "OK",
			  "Accept: application/sdp\r\n%s", allow);
	return true;
}


static bool rest_handler(const struct sip_msg *msg, void *arg)
{
	struct phone *phone = arg;

	if (!pl_strcmp(&msg->met, "CANCEL"))
		(void)sip_reply(phone->sip, msg, 481,
				"Transaction Does Not Exist");
	else if (pl_strcmp(&msg->met, "ACK"))
		(void)sip_treplyf(NULL, NULL, phone->sip, msg, false, 405,
				  "Method Not Allowed", "%s", allow);
	return true;
}


static bool late_handler(const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	return true; /* of a transaction that is over */
}


static int transports_add(struct sip *sip, struct sa *laddr, unsigned which)
{
	struct sa bound;
	int err = 0;

	if (which & PHONE_UDP) {
		err = sip_transp_add(sip, SIP_TRANSP_UDP, laddr);
		if (err)
			return err;
		err = sip_transp_laddr(sip, &bound, SIP_TRANSP_UDP, laddr);
		if (err)
			return err;
		*laddr = bound; /* TCP on the port that UDP was given */
	}
	if (which & PHONE_TCP) {
		err = sip_transp_add(sip, SIP_TRANSP_TCP, laddr);
		if (err)
			return err;
		err = sip_transp_laddr(sip, &bound, SIP_TRANSP_TCP, laddr);
		*laddr = bound;
	}

	return err;
}


/* the port that was free for UDP need not be so for TCP: try another */
static int listen_any(struct phone *phone, const struct phone_prm *prm)
{
	unsigned tries = sa_port(&prm->laddr) ? 1 : PORT_TRIES;
	int err = EADDRINUSE;

	while (err == EADDRINUSE && tries--) {
		phone->laddr = prm->laddr;
		sip_transp_flush(phone->sip);
		err = transports_add(phone->sip, &phone->laddr,
				     prm->transports);
	}

	return err;
}


static int listeners_add(struct phone *phone)
{
	int err;

	err = sip_listen(&phone->options, phone->sip, true, options_handler,
			 phone);
	if (err)
		return err;
	err = sipsess_listen(&phone->sock, phone->sip, HASH_SIZE,
			     rung_handler, phone);
	if (err)
		return err;
	err = sip_listen(&phone->rest, phone->sip, true, rest_handler, phone);
	if (err)
		return err;

	return sip_listen(&phone->late, phone->sip, false, late_handler,
			  phone);
}


int phone_alloc(struct phone **pp, const struct phone_prm *prm)
{
	struct phone *phone;
	int err;

	if (!pp || !prm || !prm->transports)
		return EINVAL;

	phone = mem_zalloc(sizeof(*phone), destructor);
	if (!phone)
		return ENOMEM;

	phone->rungh = prm->rungh;
	phone->closedh = prm->closedh;
	phone->arg = prm->arg;

	err = sip_alloc(&phone->sip, NULL, HASH_SIZE, HASH_SIZE, HASH_SIZE,
			"ringback-phone", exit_handler, phone);
	if (err)
		goto out;
	err = listen_any(phone, prm);
	if (err)
		goto out;
	err = listeners_add(phone);

out:
	if (err)
		mem_deref(phone);
	else
		*pp = phone;

	return err;
}


const struct sa *phone_laddr(const struct phone *phone)
{
	return phone ? &phone->laddr : NULL;
}


void phone_close(struct phone *phone)
{
	if (!phone || phone->closing)
		return;

	phone->closing = true;
	sip_close(phone->sip, false);
}


int phone_refuse(struct phone *phone, const struct sip_msg *msg,
		 uint16_t scode)
{
	if (!phone || !msg || scode < 300)
		return EINVAL;

	phone->rung = true;
	return sip_treply(NULL, phone->sip, msg, scode, phone_reason(scode));
}


int phone_route(struct sa *laddr, const struct sa *dst)
{
	struct udp_sock *us;
	struct sa any;
	int err;

	if (!laddr || !dst)
		return EINVAL;

	sa_init(&any, sa_af(dst));
	err = udp_listen(&us, &any, NULL, NULL);
	if (err)
		return err;

	err = udp_connect(us, dst);
	if (!err)
		err = udp_local_get(us, laddr);
	if (!err)
		sa_set_port(laddr, 0);
	mem_deref(us);

	return err;
}


struct sipsess_sock *phone_sock(const struct phone *phone)
{
	return phone ? phone->sock : NULL;
}


void phone_taken(struct phone *phone)
{
	if (phone)
		phone->rung = true;
}
