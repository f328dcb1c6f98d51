/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg.c  Joins the parts of a leg: packets in, packets out. Must not know the
 * wire between processes, nor other legs.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <re.h>

#include "leg_parts.h"
#include "rtp.h"

#define LOG_MODULE "leg"
#include "base/log.h"


void leg_port_drop(struct leg *leg)
{
	if (leg->port)
		fd_close(leg->port->fd);
	leg->port = mem_deref(leg->port);
}


static void leg_destructor(void *data)
{
	struct leg *leg = data;

	leg_stop(leg);
	leg_part(leg);
	leg_heard_end(leg);
	mem_deref(leg->web);
	leg_port_drop(leg);
	mem_deref(leg->rec);
	mem_deref(leg->key);
	player_reset(&leg->player);
	mem_deref(leg->srtp);
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


bool leg_may_send(const struct leg *leg)
{
	return leg->port && leg->peer.n_rx &&
	       (leg->peer.dir & SDP_SENDONLY) &&
	       (leg->web ? webrtc_is_up(leg->web)
			 : latch_target(&leg->latch) != NULL);
}


static bool port_send(struct leg *leg, uint8_t *buf, size_t n)
{
	const struct sa *dst;

	if (leg->web)
		return !webrtc_send(leg->web, buf, n);
	if (leg->srtp && websrtp_seal(leg->srtp, false, buf, &n))
		return false;
	dst = latch_target(&leg->latch);

	return sendto(leg->port->fd, buf, n, MSG_NOSIGNAL, &dst->u.sa,
		      dst->len) >= 0;
}


void leg_send(struct leg *leg, struct rtp_packet *p,
	      const struct stream_stamp *stamp)
{
	uint8_t *head = p->payload - RTP_HEAD;

	p->ssrc = leg->out.ssrc;
	p->seq = stamp->seq;
	p->ts = stamp->ts;
	p->marker = stamp->marker;

	if (rtp_packet_head(head, p))
		return;
	/* what the network does not take now would be too late later */
	if (port_send(leg, head, RTP_HEAD + p->n))
		++leg->n_sent;
}


/* the recording may change it, so that comes last */
static void audio_take(struct leg *leg, struct rtp_packet *p, enum codec c)
{
	if (leg->key)
		keypress_hear(leg->key, leg->room->tick, c, p->payload, p->n);
	leg_heard(leg, p, c);
	if (leg->rec)
		recording_hear(leg->rec, leg->room->tick, c, p);
}


static void event_take(struct leg *leg, const struct rtp_packet *p)
{
	struct dtmf_event ev;

	if (dtmf_event_decode(&ev, p->payload, p->n))
		return;
	if (dtmf_heard(&leg->dtmf, leg->room->tick, p, &ev) &&
	    leg->room->h.digith)
		leg->room->h.digith(leg->id, ev.code, leg->room->arg);
	leg_heard_key(leg, p, ev.span);
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
			 "not as negotiated, or too many, are dropped",
			 leg->id);
}


/* @return true if it comes from the peer, for good or from now on */
static bool source_fits(struct leg *leg, const struct sa *src,
			enum latch_verdict verdict, const struct rtp_packet *p)
{
	if (verdict == LATCH_PEER)
		return true;

	/* two legs that take each other for their peer would never stop */
	if (ports_is_ours(leg->room->ports, src) ||
	    !latch_try(&leg->latch, src, leg->room->tick, p->ssrc, p->seq))
		return false;

	memset(&leg->source, 0, sizeof(leg->source));
	log_note("leg %" PRIu64 ": sound comes in", leg->id);

	return true;
}


/* whoever seals has proved that each packet is its own */
static bool is_of_the_peer(struct leg *leg, const struct sa *src,
			   enum latch_verdict verdict,
			   const struct rtp_packet *p)
{
	return leg->web || (source_fits(leg, src, verdict, p) &&
			    (leg->srtp || source_takes(&leg->source,
						       leg->room->tick,
						       p->ssrc, p->seq)));
}


static void rtp_take(struct leg *leg, const struct sa *src,
		     enum latch_verdict v, size_t n)
{
	enum codec c = CODEC_COUNT;
	struct rtp_packet p;

	/* authentic before anything is learnt from it */
	if (v == LATCH_STRANGER ||
	    (leg->srtp && websrtp_open(leg->srtp, false, leg->room->packet,
				       &n)) ||
	    rtp_packet_decode(&p, leg->room->packet, n) ||
	    (!is_audio(&leg->peer, p.pt, &c) &&
	     !is_event(&leg->peer, p.pt)) ||
	    !is_of_the_peer(leg, src, v, &p) ||
	    !pace_take(&leg->pace, leg->room->tick)) {
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


/* where a browser's sound comes from, its way knows better */
static void packet_take(struct leg *leg, const struct sa *src, size_t n)
{
	struct room *room = leg->room;
	int err = n > LIMIT_RTP ? EBADMSG : 0;

	if (!err && leg->web)
		err = webrtc_take(leg->web, room->tick, src, room->packet, &n);

	if (err == EBADMSG)
		stranger(leg);
	else if (!err)
		rtp_take(leg, src, leg->web ? LATCH_PEER
					    : latch_check(&leg->latch, src),
			 n);
}


/* one packet a call: epoll comes back at once if there is more, and a flood
 * on one leg does not hold up the others */
void leg_readable(int flags, void *arg)
{
	struct leg *leg = arg;
	struct room *room = leg->room;
	struct sa src;
	ssize_t n;
	(void)flags;

	src.len = sizeof(src.u);
	n = recvfrom(leg->port->fd, room->packet, LIMIT_RTP, MSG_TRUNC,
		     &src.u.sa, &src.len);
	if (n < 0)
		return;
	packet_take(leg, &src, (size_t)n);

	/* what was said stays no longer than that takes */
	explicit_bzero(room->packet, min((size_t)n, LIMIT_RTP));
}


void leg_play(struct leg *leg, const struct leg_list *list)
{
	leg_part(leg);
	player_set(&leg->player, list->v, list->n, list->loop);
	leg->serial = list->serial;
	stream_restart(&leg->out);
}


void leg_record(struct leg *leg, struct recording *rec)
{
	const struct leg_list nothing = {.n = 0};

	leg_stop(leg);
	leg_play(leg, &nothing);
	mem_deref(leg->rec);
	leg->rec = mem_ref(rec);
}


bool leg_is_recording(const struct leg *leg)
{
	return recording_is_open(leg->rec);
}


void leg_stop(struct leg *leg)
{
	if (leg->rec)
		recording_end(leg->rec);
}


int leg_send_key(struct leg *leg, uint8_t code, uint32_t quiet_ms,
		 uint32_t most_ms)
{
	struct keypress *k;
	int err;

	if (leg->key && (leg->key->pressed ||
			 keypress_is_due(leg->key, leg->room->tick)))
		return keypress_follow(leg->key, code);
	err = keypress_alloc(&k, leg->room->tick, code, quiet_ms, most_ms);
	if (err)
		return err;

	mem_deref(leg->key);
	leg->key = k;

	return 0;
}


static void played(struct leg *leg)
{
	const uint32_t serial = leg->serial;

	leg->serial = 0;
	if (serial && leg->room->h.playedh)
		leg->room->h.playedh(leg->id, serial, leg->room->arg);
}


/* what the leg hears now. @return true if a list ends in it */
static bool frame_make(struct leg *leg, uint8_t *frame)
{
	const enum codec c = leg->peer.codec;

	if (leg_mix(leg, frame))
		return false;
	if (!leg_hears_any(leg))
		return player_frame(&leg->player, c, frame);
	player_noise(&leg->player, c, frame);

	return false;
}


/* 20 ms of our own, sent if the peer wants to hear them */
static void frame_send(struct leg *leg)
{
	struct room *room = leg->room;
	struct stream_stamp stamp;
	struct rtp_packet p = {
		.pt      = leg->peer.pt,
		.payload = room->out + RTP_HEAD,
		.n       = CODEC_FRAME,
	};
	const bool over = frame_make(leg, p.payload);

	if (leg_may_send(leg)) {
		stream_own(&leg->out, room->tick, &stamp);
		leg_send(leg, &p, &stamp);
	}
	if (over)
		played(leg);
}


/* for who knows of no events, the tones themselves */
static void key_frame_send(struct leg *leg, const struct keypress_frame *f)
{
	const bool event = !f->tone;
	struct stream_stamp stamp;
	struct rtp_packet p = {
		.pt      = event ? leg->peer.event_pt : leg->peer.pt,
		.payload = leg->room->out + RTP_HEAD,
		.n       = event ? KEYPRESS_EVENT_BYTES : CODEC_FRAME,
	};

	memcpy(p.payload, event ? f->event : f->tone, p.n);
	if (event)
		stream_key(&leg->out, leg->room->tick, f->span, f->first,
			   &stamp);
	else
		stream_own(&leg->out, leg->room->tick, &stamp);
	leg_send(leg, &p, &stamp);
}


/* @return true if this beat is the key's */
static bool key_tick(struct leg *leg)
{
	const bool events = leg->peer.event_pt != SDPNEG_NO_PT;
	struct keypress_frame frame;

	if (!leg_may_send(leg))
		return false;
	if (keypress_is_due(leg->key, leg->room->tick) &&
	    keypress_press(leg->key, events, leg->peer.codec))
		return false;
	if (!leg->key->pressed)
		return false;

	if (keypress_next(leg->key, &frame)) {
		key_frame_send(leg, &frame);
		return true;
	}
	if (!keypress_again(leg->key, leg->room->tick))
		leg->key = mem_deref(leg->key);
	stream_restart(&leg->out);

	return false;
}


void leg_tick(struct leg *leg)
{
	if (leg->web)
		webrtc_tick(leg->web, leg->room->tick);
	if (leg->rec)
		recording_tick(leg->rec, leg->room->tick);
	if (!leg->peer.n_rx)
		return;
	if (leg->key && key_tick(leg)) {
		/* what is said meanwhile is not to be heard later */
		(void)leg_mix(leg, leg->room->out);
		return;
	}
	if (leg_is_relayed(leg))
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
