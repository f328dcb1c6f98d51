/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg.c  Joins the parts of a leg: socket, negotiation, latch, stream,
 * player, keys. Must not know the wire between processes, nor other legs but
 * its partner.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <re.h>

#include "leg.h"
#include "dtmf.h"
#include "latch.h"
#include "player.h"
#include "rtp.h"
#include "sdpneg.h"
#include "stream.h"
#include "tally.h"

#define LOG_MODULE "leg"
#include "base/log.h"


struct leg {
	struct room *room;     /* borrow */
	struct leg *partner;   /* borrow: each lets the other go */
	struct port *port;
	struct sdpneg *neg;
	struct latch latch;
	struct stream out;
	struct player player;
	struct dtmf dtmf;
	struct tally tally;
	struct sdpneg_peer peer; /* n_rx 0: it has not answered yet */
	uint64_t id;
	uint64_t relay_tick;   /* when the partner was last heard here */
	uint64_t n_sent;
	uint64_t n_dropped;
	uint32_t serial;       /* of the list; 0: nobody waits for its end */
	bool offered;
};


static void part(struct leg *leg)
{
	if (leg->partner)
		leg->partner->partner = NULL;
	leg->partner = NULL;
}


static void port_drop(struct leg *leg)
{
	if (leg->port)
		fd_close(leg->port->fd);
	leg->port = mem_deref(leg->port);
}


static void leg_destructor(void *data)
{
	struct leg *leg = data;

	part(leg);
	port_drop(leg);
	player_reset(&leg->player);
	mem_deref(leg->neg);
}


int leg_alloc(struct leg **legp, struct room *room, uint64_t id)
{
	struct leg *leg;
	int err;

	if (!legp || !room || !id)
		return EINVAL;

	leg = mem_zalloc(sizeof(*leg), leg_destructor);
	if (!leg)
		return ENOMEM;
	leg->room = room;
	leg->id = id;
	latch_init(&leg->latch);
	stream_init(&leg->out);
	player_init(&leg->player, room->noise);

	err = sdpneg_alloc(&leg->neg);

	if (err)
		mem_deref(leg);
	else
		*legp = leg;

	return err;
}


static bool may_send(const struct leg *leg)
{
	return leg->port && leg->peer.n_rx &&
	       (leg->peer.dir & SDP_SENDONLY) && latch_target(&leg->latch);
}


/* p->payload has room for the header before it */
static void packet_send(struct leg *leg, struct rtp_packet *p,
			const struct stream_stamp *stamp)
{
	const struct sa *dst = latch_target(&leg->latch);
	uint8_t *head = p->payload - RTP_HEAD;

	p->ssrc = leg->out.ssrc;
	p->seq = stamp->seq;
	p->ts = stamp->ts;
	p->marker = stamp->marker;

	if (rtp_packet_head(head, p))
		return;
	/* what the network does not take now would be too late later */
	if (sendto(leg->port->fd, head, RTP_HEAD + p->n, MSG_NOSIGNAL,
		   &dst->u.sa, dst->len) >= 0)
		++leg->n_sent;
}


static void relay(struct leg *to, struct rtp_packet *p,
		  const struct stream_in *in, uint8_t pt)
{
	struct stream_stamp stamp;

	if (stream_relay(&to->out, to->room->tick, in, &stamp))
		return;

	to->relay_tick = to->room->tick;
	p->pt = pt;
	packet_send(to, p, &stamp);
}


static void audio_take(struct leg *leg, struct rtp_packet *p, enum codec c)
{
	struct leg *to = leg->partner;
	const struct stream_in in = {
		.ssrc   = p->ssrc,
		.ts     = p->ts,
		.seq    = p->seq,
		.span   = (uint32_t)p->n,
		.marker = p->marker,
	};

	if (!to || !p->n || !may_send(to))
		return;

	codec_convert(&leg->room->tables, c, to->peer.codec, p->payload, p->n);
	relay(to, p, &in, to->peer.pt);
}


static void event_take(struct leg *leg, struct rtp_packet *p)
{
	struct leg *to = leg->partner;
	struct dtmf_event ev;
	struct stream_in in = {
		.ssrc   = p->ssrc,
		.ts     = p->ts,
		.seq    = p->seq,
		.event  = true,
		.marker = p->marker,
	};

	if (dtmf_event_decode(&ev, p->payload, p->n))
		return;
	in.span = ev.span;

	if (dtmf_heard(&leg->dtmf, leg->room->tick, p, &ev) &&
	    leg->room->h.digith)
		leg->room->h.digith(leg->id, ev.code, leg->room->arg);

	if (to && may_send(to) && to->peer.event_pt != SDPNEG_NO_PT)
		relay(to, p, &in, to->peer.event_pt);
}


static bool is_event(const struct sdpneg_peer *peer, uint8_t pt)
{
	return pt == peer->event_rx[0] || pt == peer->event_rx[1];
}


static bool is_audio(const struct sdpneg_peer *peer, uint8_t pt, enum codec *c)
{
	for (unsigned i = 0; i < peer->n_rx; i++) {
		if (peer->rx[i].pt == pt) {
			*c = peer->rx[i].codec;
			return true;
		}
	}

	return false;
}


static void stranger(struct leg *leg)
{
	if (!leg->n_dropped++)
		log_warn("leg %" PRIu64 ": packets that are not its peer's, "
			 "or not as negotiated, are dropped", leg->id);
}


/* @return true if it comes from the peer, for good or from now on */
static bool source_fits(struct leg *leg, const struct sa *src,
			enum latch_verdict verdict)
{
	if (verdict == LATCH_PEER)
		return true;

	/* two legs that take each other for their peer would never stop */
	if (ports_is_ours(leg->room->ports, src))
		return false;

	latch_fix(&leg->latch, src);
	log_note("leg %" PRIu64 ": sound comes in", leg->id);

	return true;
}


static void packet_take(struct leg *leg, const struct sa *src, size_t n)
{
	const enum latch_verdict v = latch_check(&leg->latch, src);
	enum codec c = CODEC_COUNT;
	struct rtp_packet p;

	if (v == LATCH_STRANGER || n > LIMIT_RTP ||
	    rtp_packet_decode(&p, leg->room->packet, n) ||
	    (!is_audio(&leg->peer, p.pt, &c) &&
	     !is_event(&leg->peer, p.pt)) ||
	    !source_fits(leg, src, v)) {
		stranger(leg);
		return;
	}

	tally_add(&leg->tally, p.ssrc, p.seq);
	if (!(leg->peer.dir & SDP_RECVONLY))
		return;

	if (c == CODEC_COUNT)
		event_take(leg, &p);
	else
		audio_take(leg, &p, c);
}


/* one packet a call: epoll comes back at once if there is more, and a flood
 * on one leg does not hold up the others */
static void leg_readable(int flags, void *arg)
{
	struct leg *leg = arg;
	struct sa src;
	ssize_t n;
	(void)flags;

	src.len = sizeof(src.u);
	n = recvfrom(leg->port->fd, leg->room->packet,
		     sizeof(leg->room->packet), MSG_TRUNC, &src.u.sa,
		     &src.len);
	if (n >= 0)
		packet_take(leg, &src, (size_t)n);
}


static int port_new(struct leg *leg, struct port **portp, int af)
{
	int err = ports_open(leg->room->ports, portp, af);

	return err == EAFNOSUPPORT ? ENOTSUP : err;
}


static int port_take(struct leg *leg, struct port *port)
{
	int err;

	if (port == leg->port)
		return 0;
	err = fd_listen(port->fd, FD_READ, leg_readable, leg);
	if (err)
		return err == EMFILE ? ENOSPC : err;

	port_drop(leg);
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


static void peer_take(struct leg *leg, const struct latch *latch,
		      const struct sdpneg_peer *peer)
{
	leg->latch = *latch;
	leg->peer = *peer;
	if (sdpneg_peer_deaf(peer) || !latch_aim(&leg->latch, &peer->addr))
		return;

	/* from elsewhere may come numbers that do not follow the old ones */
	if (leg->partner)
		stream_restart(&leg->partner->out);
}


int leg_offer(struct leg *leg, const struct wire_leg_open *open,
	      enum codec first, struct mbuf **mbp)
{
	struct port *port;
	int err = 0;

	if (!leg || !open || !mbp)
		return EINVAL;

	if (leg->port) {
		port = mem_ref(leg->port);
	}
	else {
		err = port_new(leg, &port,
			       open->family == 6 ? AF_INET6 : AF_INET);
		if (err)
			return err;
		latch_policy(&leg->latch, open->nets, open->n_nets);
	}
	(void)leg_codec(leg, &first);

	err = port_take(leg, port);
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

	latch = leg->latch;
	latch_policy(&latch, open->nets, open->n_nets);

	err = sdpneg_offer_read(&s, &peer, sdp, n_sdp);
	if (!err)
		err = peer_check(leg, &latch, &peer);
	if (!err)
		err = answer_port(leg, &port, &peer);
	if (!err)
		err = sdpneg_answer_write(leg->neg, &mb, s, &peer,
					  &port->local);
	if (!err)
		err = port_take(leg, port);
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
	if (err)
		return err;

	peer_take(leg, &leg->latch, &peer);

	return 0;
}


void leg_play(struct leg *leg, const struct leg_list *list)
{
	part(leg);
	player_set(&leg->player, list->v, list->n, list->loop);
	leg->serial = list->serial;
	stream_restart(&leg->out);
}


static void hear_partner(struct leg *leg, struct leg *partner)
{
	player_set(&leg->player, NULL, 0, false);
	leg->serial = 0;
	stream_restart(&leg->out);
	leg->relay_tick = leg->room->tick - LEG_SILENT_TICKS;
	leg->partner = partner;
}


void leg_bridge(struct leg *a, struct leg *b)
{
	if (a == b || a->partner == b)
		return;

	part(a);
	part(b);
	hear_partner(a, b);
	hear_partner(b, a);
}


static void played(struct leg *leg)
{
	const uint32_t serial = leg->serial;

	leg->serial = 0;
	if (serial && leg->room->h.playedh)
		leg->room->h.playedh(leg->id, serial, leg->room->arg);
}


/* 20 ms of our own, sent if the peer wants to hear them */
static void frame_send(struct leg *leg)
{
	struct room *room = leg->room;
	struct stream_stamp stamp;
	struct rtp_packet p = {
		.pt      = leg->peer.pt,
		.payload = room->packet + RTP_HEAD,
		.n       = CODEC_FRAME,
	};
	bool over = false;

	if (leg->partner)
		player_noise(&leg->player, leg->peer.codec, p.payload);
	else
		over = player_frame(&leg->player, leg->peer.codec, p.payload);
	if (may_send(leg)) {
		stream_own(&leg->out, room->tick, &stamp);
		packet_send(leg, &p, &stamp);
	}
	if (over)
		played(leg);
}


void leg_tick(struct leg *leg)
{
	if (!leg->peer.n_rx)
		return;
	if (leg->partner &&
	    leg->room->tick - leg->relay_tick < LEG_SILENT_TICKS)
		return;

	frame_send(leg);
}


bool leg_codec(const struct leg *leg, enum codec *c)
{
	if (!leg || !leg->peer.n_rx)
		return false;
	*c = leg->peer.codec;

	return true;
}


uint64_t leg_id(const struct leg *leg)
{
	return leg->id;
}


void leg_stats(const struct leg *leg, struct wire_leg_stats *stats)
{
	stats->leg = leg->id;
	stats->n_received = leg->tally.n_received;
	stats->n_sent = leg->n_sent;
	stats->n_lost = leg->tally.n_lost;
	stats->n_dropped = leg->n_dropped;
}
