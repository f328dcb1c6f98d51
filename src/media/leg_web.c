/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_web.c  A leg whose peer is a browser: its answer, and what it tells of
 * its way there. Must not send or receive sound.
 */
#include <errno.h>
#include <inttypes.h>
#include <re.h>

#include "leg_parts.h"

#define LOG_MODULE "leg"
#include "base/log.h"


static void web_up(void *arg)
{
	struct leg *leg = arg;

	log_note("leg %" PRIu64 ": the browser is connected", leg->id);
	if (leg->room->h.uph)
		leg->room->h.uph(leg->id, leg->room->arg);
}


static void web_dead(const char *why, void *arg)
{
	struct leg *leg = arg;

	log_note("leg %" PRIu64 ": dead: %s", leg->id, why);
	if (leg->room->h.deadh)
		leg->room->h.deadh(leg->id, leg->room->arg);
}


/* told only while there is something to tell of */
static void web_quality(struct wire_leg_quality *q, void *arg)
{
	struct leg *leg = arg;

	q->leg = leg->id;
	if (leg->tally.n_received && leg->room->h.qualityh)
		leg->room->h.qualityh(q, leg->room->arg);
}


static const struct webrtc_handlers web_handlers = {
	.uph      = web_up,
	.deadh    = web_dead,
	.qualityh = web_quality,
};


static int port_new(struct leg *leg, struct port **portp)
{
	static const int families[] = {AF_INET, AF_INET6};
	int err = ENOTSUP;

	for (unsigned i = 0; i < ARRAY_SIZE(families); i++) {
		err = ports_open(leg->room->ports, portp, families[i]);
		if (err != EAFNOSUPPORT)
			return err;
	}

	return ENOTSUP;
}


static int web_open(struct leg *leg, const struct sdpweb_peer *peer)
{
	struct port *port;
	int err;

	err = port_new(leg, &port);
	if (err)
		return err;
	err = webrtc_alloc(&leg->web, leg->room->webkey, port, peer,
			   leg->out.ssrc, leg->room->tick, &web_handlers, leg);
	if (!err)
		err = leg_port_take(leg, port);
	if (err)
		leg->web = mem_deref(leg->web);
	mem_deref(port);

	return err;
}


/* an offer may be repeated; another one would be another leg */
static int web_get(struct leg *leg, const struct sdpweb_peer *peer)
{
	if (!leg->web)
		return leg->port ? ENOTSUP : web_open(leg, peer);

	return webrtc_is_peer(leg->web, peer) ? 0 : ENOTSUP;
}


int leg_answer_web(struct leg *leg, const enum codec *like,
		   const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp)
{
	struct sdpweb_peer peer;
	struct sdpweb_ours ours;
	struct sdp_session *s;
	int err;

	if (!leg || !sdp || !mbp)
		return EINVAL;
	if (!leg->room->webkey)
		return ENOTSUP;

	err = sdpweb_offer_read(&s, &peer, like, sdp, n_sdp);
	if (err)
		return err;
	err = web_get(leg, &peer);
	if (err)
		goto out;
	webrtc_ours(leg->web, &ours);
	ours.outside = leg->room->outside;
	ours.n_outside = leg->room->n_outside;
	err = sdpweb_answer_write(mbp, s, &peer, &ours);
	if (!err)
		leg->peer = peer.sound;

out:
	mem_deref(s);

	return err;
}


uint32_t leg_web_flags(const struct leg *leg)
{
	if (!leg->web)
		return 0;

	return webrtc_is_up(leg->web) ? WIRE_KEPT_WEB | WIRE_KEPT_UP
				      : WIRE_KEPT_WEB;
}
