/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rtp.c  Checks and writes RTP headers with libre, on memory of the caller.
 * Must not allocate, send or receive: it runs for every packet.
 */
#include <errno.h>
#include <re.h>

#include "rtp.h"


/* the last byte counts the padding, itself included (RFC 3550, 5.1) */
static int padding_strip(struct rtp_packet *p)
{
	uint8_t n;

	if (!p->n)
		return EBADMSG;
	n = p->payload[p->n - 1];
	if (!n || n > p->n)
		return EBADMSG;
	p->n -= n;

	return 0;
}


int rtp_packet_decode(struct rtp_packet *p, uint8_t *buf, size_t n)
{
	struct mbuf mb = {.buf = buf, .size = n, .pos = 0, .end = n};
	struct rtp_header hdr;

	if (rtp_hdr_decode(&hdr, &mb) || hdr.ver != RTP_VERSION)
		return EBADMSG;

	p->ssrc = hdr.ssrc;
	p->ts = hdr.ts;
	p->seq = hdr.seq;
	p->pt = hdr.pt;
	p->marker = hdr.m;
	p->payload = mbuf_buf(&mb);
	p->n = mbuf_get_left(&mb);

	return hdr.pad ? padding_strip(p) : 0;
}


int rtp_packet_head(uint8_t *head, const struct rtp_packet *p)
{
	struct mbuf mb = {.buf = head, .size = RTP_HEAD};
	const struct rtp_header hdr = {
		.ver  = RTP_VERSION,
		.m    = p->marker,
		.pt   = p->pt,
		.seq  = p->seq,
		.ts   = p->ts,
		.ssrc = p->ssrc,
	};

	return rtp_hdr_encode(&mb, &hdr);
}
