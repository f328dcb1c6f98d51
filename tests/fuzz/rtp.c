/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rtp.c  Packets of one peer, one after the other: RTP, keys, and what becomes
 * of their numbers when they are sent on.
 */
#include <re.h>

#include "fuzz.h"
#include "media/dtmf.h"
#include "media/rtp.h"
#include "media/stream.h"
#include "media/tally.h"


struct peer {
	struct stream out;
	struct dtmf dtmf;
	struct tally tally;
	uint64_t tick;
	unsigned n_keys;
	unsigned n_packets;
};


static void key(struct peer *peer, const struct rtp_packet *p,
		struct stream_in *in)
{
	struct dtmf_event ev;

	if (dtmf_event_decode(&ev, p->payload, p->n))
		return;
	in->event = true;
	in->span = ev.span;
	peer->n_keys += dtmf_heard(&peer->dtmf, peer->tick, p, &ev);
}


static void packet(struct peer *peer, uint8_t *buf, size_t n)
{
	struct stream_stamp stamp;
	struct rtp_packet p;

	if (rtp_packet_decode(&p, buf, n))
		return;
	HOLDS(p.payload >= buf + RTP_HEAD && p.payload + p.n <= buf + n);
	++peer->n_packets;
	tally_add(&peer->tally, p.ssrc, p.seq);

	struct stream_in in = {.ssrc = p.ssrc, .ts = p.ts, .seq = p.seq,
			       .span = (uint32_t)p.n, .marker = p.marker};

	if (p.pt == 101)
		key(peer, &p, &in);
	if (!stream_relay(&peer->out, peer->tick, &in, &stamp)) {
		p.ts = stamp.ts;
		p.seq = stamp.seq;
		HOLDS(!rtp_packet_head(buf, &p));
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct food f = {data, n};
	struct peer peer = {.tick = 1};

	while (f.n) {
		const uint8_t beats = food_byte(&f);
		const struct food piece = food_piece(&f);
		char *buf = food_text(&piece);

		peer.tick += beats & 0x7f;
		packet(&peer, (uint8_t *)buf, piece.n);
		if (beats & 0x80) {
			struct stream_stamp stamp;

			stream_own(&peer.out, peer.tick, &stamp);
		}
		free(buf);
	}
	HOLDS(peer.n_keys <= DTMF_BURST + peer.tick / 2 + 1);
	HOLDS(peer.n_keys <= peer.n_packets);

	return 0;
}
