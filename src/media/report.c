/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * report.c  Counts for RTCP, and its bytes. libre's decoder allocates for each
 * packet and reads kinds that nobody needs here. Must not send.
 */
#include <errno.h>
#include <string.h>

#include "report.h"
#include "codec.h"


enum {
	SR = 200, RR = 201, SDES = 202,
	CNAME       = 1,
	VERSION     = 2 << 6,
	HEAD        = 8,     /* with the SSRC of who sends it */
	SENDER      = 20,
	BLOCK       = 24,
	MAX_DROPOUT = 3000,  /* RFC 3550, A.1 */
	MAX_LOST    = 0x7fffff,
	RTT_MAX     = 60 << 16,
};


static uint32_t u32_read(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}


static uint8_t *u32_write(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;

	return p + 4;
}


/* NTP's 32.32 bits */
static uint64_t ntp(uint64_t us)
{
	return (us / 1000000) << 32 | ((us % 1000000) << 32) / 1000000;
}


static uint32_t ntp_middle(uint64_t us)
{
	return (uint32_t)(ntp(us) >> 16);
}


static uint32_t samples(uint64_t us)
{
	return (uint32_t)(us * (CODEC_RATE / 1000) / 1000);
}


void report_sent(struct report *r, uint32_t ts, size_t n, uint64_t now_us)
{
	++r->sent.n;
	r->sent.octets += (uint32_t)n;
	r->sent.ts = ts;
	r->sent.us = now_us;
}


static uint32_t expected(const struct report *r)
{
	return r->heard.known ? r->heard.max - r->heard.base + 1 : 0;
}


static void source_new(struct report *r, const struct rtp_packet *p,
		       uint32_t now)
{
	memset(&r->heard, 0, sizeof(r->heard));
	r->heard.ssrc = p->ssrc;
	r->heard.base = r->heard.max = 0x10000u + p->seq;
	r->heard.transit = now - p->ts;
	r->heard.known = true;
}


void report_heard(struct report *r, const struct rtp_packet *p,
		  uint64_t now_us)
{
	const uint32_t now = samples(now_us);
	const int d = (int16_t)(p->seq - (uint16_t)r->heard.max);
	uint32_t transit;
	int32_t jump;

	if (!r->heard.known || r->heard.ssrc != p->ssrc || d > MAX_DROPOUT ||
	    d < -MAX_DROPOUT)
		source_new(r, p, now);
	else if (d > 0)
		r->heard.max += (uint32_t)d;
	++r->heard.n;

	transit = now - p->ts;
	jump = (int32_t)(transit - r->heard.transit);
	r->heard.transit = transit;
	/* a clock that jumps is no jitter */
	if (jump > CODEC_RATE || jump < -CODEC_RATE)
		return;
	r->heard.jitter16 += (uint32_t)(jump < 0 ? -jump : jump) -
			     ((r->heard.jitter16 + 8) >> 4);
}


static uint32_t lost_of(uint32_t n_expected, uint32_t n, uint32_t whole)
{
	if (!n_expected || n >= n_expected)
		return 0;

	return (uint32_t)((uint64_t)(n_expected - n) * whole / n_expected);
}


static uint8_t *block_write(struct report *r, uint8_t *p, uint64_t now_us)
{
	const uint32_t all = expected(r);
	const uint32_t lost = all > r->heard.n ? all - r->heard.n : 0;
	const uint32_t fraction =
		lost_of(all - r->heard.expected_before,
			r->heard.n - r->heard.n_before, 256);

	r->heard.expected_before = all;
	r->heard.n_before = r->heard.n;

	p = u32_write(p, r->heard.ssrc);
	p = u32_write(p, (fraction > 255 ? 255 : fraction) << 24 |
			 (lost > MAX_LOST ? MAX_LOST : lost));
	/* the first number lies in cycle 0 for the peer */
	p = u32_write(p, r->heard.max - 0x10000u);
	p = u32_write(p, r->heard.jitter16 >> 4);
	p = u32_write(p, r->heard.sr);

	return u32_write(p, r->heard.sr ? ntp_middle(now_us - r->heard.sr_us)
					: 0);
}


static void head_write(uint8_t *at, const uint8_t *end, unsigned count,
		       unsigned type)
{
	const size_t words = (size_t)(end - at) / 4 - 1;

	at[0] = (uint8_t)(VERSION | count);
	at[1] = (uint8_t)type;
	at[2] = (uint8_t)(words >> 8);
	at[3] = (uint8_t)words;
}


static uint8_t *sender_write(const struct report *r, uint8_t *p,
			     uint64_t now_us)
{
	const uint64_t t = ntp(now_us);

	p = u32_write(p, (uint32_t)(t >> 32));
	p = u32_write(p, (uint32_t)t);
	p = u32_write(p, r->sent.ts + samples(now_us - r->sent.us));
	p = u32_write(p, r->sent.n);

	return u32_write(p, r->sent.octets);
}


/* ends in one to four zero bytes, so that it fills whole words */
static uint8_t *cname_write(const struct report *r, uint8_t *at)
{
	const size_t n = strlen(r->cname);
	uint8_t *p = u32_write(at + 4, r->ssrc);
	const size_t pad = 4 - (2 + n) % 4;

	*p++ = CNAME;
	*p++ = (uint8_t)n;
	memcpy(p, r->cname, n);
	memset(p + n, 0, pad);
	p += n + pad;
	head_write(at, p, 1, SDES);

	return p;
}


size_t report_write(struct report *r, uint8_t *buf, uint64_t now_us)
{
	uint8_t *p = u32_write(buf + 4, r->ssrc);

	if (r->sent.n)
		p = sender_write(r, p, now_us);
	if (r->heard.known)
		p = block_write(r, p, now_us);
	head_write(buf, p, r->heard.known, r->sent.n ? SR : RR);
	p = cname_write(r, p);

	return (size_t)(p - buf);
}


/* @param sent when the report of ours was, which this one answers; dlsr: and
 *  how long ago it came there */
static void rtt_take(struct report *r, uint32_t sent, uint32_t dlsr,
		     uint64_t now_us)
{
	const int32_t rtt = (int32_t)(ntp_middle(now_us) - sent - dlsr);

	if (sent && rtt >= 0 && rtt < RTT_MAX)
		r->told.rtt_ms = (uint16_t)(((int64_t)rtt * 1000 + 0xffff)
					    >> 16);
}


static void blocks_take(struct report *r, const uint8_t *p, unsigned n,
			uint64_t now_us)
{
	for (; n--; p += BLOCK) {
		if (u32_read(p) != r->ssrc)
			continue;
		if (p[4] > r->told.fraction)
			r->told.fraction = p[4];
		r->told.jitter = u32_read(p + 12);
		rtt_take(r, u32_read(p + 16), u32_read(p + 20), now_us);
	}
}


static int packet_take(struct report *r, const uint8_t *p, size_t n,
		       uint64_t now_us)
{
	const unsigned count = p[0] & 0x1f;
	const size_t at = p[1] == SR ? HEAD + SENDER : HEAD;

	if (p[1] != SR && p[1] != RR)
		return 0;
	if (n < at + count * BLOCK)
		return EBADMSG;

	if (p[1] == SR && r->heard.known && u32_read(p + 4) == r->heard.ssrc) {
		r->heard.sr = u32_read(p + 10);
		r->heard.sr_us = now_us;
	}
	blocks_take(r, p + at, count, now_us);

	return 0;
}


int report_take(struct report *r, const uint8_t *buf, size_t n,
		uint64_t now_us)
{
	while (n) {
		size_t len;

		if (n < 4 || (buf[0] & 0xc0) != VERSION)
			return EBADMSG;
		len = ((size_t)buf[2] << 8 | buf[3]) * 4 + 4;
		if (len > n || packet_take(r, buf, len, now_us))
			return EBADMSG;
		buf += len;
		n -= len;
	}

	return 0;
}


void report_quality(struct report *r, struct wire_leg_quality *q)
{
	const uint32_t all = expected(r);
	const uint32_t here = r->heard.jitter16 >> 4;
	const uint32_t jitter = here > r->told.jitter ? here : r->told.jitter;
	const uint32_t ms = jitter / (CODEC_RATE / 1000);

	q->lost_there = (uint16_t)(r->told.fraction * 1000u / 256);
	q->lost_here = (uint16_t)lost_of(all - r->heard.expected_told,
					 r->heard.n - r->heard.n_told, 1000);
	q->jitter_ms = (uint16_t)(ms > UINT16_MAX ? UINT16_MAX : ms);
	q->rtt_ms = r->told.rtt_ms;

	r->told.fraction = 0;
	r->heard.expected_told = all;
	r->heard.n_told = r->heard.n;
}
