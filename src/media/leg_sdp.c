/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_sdp.c  A leg's offers and answers: which port, which peer. Must not
 * send or receive sound.
 */
#include <errno.h>
#include <re.h>

#include "leg_parts.h"


static int port_new(struct leg *leg, struct port **portp, int af)
{
	int err = ports_open(leg->room->ports, portp, af);

	return err == EAFNOSUPPORT ? ENOTSUP : err;
}


int leg_port_take(struct leg *leg, struct port *port)
{
	int err;

	if (port == leg->port)
		return 0;
	err = fd_listen(port->fd, FD_READ, leg_readable, leg);
	if (err)
		return err == EMFILE ? ENOSPC : err;

	leg_port_drop(leg);
	leg->port = mem_ref(port);

	return 0;
}


/* may ours go where the peer's SDP says? */
static int peer_check(const struct leg *leg, const struct latch *latch,
		      const struct sdpneg_peer *peer)
{
	if (sdpneg_peer_deaf(peer))
		return 0;

	return latch_allows(latch, &peer->addr) &&
	       !ports_is_ours(leg->room->ports, &peer->addr) ? 0 : ENOTSUP;
}


/* what was agreed about keys; may be all that a re-INVITE is for */
static int srtp_take(struct leg *leg)
{
	struct sdes *sdes = sdpneg_sdes(leg->neg);
	const struct sdes_pair *next = &sdes->next;
	int err = 0;

	if (!next->ours.tag)
		leg->srtp = mem_deref(leg->srtp);
	else if (leg->srtp && sdes_same(&sdes->now.ours, &next->ours)) {
		if (!sdes_same(&sdes->now.theirs, &next->theirs))
			err = websrtp_rekey(leg->srtp, next->theirs.suite,
					    next->theirs.key);
	}
	else {
		leg->srtp = mem_deref(leg->srtp);
		err = websrtp_alloc(&leg->srtp, next->ours.suite,
				    next->theirs.key, next->ours.key);
	}
	if (!err)
		sdes_take(sdes);

	return err;
}


/* a leg is secret, or not, from its first offer on */
static void srtp_policy(struct leg *leg, const struct wire_leg_open *open)
{
	if (!leg->port)
		sdpneg_sdes(leg->neg)->use = open->srtp;
}


static void peer_take(struct leg *leg, const struct latch *latch,
		      const struct sdpneg_peer *peer)
{
	leg->latch = *latch;
	leg->peer = *peer;
	if (sdpneg_peer_deaf(peer) || !latch_aim(&leg->latch, &peer->addr))
		return;

	/* from elsewhere may come numbers that do not follow the old ones */
	leg_source_moved(leg);
}


int leg_offer(struct leg *leg, const struct wire_leg_open *open,
	      enum codec first, struct mbuf **mbp)
{
	struct port *port;
	int err = 0;

	if (!leg || !open || !mbp)
		return EINVAL;
	if (leg->web)
		return ENOTSUP;

	if (leg->port) {
		port = mem_ref(leg->port);
	}
	else {
		err = port_new(leg, &port,
			       open->family == 6 ? AF_INET6 : AF_INET);
		if (err)
			return err;
		latch_policy(&leg->latch, open->nets, open->n_nets);
		srtp_policy(leg, open);
	}
	(void)leg_codec(leg, &first);

	err = leg_port_take(leg, port);
	if (!err)
		err = sdpneg_offer_write(leg->neg, mbp, &port->local, first);
	if (!err)
		leg->offered = true;
	mem_deref(port);

	return err;
}


/* the leg's own port, if the peer stays in its family */
static int answer_port(struct leg *leg, struct port **portp,
		       const struct sdpneg_peer *peer)
{
	const int af = sa_af(&peer->addr);

	if (leg->port && sa_af(&leg->port->local) == af) {
		*portp = mem_ref(leg->port);
		return 0;
	}

	return port_new(leg, portp, af);
}


int leg_answer(struct leg *leg, const struct wire_leg_open *open,
	       const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp)
{
	struct latch latch;
	struct sdp_session *s = NULL;
	struct sdpneg_peer peer;
	struct port *port = NULL;
	struct mbuf *mb = NULL;
	int err;

	if (!leg || !open || !sdp || !mbp)
		return EINVAL;
	if (leg->web)
		return ENOTSUP;

	latch = leg->latch;
	latch_policy(&latch, open->nets, open->n_nets);
	srtp_policy(leg, open);

	err = sdpneg_offer_read(leg->neg, &s, &peer, sdp, n_sdp);
	if (!err)
		err = peer_check(leg, &latch, &peer);
	if (!err)
		err = answer_port(leg, &port, &peer);
	if (!err)
		err = sdpneg_answer_write(leg->neg, &mb, s, &peer,
					  &port->local);
	if (!err)
		err = leg_port_take(leg, port);
	if (!err)
		err = srtp_take(leg);
	if (err)
		goto out;

	peer_take(leg, &latch, &peer);

out:
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;
	mem_deref(port);
	mem_deref(s);

	return err;
}


int leg_accept(struct leg *leg, const uint8_t *sdp, size_t n_sdp)
{
	struct sdpneg_peer peer;
	int err;

	if (!leg || !sdp)
		return EINVAL;
	if (!leg->offered)
		return EPROTO;

	err = sdpneg_answer_read(leg->neg, &peer, sdp, n_sdp);
	if (err)
		return err;
	if (sa_af(&peer.addr) != sa_af(&leg->port->local))
		return ENOTSUP;
	err = peer_check(leg, &leg->latch, &peer);
	if (!err)
		err = srtp_take(leg);
	if (err)
		return err;

	peer_take(leg, &leg->latch, &peer);

	return 0;
}
