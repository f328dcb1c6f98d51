/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_hear.c  Whom a leg hears: one other as its packets come, or several,
 * mixed. Must not know where packets come from.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "leg_parts.h"
#include "mixer.h"
#include "rtp.h"


/* ---- who hears whom ------------------------------------------------------ */

static void hearing_end(struct hearing *h)
{
	list_unlink(&h->le);
	h->source = NULL;
	h->ear = mem_deref(h->ear);
}


static void hearing_begin(struct leg *leg, struct leg *source, struct ear *ear)
{
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++) {
		struct hearing *h = &leg->hears[i];

		if (h->source)
			continue;
		h->hearer = leg;
		h->source = source;
		h->ear = ear;
		list_append(&source->heardl, &h->le, h);
		return;
	}
}


static struct hearing *hearing_find(struct leg *leg, const struct leg *source)
{
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++) {
		if (leg->hears[i].source == source)
			return &leg->hears[i];
	}

	return NULL;
}


static void hear_nobody(struct leg *leg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++)
		hearing_end(&leg->hears[i]);
}


/* its other half goes on hearing */
static void unbridge(struct leg *leg)
{
	if (leg->partner)
		leg->partner->partner = NULL;
	leg->partner = NULL;
}


void leg_part(struct leg *leg)
{
	if (leg->partner)
		hear_nobody(leg->partner);
	unbridge(leg);
	hear_nobody(leg);
}


void leg_heard_end(struct leg *leg)
{
	struct le *le;

	while ((le = list_head(&leg->heardl)))
		hearing_end(le->data);
}


bool leg_hears_any(const struct leg *leg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++) {
		if (leg->hears[i].source)
			return true;
	}

	return false;
}


bool leg_is_relayed(const struct leg *leg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++) {
		if (leg->hears[i].source && !leg->hears[i].ear)
			return leg->room->tick - leg->relay_tick <
			       LEG_SILENT_TICKS;
	}

	return false;
}


void leg_source_moved(struct leg *leg)
{
	struct le *le;

	LIST_FOREACH(&leg->heardl, le)
	{
		const struct hearing *h = le->data;

		stream_restart(&h->hearer->out);
	}
}


/* nothing that played goes on, nor does a recording */
static void own_sound_end(struct leg *leg)
{
	leg_stop(leg);
	player_set(&leg->player, NULL, 0, false);
	leg->serial = 0;
	stream_restart(&leg->out);
	leg->relay_tick = leg->room->tick - LEG_SILENT_TICKS;
}


void leg_bridge(struct leg *a, struct leg *b)
{
	if (a == b || a->partner == b)
		return;

	leg_part(a);
	leg_part(b);
	own_sound_end(a);
	own_sound_end(b);
	hearing_begin(a, b, NULL);
	hearing_begin(b, a, NULL);
	a->partner = b;
	b->partner = a;
}


/* ears that are there go on, so that nothing of who stays is missed */
static int ears_get(struct leg *leg, struct leg *const *from, unsigned n,
		    struct ear **ears)
{
	for (unsigned i = 0; i < n; i++) {
		struct hearing *h = hearing_find(leg, from[i]);

		if (h && h->ear) {
			ears[i] = mem_ref(h->ear);
			continue;
		}
		ears[i] = mem_alloc(sizeof(*ears[i]), NULL);
		if (!ears[i]) {
			while (i--)
				mem_deref(ears[i]);
			return ENOMEM;
		}
		ear_init(ears[i]);
	}

	return 0;
}


int leg_hear(struct leg *leg, struct leg *const *from, unsigned n)
{
	struct ear *ears[WIRE_HEARS] = {NULL};
	int err;

	if (n > WIRE_HEARS)
		return EINVAL;
	if (n > 1) {
		err = ears_get(leg, from, n, ears);
		if (err)
			return err;
	}

	unbridge(leg);
	hear_nobody(leg);
	own_sound_end(leg);
	for (unsigned i = 0; i < n; i++)
		hearing_begin(leg, from[i], ears[i]);

	return 0;
}


/* ---- sound --------------------------------------------------------------- */

/* a copy: others may hear it, too. @param c Of the sound */
static void relay(struct leg *to, const struct rtp_packet *p,
		  const struct stream_in *in, enum codec c)
{
	struct stream_stamp stamp;
	struct rtp_packet copy = {
		.pt      = in->event ? to->peer.event_pt : to->peer.pt,
		.payload = to->room->out + RTP_HEAD,
		.n       = p->n,
	};

	/* a key of our own has the peer's ear */
	if (!leg_may_send(to) || (to->key && to->key->pressed))
		return;
	if (stream_relay(&to->out, to->room->tick, in, &stamp))
		return;

	to->relay_tick = to->room->tick;
	memcpy(copy.payload, p->payload, p->n);
	if (!in->event)
		codec_convert(&to->room->tables, c, to->peer.codec,
			      copy.payload, copy.n);
	leg_send(to, &copy, &stamp);
}


void leg_heard(struct leg *leg, const struct rtp_packet *p, enum codec c)
{
	const struct stream_in in = {
		.ssrc   = p->ssrc,
		.ts     = p->ts,
		.seq    = p->seq,
		.span   = (uint32_t)p->n,
		.marker = p->marker,
	};
	struct le *le;

	if (!p->n)
		return;
	LIST_FOREACH(&leg->heardl, le)
	{
		const struct hearing *h = le->data;

		if (h->ear)
			ear_take(h->ear, c, p);
		else
			relay(h->hearer, p, &in, c);
	}
}


void leg_heard_key(struct leg *leg, const struct rtp_packet *p, uint32_t span)
{
	const struct stream_in in = {
		.ssrc   = p->ssrc,
		.ts     = p->ts,
		.seq    = p->seq,
		.span   = span,
		.event  = true,
		.marker = p->marker,
	};
	struct le *le;

	LIST_FOREACH(&leg->heardl, le)
	{
		const struct hearing *h = le->data;

		if (!h->ear && h->hearer->peer.event_pt != SDPNEG_NO_PT)
			relay(h->hearer, p, &in, h->hearer->peer.codec);
	}
}


bool leg_mix(struct leg *leg, uint8_t out[CODEC_FRAME])
{
	int16_t pcm[CODEC_FRAME];
	struct mixer mixer;
	bool heard = false;

	mixer_clear(&mixer);
	for (unsigned i = 0; i < ARRAY_SIZE(leg->hears); i++) {
		struct ear *ear = leg->hears[i].ear;

		if (ear && ear_frame(ear, pcm)) {
			mixer_add(&mixer, pcm);
			heard = true;
		}
	}
	if (heard)
		mixer_encode(&mixer, leg->peer.codec, out);

	return heard;
}
