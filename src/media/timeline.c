/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * timeline.c  Puts packets in order. Must not know what becomes of the sound,
 * nor allocate: it runs for every packet.
 */
#include <string.h>

#include "timeline.h"


enum {
	SLACK  = CODEC_RATE / 2, /* a pause may be so much longer than our
				    clock says: packets came in a burst   */
	BEHIND = CODEC_RATE,     /* older is not late but numbered anew,  */
	BEHIND_PACKETS = 3,      /* if it is not a stray one              */
};


void timeline_init(struct timeline *t, enum codec c, timeline_h *h, void *arg)
{
	memset(t, 0, sizeof(*t));
	t->silence = codec_encode(c, 0);
	t->h = h;
	t->arg = arg;
	memset(t->window, t->silence, sizeof(t->window));
}


static void frame_out(struct timeline *t, size_t n)
{
	uint8_t *p = &t->window[t->base % TIMELINE_WINDOW];

	t->h(p, n, t->arg);
	memset(p, t->silence, CODEC_FRAME);
	t->base += CODEC_FRAME;
}


/* @return how many of n at pos lie in the window, in one piece of the ring */
static size_t fits(const struct timeline *t, uint64_t pos, size_t n)
{
	const size_t room = (size_t)(t->base + TIMELINE_WINDOW - pos);
	const size_t ring = TIMELINE_WINDOW - pos % TIMELINE_WINDOW;

	if (n > room)
		n = room;

	return n < ring ? n : ring;
}


static void place(struct timeline *t, uint64_t pos, const uint8_t *p, size_t n)
{
	if (pos < t->base) {
		const uint64_t late = t->base - pos;

		if (late >= n)
			return;
		pos += late;
		p += late;
		n -= (size_t)late;
	}

	while (n) {
		size_t k;

		while (pos >= t->base + TIMELINE_WINDOW)
			frame_out(t, CODEC_FRAME);
		k = fits(t, pos, n);
		memcpy(&t->window[pos % TIMELINE_WINDOW], p, k);
		pos += k;
		p += k;
		n -= k;
		if (pos > t->end)
			t->end = pos;
	}
}


/* how long a pause after the last sound our own clock bears out */
static uint64_t pause_max(const struct timeline *t, uint64_t tick)
{
	const uint64_t now = t->pos + (tick - t->tick) * CODEC_FRAME;
	const uint64_t n = now > t->end ? now - t->end : 0;

	return n < TIMELINE_GAP ? n : TIMELINE_GAP;
}


/* much too old; but a single one may have been lost in the network */
static bool is_behind(struct timeline *t, int64_t pos)
{
	if (pos + BEHIND >= (int64_t)t->base) {
		t->n_behind = 0;
		return false;
	}

	return ++t->n_behind >= BEHIND_PACKETS;
}


/* @return where a packet belongs; it may be before the window */
static int64_t position(struct timeline *t, uint64_t tick, uint32_t ssrc,
			uint32_t ts)
{
	const uint64_t pause = pause_max(t, tick);
	int64_t pos = (int64_t)t->pos + (int32_t)(ts - t->ts);

	if (!t->known)
		return 0;
	if (t->ssrc != ssrc || is_behind(t, pos))
		return (int64_t)(t->end + pause);
	if (pos > (int64_t)(t->end + pause + SLACK) ||
	    pos > (int64_t)(t->end + TIMELINE_GAP))
		return (int64_t)(t->end + pause);

	return pos;
}


void timeline_put(struct timeline *t, uint64_t tick, uint32_t ssrc,
		  uint32_t ts, const uint8_t *p, size_t n)
{
	const int64_t pos = position(t, tick, ssrc, ts);

	/* what is too old changes nothing */
	if (pos < 0 || (t->known && pos + BEHIND < (int64_t)t->base))
		return;

	t->known = true;
	t->ssrc = ssrc;
	t->ts = ts;
	t->pos = (uint64_t)pos;
	t->tick = tick;
	t->n_behind = 0;
	place(t, (uint64_t)pos, p, n);
}


void timeline_flush(struct timeline *t)
{
	while (t->base < t->end) {
		const uint64_t left = t->end - t->base;

		frame_out(t, left < CODEC_FRAME ? (size_t)left : CODEC_FRAME);
	}
}
