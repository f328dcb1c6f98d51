/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dtmf.c  Folds the packets of one key into one. Must not log.
 */
#include <errno.h>

#include "dtmf.h"


enum {
	EVENT_BYTES = 4,
	SPAN_MAX    = 0xffff, /* then a held key goes on as a new segment */
	TICKS_PER_KEY = 2,
};


int dtmf_event_decode(struct dtmf_event *ev, const uint8_t *payload, size_t n)
{
	if (n < EVENT_BYTES)
		return EBADMSG;

	ev->code = payload[0];
	ev->end = payload[1] & 0x80;
	ev->span = (uint16_t)(payload[2] << 8 | payload[3]);

	return 0;
}


/* a segment of a key held for more than eight seconds (RFC 4733, 2.5.1.3) */
static bool is_segment(const struct dtmf *d, const struct rtp_packet *p,
		       const struct dtmf_event *ev)
{
	return ev->code == d->code && d->span == SPAN_MAX && !p->marker &&
	       p->ts == d->ts + SPAN_MAX;
}


/* a peer that floods us with keys must not flood the line process */
static bool allowance_take(struct dtmf *d, uint64_t tick)
{
	const uint64_t back = (tick - d->tick) / TICKS_PER_KEY;

	d->spent = back < d->spent ? (uint8_t)(d->spent - back) : 0;
	d->tick += back * TICKS_PER_KEY;
	if (d->spent >= DTMF_BURST)
		return false;
	++d->spent;

	return true;
}


bool dtmf_heard(struct dtmf *d, uint64_t tick, const struct rtp_packet *p,
		const struct dtmf_event *ev)
{
	const bool same = d->known && d->ssrc == p->ssrc;
	bool segment;

	if (ev->code > DTMF_MAX)
		return false;
	if (same && p->ts == d->ts) {
		if (ev->span > d->span)
			d->span = ev->span;
		return false;
	}
	if (same && (int32_t)(p->ts - d->ts) < 0)
		return false;

	segment = same && is_segment(d, p, ev);
	d->known = true;
	d->ssrc = p->ssrc;
	d->ts = p->ts;
	d->span = ev->span;
	d->code = ev->code;

	return !segment && allowance_take(d, tick);
}
